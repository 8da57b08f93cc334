/** Old snapshots go by themselves; what is served, and what a rollback may go back to, stays. Rows that have grown too old are in no new snapshot. */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type CliOptions, weft, weftJson } from '../support/cli.ts'
import { dailyMesh, writeModels } from '../support/daily-mesh.ts'
import { edit, repository, rows, temporaryFolder } from '../support/mesh.ts'

test('only so many snapshots are kept, and their files with them', async () => {
  const mesh = join(await temporaryFolder(), 'mesh')
  await weft(['init', mesh])
  const id = /^id: .*$/m
  await edit(mesh, 'mesh.yaml', id, 'id: bakery\nlimits: { snapshotsKept: 3 }')
  expect((await weft(['apply', '--yes', '--project', mesh])).code).toBe(0)
  for (let n = 0; n < 5; n++) {
    await edit(mesh, 'data/2026-11-24.csv', `oat roll,${48 + n}`, `oat roll,${49 + n}`)
    expect((await weft(['run', '--project', mesh])).code).toBe(0)
  }
  const dataset = 'bakery.sales.daily_sales'
  const found = await weftJson<{ snapshots: { id: string; state: string }[] }>([
    'snapshots',
    dataset,
    '--project',
    mesh,
  ])
  expect(found.document.snapshots.map(it => it.state)).toEqual([
    'served',
    'kept',
    'kept',
    'retired',
    'retired',
    'retired',
  ])
  const files = await readdir(join(mesh, '.weft'), { recursive: true })
  expect(files.filter(path => path.endsWith('.parquet'))).toHaveLength(3)
  expect(files.filter(path => /\/manifests\/./.test(path))).toHaveLength(3)
  const [, before, , oldest] = found.document.snapshots
  expect(await rows(mesh, `select count(*) from ${dataset}`, ['--at', before?.id ?? ''])).toEqual([[5]])
  const gone = await weftJson(['query', `select * from ${dataset}`, '--at', oldest?.id ?? '', '--project', mesh])
  expect([gone.code, gone.document.problems?.[0]?.severity]).toEqual([64, 'error'])
  const back = (to: string | undefined) =>
    weft(['rollback', 'bakery.sales.sales.v1', '--to', to ?? '', '--project', mesh])
  expect((await back(oldest?.id)).code).toBe(64)
  expect((await back(before?.id)).code).toBe(0)
  expect(await rows(mesh, `select count(*) from ${dataset}`)).toEqual([[5]])
})

interface Ran {
  readonly runs: readonly {
    readonly id: string
    readonly product: string
    readonly state: string
    readonly datasets: readonly {
      readonly dataset: string
      readonly rows: number
      readonly partitions?: { readonly built: number; readonly reused: number; readonly dropped: number }
      readonly leftOut?: readonly { policy: string; by: string; before: string; rows: number; partitions: number }[]
    }[]
  }[]
}

const dayMs = 86_400_000

/** Noon of a day, so that no test runs over midnight. */
const startedMs = Date.UTC(2030, 0, 15, 12)

/** Runs a command on the day that is so many days later. */
const later = (days: number): CliOptions => ({
  env: {
    NODE_OPTIONS: `--require ${join(repository, 'test/support/later.cjs')}`,
    WEFT_TEST_LATER_MS: String(startedMs + days * dayMs - Date.now()),
  },
})

