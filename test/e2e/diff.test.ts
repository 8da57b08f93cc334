/** `weft diff` between files, folders, subjects and commits. */
import { execFile } from 'node:child_process'
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { weft, weftJson } from '../support/cli.ts'
import { edit, temporaryFolder } from '../support/mesh.ts'

interface Compared {
  readonly verdict: string
  readonly proposedVersion?: string
  readonly changes: readonly {
    readonly subject: string
    readonly kind: string
    readonly change: string
    readonly class: string
    readonly detail: string
    readonly reader: string
    readonly writer: string
    readonly why: string
    readonly file?: string
    readonly line?: number
  }[]
  readonly versions: readonly { readonly port: string; readonly proposed: string; readonly isEnough: boolean }[]
}

let mesh: string
const contract = 'domains/bakery/sales/contracts/sales.v1.odcs.yaml'
const model = 'domains/bakery/sales/models/daily_sales.sql'
const port = 'bakery.sales.sales.v1'

const git = (...args: string[]) =>
  promisify(execFile)('git', ['-c', 'user.name=T', '-c', 'user.email=t@example.org', ...args], { cwd: mesh })

const compared = async (...words: string[]): Promise<Compared> => {
  const { code, document } = await weftJson<Compared>(['diff', ...words, '--project', mesh])
  expect(document.problems ?? []).toEqual([])
  expect(code).toBe(0)
  return document
}

const lines = ({ changes }: Compared): string[] =>
  changes.map(it => `${it.reader}/${it.writer} ${it.kind} ${it.change} ${it.subject}: ${it.detail}`)

beforeAll(async () => {
  mesh = join(await temporaryFolder(), 'mesh')
  await weft(['init', mesh])
  await git('init', '--quiet', '--initial-branch', 'main')
  await git('add', '.')
  await git('commit', '--quiet', '-m', 'first')
  // One column may be null, one is new; the model filters.
  await cp(join(mesh, contract), join(mesh, '..', 'before.odcs.yaml'))
  await cp(join(mesh, model), join(mesh, '..', 'before.sql'))
  await edit(mesh, contract, /name: pieces\n(.*\n.*\n) {8}required: true\n/, 'name: pieces\n$1')
  await edit(mesh, contract, '    quality:', '      - { name: lines, logicalType: integer }\n    quality:')
  await edit(mesh, model, '  sum(pieces)', '  count(*) as lines,\n  sum(pieces)')
  await edit(mesh, model, 'group by', 'where pieces > 0\n-- by day\ngroup by')
})

const contractLines = [
  `breaking/additive column changed ${port}.daily_sales.pieces: may now be null`,
  `additive/breaking column added ${port}.daily_sales.lines: new column`,
]
const modelDetails = ['new filter: pieces > 0', 'new column lines: count(*)']

describe('two contracts', () => {
  test('as files: the verdict, both sides, why, and the version that would do', async () => {
    const found = await compared(join(mesh, '..', 'before.odcs.yaml'), join(mesh, contract))
    expect(found).toMatchObject({ schema: 'weft.diff/1', ok: true, verdict: 'major', proposedVersion: '2.0.0' })
    expect(found.changes.map(it => [it.class, it.reader, it.writer])).toEqual([
      ['breaking', 'breaking', 'additive'],
      ['additive', 'additive', 'breaking'],
    ])
    expect(found.changes[0]).toMatchObject({
      change: 'changed',
      why: 'readers that do not expect NULL fail or miscount',
    })
    expect(found.changes[1]).toMatchObject({ file: contract })
  })

  test('by subject, and at a commit', async () => {
    for (const before of [`HEAD:${contract}`, `main:${port}`, 'HEAD'])
      expect(lines(await compared(before, port)), before).toEqual(contractLines)
  })

  test('that say the same', async () => {
    const found = await compared(port, contract)
    expect(found).toMatchObject({ verdict: 'none', changes: [], proposedVersion: '1.0.0' })
    expect((await weft(['diff', port, contract, '--project', mesh])).stdout).toContain('Nothing changed')
  })
})

