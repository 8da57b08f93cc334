/** Columns that change at the source: what is declared about it is checked, whom it reaches is named, and a file is tested as a run would read it. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { type JsonProblem, weft, weftJson } from '../support/cli.ts'
import { dailyMesh, writeModels } from '../support/daily-mesh.ts'
import { edit, rows, temporaryFolder } from '../support/mesh.ts'

const contract = 'domains/d/a-base/contracts/events.v1.odcs.yaml'
const source = 'd.a-base.till.events'

interface Touched {
  readonly kind: string
  readonly name: string
  readonly owner: string
  readonly how: string
}

/** A mesh of two products and a dashboard that reads the second. */
const meshOf = async (): Promise<string> => {
  const mesh = join(await temporaryFolder(), 'mesh')
  await mkdir(join(mesh, 'data'), { recursive: true })
  await dailyMesh(mesh)
  await writeModels(mesh, { events: 0, totals: 0, rolling: 0 })
  await mkdir(join(mesh, 'domains/e/board'), { recursive: true })
  await writeFile(
    join(mesh, 'domains/e/domain.yaml'),
    'apiVersion: weft/v1\nkind: Domain\nid: e\nname: E\nteam: { name: watchers, members: [{ username: w@example.org, role: owner }] }\n',
  )
  await writeFile(
    join(mesh, 'domains/e/board/board.odps.yaml'),
    'apiVersion: v1.1.0\nkind: DataProduct\nid: e.board\nname: board\nversion: 1.0.0\nstatus: active\ndomain: e\ninputPorts:\n  - { name: derived, version: 1.0.0, contractId: d.b-derived.v1 }\nteam: { name: watchers }\n',
  )
  await writeFile(join(mesh, 'names.csv'), 'k,name\n1,one\n2,two\n')
  await writeFile(join(mesh, 'data/1.csv'), 'ts,k,v\n2024-01-01T10:00:00,1,50\n2024-01-02T10:00:00,2,60\n')
  return mesh
}

const declare = (mesh: string, value: string): Promise<void> =>
  edit(
    mesh,
    contract,
    'format: csv }',
    `format: csv, customProperties: [{ property: drift,\n      value: ${value} }] }`,
  )

describe('what a server says about drift', () => {
  test.each([
    ['{ remved: propose }', { column: 16, found: 'remved', help: 'did you mean "removed"?' }],
    ['{ removed: propos }', { column: 25, found: 'propos', help: 'did you mean "propose"?' }],
    ['refused', { column: 14, found: 'refused', help: 'did you mean "refuse"?' }],
    ['[refuse]', { column: 14, found: '["refuse"]', expected: 'ignore, propose, refuse' }],
    ['{ reordered: refuse }', { column: 27, found: 'refuse', expected: 'ignore' }],
  ])('is checked at its place: %s', async (value, expected) => {
    const mesh = await meshOf()
    await declare(mesh, value)

    const { code, document } = await weftJson(['check', '--project', mesh])

    expect(code).toBe(65)
    expect(document.problems).toMatchObject([
      { code: 'source.drift-policy', severity: 'error', file: contract, line: 9, ...expected },
    ])
  })

  test('is fine in one word or for each kind', async () => {
    const mesh = await meshOf()
    await declare(mesh, '{ added: refuse, removed: propose, renamed: ignore, retyped: refuse, reordered: ignore }')
    expect((await weftJson(['check', '--project', mesh])).document.problems ?? []).toEqual([])
  })
})

