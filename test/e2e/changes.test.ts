/** What a plan says of changes, one after the other against the same applied mesh: the class of each, and what is asked for. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { start, weft, weftJson } from '../support/cli.ts'
import { edit, rows, temporaryFolder } from '../support/mesh.ts'

interface Planned {
  readonly id: string
  readonly changes: readonly {
    readonly subject: string
    readonly kind: string
    readonly change: string
    readonly class: string
    readonly detail: string
  }[]
  readonly steps: readonly { readonly kind: string; readonly subject: string }[]
  readonly blocked: readonly { readonly code: string; readonly subject?: string }[]
  readonly problems?: readonly { readonly code: string }[]
}

let mesh: string
const contract = 'domains/bakery/sales/contracts/sales.v1.odcs.yaml'
const model = 'domains/bakery/sales/models/daily_sales.sql'
const dataset = 'bakery.sales.sales.v1.daily_sales'

beforeAll(async () => {
  mesh = join(await temporaryFolder(), 'mesh')
  await weft(['init', mesh])
  await edit(
    mesh,
    contract,
    'description: What was sold.',
    'description: What was sold.\n        enum: [{ value: rye bread }, { value: plum cake }, { value: oat roll }]',
  )
  await edit(mesh, contract, 'name: takings', 'id: takings\n        name: takings')
  const { code, document } = await weftJson(['apply', '--yes', '--project', mesh])
  expect(document.problems ?? []).toEqual([])
  expect(code).toBe(0)
})

/** Plans with some files changed, then puts them back. */
const planWith = async (
  edits: readonly (readonly [file: string, from: string | RegExp, to: string] | readonly [removed: string])[],
  more: readonly string[] = [],
): Promise<{ code: number | null; plan: Planned; lines: string[] }> => {
  const before = await Promise.all(
    edits.map(async ([file]) => [file, await readFile(join(mesh, file), 'utf8')] as const),
  )
  try {
    for (const [file, from, to] of edits) {
      if (from === undefined || to === undefined) await rm(join(mesh, file))
      else await edit(mesh, file, from, to)
    }
    const { code, document } = await weftJson<Planned>(['plan', '--project', mesh, ...more])
    if (document.changes === undefined) throw new Error(JSON.stringify(document))
    return {
      code,
      plan: document,
      lines: document.changes.map(it => `${it.class} ${it.kind} ${it.change} ${it.subject}`),
    }
  } finally {
    for (const [file, text] of before) await writeFile(join(mesh, file), text)
  }
}

