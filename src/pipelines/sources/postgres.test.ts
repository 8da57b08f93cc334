/** Tables of a real PostgreSQL, where the machine has one. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { temporaryFolder } from '../../../test/support/mesh.ts'
import type { Place } from '../../base/index.ts'
import { type Column, type Connection, type Contract, canonicalPhysicalType, type Mesh } from '../../domain/index.ts'
import { openEngine, type Session, type Value } from '../../engine/index.ts'
import { type Postgres, startPostgres } from '../../store/postgres.suite.ts'
import { connectionOf } from './connection.ts'
import { landPostgres, listPostgres, type PostgresSource } from './postgres.ts'

const place: Place = { file: 'c.yaml', line: 1, column: 1 }
let postgres: Postgres | string = 'no PostgreSQL: not started'
let client: pg.Client
let session: Session
let connection: Connection

beforeAll(async () => {
  postgres = await startPostgres()
  if (typeof postgres === 'string') return
  const url = new URL(postgres.url)
  connection = {
    type: 'postgres',
    host: url.hostname,
    port: Number(url.port),
    database: 'postgres',
    user: url.username,
  }
  client = new pg.Client({ connectionString: `${postgres.url}postgres` })
  await client.connect()
  session = await (await openEngine('duckdb')).open({
    memory: 512 * 1024 ** 2,
    threads: 2,
    scratch: await temporaryFolder(),
  })
})

afterAll(async () => {
  await session?.close()
  await client?.end()
  if (typeof postgres !== 'string') await postgres.stop()
})

const column = (name: string, type: string): Column => ({
  name,
  type: canonicalPhysicalType(type) ?? type,
  logicalType: 'string',
  nullable: true,
  unique: false,
  tags: [],
  terms: [],
  place,
})

const contractOf = (
  table: string,
  columns: Readonly<Record<string, string>>,
  options = {},
  physicalNames: Readonly<Record<string, string>> = {},
): Contract => ({
  subject: 'd.p.s',
  root: 'r',
  file: 'c.yaml',
  hash: '',
  body: { schema: [{ name: 'lines', physicalName: table }] },
  at: () => place,
  id: 'd.s.v1',
  version: '1.0.0',
  major: 1,
  status: 'active',
  datasets: [
    {
      subject: 'd.p.s.lines',
      name: 'lines',
      columns: Object.entries(columns).map(([name, type]) => {
        const physicalName = physicalNames[name]
        return { ...column(name, type), ...(physicalName === undefined ? {} : { physicalName }) }
      }),
      rules: [],
      place,
    },
  ],
  servers: [{ name: 'db', type: 'postgres', location: '', options: { schema: 'public', ...options }, place }],
})

const sourceOf = (contract: Contract, more: Partial<PostgresSource> = {}): PostgresSource => ({
  contract,
  connection,
  secretOf: () => undefined,
  statementTimeMs: 60_000,
  ...more,
})

const landed = async (contract: Contract): Promise<Value[][]> => {
  const folder = join(await temporaryFolder(), 'landed')
  await mkdir(folder)
  const relation = (await landPostgres(sourceOf(contract), session, folder)).get('lines')
  if (relation === undefined) throw new Error('the dataset has landed')
  await session.define(['lines'], relation)
  return (await session.rows('select * from lines order by 1')).map(row => Object.values(row))
}

describe('a table of PostgreSQL', () => {
  test('arrives with every value as it is there', async ({ skip }) => {
    if (typeof postgres === 'string') skip(postgres)
    await client.query(`create table kinds (id bigint, n numeric(38,10), at timestamptz, local timestamp, day date, raw bytea,
      tags text[], sums numeric[], flags boolean[], doc jsonb, ok boolean, f double precision, u uuid, "odd name" text)`)
    await client.query(`insert into kinds values
      (9007199254740993, 1234567890123456789012345678.0123456789, '2024-03-31 02:30:00.123456+02', '1999-12-31 23:59:59.999999', '0001-01-01',
       '\\x00ff10', '{"a,b",NULL,"q\\"t"}', '{1.10,12345678901234567890.05}', '{t,f}', '{"a": [1, {"b": null}]}', true, 0.1,
       '3f0c1a52-7f0e-4f5e-9c11-0c2f1f0a9d11', E'line\\nbreak ''q'' \\u00e9'),
      (null, null, null, null, null, null, null, null, null, null, null, null, null, '')`)

    const rows = await landed(
      contractOf('kinds', {
        id: 'BIGINT',
        n: 'DECIMAL(38,10)',
        at: 'TIMESTAMPTZ',
        local: 'TIMESTAMP',
        day: 'DATE',
        raw: 'BLOB',
        tags: 'VARCHAR[]',
        sums: 'DECIMAL(38,2)[]',
        flags: 'BOOLEAN[]',
        doc: 'VARCHAR',
        ok: 'BOOLEAN',
        f: 'DOUBLE',
        u: 'UUID',
        'odd name': 'VARCHAR',
      }),
    )

    const texts = (
      await session.rows(
        'select id::varchar, n::varchar, "at"::varchar, "local"::varchar, day::varchar, hex(raw), tags, sums::varchar, flags::varchar, doc, ok, f, u::varchar, "odd name" from lines order by id',
      )
    ).map(row => Object.values(row))
    expect(texts).toEqual([
      [
        '9007199254740993',
        '1234567890123456789012345678.0123456789',
        expect.stringContaining('00:30:00.123456'),
        '1999-12-31 23:59:59.999999',
        '0001-01-01',
        '00FF10',
        ['a,b', null, 'q"t'],
        '[1.10, 12345678901234567890.05]',
        '[true, false]',
        '{"a": [1, {"b": null}]}',
        true,
        0.1,
        '3f0c1a52-7f0e-4f5e-9c11-0c2f1f0a9d11',
        "line\nbreak 'q' é",
      ],
      [...Array.from({ length: 13 }, () => null), ''],
    ])
    expect(rows).toHaveLength(2)
  })

  test('has columns by what it calls them, or by their names', async ({ skip }) => {
    if (typeof postgres === 'string') skip(postgres)
    await client.query(`create table named as select 1 as "Customer ID", 'x' as note, 2 as b, 3 as a`)
    const columns = { id: 'INTEGER', note: 'VARCHAR', a: 'INTEGER', b: 'INTEGER' }
    const names = { id: 'Customer ID', note: 'Remark', a: 'b', b: 'a' }
    expect(await landed(contractOf('named', columns, {}, names))).toEqual([[1, 'x', 2, 3]])
  })

  test('is read whole in many fetches, and what is written meanwhile is not seen', async ({ skip }) => {
    if (typeof postgres === 'string') skip(postgres)
    await client.query(`create table many as select g as id, repeat('x', 2000) as pad from generate_series(1, 60000) g`)
    const contract = contractOf('many', { id: 'INTEGER', pad: 'VARCHAR' })
    const folder = join(await temporaryFolder(), 'landed')
    await mkdir(folder)

    const landing = landPostgres(sourceOf(contract), session, folder)
    await client.query(
      `insert into many select g, 'late' from generate_series(1, 10) g where pg_sleep(0.001) is not null`,
    )
    const relation = (await landing).get('lines')

    expect(relation?.files.length).toBeGreaterThan(1)
    await session.define(['lines'], relation ?? { kind: 'empty', columns: [] })
    const [row] = await session.rows(
      `select count(*) filter (pad <> 'late') as n, count(distinct id) as ids, count(*) filter (pad = 'late') as late from lines`,
    )
    expect([0, 10]).toContain(row?.late)
    expect(row).toMatchObject({ n: 60_000, ids: 60_000 })
  })

  test('is unchanged only where a column says so', async ({ skip }) => {
    if (typeof postgres === 'string') skip(postgres)
    await client.query('create table moved (id int, changed_at timestamptz default now())')
    await client.query('insert into moved (id) values (1)')
    const etag = async (options: object, instant: string): Promise<string | undefined> =>
      (await listPostgres(sourceOf(contractOf('moved', { id: 'INTEGER' }, options)), new Date(instant)))[0]?.etag
    const declared = { updatedAt: 'changed_at' }

    const before = await etag(declared, '2026-01-01')
    expect(await etag(declared, '2026-01-02')).toBe(before)
    await client.query(`update moved set changed_at = now() + interval '1 s'`)
    expect(await etag(declared, '2026-01-03')).not.toBe(before)
    expect(await etag({}, '2026-01-01')).not.toBe(await etag({}, '2026-01-02'))
  })

  test('says which column holds what its type does not', async ({ skip }) => {
    if (typeof postgres === 'string') skip(postgres)
    await client.query(`create table wrong as select 1 as id, 'secret text' as v`)

    await expect(landed(contractOf('wrong', { id: 'INTEGER', v: 'INTEGER' }))).rejects.toMatchObject({
      code: 'source.wrong-value',
      message: '1 values of lines.v are no INTEGER',
    })
    await expect(landed(contractOf('gone', { id: 'INTEGER' }))).rejects.toMatchObject({
      code: 'source.unreadable-table',
      message: expect.stringContaining('a table is not there'),
    })
  })

  test('is not reached without its secret, and the secret is in no message', async ({ skip }) => {
    if (typeof postgres === 'string') skip(postgres)
    const contract = contractOf('kinds', { id: 'BIGINT' })
    const kept = { ...connection, secret: 'warehouse' }

    await expect(listPostgres(sourceOf(contract, { connection: kept }), new Date())).rejects.toMatchObject({
      code: 'source.no-secret',
    })
    const away = { ...kept, port: 1 }
    const failing = listPostgres(sourceOf(contract, { connection: away, secretOf: () => 'hunter2' }), new Date())
    const error = await failing.catch((it: unknown) => it)
    expect(error).toMatchObject({ code: 'source.unreachable', kind: 'unreachable' })
    expect(JSON.stringify(error)).not.toContain('hunter2')
  })
})

test('a domain uses the connections that are meant for it', () => {
  const server = contractOf('t', {}, { connection: 'warehouse' })
  const connections = { warehouse: { type: 'postgres' as const, host: 'db', domains: ['sales', 'logi*'] } }
  // Only the connections are looked at.
  const mesh = { connections } as unknown as Mesh
  const of = (domain: string, options: object) => {
    const [it] = contractOf('t', {}, options).servers
    if (it === undefined) throw new Error('there is a server')
    return connectionOf(mesh, server, it, domain)
  }

  expect(of('logistics', { connection: 'warehouse' })).toBe(connections.warehouse)
  expect(of('sales', { host: 'db' })).toBe(connections.warehouse)
  expect(() => of('finance', { connection: 'warehouse' })).toThrow(
    'domain finance may not use the connection warehouse',
  )
  expect(() => of('sales', { connection: 'warehous' })).toThrow('names no connection of the mesh')
})
