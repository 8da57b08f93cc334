/** SQL of read_audit. A row stands there before a read starts; the statement itself is never kept, only its hash. */
import { type Effects, hashText, hashValue, type Principal } from '../base/index.ts'
import { datasetKey, type NodeKey, observeReads } from '../lineage/index.ts'
import type { Db } from '../store/index.ts'

export interface ReadDataset {
  readonly dataset: string
  readonly snapshot: string
}

export interface AuditEntry {
  readonly env: string
  readonly principal: Principal
  readonly purpose: string
  /** Where the rows leave: `cli`, `build`. */
  readonly exit: string
  readonly sql: string
  readonly datasets: readonly ReadDataset[]
  /** Of these datasets, where they are known. */
  readonly columns?: readonly NodeKey[]
  /** The datasets and columns that are really used, where more are opened; absent: all. */
  readonly used?: readonly NodeKey[]
}

export interface AuditOutcome {
  readonly outcome: string
  readonly rows: number
  readonly durationMs: number
}

/** Accepts a read: resolves with its id when the row is written, and lineage knows of it. No audit, no read. */
export const acceptRead = async (db: Db, effects: Effects, entry: AuditEntry): Promise<string> => {
  const { env, principal, datasets, columns = [] } = entry
  const id = await insert(db, effects, entry, 'started')
  const keys = entry.used ?? [...datasets.map(it => datasetKey(it.dataset)), ...columns]
  await observeReads(db, { env, reader: readerOf(principal), at: effects.now(), keys })
  return id
}

const readerOf = ({ kind, name }: Principal): string => `${kind}:${name}`

/** Records a statement that was refused before it read anything. */
export const recordRefusal = async (db: Db, effects: Effects, entry: AuditEntry, code: string): Promise<void> => {
  await insert(db, effects, entry, `refused: ${code}`)
}

const insert = async (db: Db, effects: Effects, entry: AuditEntry, outcome: string): Promise<string> => {
  const id = effects.id()
  const datasets = entry.datasets.map(({ dataset, snapshot }) => ({ dataset, snapshot }))
  await db
    .insertInto('read_audit')
    .values({
      id,
      env: entry.env,
      at: effects.now(),
      principal: readerOf(entry.principal),
      purpose: entry.purpose,
      exit: entry.exit,
      statement_hash: hashText(entry.sql),
      datasets: JSON.stringify(datasets),
      // No policy is enforced yet: what may be seen follows from the snapshots alone.
      fingerprint: hashValue(datasets),
      rows: null,
      duration_ms: null,
      outcome,
    })
    .execute()
  return id
}

/** Adds how a read ended: `done`, `ended early`, `cancelled`, `failed: <code>`. */
export const finishRead = async (db: Db, id: string, end: AuditOutcome): Promise<void> => {
  await db
    .updateTable('read_audit')
    .set({ outcome: end.outcome, rows: end.rows, duration_ms: Math.round(end.durationMs) })
    .where('id', '=', id)
    .execute()
}
