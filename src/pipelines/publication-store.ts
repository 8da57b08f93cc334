/** SQL of publication, publication_dataset and hold: what is served, and what may not be published. Every function takes `db` first. */
import type { Db, HoldTable } from '../store/index.ts'

export interface PortPublication {
  readonly portId: string
  readonly port: string
  readonly seq: number
  readonly datasets: readonly { readonly datasetId: string; readonly dataset: string; readonly snapshot: string }[]
}

/** Moves all datasets of a port's major at once. The primary key (port, seq) lets only one of two publishers win. */
export const insertPublication = async (
  db: Db,
  env: string,
  it: PortPublication & {
    readonly reason: 'run' | 'rollback' | 'adopt'
    readonly runId: string | null
    readonly by: string
    readonly at: Date
    readonly mirrored?: boolean
  },
): Promise<void> => {
  await db
    .insertInto('publication')
    .values({
      port_id: it.portId,
      env,
      port: it.port,
      seq: it.seq,
      reason: it.reason,
      run_id: it.runId,
      by: it.by,
      at: it.at,
      mirrored: it.mirrored ?? false,
    })
    .execute()
  await db
    .insertInto('publication_dataset')
    .values(
      it.datasets.map(one => ({
        port_id: it.portId,
        seq: it.seq,
        dataset_id: one.datasetId,
        dataset: one.dataset,
        snapshot_id: one.snapshot,
      })),
    )
    .execute()
}

/** The highest publication of each port: what is served. */
export const servedPublications = async (
  db: Db,
  env: string,
): Promise<Map<string, PortPublication & { readonly at: Date; readonly runId: string | null }>> => {
  const rows = await db
    .selectFrom('publication as p')
    .innerJoin('publication_dataset as d', join =>
      join.onRef('d.port_id', '=', 'p.port_id').onRef('d.seq', '=', 'p.seq'),
    )
    // A port that was removed and put back is another one: it serves nothing until it is adopted or built.
    .innerJoin('entity as e', 'e.id', 'p.port_id')
    .select([
      'p.port_id',
      'e.subject as port',
      'p.seq',
      'p.at',
      'p.run_id',
      'd.dataset_id',
      'd.dataset',
      'd.snapshot_id',
    ])
    .where('p.env', '=', env)
    .where('e.removed_at', 'is', null)
    .where('p.seq', '=', eb =>
      eb
        .selectFrom('publication as q')
        .select(q => q.fn.max('q.seq').as('seq'))
        .whereRef('q.port_id', '=', 'p.port_id'),
    )
    .execute()
  const served = new Map<
    string,
    {
      portId: string
      port: string
      seq: number
      at: Date
      runId: string | null
      datasets: { datasetId: string; dataset: string; snapshot: string }[]
    }
  >()
  for (const row of rows) {
    const one = served.get(row.port) ?? {
      portId: row.port_id,
      port: row.port,
      seq: row.seq,
      at: row.at,
      runId: row.run_id,
      datasets: [],
    }
    one.datasets.push({ datasetId: row.dataset_id, dataset: row.dataset, snapshot: row.snapshot_id })
    served.set(row.port, one)
  }
  return served
}

/** Holds in force, by subject. */
export const activeHolds = async (
  db: Db,
  env: string,
  now: Date,
): Promise<Map<string, { reason: string; by: string; since: Date }>> => {
  const rows = await db
    .selectFrom('hold')
    .selectAll()
    .where('env', '=', env)
    .where('released_at', 'is', null)
    .where(eb => eb.or([eb('until', 'is', null), eb('until', '>', now)]))
    .execute()
  return new Map(rows.map(row => [row.subject, { reason: row.reason, by: row.by, since: row.since }]))
}

export const insertHold = (db: Db, hold: Omit<HoldTable, 'until' | 'released_at'>): Promise<unknown> =>
  db
    .insertInto('hold')
    .values({ ...hold, until: null, released_at: null })
    .execute()

/** Ends the holds of a subject; gives how many there were. */
export const releaseHolds = async (db: Db, env: string, subject: string, at: Date): Promise<number> => {
  const released = await db
    .updateTable('hold')
    .set({ released_at: at })
    .where('env', '=', env)
    .where('subject', '=', subject)
    .where('released_at', 'is', null)
    .executeTakeFirst()
  return Number(released.numUpdatedRows)
}