describe('for readers of a port', () => {
  test.each([
    [
      'a column that may now be null',
      [[contract, /name: pieces\n(.*\n.*\n) {8}required: true\n/, 'name: pieces\n$1'] as const],
      `breaking column changed ${dataset}.pieces`,
    ],
    [
      'another type',
      [[contract, 'physicalType: "DECIMAL(18,2)"', 'physicalType: "DECIMAL(20,4)"'] as const],
      `breaking column changed ${dataset}.takings`,
    ],
    [
      'a value more in an enumeration',
      [[contract, '{ value: oat roll }', '{ value: oat roll }, { value: bun }'] as const],
      `breaking column changed ${dataset}.item`,
    ],
    [
      'a column that is renamed, known by its id',
      [
        [contract, 'id: takings\n        name: takings', 'id: takings\n        name: revenue'] as const,
        [model, 'as takings', 'as revenue'] as const,
      ],
      `breaking column renamed ${dataset}.revenue`,
    ],
  ])('%s breaks, and is asked for by name', async (_, edits, line) => {
    const { code, plan, lines } = await planWith(edits)
    expect(lines).toContain(line)
    expect(plan.blocked.map(it => it.code)).toContain('contract.breaking-change')
    expect(code).toBe(4)
    const allowed = await planWith(edits, ['--allow-breaking', 'bakery.sales.sales.v1'])
    expect(allowed.plan.blocked).toEqual([])
    expect(allowed.code).toBe(0)
  })

  test('a column with another name that is made from the same is renamed, with the steps that break nobody', async () => {
    const { plan, lines } = await planWith([
      [contract, 'name: pieces', 'name: units'],
      [model, 'as pieces', 'as units'],
    ])
    expect(lines).toContain(`breaking column renamed ${dataset}.units`)
    expect(lines.filter(it => it.includes('column'))).toHaveLength(1)
    expect(plan.blocked[0]).toMatchObject({ help: expect.stringContaining('add units beside pieces') })
  })

  test('both names for a time are additive', async () => {
    const { plan, lines } = await planWith([
      [contract, 'name: pieces', 'name: pieces\n        deprecated: true'],
      [
        contract,
        '    quality:',
        '      - { name: units, logicalType: integer, physicalType: BIGINT, required: true }\n    quality:',
      ],
      [model, '  sum(pieces)', '  sum(pieces)::bigint as units,\n  sum(pieces)'],
    ])
    expect(lines).toContain(`additive column added ${dataset}.units`)
    expect(plan.changes.map(it => it.detail)).toContain('new column, a second name of pieces')
    expect(lines).toContain(`additive column changed ${dataset}.pieces`)
    expect(plan.blocked).toEqual([])
  })

  test('a new column is additive, and the dataset is built', async () => {
    const { code, plan, lines } = await planWith([
      [contract, '    quality:', '      - { name: lines, logicalType: integer, physicalType: BIGINT }\n    quality:'],
      [model, '  sum(pieces)', '  count(*) as lines,\n  sum(pieces)'],
    ])
    expect(lines).toContain(`additive column added ${dataset}.lines`)
    expect(plan.steps.map(it => it.kind)).toEqual(['define', 'build'])
    expect(code).toBe(0)
  })

  test('a limit that is looser breaks like a column that is gone, and says which version would do', async () => {
    const edits = [[contract, 'logicalTypeOptions: { minimum: 1 }', 'logicalTypeOptions: { minimum: 0 }']] as const
    const { code, plan, lines } = await planWith(edits)
    expect(lines).toEqual([`breaking check changed ${dataset}#pieces.minimum`])
    expect(plan.blocked).toMatchObject([{ code: 'contract.breaking-change', help: expect.stringContaining('2.0.0') }])
    expect(code).toBe(4)
    expect((await planWith(edits, ['--allow-breaking', 'bakery.sales.sales.v1'])).plan.blocked).toEqual([])
  })

  test('more to read under the same version is a warning that proposes one; under a higher one it is none', async () => {
    const more = [
      contract,
      'name: pieces',
      'businessName: Pieces\n        deprecated: true\n        name: pieces',
    ] as const
    const same = await planWith([more])
    expect(same.lines).toContain(`additive column changed ${dataset}.pieces`)
    expect(same.plan.problems).toMatchObject([
      { severity: 'warning', code: 'contract.version-too-low', found: '1.0.0', expected: '1.1.0 would do' },
    ])
    expect(same.code).toBe(0)
    const product = 'domains/bakery/sales/sales.odps.yaml'
    const moved = await planWith([
      more,
      [contract, 'version: 1.0.0', 'version: 1.1.0'],
      [product, /(outputPorts:\n(?:.*\n)*?.*version: )1\.0\.0/, '$11.1.0'],
    ])
    expect(moved.plan.problems ?? []).toEqual([])
  })

  test('another description is words only: recorded, and nothing is built', async () => {
    const { plan, lines } = await planWith([[contract, 'description: The day.', 'description: The day of sale.']])
    expect(lines).toEqual([`metadata column changed ${dataset}.sold_on`])
    expect(plan.steps.map(it => it.kind)).toEqual(['define'])
  })

  test('another SQL changes data; another comment changes nothing that is built', async () => {
    const changed = await planWith([[model, 'group by', 'where pieces > 0\ngroup by']])
    expect(changed.lines).toEqual([`data model changed ${dataset}`])
    expect(changed.plan.changes[0]).toMatchObject({ detail: expect.stringContaining('new filter: pieces > 0') })
    expect(changed.plan.steps.map(it => it.kind)).toEqual(['define', 'build'])
    const commented = await planWith([[model, 'group by', '-- by day and item\n  group   by']])
    expect(commented.lines).toEqual([])
    expect(commented.plan.steps.map(it => it.kind)).toEqual(['define'])
  })

  test('a stricter check is data: what is served was not made under it', async () => {
    const { lines, plan } = await planWith([
      [contract, 'logicalTypeOptions: { minimum: 1 }', 'logicalTypeOptions: { minimum: 2 }'],
    ])
    expect(lines).toEqual([`data check changed ${dataset}#pieces.minimum`])
    expect(plan.steps.map(it => it.kind)).toEqual(['define', 'build'])
  })
})

