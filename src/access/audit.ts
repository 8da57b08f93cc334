/** SQL of read_audit and read_day. Rows stand there before a read starts; the statement itself is never kept, only its hash. */
import { type Effects, hashText, hashValue, type Principal } from '../base/index.ts'
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
}

export interface AuditOutcome {
  readonly outcome: string
  readonly rows: number
  readonly durationMs: number
}

/** Accepts a read: resolves with its id when the row is written. No audit, no read. */
export const acceptRead = async (db: Db, effects: Effects, entry: AuditEntry): Promise<string> =>
  insert(db, effects, entry, 'started')

/** Records a statement that was refused before it read anything. */
export const recordRefusal = async (db: Db, effects: Effects, entry: AuditEntry, code: string): Promise<void> => {
  await insert(db, effects, entry, `refused: ${code}`)
}

const insert = async (db: Db, effects: Effects, entry: AuditEntry, outcome: string): Promise<string> => {
  const id = effects.id()
  const datasets = entry.datasets.map(({ dataset, snapshot }) => ({ dataset, snapshot }))
  const { env } = entry
  const at = effects.now()
  const principal = `${entry.principal.kind}:${entry.principal.name}`
  const audit = db.insertInto('read_audit').values({
    id,
    env,
    at,
    principal,
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
  // In one order, so that two readers never wait for one another.
  const read = [...new Set(datasets.map(it => it.dataset))].sort()
  if (read.length === 0) {
    await audit.execute()
    return id
  }
  // One statement, so that both are there or neither.
  await db
    .with('audit', () => audit.returning('id'))
    .insertInto('read_day')
    .values(
      read.map(dataset => ({ env, dataset, principal, day: at.toISOString().slice(0, 10), reads: 1, last_at: at })),
    )
    .onConflict(conflict =>
      conflict
        .columns(['env', 'dataset', 'principal', 'day'])
        .doUpdateSet(eb => ({ reads: eb('read_day.reads', '+', 1), last_at: eb.ref('excluded.last_at') })),
    )
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
