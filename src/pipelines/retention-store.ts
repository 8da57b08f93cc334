/** SQL of what is kept and what goes. Every function takes `db` first. */
import { chunks } from '../base/index.ts'
import type { Db } from '../store/index.ts'

export interface PublishedState {
  readonly seq: number
  readonly at: Date
  readonly snapshots: readonly string[]
}

/** A live port's publications, newest first, and those of their snapshots that can still be served. */
export const portHistory = async (
  db: Db,
  env: string,
  port: string,
): Promise<{ readonly publications: readonly PublishedState[]; readonly unexpired: readonly string[] }> => {
  const rows = await db
    .selectFrom('publication as p')
    .innerJoin('entity as e', 'e.id', 'p.port_id')
    .innerJoin('publication_dataset as d', join =>
      join.onRef('d.port_id', '=', 'p.port_id').onRef('d.seq', '=', 'p.seq'),
    )
    .innerJoin('snapshot as s', 's.id', 'd.snapshot_id')
    .select(['p.seq', 'p.at', 'd.snapshot_id', 's.state'])
    .where('p.env', '=', env)
    .where('e.subject', '=', port)
    .where('e.removed_at', 'is', null)
    .orderBy('p.seq', 'desc')
    .execute()
  const found = new Map<number, { seq: number; at: Date; snapshots: string[] }>()
  for (const { seq, at, snapshot_id } of rows) {
    const one = found.get(seq) ?? { seq, at, snapshots: [] }
    one.snapshots.push(snapshot_id)
    found.set(seq, one)
  }
  const unexpired = new Set(rows.filter(row => row.state === 'kept').map(row => row.snapshot_id))
  return { publications: [...found.values()], unexpired: [...unexpired] }
}

/** Newest first, as the runs were. */
export const quarantinedSnapshots = async (db: Db, env: string, dataset: string): Promise<string[]> => {
  const rows = await db
    .selectFrom('snapshot as s')
    .leftJoin('run as r', 'r.id', 's.run_id')
    .select(['s.id', 'r.seq'])
    .where('s.env', '=', env)
    .where('s.dataset', '=', dataset)
    .where('s.state', '=', 'quarantined')
    .execute()
  return rows.sort((a, b) => (b.seq ?? 0) - (a.seq ?? 0)).map(row => row.id)
}

/** Of these, what runs read that are on, and what other environments have published. */
export const snapshotsInUse = async (db: Db, env: string, ids: readonly string[]): Promise<Set<string>> => {
  const found = new Set<string>()
  for (const part of chunks(ids, 1000)) {
    const read = await db
      .selectFrom('run_input as i')
      .innerJoin('run as r', 'r.id', 'i.run_id')
      .select('i.snapshot_id as id')
      .where('i.snapshot_id', 'in', part)
      .where('r.state', 'in', ['queued', 'running', 'checking', 'publishing'])
      .execute()
    const published = await db
      .selectFrom('publication_dataset as d')
      .innerJoin('publication as p', join => join.onRef('p.port_id', '=', 'd.port_id').onRef('p.seq', '=', 'd.seq'))
      .select('d.snapshot_id as id')
      .where('d.snapshot_id', 'in', part)
      .where('p.env', '!=', env)
      .execute()
    for (const { id } of [...read, ...published]) if (id !== null) found.add(id)
  }
  return found
}

export const expireSnapshots = async (db: Db, ids: readonly string[]): Promise<number> => {
  for (const part of chunks(ids, 1000))
    await db
      .updateTable('snapshot')
      .set({ state: 'expired' })
      .where('id', 'in', part)
      .where('state', 'in', ['kept', 'quarantined'])
      .execute()
  return ids.length
}

/** Expired snapshots whose files may still be there. */
export const unremovedSnapshots = (
  db: Db,
  env: string,
): Promise<{ readonly id: string; readonly uri: string; readonly dataset: string }[]> =>
  db
    .selectFrom('snapshot as s')
    .innerJoin('entity as e', 'e.id', 's.dataset_id')
    .select(['s.id', 's.uri', 'e.subject as dataset'])
    .where('s.env', '=', env)
    .where('s.state', '=', 'expired')
    .where('s.removed_at', 'is', null)
    .execute()

/** Ports that were retired before an instant and still have snapshots, with the number of their last publication. */
export const longRetired = async (
  db: Db,
  env: string,
  before: Date,
): Promise<{ readonly port: string; readonly seq: number; readonly snapshots: { id: string; uri: string }[] }[]> => {
  const rows = await db
    .selectFrom('tombstone as t')
    .innerJoin('entity as e', 'e.parent_id', 't.port_id')
    .innerJoin('snapshot as s', 's.dataset_id', 'e.id')
    .leftJoin('publication as p', 'p.port_id', 't.port_id')
    .select(eb => ['t.port', 's.id', 's.uri', eb.fn.max<number | null>('p.seq').as('seq')])
    .where('t.env', '=', env)
    .where('t.revived_at', 'is', null)
    .where('t.at', '<', before)
    .where('s.state', 'in', ['kept', 'quarantined'])
    .groupBy(['t.port', 's.id', 's.uri'])
    .execute()
  const found = new Map<string, { port: string; seq: number; snapshots: { id: string; uri: string }[] }>()
  for (const { port, id, uri, seq } of rows) {
    const one = found.get(port) ?? { port, seq: seq ?? 0, snapshots: [] }
    one.snapshots.push({ id, uri })
    found.set(port, one)
  }
  return [...found.values()]
}

export const markRemoved = async (db: Db, ids: readonly string[], at: Date): Promise<void> => {
  for (const part of chunks(ids, 1000))
    await db.updateTable('snapshot').set({ removed_at: at }).where('id', 'in', part).execute()
}