describe('two models', () => {
  test('tell what changed in what they mean, and no layout', async () => {
    const found = await compared(join(mesh, '..', 'before.sql'), model)
    expect(found.changes.map(it => it.detail)).toEqual(modelDetails)
    expect(found.verdict).toBe('patch')
    expect((await compared(`HEAD:${model}`, model)).changes.map(it => it.detail)).toEqual(modelDetails)
  })
})

describe('two meshes', () => {
  test('a commit beside the project as it is: contracts and models', async () => {
    const found = await compared('HEAD')
    expect(lines(found)).toEqual([
      ...contractLines,
      `none/none model changed ${port}.daily_sales: the SQL changed, the dataset is built anew: ${modelDetails.join('; ')}`,
    ])
    expect(found.versions).toMatchObject([{ port, verdict: 'major', proposed: '2.0.0', isEnough: false }])
  })

  test('one product of them, with the version that it needs', async () => {
    expect(await compared('main', 'bakery.sales')).toMatchObject({ verdict: 'major', proposedVersion: '2.0.0' })
  })

  test('two folders', async () => {
    const other = join(await temporaryFolder(), 'other')
    await cp(mesh, other, { recursive: true })
    await rm(join(other, 'domains/bakery/sales'), { recursive: true })
    const found = await compared(mesh, other)
    expect(found.changes.map(it => `${it.reader} ${it.kind} ${it.change} ${it.subject}`)).toContain(
      'breaking product removed bakery.sales',
    )
    expect(found.verdict).toBe('major')
  })

  test('for people: breaking first, the versions that are too low last', async () => {
    const { stdout, code } = await weft(['diff', 'HEAD', '--project', mesh])
    expect(code).toBe(0)
    expect(stdout.split('\n')[0]).toBe('major: 3 changes')
    expect(stdout).toMatch(/Breaking for readers \(1\)\n {2}~ .*pieces {2}may now be null/)
    expect(stdout).toContain(`! ${port} is 1.0.0; 2.0.0 would do`)
  })

  test('the checkout and the index stay as they were', async () => {
    const before = (await git('status', '--porcelain')).stdout
    await compared('HEAD')
    expect((await git('status', '--porcelain')).stdout).toBe(before)
  })
})

describe('what cannot be compared', () => {
  const refused = async (...words: string[]) => {
    const { code, document } = await weftJson(['diff', ...words, '--project', mesh])
    return [code, document.problems?.[0]?.code, document.problems?.[0]?.help]
  }

  test('a name that is nothing, with the nearest that is something', async () => {
    expect(await refused('bakery.sale')).toEqual([64, 'diff.unknown', 'did you mean "bakery.sales"?'])
    expect(await refused('nobranch', port)).toEqual([64, 'diff.unknown', undefined])
    expect((await refused('HEAD:../../etc', port))[1]).toBe('diff.unknown')
    expect((await weftJson(['diff', '--project', mesh, '--', '--output=x', port])).code).toBe(64)
  })

  test('a contract and a model', async () => {
    expect((await refused(contract, model)).slice(0, 2)).toEqual([64, 'diff.not-alike'])
  })

  test('a contract that is no contract', async () => {
    const broken = join(mesh, '..', 'broken.odcs.yaml')
    await writeFile(broken, (await readFile(join(mesh, contract), 'utf8')).replace('schema:', 'schemas:'))
    expect((await refused(broken, contract)).slice(0, 2)).toEqual([65, 'document.unknown-key'])
  })

  test('a folder without a repository', async () => {
    const folder = join(await temporaryFolder(), 'plain')
    await mkdir(folder)
    await cp(join(mesh, contract), join(folder, 'a.odcs.yaml'))
    const { code, document } = await weftJson(['diff', 'HEAD', '--project', folder])
    expect([code, document.problems?.[0]?.code]).toEqual([64, 'diff.unknown'])
  })
})
