/** Tables of a PostgreSQL as an input: read by a cursor in one read-only transaction into Parquet, every value as exactly as its text. */
import { appendFile, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { z } from 'zod'
import { problem, WeftError } from '../../base/index.ts'
import type { Connection, Contract, Dataset, Server } from '../../domain/index.ts'
import { quoteName, type Relation, type Session } from '../../engine/index.ts'
import { pipelineProblems } from '../problems.ts'
import { type SecretOf, secretVariable } from './connection.ts'
import { sourceName } from './drift.ts'
import type { SourceFile } from './files.ts'

export interface PostgresSource {
  readonly contract: Contract
  readonly connection: Connection
  readonly secretOf: SecretOf
  readonly statementTimeMs: number
  readonly signal?: AbortSignal
}

/** The server of a contract that is a PostgreSQL. */
export const postgresServer = (contract: Contract): Server | undefined =>
  contract.servers.find(it => it.type === 'postgres' || it.type === 'postgresql')

/**
 * The tables of a source, one entry each, with what tells whether one has changed. A custom property `updatedAt` of the server names a
 * column that moves with every change of a row: its highest value and the count of rows are the fingerprint. Without it there is
 * none that could be trusted, and `instant` makes each look a new one.
 */
export const listPostgres = async (source: PostgresSource, instant: Date): Promise<SourceFile[]> => {
  const { contract, connection } = source
  const server = serverOf(contract)
  const updatedAt = server.options.updatedAt
  return withClient(source, server, async client => {
    const found: SourceFile[] = []
    for (const dataset of contract.datasets) {
      const table = tableOf(contract, dataset, server)
      const uri = `postgres://${hostOf(connection, server)}/${databaseOf(connection, server)}/${table}`
      let etag = `read-${instant.toISOString()}`
      if (typeof updatedAt === 'string') {
        const sql = `select count(*)::text, max(${quoteName(updatedAt)})::text from ${table}`
        const [row] = await rowsOf(client, source, sql)
        etag = `${row?.[0] ?? '0'}-${row?.[1] ?? ''}`
      }
      found.push({ path: '', uri, bytes: 0, etag })
    }
    return found
  })
}

/** Rows of NDJSON that become one Parquet file. */
const partBytes = 64 * 1024 ** 2
const fetchBytes = 4 * 1024 ** 2
const fetchRowsMax = 20_000

/** Reads all tables of the contract in one transaction, so that they belong to one moment. Memory holds one fetch; `folder` is there and empty. */
export const landPostgres = async (
  source: PostgresSource,
  session: Session,
  folder: string,
): Promise<ReadonlyMap<string, Relation & { readonly kind: 'parquet' }>> => {
  const { contract } = source
  const server = serverOf(contract)
  return withClient(source, server, async client => {
    await rowsOf(client, source, 'begin isolation level repeatable read, read only')
    const landed = new Map<string, Relation & { readonly kind: 'parquet' }>()
    for (const [index, dataset] of contract.datasets.entries()) {
      const files = await landTable(
        source,
        client,
        session,
        dataset,
        tableOf(contract, dataset, server),
        join(folder, String(index)),
      )
      const columns = dataset.columns.map(({ name, type }) => ({ name, type }))
      landed.set(dataset.name, { kind: 'parquet', files, columns })
    }
    await rowsOf(client, source, 'commit')
    return landed
  })
}

const landTable = async (
  source: PostgresSource,
  client: pg.Client,
  session: Session,
  dataset: Dataset,
  table: string,
  folder: string,
): Promise<string[]> => {
  const names = await columnNames(source, client, dataset, table)
  const columns = dataset.columns.map(({ name, type }) => asText(quoteName(names.get(name) ?? name), type))
  await rowsOf(client, source, `declare weft_rows no scroll cursor for select ${columns.join(', ')} from ${table}`)
  const files: string[] = []
  let part = 0
  let bytes = 0
  let fetch = 200
  const file = (): string => join(folder, `${part}.ndjson`)
  await mkdir(folder, { recursive: true })
  const close = async (): Promise<void> => {
    if (bytes === 0) return
    files.push(...(await convert(session, source.contract, dataset, file(), join(folder, String(part)))))
    await rm(file())
    part++
    bytes = 0
  }
  for (;;) {
    source.signal?.throwIfAborted()
    const rows = await rowsOf(client, source, `fetch ${fetch} from weft_rows`)
    if (rows.length === 0) break
    const text = rows
      .map(row => `${JSON.stringify(Object.fromEntries(row.map((value, index) => [`c${index}`, value])))}\n`)
      .join('')
    await appendFile(file(), text)
    bytes += text.length
    if (bytes >= partBytes) await close()
    fetch = Math.max(1, Math.min(fetchRowsMax, fetch * 4, Math.floor((fetchBytes * rows.length) / text.length)))
  }
  await close()
  await rowsOf(client, source, 'close weft_rows')
  return files
}

/** What the table calls each column: its `physicalName`, or its name where the table has no such column. */
const columnNames = async (
  source: PostgresSource,
  client: pg.Client,
  { columns }: Dataset,
  table: string,
): Promise<ReadonlyMap<string, string>> => {
  if (columns.every(column => column.physicalName === undefined)) return new Map()
  const found = new Set((await answerOf(client, source, `select * from ${table} limit 0`)).fields.map(it => it.name))
  return new Map(columns.map(it => [it.name, found.has(sourceName(it)) ? sourceName(it) : it.name]))
}

const isList = (type: string): boolean => /\]$/.test(type)
const isNested = (type: string): boolean => isList(type) || /^(STRUCT|MAP)\(/.test(type)

/** Lists of numbers go by the texts of their items: JSON would make doubles of them. */
const asText = (column: string, type: string): string => {
  if (type === 'BLOB') return `encode(${column}, 'hex')`
  const inner = type.replace(/(\[\d*\])+$/, '')
  if (isList(type) && !isNested(inner)) return `to_json(${column}::text[])::text`
  return isNested(type) ? `to_json(${column})::text` : `${column}::text`
}

const fromText = (column: string, type: string): string => {
  if (type === 'BLOB') return `unhex(${column})`
  return isNested(type) ? `cast(cast(${column} as json) as ${type})` : `cast(${column} as ${type})`
}

const convert = async (
  session: Session,
  contract: Contract,
  dataset: Dataset,
  file: string,
  folder: string,
): Promise<string[]> => {
  const texts = dataset.columns.map((_, index) => ({ name: `c${index}`, type: 'VARCHAR' }))
  await session.define(['landing'], { kind: 'json', files: [file], columns: texts })
  await mkdir(folder)
  const values = dataset.columns.map(({ name, type }, index) => `${fromText(`c${index}`, type)} as ${quoteName(name)}`)
  try {
    const written = await session.write(`select ${values.join(', ')} from landing`, {
      folder,
      columns: dataset.columns.map(({ name, type }) => ({ name, type })),
      compression: 'snappy',
    })
    return written.map(it => it.path)
  } catch (error) {
    throw (await wrongValue(session, contract, dataset)) ?? error
  }
}

/** The engine does not say which column it could not read, because values are in what it says. */
const wrongValue = async (session: Session, contract: Contract, dataset: Dataset): Promise<WeftError | undefined> => {
  for (const [index, { name, type, place }] of dataset.columns.entries()) {
    const text = `c${index}`
    const [row] = await session.rows(
      `select count(*) as n from landing where ${text} is not null and ${fromText(text, type).replaceAll(/\bcast\(/g, 'try_cast(')} is null`,
    )
    if (Number(row?.n ?? 0) === 0) continue
    return new WeftError(
      'failed',
      problem(
        pipelineProblems,
        'source.wrong-value',
        `${String(row?.n)} values of ${dataset.name}.${name} are no ${type}`,
        {
          place,
          expected: type,
          subject: contract.subject,
        },
      ),
    )
  }
  return undefined
}

const serverOf = (contract: Contract): Server => {
  const server = postgresServer(contract)
  if (server === undefined) throw new Error('a source of PostgreSQL has such a server')
  return server
}

const text = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : undefined

const hostOf = (connection: Connection, server: Server): string =>
  `${connection.host ?? text(server.options.host) ?? ''}:${connection.port ?? text(server.options.port) ?? 5432}`

const databaseOf = (connection: Connection, server: Server): string =>
  connection.database ?? text(server.options.database) ?? ''

const physicalNames = z.object({
  schema: z.array(z.object({ name: z.string(), physicalName: z.string().optional() })),
})

/** The dataset's `physicalName`, else its name, in the server's schema. */
const tableOf = (contract: Contract, dataset: Dataset, server: Server): string => {
  const parsed = physicalNames.safeParse(contract.body)
  const named = parsed.data?.schema.find(it => it.name === dataset.name)?.physicalName ?? dataset.name
  const schema = text(server.options.schema)
  const parts = named.includes('.') ? named.split('.') : schema === undefined ? [named] : [schema, named]
  return parts.map(quoteName).join('.')
}

/** Every value arrives as its text: what JavaScript would make of numbers and instants is never exact enough. */
const asIs = { getTypeParser: () => (value: unknown) => value }

const withClient = async <T>(
  source: PostgresSource,
  server: Server,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> => {
  const { connection, secretOf, contract, statementTimeMs, signal } = source
  const password = connection.secret === undefined ? undefined : secretOf(connection.secret)
  if (connection.secret !== undefined && password === undefined) {
    throw new WeftError(
      'failed',
      problem(pipelineProblems, 'source.no-secret', `the secret ${connection.secret} has no value`, {
        place: server.place,
        expected: secretVariable(connection.secret),
        subject: contract.subject,
      }),
    )
  }
  const [host = '', port = '5432'] = hostOf(connection, server).split(/:(?=\d+$)/)
  const client = new pg.Client({
    host,
    port: Number(port),
    database: databaseOf(connection, server),
    user: connection.user,
    password,
    application_name: 'weft',
    connectionTimeoutMillis: 10_000,
    types: asIs,
    options: `-c timezone=UTC -c datestyle=ISO -c intervalstyle=postgres -c extra_float_digits=1 -c statement_timeout=${statementTimeMs}`,
  })
  // The statement that is on its way says that the connection is gone.
  client.on('error', () => undefined)
  const stop = (): void => void client.end().catch(() => undefined)
  signal?.addEventListener('abort', stop)
  try {
    await client.connect().catch(error => {
      throw failure(source, error)
    })
    return await work(client)
  } finally {
    signal?.removeEventListener('abort', stop)
    await client.end().catch(() => undefined)
  }
}

const rowsOf = async (client: pg.Client, source: PostgresSource, sql: string): Promise<(string | null)[][]> =>
  (await answerOf(client, source, sql)).rows

const answerOf = async (
  client: pg.Client,
  source: PostgresSource,
  sql: string,
): Promise<pg.QueryArrayResult<(string | null)[]>> => {
  try {
    return await client.query<(string | null)[]>({ text: sql, rowMode: 'array' })
  } catch (error) {
    throw failure(source, error)
  }
}

/** What the server says may hold values and addresses: its code is enough. */
const failure = ({ contract, signal }: PostgresSource, error: unknown): WeftError => {
  if (signal?.aborted === true)
    return new WeftError('interrupted', problem(pipelineProblems, 'run.cancelled', 'the reading was ended'))
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
  const isAway = /^(E[A-Z]+|08\w+|57P\w+|28\w+|3D000|unknown)$/.test(code)
  return new WeftError(
    isAway ? 'unreachable' : 'failed',
    problem(
      pipelineProblems,
      isAway ? 'source.unreachable' : 'source.unreadable-table',
      `the source ${contract.id} cannot be read: ${words[code] ?? `PostgreSQL says ${code}`}`,
      { found: code, place: postgresServer(contract)?.place, subject: contract.subject },
    ),
    { cause: error },
  )
}

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing answers at its address',
  ENOTFOUND: 'its host has no address',
  '28P01': 'the password is refused',
  '28000': 'the user is refused',
  '3D000': 'there is no such database',
  '42P01': 'a table is not there',
  '42703': 'a column is not there',
  '42501': 'the user may not read a table',
  '57014': 'it took longer than it may',
}