describe('removing', () => {
  test('the contract that a port names takes all that it serves, and is asked for', async () => {
    const product = 'domains/bakery/sales/sales.odps.yaml'
    const { code, plan, lines } = await planWith([[product, ', contractId: bakery.sales.v1', '']])
    expect(code).toBe(4)
    expect(lines).toContain(`breaking dataset removed ${dataset}`)
    expect(plan.blocked.map(it => it.subject)).toContain(dataset)
  })

  test('a product is blocked until it is named', async () => {
    const files = [
      'domains/bakery/sales/sales.odps.yaml',
      contract,
      'domains/bakery/sales/contracts/till.v1.odcs.yaml',
      model,
    ] as const
    const edits = files.map(file => [file] as const)
    const { code, plan } = await planWith(edits)
    expect(code).toBe(4)
    expect(plan.blocked.length).toBeGreaterThan(0)
    const allowed = await planWith(edits, ['--allow-removal', 'bakery.sales'])
    expect(allowed.plan.blocked).toEqual([])
    expect(allowed.plan.steps.map(it => it.kind)).toContain('retire')
  })

  test('a product that is removed and put back serves again what it served', async () => {
    const files = [
      'domains/bakery/sales/sales.odps.yaml',
      contract,
      'domains/bakery/sales/contracts/till.v1.odcs.yaml',
      model,
    ]
    const texts = await Promise.all(files.map(file => readFile(join(mesh, file), 'utf8')))
    const sql = 'select count(*), sum(takings) from bakery.sales.daily_sales'
    const before = await rows(mesh, sql)
    for (const file of files) await rm(join(mesh, file))
    expect((await weft(['apply', '--yes', '--allow-removal', 'bakery.sales', '--project', mesh])).code).toBe(0)
    for (const [index, file] of files.entries()) await writeFile(join(mesh, file), texts[index] ?? '')
    expect((await weft(['apply', '--yes', '--project', mesh])).code).toBe(0)
    expect(await rows(mesh, sql)).toEqual(before)
  })
})

