/** A table of a real PostgreSQL as a source, from `apply` to the rows that are served. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Postgres, startPostgres } from '../../src/store/postgres.suite.ts'
import { weftJson } from '../support/cli.ts'
import { rows, temporaryFolder } from '../support/mesh.ts'

const secret = 'never-to-be-shown'
let postgres: Postgres | string
let client: pg.Client

beforeAll(async () => {
  postgres = await startPostgres()
  if (typeof postgres === 'string') return
  client = new pg.Client({ connectionString: `${postgres.url}postgres` })
  await client.connect()
  await client.query(`create table orders (id int primary key, day date, total numeric(12,2), note text, changed timestamptz);
    insert into orders select i, date '2024-01-01' + i % 40, i * 1.25, case when i % 7 = 0 then null else 'n' || i end, now() from generate_series(1, 500) i`)
})
afterAll(async () => {
  await client?.end()
  if (typeof postgres !== 'string') await postgres?.stop()
})

const meshOver = async (url: URL): Promise<string> => {
  const folder = await temporaryFolder()
  const put = async (path: string, text: string): Promise<void> => {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  await put(
    'mesh.yaml',
    `apiVersion: weft/v1\nkind: Mesh\nid: m\ndefaultEnvironment: dev\nenvironments:\n  dev: { variables: {} }\nconnections:\n  till: { type: postgres, host: ${url.hostname}, port: ${url.port}, database: postgres, user: ${url.username}, secret: till, domains: [sales] }\n`,
  )
  await put(
    'domains/sales/domain.yaml',
    'apiVersion: weft/v1\nkind: Domain\nid: sales\nname: Sales\nteam: { name: t, members: [{ username: a@example.org, role: owner }] }\n',
  )
  const columns = (names: readonly string[]): string => names.map(it => `      - ${it}`).join('\n')
  const own = columns([
    '{ name: id, physicalType: INTEGER, primaryKey: true, primaryKeyPosition: 1, required: true }',
    '{ name: day, physicalType: DATE }',
    '{ name: total, physicalType: "DECIMAL(12,2)" }',
    '{ name: note, physicalType: VARCHAR }',
  ])
  await put(
    'domains/sales/shop/contracts/till.v1.odcs.yaml',
    `apiVersion: v3.2.0\nkind: DataContract\nid: sales.till.v1\nversion: 1.0.0\nstatus: active\ndomain: sales\nservers:\n  - server: till\n    type: postgres\n    host: ${url.hostname}\n    port: ${url.port}\n    database: postgres\n    schema: public\n    customProperties:\n      - { property: connection, value: till }\nschema:\n  - name: orders\n    logicalType: object\n    properties:\n${own}\n`,
  )
  await put(
    'domains/sales/shop/contracts/orders.v1.odcs.yaml',
    `apiVersion: v3.2.0\nkind: DataContract\nid: sales.orders.v1\nversion: 1.0.0\nstatus: active\ndomain: sales\nschema:\n  - name: orders\n    logicalType: object\n    properties:\n${own}\n`,
  )
  await put('domains/sales/shop/models/orders.sql', 'select id, day, total, note from till.orders\n')
  await put(
    'domains/sales/shop/shop.odps.yaml',
    'apiVersion: v1.1.0\nkind: DataProduct\nid: sales.shop\nname: Shop\nversion: 1.0.0\nstatus: active\ndomain: sales\ninputPorts:\n  - { name: till, version: 1.0.0, contractId: sales.till.v1 }\noutputPorts:\n  - { name: orders, version: 1.0.0, type: tables, contractId: sales.orders.v1 }\nteam: { name: t }\n',
  )
  await put(
    'domains/sales/shop/pipeline.yaml',
    'apiVersion: weft/v1\nkind: Pipeline\nproduct: sales.shop\ndatasets:\n  orders: { materialization: partitioned, partition: { column: day, grain: month }, inputs: { till: same } }\n',
  )
  return folder
}

/** What the manifests say that they were made of, oldest first. */
const sourcesOf = async (project: string): Promise<unknown[]> => {
  const files = await readdir(join(project, '.weft'), { recursive: true })
  const manifests = files.filter(path => /\/manifests\/[^/]+\.json$/.test(path)).sort()
  return Promise.all(manifests.map(async it => JSON.parse(await readFile(join(project, '.weft', it), 'utf8')).sources))
}

test('rows of a table, exact, and only the partitions that changed', async ({ skip }) => {
  if (typeof postgres === 'string') return skip(postgres)
  const project = await meshOver(new URL(postgres.url))
  const env = { WEFT_SECRET_TILL: secret }
  const applied = await weftJson(['apply', '--yes', '--project', project], { env })
  expect(applied.document.problems?.filter(it => it.severity === 'error') ?? []).toEqual([])
  expect(applied.code).toBe(0)
  const sums = async (): Promise<unknown> =>
    (await rows(project, 'select count(*), sum(total)::varchar, count(note) from sales.shop.orders'))[0]
  expect(await sums()).toEqual([500, '156562.50', 429])
  await client.query(
    "update orders set total = total + 1 where day = date '2024-01-05'; delete from orders where id = 500",
  )
  const again = await weftJson<{ runs: { datasets: { partitions: unknown }[] }[] }>(['run', '--project', project], {
    env,
  })
  expect(again.document.runs[0]?.datasets[0]?.partitions).toEqual({ built: 1, reused: 1, dropped: 0 })
  const { rows: truth } = await client.query(
    'select count(*)::int as n, sum(total)::text as total, count(note)::int as notes from orders',
  )
  expect(await sums()).toEqual([truth[0].n, truth[0].total, truth[0].notes])
  const url = new URL(postgres.url)
  const uri = `postgres://${url.hostname}:${url.port}/postgres/"public"."orders"`
  const table = (lines: number) => ({ uri, lines, etag: expect.stringMatching(/^read-20/) })
  const sources = await sourcesOf(project)
  expect(sources).toMatchObject([500, 499].map(lines => [{ dataset: 'sales.shop.till.orders', files: [table(lines)] }]))
  expect(JSON.stringify([applied, again, sources])).not.toContain(secret)
  const none = await weftJson(['run', '--project', project])
  expect(none.code).not.toBe(0)
  expect(JSON.stringify(none.document.problems)).toContain('WEFT_SECRET_TILL')
})
