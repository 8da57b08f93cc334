/** The catalogue database: PGlite in a folder or PostgreSQL by URL, behind one face. */
import type { Kysely, Transaction } from 'kysely'
import type { Database } from './schema.ts'

/** What store functions take first: the database or a transaction on it. */
export type Db = Kysely<Database>

export interface Store {
  readonly kind: 'embedded' | 'server'
  readonly db: Db
  /** Serialisable enough for compare-and-set; work does no file, network or engine calls. */
  transaction<T>(work: (db: Transaction<Database>) => Promise<T>): Promise<T>
  close(): Promise<void>
}