describe('rows', () => {
  const dayAgo = (days: number): string => new Date(startedMs - days * dayMs).toISOString().slice(0, 10)

  /** Two rows on each of the last days, the first a day ago; a policy of these rules. */
  const meshOf = async (days: number, rules: string, more = ''): Promise<string> => {
    const mesh = join(await temporaryFolder(), 'mesh')
    await mkdir(join(mesh, 'data'), { recursive: true })
    await mkdir(join(mesh, 'policies'))
    await dailyMesh(mesh)
    await writeModels(mesh, { events: 0, totals: 0, rolling: 0 })
    await writeFile(join(mesh, 'names.csv'), 'k,name\n1,one\n')
    for (let ago = 1; ago <= days; ago++) {
      const text = `ts,k,v\n${dayAgo(ago)}T00:00:00,1,50\n${dayAgo(ago)}T23:59:59,2,60\n`
      await writeFile(join(mesh, `data/${ago}.csv`), text)
    }
    await writeFile(
      join(mesh, 'policies/rows.yaml'),
      `apiVersion: weft/v1\nkind: Policy\nid: rows\ntype: retention\nmode: enforce\n${more}rules:\n${rules}`,
    )
    return mesh
  }

  const of = (ran: Ran, dataset: string) =>
    ran.runs.flatMap(run => run.datasets).find(it => it.dataset.endsWith(`.${dataset}`))

  test('that are too old are in no new snapshot, whatever is built, and the run says how many went by which policy', {
    timeout: 180_000,
  }, async () => {
    const mesh = await meshOf(
      12,
      '  - { id: short, on: { datasets: ["*.events"] }, keepRows: 10d, by: ts }\n  - { id: long, on: { datasets: ["*"] }, keepRows: 5y, by: day }\n  - { id: keys, on: { datasets: ["*.keys"] }, keepRows: 5d, by: last }\n',
    )
    await edit(mesh, 'policies/rows.yaml', 'datasets: ["*"]', 'columns: [day]')
    const at = ['--project', mesh]

    const first = await weftJson<Ran>(['apply', '--yes', ...at], later(0))

    expect(first.code).toBe(0)
    const before = `${dayAgo(10)}T00:00:00Z`
    expect(of(first.document, 'events')).toMatchObject({
      rows: 20,
      leftOut: [{ policy: 'rows/short', by: 'ts', before, rows: 4, partitions: 2 }],
    })
    // What reads it sees the same.
    expect(await rows(mesh, 'select count(*), min(day), sum(n) from d.a_base.totals')).toEqual([[20, dayAgo(10), 20]])
    expect((await weftJson<Ran>(['run', ...at], later(0))).document.runs.map(it => it.state)).toEqual([
      'unchanged',
      'unchanged',
    ])

    const plan = await weft(['plan', ...at], later(3))
    expect(plan.stdout).toContain('1 policy in force: rows')
    expect(plan.stdout).toContain('or rows have grown too old')
    const moved = await weftJson<Ran>(['run', ...at], later(3))

    expect(moved.code).toBe(0)
    expect(of(moved.document, 'events')).toMatchObject({
      rows: 14,
      partitions: { built: 0, reused: 7, dropped: 3 },
      leftOut: [{ policy: 'rows/short', by: 'ts', before: `${dayAgo(7)}T00:00:00Z`, rows: 6, partitions: 3 }],
    })
    const bag = (name: string) =>
      rows(mesh, `select count(*), sum(hash(d)::hugeint)::varchar from d.a_base.${name} as d`)
    const increments = await Promise.all([await bag('events'), await bag('totals'), await bag('keys')])
    const full = await weftJson<Ran>(['run', '--full', ...at], later(3))
    expect(full.document.runs.map(it => it.state)).toEqual(['succeeded', 'succeeded'])
    expect(await Promise.all([await bag('events'), await bag('totals'), await bag('keys')])).toEqual(increments)

    const run = moved.document.runs.find(it => it.product === 'd.a-base')?.id ?? ''
    const kept = await weftJson<Ran>(['runs', run, ...at])
    expect(of(kept.document, 'events')?.leftOut).toEqual(of(moved.document, 'events')?.leftOut)
    const line = `d.a-base.a-base.v1.events: 6 rows and 3 whole partitions with ts before ${dayAgo(7)}T00:00:00Z (policy rows/short)`
    expect((await weft(['runs', run, ...at])).stdout).toContain(line)
    expect((await weft(['logs', 'd.a-base', '--run', run, ...at])).stdout).toContain('(policy rows/short)')
  })

  test('are chosen by the tags and classifications of their columns, and by what the policy applies to', {
    timeout: 180_000,
  }, async () => {
    const personal = '  - { id: personal, on: { classifications: [personal], tags: [person] }, keepRows: 3d, by: ts }\n'
    const mesh = await meshOf(6, personal, 'appliesTo: { products: [d.a-base] }\n')
    await edit(
      mesh,
      'mesh.yaml',
      'id: daily',
      'id: daily\nclassifications: [{ id: personal }, { id: personal.key }, { id: open }]',
    )
    const contract = 'domains/d/a-base/contracts/a-base.v1.odcs.yaml'
    await edit(
      mesh,
      contract,
      '{ name: k, physicalType: INTEGER }',
      '{ name: k, physicalType: INTEGER, classification: personal.key, tags: [person] }',
    )
    expect((await weft(['apply', '--yes', '--project', mesh], later(0))).code).toBe(0)
    expect(await rows(mesh, 'select count(*), min(day) from d.a_base.events')).toEqual([[6, dayAgo(3)]])

    // Another classification selects nothing, and the rows come back.
    await edit(mesh, contract, 'personal.key', 'open')
    expect((await weft(['apply', '--yes', '--project', mesh], later(0))).code).toBe(0)
    expect(await rows(mesh, 'select count(*), min(day) from d.a_base.events')).toEqual([[12, dayAgo(6)]])

    // A tag of the whole dataset counts as well, but not where the policy does not apply.
    await edit(mesh, contract, '- name: events\n', '- name: events\n    tags: [person]\n')
    await edit(mesh, 'policies/rows.yaml', 'classifications: [personal], ', '')
    expect((await weft(['apply', '--yes', '--project', mesh], later(0))).code).toBe(0)
    expect(await rows(mesh, 'select count(*) from d.a_base.events')).toEqual([[6]])
    await edit(mesh, 'policies/rows.yaml', '[d.a-base]', '[d.b-derived]')
    expect((await weft(['apply', '--yes', '--project', mesh], later(0))).code).toBe(0)
    expect(await rows(mesh, 'select count(*) from d.a_base.events')).toEqual([[12]])
  })

  test('go from closed partitions too, whose files are gone', { timeout: 180_000 }, async () => {
    const mesh = await meshOf(12, '  - { id: a, on: { datasets: ["*.events"] }, keepRows: 25d, by: ts }\n')
    await edit(
      mesh,
      'domains/d/a-base/pipeline.yaml',
      /events: \{(.*)grain: day/,
      'events: { closedAfter: 1d,$1grain: month',
    )
    const at = ['--project', mesh]
    expect((await weft(['apply', '--yes', ...at], later(0))).code).toBe(0)
    expect(await rows(mesh, 'select count(*) from d.a_base.events')).toEqual([[24]])
    await rm(join(mesh, 'data'), { recursive: true })
    await mkdir(join(mesh, 'data'))
    await writeFile(join(mesh, 'data/next.csv'), 'ts,k,v\n2030-02-01T08:00:00,1,50\n')

    // On 2 February January is closed, and what is before the 8th is too old.
    const ran = await weftJson<Ran>(['run', ...at], later(18))

    expect(of(ran.document, 'events')).toMatchObject({
      rows: 15,
      partitions: { built: 2, reused: 0, dropped: 0 },
      leftOut: [{ before: '2030-01-08T00:00:00Z', rows: 10, partitions: 0 }],
    })
    expect(await rows(mesh, 'select min(day), max(day), count(*) from d.a_base.events')).toEqual([
      ['2030-01-08', '2030-02-01', 15],
    ])
    expect((await weft(['run', '--from', '2030-02', ...at], later(19))).code).toBe(0)
    expect(await rows(mesh, 'select min(day), max(day), count(*) from d.a_base.events')).toEqual([
      ['2030-01-09', '2030-02-01', 13],
    ])
  })

  test('of a history go when they have not held for so long, and what holds stays', { timeout: 180_000 }, async () => {
    const mesh = await meshOf(2, '  - { id: a, on: { datasets: ["*.ranks"] }, keepRows: 5d, by: valid_to }\n')
    await edit(
      mesh,
      'domains/d/a-base/contracts/a-base.v1.odcs.yaml',
      /(name: ranks[\s\S]*?)\{ name: k, physicalType: INTEGER \}/,
      '$1{ name: k, physicalType: INTEGER, primaryKey: true }\n      - { name: valid_from, physicalType: TIMESTAMP, primaryKey: true }\n      - { name: valid_to, physicalType: TIMESTAMP }',
    )
    await edit(
      mesh,
      'domains/d/a-base/pipeline.yaml',
      'datasets:\n',
      'datasets:\n  ranks: { materialization: history }\n',
    )
    const model = 'select k, max(v)::bigint as place from till.events group by k\n'
    await writeFile(join(mesh, 'domains/d/a-base/models/ranks.sql'), model)
    const at = ['--project', mesh]
    const history = () => rows(mesh, 'select k, place, valid_to is null from d.a_base.ranks order by all')
    expect((await weft(['apply', '--yes', ...at], later(0))).code).toBe(0)
    await writeFile(join(mesh, 'data/1.csv'), 'ts,k,v\n2030-01-14T00:00:00,1,99\n')
    expect((await weft(['run', ...at], later(1))).code).toBe(0)
    expect(await history()).toEqual([
      [1, 50, false],
      [1, 99, true],
      [2, 60, true],
    ])

    expect((await weft(['run', ...at], later(8))).code).toBe(0)

    const left = [
      [1, 99, true],
      [2, 60, true],
    ]
    expect(await history()).toEqual(left)
    expect((await weft(['run', '--full', ...at], later(9))).code).toBe(0)
    expect(await history()).toEqual(left)
    await edit(mesh, 'policies/rows.yaml', 'valid_to', 'valid_from')
    const { document } = await weftJson(['check', ...at])
    expect(document.problems).toMatchObject([{ code: 'policy.no-instant', found: 'valid_from', expected: 'valid_to' }])
  })

  test.each([
    ['keepRows: 3d, by: tss', 'mesh.unknown-column', { found: 'tss', help: 'did you mean "ts"?' }],
    ['keepRows: 3d, by: v', 'policy.no-instant', { found: 'INTEGER', expected: 'day DATE, ts TIMESTAMP' }],
    ['keepRows: 3 weeks, by: ts', 'document.wrong-value', { found: '3 weeks' }],
    ['keepRows: 3d', 'document.missing-key', {}],
  ])('kept by a rule that cannot be carried out are told by check: %s', async (keep, code, more) => {
    const mesh = await meshOf(1, `  - { id: a, on: { datasets: ["*.events"] }, ${keep} }\n`)

    const { document } = await weftJson(['check', '--project', mesh])

    expect(document.problems).toMatchObject([{ code, severity: 'error', file: 'policies/rows.yaml', line: 7, ...more }])
  })
})
