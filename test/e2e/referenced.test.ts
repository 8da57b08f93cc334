/** Parquet files of a source, published where they lie: read in place, never copied, never removed, and never read once they are others. */
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openEngine, type Session } from '../../src/engine/index.ts'
import { weftJson } from '../support/cli.ts'
import { edit, rows, temporaryFolder } from '../support/mesh.ts'

let session: Session

beforeAll(async () => {
  const engine = await openEngine('duckdb')
  session = await engine.open({ memory: 512 * 1024 ** 2, threads: 1, scratch: await temporaryFolder() })
})
afterAll(() => session.close())

const put = async (folder: string, path: string, text: string): Promise<void> => {
  await mkdir(dirname(join(folder, path)), { recursive: true })
  await writeFile(join(folder, path), text)
}

/** A file of the lake with the rows of a SELECT, put in place of what is there. */
const drop = async (project: string, name: string, sql: string): Promise<void> => {
  const path = join(project, 'lake', name)
  await mkdir(dirname(path), { recursive: true })
  await session.run(`copy (${sql}) to '${path}.draft' (format parquet)`)
  await rename(`${path}.draft`, path)
}

const day = (from: number, to: number, total = 'i * 1.25'): string =>
  `select i::int as id, date '2024-01-01' + (i // 100)::int as day, (${total})::decimal(12,2) as total, 'n' || i as note from range(${from}, ${to}) t(i)`

const columns = [
  '{ name: id, physicalType: INTEGER, required: true, unique: true }',
  '{ name: day, physicalType: DATE }',
  '{ name: total, physicalType: "DECIMAL(12,2)" }',
]

const contract = (id: string, dataset: string, own: readonly string[], servers = ''): string =>
  `apiVersion: v3.2.0\nkind: DataContract\nid: ${id}\nversion: 1.0.0\nstatus: active\ndomain: sales\n${servers}schema:\n  - name: ${dataset}\n    logicalType: object\n    properties:\n${own.map(it => `      - ${it}`).join('\n')}\n`

const product = (name: string, input: string, id: string): string =>
  `apiVersion: v1.1.0\nkind: DataProduct\nid: sales.${name}\nname: ${name}\nversion: 1.0.0\nstatus: active\ndomain: sales\ninputPorts:\n  - { name: ${input}, version: 1.0.0, contractId: ${id} }\noutputPorts:\n  - { name: ${name}, version: 1.0.0, type: tables, contractId: sales.${name}.v1 }\nteam: { name: t }\n`

/** `orders` serves the files of the lake as they are, `days` is made from it. */
const lakeMesh = async (limits = ''): Promise<string> => {
  const project = await temporaryFolder()
  await put(
    project,
    'mesh.yaml',
    `apiVersion: weft/v1\nkind: Mesh\nid: m\n${limits}defaultEnvironment: dev\nenvironments:\n  dev: { variables: {} }\n`,
  )
  const base = 'domains/sales'
  await put(
    project,
    `${base}/domain.yaml`,
    'apiVersion: weft/v1\nkind: Domain\nid: sales\nname: Sales\nteam: { name: t, members: [{ username: a@example.org, role: owner }] }\n',
  )
  const server =
    'servers:\n  - { server: files, type: local, path: "lake/*.parquet", format: parquet, customProperties: [{ property: drift, value: ignore }] }\n'
  await put(project, `${base}/orders/contracts/lake.v1.odcs.yaml`, contract('sales.lake.v1', 'lines', columns, server))
  await put(project, `${base}/orders/contracts/orders.v1.odcs.yaml`, contract('sales.orders.v1', 'lines', columns))
  await put(project, `${base}/orders/models/lines.sql`, 'select * from lake.lines\n')
  await put(project, `${base}/orders/orders.odps.yaml`, product('orders', 'lake', 'sales.lake.v1'))
  await put(
    project,
    `${base}/orders/pipeline.yaml`,
    'apiVersion: weft/v1\nkind: Pipeline\nproduct: sales.orders\ndatasets:\n  lines: { materialization: referenced }\n',
  )
  const totals = ['{ name: day, physicalType: DATE }', '{ name: total, physicalType: "DECIMAL(38,2)" }']
  await put(project, `${base}/days/contracts/days.v1.odcs.yaml`, contract('sales.days.v1', 'totals', totals))
  await put(
    project,
    `${base}/days/models/totals.sql`,
    'select day, sum(total) as total from orders.lines group by day\n',
  )
  await put(project, `${base}/days/days.odps.yaml`, product('days', 'orders', 'sales.orders.v1'))
  return project
}

