/** SQL of tombstone: what is left of ports that were retired, and of their datasets. Every function takes `db` first. */
import { chunks } from '../base/index.ts'
import type { Db } from '../store/index.ts'

export interface Tombstone {
  readonly port: string
  readonly at: Date
  readonly by: string
  /** The subject of a port, or a URL. */
  readonly successor?: string
  readonly reason?: string
}

/** A dataset of a retired port, which nothing live has taken the name of. */
export interface RetiredDataset {
  readonly dataset: string
  readonly datasetId: string
  readonly tombstone: Tombstone
}

/** Writes the tombstones of ports that are live in this transaction; those that are there already stay. */
export const insertTombstones = async (
  db: Db,
  env: string,
  planId: string,
  stones: readonly Tombstone[],
): Promise<void> => {
  for (const part of chunks(stones, 500)) {
    const rows = await db
      .selectFrom('entity')
      .select(['id', 'subject'])
      .where('env', '=', env)
      .where('kind', '=', 'outputPort')
      .where('removed_at', 'is', null)
      .where(
        'subject',
        'in',
        part.map(it => it.port),
      )
      .execute()
    const ids = new Map(rows.map(row => [row.subject, row.id]))
    const found = part.flatMap(({ port, at, by, successor, reason }) => {
      const id = ids.get(port)
      const rest = { successor: successor ?? null, reason: reason ?? null, revived_at: null }
      return id === undefined ? [] : [{ port_id: id, env, port, at, by, plan_id: planId, ...rest }]
    })
    if (found.length > 0) await db.insertInto('tombstone').values(found).execute()
  }
}

/** Says that ports are back. */
export const closeTombstones = async (db: Db, env: string, ports: readonly string[], at: Date): Promise<void> => {
  for (const part of chunks(ports, 500))
    await db
      .updateTable('tombstone')
      .set({ revived_at: at })
      .where('env', '=', env)
      .where('port', 'in', part)
      .where('revived_at', 'is', null)
      .execute()
}

/** The ports that are retired now, by name. */
export const standingTombstones = async (db: Db, env: string): Promise<Tombstone[]> => {
  const rows = await db
    .selectFrom('tombstone')
    .select(['port', 'at', 'by', 'successor', 'reason'])
    .where('env', '=', env)
    .where('revived_at', 'is', null)
    .orderBy('port')
    .orderBy('at', 'desc')
    .execute()
  return [...new Map(rows.reverse().map(row => [row.port, stoneOf(row)])).values()].sort((a, b) =>
    a.port < b.port ? -1 : 1,
  )
}

/** The datasets of retired ports. */
export const retiredDatasets = async (db: Db, env: string): Promise<RetiredDataset[]> => {
  const rows = await db
    .selectFrom('tombstone as t')
    .innerJoin('entity as e', 'e.parent_id', 't.port_id')
    .select(['e.id', 'e.subject', 't.port', 't.at', 't.by', 't.successor', 't.reason'])
    .where('t.env', '=', env)
    .where('t.revived_at', 'is', null)
    .where('e.kind', '=', 'dataset')
    .whereRef('e.removed_at', '>=', 't.at')
    .orderBy('t.at')
    .execute()
  // Of several that had the name the last one.
  return [
    ...new Map(
      rows.map(row => [row.subject, { dataset: row.subject, datasetId: row.id, tombstone: stoneOf(row) }]),
    ).values(),
  ]
}

const stoneOf = (row: {
  readonly port: string
  readonly at: Date
  readonly by: string
  readonly successor: string | null
  readonly reason: string | null
}): Tombstone => ({
  port: row.port,
  at: row.at,
  by: row.by,
  ...(row.successor === null ? {} : { successor: row.successor }),
  ...(row.reason === null ? {} : { reason: row.reason }),
})
