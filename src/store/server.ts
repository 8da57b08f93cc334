/** The catalogue on PostgreSQL 15 or newer. */
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { problem, WeftError } from '../base/index.ts'
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
    options: `-c timezone=UTC -c statement_timeout=${statementTimeMs}`,
    types: {
      getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
        parsers[oid] ?? pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
    }, // the overloads differ in the format's literal only
  })
  // An idle connection that drops must not end the process.
  pool.on('error', () => undefined)
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
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }), plugins: [] })
  return {
    kind: 'server',
    db,
    transaction: work =>
      db
        .transaction()
        .execute(work)
        .catch(error => {
          throw conflictOf(error)
        }),
    close: () => db.destroy(),
  }
}

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined

const reasonOf = (error: unknown): string => codeOf(error) ?? (error instanceof Error ? error.name : 'unknown')

const conflictOf = (error: unknown): unknown =>
  codeOf(error) === '23505' || codeOf(error) === '40001'
    ? new WeftError('blocked', problem(storeProblems, 'store.conflict', 'somebody else wrote the same thing first'), {
        cause: error,
      })
    : error
