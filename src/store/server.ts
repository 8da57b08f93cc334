/** The catalogue on PostgreSQL 15 or newer. */
import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient } from 'kysely'
import pg from 'pg'
import { problem, WeftError } from '../base/index.ts'
import { storeError } from './failures.ts'
import { migrate } from './migrations.ts'
import { storeProblems } from './problems.ts'
import type { Database } from './schema.ts'
import type { Store } from './store.ts'
import { parsers } from './types.ts'

/** Opens a `postgres:` URL. Throws `store.unreachable`; the URL, which may hold a password, is in no message. */
export const openServer = async (url: string, statementTimeMs: number, connectionsMax = 8): Promise<Store> => {
  const pool = new pg.Pool({
    connectionString: url,
    max: connectionsMax,
    // Statements of the catalogue end before compiling them would have paid: it made half a second out of a tenth.
    options: `-c timezone=UTC -c jit=off -c statement_timeout=${statementTimeMs}`,
    types: {
      getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
        parsers[oid] ?? pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
    }, // the overloads differ in the format's literal only
  })
  // A connection that drops, idle or in use, must not end the process: the next statement on it says so.
  pool.on('error', () => undefined)
  pool.on('connect', client => client.on('error', () => undefined))
  try {
    const client = await pool.connect()
    try {
      const query = async (sql: string, parameters: readonly unknown[]) =>
        client.query<Record<string, unknown>>(sql, [...parameters])
      // Two starters: the second waits for the first and finds everything done.
      await client.query('select pg_advisory_lock(hashtext($1))', ['weft.migrate'])
      try {
        await migrate(async sql => void (await client.query(sql)), query)
      } finally {
        await client.query('select pg_advisory_unlock(hashtext($1))', ['weft.migrate'])
      }
    } finally {
      client.release()
    }
  } catch (error) {
    await pool.end()
    if (error instanceof WeftError) throw error
    throw new WeftError(
      'unreachable',
      problem(storeProblems, 'store.unreachable', `the catalogue's server cannot be used: ${reasonOf(error)}`),
      { cause: error },
    )
  }
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool: withOurErrors(pool) }) })
  return {
    kind: 'server',
    db,
    transaction: work => db.transaction().execute(work),
    // Kysely ends the pool only where it was used.
    close: async () => {
      await db.destroy()
      if (!pool.ended) await pool.end()
    },
  }
}

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined

const reasonOf = (error: unknown): string => codeOf(error) ?? (error instanceof Error ? error.name : 'unknown')

/** The pool as Kysely uses it, its errors as ours. */
const withOurErrors = (pool: pg.Pool): PostgresPool => ({
  connect: async () => {
    const client = await pool.connect().catch(rethrow)
    let isBroken = false
    const query = async (sql: string, parameters: readonly unknown[]) =>
      client.query(sql, [...parameters]).catch(error => {
        isBroken ||= codeOf(error)?.startsWith('57P') ?? true
        return rethrow(error)
      })
    // Kysely asks with a text and parameters; its other form is for cursors, which are not given to it.
    return { query: query as unknown as PostgresPoolClient['query'], release: () => client.release(isBroken) }
  },
  end: async () => {},
})

const rethrow = (error: unknown): never => {
  const code = codeOf(error)
  throw storeError({
    message: error instanceof Error ? error.message : String(error),
    ...(code === undefined ? {} : { code }),
  })
}