describe('plans', () => {
  test('the same mesh and state give the same id', async () => {
    const edits = [[model, 'group by', 'where pieces > 0\ngroup by']] as const
    expect((await planWith(edits)).plan.id).toBe((await planWith(edits)).plan.id)
  })

  test('--detailed-exitcode tells changes from none', async () => {
    expect((await weft(['plan', '--detailed-exitcode', '--project', mesh])).code).toBe(0)
    expect((await planWith([[model, 'group by', 'where pieces > 0\ngroup by']], ['--detailed-exitcode'])).code).toBe(2)
  })

  test('a plan can be shown again, and as Markdown', async () => {
    const { plan } = await planWith([[contract, 'description: The day.', 'description: The day of sale.']])
    const shown = await weftJson<Planned>(['show', plan.id, '--project', mesh])
    expect(shown.document).toMatchObject({ schema: 'weft.plan/1', id: plan.id, changes: plan.changes })
    const markdown = await weft(['show', plan.id, '--format', 'markdown', '--project', mesh])
    expect(markdown.stdout).toMatch(/^## This changes words only\n/)
    expect(markdown.stdout).toContain(`Weft plan \`${plan.id}\` against \`dev\``)
    expect((await weft(['show', 'nothing', '--project', mesh])).code).toBe(64)
  })

  test('a plan is applied to the files that it was made from, or not at all', async () => {
    const text = await readFile(join(mesh, model), 'utf8')
    await edit(mesh, model, 'group by', 'where pieces > 1\ngroup by')
    const { document } = await weftJson<Planned>(['plan', '--project', mesh])
    await edit(mesh, model, 'pieces > 1', 'pieces > 2')
    const stale = await weftJson(['apply', document.id, '--yes', '--project', mesh])
    expect(stale.code).toBe(4)
    expect(stale.document.problems?.[0]).toMatchObject({ code: 'plan.stale', file: model })
    await writeFile(join(mesh, model), text)
  })

  test('an apply that nobody listens to any more is done all the same', async () => {
    const text = await readFile(join(mesh, model), 'utf8')
    await edit(mesh, model, 'group by', 'where pieces > 3\ngroup by')
    const child = start(['apply', '--yes', '--project', mesh])
    child.stdout?.destroy()
    expect(await new Promise(resolve => child.on('exit', resolve))).toBe(0)
    const { document } = await weftJson<Planned>(['plan', '--project', mesh])
    expect(document.steps).toEqual([])
    await writeFile(join(mesh, model), text)
    expect((await weft(['apply', '--yes', '--project', mesh])).code).toBe(0)
  })

  test('a name that is empty is a wrong use', async () => {
    const { code, document } = await weftJson(['lineage', '', '--project', mesh])
    expect([code, document.problems?.[0]?.code]).toEqual([64, 'operation.wrong-input'])
  })

  test('a rule that was deleted since the plan makes it stale', async () => {
    const text = await readFile(join(mesh, contract), 'utf8')
    await edit(mesh, model, 'group by', 'where pieces > 1\ngroup by')
    const { document } = await weftJson<Planned>(['plan', '--project', mesh])
    await edit(mesh, contract, /.*logicalTypeOptions: \{ minimum: 1 \}\n/, '')
    const stale = await weftJson(['apply', document.id, '--yes', '--project', mesh])
    expect(stale.document.problems?.[0]?.code).toBe('plan.stale')
    expect(stale.code).toBe(4)
    await writeFile(join(mesh, contract), text)
    await edit(mesh, model, 'where pieces > 1\ngroup by', 'group by')
  })

  test('what is added, removed and added again is applied each time', async () => {
    const term = join(mesh, 'terms', 'bread.yaml')
    await mkdir(join(mesh, 'terms'), { recursive: true })
    const text = 'apiVersion: weft/v1\nkind: Term\nid: bread\n'
    for (const content of [text, undefined, text, undefined]) {
      if (content === undefined) await rm(term)
      else await writeFile(term, content)
      const { code, document } = await weftJson<{ steps: { state: string }[] }>(['apply', '--yes', '--project', mesh])
      expect(document.steps.map(it => it.state)).toEqual(['done'])
      expect(code).toBe(0)
    }
  })

  test('a storage with another address is blocked while something is served from the old one', async () => {
    const { code, plan } = await planWith([
      ['domains/bakery/domain.yaml', 'name: Bakery\n', 'name: Bakery\nstorage: elsewhere\n'],
    ])
    expect(plan.blocked.map(it => it.code)).toEqual(['plan.storage-moved'])
    expect(code).toBe(4)
  })

  test('a rollback outlives the catalogue: the older snapshot is served, and the port is held', async () => {
    const sql = 'select sum(pieces) from bakery.sales.daily_sales'
    const [good] = await rows(mesh, sql)
    await edit(mesh, 'data/2026-11-24.csv', 'oat roll,48', 'oat roll,4800')
    expect((await weft(['run', '--project', mesh])).code).toBe(0)
    expect((await weft(['rollback', 'bakery.sales.sales.v1', '--project', mesh])).code).toBe(0)
    expect(await rows(mesh, sql)).toEqual([good])
    await rm(join(mesh, '.weft/dev/catalogue'), { recursive: true })
    expect((await weft(['apply', '--yes', '--project', mesh])).code).toBe(0)
    expect(await rows(mesh, sql)).toEqual([good])
    expect((await weft(['run', '--project', mesh])).code).toBe(4)
    await edit(mesh, 'data/2026-11-24.csv', 'oat roll,4800', 'oat roll,48')
    expect((await weft(['release', 'bakery.sales.sales.v1', '--project', mesh])).code).toBe(0)
    expect((await weft(['run', '--project', mesh])).code).toBe(0)
  })

  test('a permission with a slip in it is told', async () => {
    const { code, document } = await weftJson(['plan', '--allow-breaking', 'bakery.sales.sale.v1', '--project', mesh])
    expect(code).toBe(64)
    expect(document.problems?.[0]).toMatchObject({
      code: 'plan.unknown-permission',
      help: 'did you mean "bakery.sales.sales.v1"?',
    })
  })

  test('two that apply one plan at once: one wins, the other is told', async () => {
    await edit(mesh, model, 'group by', 'where pieces > 0\ngroup by')
    const both = await Promise.all([1, 2].map(() => weft(['apply', '--yes', '--project', mesh])))
    const codes = both.map(it => it.code).sort()
    expect(codes[0]).toBe(0)
    expect([0, 4, 69]).toContain(codes[1])
    expect((await weftJson<Planned>(['plan', '--project', mesh])).document.steps).toEqual([])
  })
})