const lines = 'sales.orders.lines'
const sums = async (project: string, table = lines): Promise<unknown> =>
  (await rows(project, `select count(*), sum(total)::varchar from ${table}`))[0]

const good = async (args: readonly string[], project: string): Promise<void> => {
  const { code, document } = await weftJson([...args, '--project', project])
  expect(document.problems?.filter(it => it.severity === 'error') ?? []).toEqual([])
  expect(code).toBe(0)
}

/** Exit code, code of the first error, and what was found. */
const failure = async (args: readonly string[], project: string): Promise<unknown> => {
  const { code, document } = await weftJson<{
    runs?: readonly { problems: readonly { code: string; found?: string }[] }[]
  }>([...args, '--project', project])
  const [problem] = [
    ...(document.problems ?? []).filter(it => it.severity === 'error'),
    ...(document.runs ?? []).flatMap(it => it.problems),
  ]
  return [code, problem?.code, problem?.found]
}

interface Found {
  readonly layout: string
  readonly dataset: string
  readonly rows: number
  readonly checks: { readonly passed: number }
  readonly files: readonly Record<string, unknown>[]
  readonly sources: readonly { readonly files: readonly { readonly lines: number }[] }[]
}

const stored = (project: string): Promise<string[]> => readdir(join(project, '.weft'), { recursive: true })

const manifests = async (project: string): Promise<Found[]> => {
  const paths = (await stored(project)).filter(path => /lines\/manifests\/[^/]+\.json$/.test(path)).sort()
  return Promise.all(paths.map(async path => JSON.parse(await readFile(join(project, '.weft', path), 'utf8'))))
}