describe('a column that a source has lost', () => {
  let mesh = ''
  beforeAll(async () => {
    mesh = await meshOf()
    expect((await weft(['apply', '--yes', '--project', mesh])).code).toBe(0)
    await writeFile(join(mesh, 'data/2.csv'), 'ts,k\n2024-01-03T10:00:00,1\n')
  })

  const reached = (problems: readonly JsonProblem[] | undefined): readonly Touched[] =>
    problems?.find(it => it.code === 'source.column-removed')?.touches ?? []

  test('names every dataset, port and product downstream with its owner, and the run keeps that', async () => {
    const ran = await weftJson<{ runs: { id: string; product: string; state: string }[] }>(['run', '--project', mesh])

    expect(ran.code).toBe(1)
    const touches = reached(ran.document.problems)
    const owner = 't (a@example.org)'
    expect(touches[0]).toEqual({
      kind: 'dataset',
      name: 'd.a-base.a-base.v1.events',
      owner,
      how: 'reads v (copied)',
    })
    expect(touches.map(it => `${it.kind} ${it.name}`)).toEqual([
      'dataset d.a-base.a-base.v1.events',
      'dataset d.a-base.a-base.v1.totals',
      'dataset d.a-base.a-base.v1.keys',
      'dataset d.b-derived.b-derived.v1.monthly',
      'dataset d.b-derived.b-derived.v1.mixed',
      'dataset d.b-derived.b-derived.v1.quiet',
      'dataset d.a-base.a-base.v1.ranks',
      'dataset d.b-derived.b-derived.v1.rolling',
      'port d.a-base.a-base.v1',
      'port d.b-derived.b-derived.v1',
      'product d.b-derived',
      'product e.board',
    ])
    expect(touches.at(-1)).toEqual({
      kind: 'product',
      name: 'e.board',
      owner: 'watchers (w@example.org)',
      how: 'reads d.b-derived.b-derived.v1',
    })
    const run = ran.document.runs.find(it => it.product === 'd.a-base')
    const kept = await weftJson<{ runs: { problems: readonly JsonProblem[] }[] }>([
      ...['runs', run?.id ?? '', '--project', mesh],
    ])
    expect(reached(kept.document.runs[0]?.problems)).toEqual(touches)
    const text = await weft(['runs', run?.id ?? '', '--project', mesh])
    expect(text.stderr).toContain(
      'touches: product e.board of watchers (w@example.org): reads d.b-derived.b-derived.v1',
    )
    const logged = await weft(['logs', 'd.a-base', '--project', mesh])
    expect(logged.stdout).toContain('e.board of watchers (w@example.org)')
  })

  test('reaches the other products that read the same source', async () => {
    const shared = await meshOf()
    await edit(
      shared,
      'domains/d/b-derived/b-derived.odps.yaml',
      'inputPorts:\n',
      'inputPorts:\n  - { name: raw, version: 1.0.0, contractId: d.events.v1 }\n',
    )
    await edit(
      shared,
      'domains/d/b-derived/models/quiet.sql',
      /[\s\S]*/,
      'select ts::date as day, v as k from raw.events\n',
    )
    await edit(shared, 'domains/d/b-derived/pipeline.yaml', / {2}quiet: .*\n/, '')
    await edit(
      shared,
      'domains/d/a-base/models/events.sql',
      /[\s\S]*/,
      'select ts::date as day, ts, k, 7 as v from till.events\n',
    )
    await writeFile(join(shared, 'data/1.csv'), 'ts,k\n2024-01-03T10:00:00,1\n')

    const { document } = await weftJson(['test', source, '--data', join(shared, 'data/1.csv'), '--project', shared])

    expect(reached(document.problems).map(it => `${it.kind} ${it.name}: ${it.how}`)).toEqual([
      'dataset d.b-derived.b-derived.v1.quiet: reads v (renamed)',
      'port d.b-derived.b-derived.v1: serves quiet',
      'product d.b-derived: makes d.b-derived.b-derived.v1.quiet',
      'product e.board: reads d.b-derived.b-derived.v1',
    ])
  })

  test('that only some datasets read reaches no others', async () => {
    await edit(
      mesh,
      'domains/d/a-base/models/events.sql',
      /[\s\S]*/,
      'select ts::date as day, ts, k, 7 as v from till.events\n',
    )
    await edit(mesh, contract, 'data/*.csv', 'data/2.csv')
    await declare(mesh, '{ removed: propose }')

    const { code, document } = await weftJson(['apply', '--yes', '--project', mesh])

    expect({ code, problems: document.problems?.map(it => [it.code, it.severity, it.touches]) }).toEqual({
      code: 0,
      problems: [['source.column-removed', 'warning', undefined]],
    })
  })
})

