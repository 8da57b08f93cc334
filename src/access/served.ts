/** What is published: which snapshot each dataset serves now, or served at an instant. */
import type { Db } from '../store/index.ts'

/** A published snapshot of a dataset, with what is needed to find its files. */
export interface ServedSnapshot {
  /** The dataset's subject today, also where it was published under an older name. */
  readonly dataset: string
  readonly datasetId: string
  readonly port: string
  readonly snapshot: string
  /** Raised by an erasure. */
  readonly revision: number
  /** Key of the manifest in the domain's storage. */
  readonly uri: string
  readonly manifestHash: string
  readonly rows: number
  readonly seq: number
  readonly publishedAt: Date
}

/** By the dataset's subject. One statement reads all publications, so that what it answers belongs together. */
export type Served = ReadonlyMap<string, ServedSnapshot>

/** What every live dataset serves now. Quarantined snapshots are never among them. */
export const servedSnapshots = (db: Db, env: string): Promise<Served> => published(db, env)

/** What every dataset that lived at the instant served then. */
export const snapshotsAt = (db: Db, env: string, at: Date): Promise<Served> => published(db, env, at)

const published = async (db: Db, env: string, at?: Date): Promise<Served> => {
  let query = db
    .selectFrom('publication as p')
    .innerJoin('publication_dataset as pd', join =>
      join.onRef('pd.port_id', '=', 'p.port_id').onRef('pd.seq', '=', 'p.seq'),
    )
    .innerJoin('snapshot as s', 's.id', 'pd.snapshot_id')
    .innerJoin('entity as e', 'e.id', 'pd.dataset_id')
    .innerJoin('entity as port', 'port.id', 'p.port_id')
    .select([
      'e.subject as dataset',
      'pd.dataset_id',
      'port.subject as port',
      's.id as snapshot',
      's.revision',
      's.uri',
      's.manifest_hash',
      's.rows',
      'p.seq',
      'p.at',
    ])
    .where('p.env', '=', env)
    .where('s.state', '=', 'kept')
    .where('p.seq', '=', eb => {
      let newest = eb
        .selectFrom('publication as n')
        .select(n => n.fn.max('n.seq').as('seq'))
        .whereRef('n.port_id', '=', 'p.port_id')
      if (at !== undefined) newest = newest.where('n.at', '<=', at)
      return newest
    })
  query =
    at === undefined
      ? query.where('e.removed_at', 'is', null)
      : query.where(eb => eb.or([eb('e.removed_at', 'is', null), eb('e.removed_at', '>', at)]))
  const rows = await query.execute()
  return new Map(
    rows.map(row => [
      row.dataset,
      {
        dataset: row.dataset,
        datasetId: row.dataset_id,
        port: row.port,
        snapshot: row.snapshot,
        revision: row.revision,
        uri: row.uri,
        manifestHash: row.manifest_hash,
        rows: row.rows,
        seq: row.seq,
        publishedAt: row.at,
      },
    ]),
  )
}

/** A snapshot by its id, with the first publication that served it; undefined where the id is unknown. */
export const findSnapshot = async (
  db: Db,
  env: string,
  id: string,
): Promise<
  | { readonly state: 'staged' | 'quarantined' | 'expired' | 'unpublished'; readonly dataset: string }
  | ({ readonly state: 'published' } & ServedSnapshot)
  | undefined
> => {
  const snapshot = await db
    .selectFrom('snapshot as s')
    .innerJoin('entity as e', 'e.id', 's.dataset_id')
    .select([
      'e.subject as dataset',
      's.dataset_id',
      's.id',
      's.revision',
      's.uri',
      's.manifest_hash',
      's.rows',
      's.state',
    ])
    .where('s.env', '=', env)
    .where('s.id', '=', id)
    .executeTakeFirst()
  if (snapshot === undefined) return undefined
  if (snapshot.state !== 'kept') return { state: snapshot.state, dataset: snapshot.dataset }
  const first = await db
    .selectFrom('publication_dataset as pd')
    .innerJoin('publication as p', join => join.onRef('p.port_id', '=', 'pd.port_id').onRef('p.seq', '=', 'pd.seq'))
    .select(['p.port', 'p.seq', 'p.at'])
    .where('pd.snapshot_id', '=', id)
    .orderBy('p.at')
    .executeTakeFirst()
  if (first === undefined) return { state: 'unpublished', dataset: snapshot.dataset }
  return {
    state: 'published',
    dataset: snapshot.dataset,
    datasetId: snapshot.dataset_id,
    port: first.port,
    snapshot: snapshot.id,
    revision: snapshot.revision,
    uri: snapshot.uri,
    manifestHash: snapshot.manifest_hash,
    rows: snapshot.rows,
    seq: first.seq,
    publishedAt: first.at,
  }
}

/** The names that a dataset's columns have today, by their field id: a rename shows at once, also in older snapshots. */
export const columnNames = async (db: Db, datasetIds: readonly string[]): Promise<Map<string, Map<number, string>>> => {
  const names = new Map<string, Map<number, string>>()
  if (datasetIds.length === 0) return names
  const rows = await db
    .selectFrom('entity')
    .select(['parent_id', 'subject', 'field_id'])
    .where('kind', '=', 'column')
    .where('removed_at', 'is', null)
    .where('field_id', 'is not', null)
    .where('parent_id', 'in', [...datasetIds])
    .execute()
  for (const { parent_id, subject, field_id } of rows) {
    if (parent_id === null || field_id === null) continue
    const of = names.get(parent_id) ?? new Map<number, string>()
    of.set(field_id, subject.slice(subject.lastIndexOf('.') + 1))
    names.set(parent_id, of)
  }
  return names
}