/** Whoever may write to the storage can make a manifest that points elsewhere, and a publication that vouches for it. */
const pointAt = async (project: string, path: string): Promise<void> => {
  const forge = async (pattern: RegExp, change: (text: string) => string): Promise<string> => {
    const found = (await stored(project)).find(it => pattern.test(it))
    const file = join(project, '.weft', found ?? '')
    const before = await readFile(file, 'utf8')
    const after = change(before)
    expect(after).not.toBe(before)
    await writeFile(file, after)
    return createHash('sha256').update(after).digest('hex')
  }
  const elsewhere = pathToFileURL(join(project, path)).href
  const hash = await forge(/lines\/manifests\/[^/]+\.json$/, text => text.replace(/file:[^"]*a\.parquet/, elsewhere))
  await forge(/orders\.v1\/publications\/[^/]+\.json$/, text =>
    text.replace(/"manifestHash":"[0-9a-f]+"/, `"manifestHash":"${hash}"`),
  )
}

test('files are served where they lie, and a file that was changed is an error until the next run', async () => {
  const project = await lakeMesh()
  await drop(project, 'a.parquet', day(0, 200))
  await drop(project, 'b.parquet', day(200, 300))
  await good(['apply', '--yes'], project)

  const [manifest] = await manifests(project)
  expect(manifest).toMatchObject({ layout: 'referenced', rows: 300, checks: { passed: 2 } })
  const b = join(project, 'lake', 'b.parquet')
  const { size, mtimeNs } = await stat(b, { bigint: true })
  expect(manifest?.files.map(it => [it.uri, it.bytes, it.etag, it.rows, it.nulls])).toEqual([
    [pathToFileURL(join(project, 'lake', 'a.parquet')).href, expect.any(Number), expect.any(String), 200, [0, 0, 0]],
    [pathToFileURL(b).href, Number(size), `${size}-${mtimeNs}`, 100, [0, 0, 0]],
  ])
  expect(manifest?.sources[0]?.files.map(it => it.lines)).toEqual([200, 100])
  const copies = (await stored(project)).filter(path => path.endsWith('.parquet'))
  expect(copies.filter(path => path.includes('/orders/'))).toEqual([])
  expect(await sums(project)).toEqual([300, '56062.50'])
  expect(await sums(project, 'sales.days.totals')).toEqual([3, '56062.50'])
  const again = await weftJson<{ runs: { state: string }[] }>(['run', '--project', project])
  expect(again.document.runs.map(it => it.state)).toEqual(['unchanged', 'unchanged'])

  await drop(project, 'b.parquet', day(200, 300, 'i'))
  const names = expect.stringContaining(b)
  expect(await failure(['query', `select * from ${lines}`], project)).toEqual([1, 'source.changed', names])
  expect(await failure(['run', 'sales.days', '--full'], project)).toEqual([1, 'source.changed', names])
  expect(await sums(project, 'sales.days.totals')).toEqual([3, '56062.50'])
  await good(['run'], project)
  expect(await sums(project)).toEqual([300, '49825.00'])
  expect(await sums(project, 'sales.days.totals')).toEqual([3, '49825.00'])

  await rm(b)
  expect(await failure(['query', `select * from ${lines}`], project)).toEqual([1, 'source.changed', names])
  await good(['run'], project)
  expect(await sums(project)).toEqual([200, '24875.00'])
})

test('bad rows are quarantined in place, and what was good stays served as long as its files do', async () => {
  const project = await lakeMesh()
  await drop(project, 'a.parquet', day(0, 200))
  await good(['apply', '--yes'], project)
  await drop(project, 'b.parquet', day(100, 150))
  const { code, document } = await weftJson<{ runs: { state: string }[] }>([
    'run',
    'sales.orders',
    '--project',
    project,
  ])
  expect([code, document.runs[0]?.state]).toEqual([3, 'quarantined'])
  expect(await sums(project)).toEqual([200, '24875.00'])
})

test('a rollback goes back to files that are as they were, and to no others', async () => {
  const project = await lakeMesh()
  await drop(project, 'a.parquet', day(0, 200))
  await good(['apply', '--yes'], project)
  await drop(project, 'b.parquet', day(200, 300))
  await good(['run'], project)
  await good(['rollback', 'sales.orders.orders.v1'], project)
  expect(await sums(project)).toEqual([200, '24875.00'])
  await good(['release', 'sales.orders.orders.v1'], project)
  await drop(project, 'a.parquet', day(0, 200, 'i'))
  await good(['run'], project)

  const a = expect.stringContaining(join(project, 'lake', 'a.parquet'))
  expect(await failure(['rollback', 'sales.orders.orders.v1'], project)).toEqual([1, 'source.changed', a])
  expect(await sums(project)).toEqual([300, '51087.50'])
})

test('old snapshots go, their files stay', async () => {
  const project = await lakeMesh('limits: { snapshotsKept: 2 }\n')
  for (let n = 0; n < 5; n++) {
    await drop(project, `${n}.parquet`, day(n * 100, n * 100 + 100))
    await good(n === 0 ? ['apply', '--yes'] : ['run'], project)
  }
  expect(await manifests(project)).toHaveLength(2)
  expect((await readdir(join(project, 'lake'))).sort()).toEqual([0, 1, 2, 3, 4].map(n => `${n}.parquet`))
  expect(await sums(project)).toEqual([500, '155937.50'])
})

test('a dataset goes from in place to a copy and back', async () => {
  const project = await lakeMesh()
  const pipeline = 'domains/sales/orders/pipeline.yaml'
  await drop(project, 'a.parquet', day(0, 200))
  await good(['apply', '--yes'], project)
  await edit(project, pipeline, 'referenced', 'full')
  await good(['apply', '--yes'], project)
  await edit(project, pipeline, 'full', 'referenced')
  await drop(project, 'b.parquet', day(200, 300))
  await good(['apply', '--yes'], project)
  expect((await manifests(project)).map(it => it.layout)).toEqual(['referenced', 'owned', 'referenced'])
  expect(await sums(project)).toEqual([300, '56062.50'])
})

test('with the catalogue gone, what is served is found again, unless its files have changed', async () => {
  const project = await lakeMesh()
  await drop(project, 'a.parquet', day(0, 200))
  await good(['apply', '--yes'], project)
  const adopted = async (): Promise<unknown> => {
    await rm(join(project, '.weft', 'dev', 'catalogue'), { recursive: true })
    const { document } = await weftJson<{ steps: { kind: string; subject: string }[] }>(['plan', '--project', project])
    await good(['apply', '--yes'], project)
    return document.steps.filter(it => it.kind === 'adopt').map(it => it.subject)
  }
  expect(await adopted()).toEqual(['sales.days.days.v1', 'sales.orders.orders.v1'])
  expect(await sums(project)).toEqual([200, '24875.00'])
  await drop(project, 'a.parquet', day(0, 200, 'i'))
  expect(await adopted()).toEqual(['sales.days.days.v1'])
  expect(await sums(project)).toEqual([200, '19900.00'])
})

test('with the catalogue gone, a manifest that points at files of others is not taken', async () => {
  const project = await lakeMesh()
  await drop(project, 'a.parquet', day(0, 200))
  await good(['apply', '--yes'], project)
  await rm(join(project, '.weft', 'dev', 'catalogue'), { recursive: true })
  await mkdir(join(project, 'secret'))
  await rename(join(project, 'lake', 'a.parquet'), join(project, 'secret', 'a.parquet'))
  await drop(project, 'a.parquet', day(0, 100))
  await pointAt(project, 'secret/a.parquet')
  const { document } = await weftJson<{ steps: { kind: string; subject: string }[] }>(['plan', '--project', project])
  expect(document.steps.filter(it => it.kind === 'adopt').map(it => it.subject)).toEqual(['sales.days.days.v1'])
  await good(['apply', '--yes'], project)
  expect(await sums(project)).toEqual([100, '6187.50'])
})

test('what would have to be copied is refused before anything runs', async () => {
  const project = await lakeMesh()
  const orders = 'domains/sales/orders'
  await drop(project, 'a.parquet', day(0, 200))
  const refused = async (file: string, from: string, to: string): Promise<unknown> => {
    const before = await readFile(join(project, file), 'utf8')
    await edit(project, file, from, to)
    const { code, document } = await weftJson(['check', '--project', project])
    await writeFile(join(project, file), before)
    const found = document.problems?.find(it => it.severity === 'error')
    return [code, found?.code, found?.file, found?.line, found?.column, found?.found]
  }
  const sql = `${orders}/models/lines.sql`
  const notInPlace = (file: string, ...place: unknown[]): unknown[] => [65, 'model.not-in-place', file, ...place]
  expect(await refused(sql, 'lake.lines', 'lake.lines where id > 3')).toEqual(notInPlace(sql, 1, 1, 'it has a WHERE'))
  const computed = 'a column is computed, left out or named anew'
  expect(await refused(sql, '*', 'id, day, total + 0 as total')).toEqual(notInPlace(sql, 1, 23, computed))
  const source = `${orders}/contracts/lake.v1.odcs.yaml`
  expect(await refused(source, 'format: parquet', 'format: csv')).toEqual(notInPlace(sql, 1, 1, 'csv'))
  expect(await refused(source, '"DECIMAL(12,2)"', '"DECIMAL(10,2)"')).toEqual(
    notInPlace(`${orders}/contracts/orders.v1.odcs.yaml`, 13, 17, 'total DECIMAL(10,2)'),
  )
  const pipeline = `${orders}/pipeline.yaml`
  const divided = 'referenced, partition: { column: day, grain: day }'
  expect(await refused(pipeline, 'referenced', divided)).toEqual([
    65,
    'document.wrong-value',
    pipeline,
    5,
    41,
    'partition',
  ])

  await good(['check'], project)
  await drop(project, 'b.parquet', day(200, 300).replace('decimal(12,2)', 'double'))
  const double = 'lake/b.parquet: total DOUBLE'
  expect(await failure(['apply', '--yes'], project)).toEqual([1, 'model.not-in-place', double])
})