describe('a file that is tested', () => {
  const given = async (mesh: string, text: string): Promise<string> => {
    await writeFile(join(mesh, 'given.csv'), text)
    return join(mesh, 'given.csv')
  }

  interface Tested {
    readonly checks: readonly { readonly check: string; readonly state: string; readonly found: string }[]
    readonly read: {
      readonly lines: number
      readonly rows: number
      readonly rejects: number
      readonly rejected: unknown
    }
  }

  test('is read as a run reads it: rejects have a line and a reason, and nothing of what stands in them', async () => {
    const mesh = await meshOf()
    await edit(mesh, 'domains/d/a-base/pipeline.yaml', 'totals: {', 'totals: { rejects: { atMost: 1 },')
    await edit(mesh, 'domains/d/a-base/pipeline.yaml', 'events: {', 'events: { rejects: { atMost: 1 },')
    const text = 'ts,k,v,extra\n2024-01-01T10:00:00,1,50,x\nsecret7,2,60,y\n2024-01-01T10:00:00,3\n'
    const file = await given(mesh, text)

    const { code, document } = await weftJson<Tested>(['test', source, '--data', file, '--project', mesh])

    expect(code).toBe(3)
    expect(document.read).toEqual({
      lines: 3,
      rows: 1,
      rejects: 2,
      rejected: [
        { line: 3, column: 'ts', reason: 'a value that is not of the declared type' },
        { line: 4, column: null, reason: 'fewer fields than the header has' },
      ],
    })
    expect(document.checks.find(it => it.check === 'rejects')).toMatchObject({
      state: 'failed',
      found: '2 of 3 lines are no rows',
      expected: 'at most 1',
    })
    expect(document.problems).toMatchObject([{ code: 'source.column-added', severity: 'warning' }])
    const shown = await weft(['test', source, '--data', file, '--project', mesh])
    expect(shown.stdout).toContain('reject line 3, ts: a value that is not of the declared type')
    expect(JSON.stringify([document, shown])).not.toContain('secret7')
    // The run over the very file says the same.
    await writeFile(join(mesh, 'data/1.csv'), text)
    const ran = await weftJson<{
      runs: { product: string; state: string; datasets: { rejects: { rows: number } }[] }[]
    }>(['apply', '--yes', '--project', mesh])
    const run = ran.document.runs.find(it => it.product === 'd.a-base')
    expect([run?.state, run?.datasets[0]?.rejects.rows]).toEqual(['quarantined', 2])
  })

  test('tells drift that a run refuses, with whom it reaches', async () => {
    const mesh = await meshOf()
    const file = await given(mesh, 'ts,k,value\n2024-01-01T10:00:00,1,50\n')

    const { code, document } = await weftJson<Tested>(['test', source, '--data', file, '--project', mesh])

    expect(code).toBe(3)
    expect(document.problems).toMatchObject([{ code: 'source.column-renamed', severity: 'error' }])
    expect(document.problems?.[0]?.touches?.at(-1)?.name).toBe('e.board')
  })

  test('passes where every line is a row, in the words of the source', async () => {
    const mesh = await meshOf()
    await edit(
      mesh,
      contract,
      'format: csv }',
      'format: csv, customProperties: [{ property: delimiter, value: ";" }] }',
    )
    const file = await given(mesh, 'ts;k;v\n2024-01-01T10:00:00;1;50\n')
    const { code, document } = await weftJson<Tested>(['test', source, '--data', file, '--project', mesh])
    expect([code, document.read.rows, document.problems]).toEqual([0, 1, undefined])
    const missing = await weftJson(['test', source, '--data', `${file}.csv`, '--project', mesh])
    expect(missing.document.problems?.[0]?.code).toBe('source.not-found')
    expect(await rows(mesh, 'select 1')).toEqual([[1]])
  })
})
