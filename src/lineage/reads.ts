/** Who has really read what, and when last. */
import { sql } from 'kysely'
import type { Db } from '../store/index.ts'
import type { NodeKey, NodeKind } from './node.ts'

export interface LastRead {
  readonly node: NodeKey
  /** Kind and name: `person:ana@example.org`. */
  readonly reader: string
  readonly lastAt: Date
}

/** Of these things, since an instant; in the order of their subjects and readers. */
export const lastReads = async (db: Db, env: string, keys: readonly NodeKey[], since: Date): Promise<LastRead[]> => {
  if (keys.length === 0) return []
  const { rows } = await sql<{ kind: NodeKind; subject: string; reader: string; last_at: Date }>`
    select n.kind, n.subject, r.reader, r.last_at
    from jsonb_to_recordset(${JSON.stringify(keys)}::jsonb) as v(kind text, subject text)
    join lineage_node n on n.env = ${env} and n.kind = v.kind and n.subject = v.subject
    join lineage_read r on r.node_id = n.id and r.last_at >= ${since}::timestamptz
    order by n.subject, n.kind, r.reader`.execute(db)
  return rows.map(({ kind, subject, reader, last_at }) => ({ node: { kind, subject }, reader, lastAt: last_at }))
}

export interface PortRead {
  readonly port: string
  /** Kind and name: `person:ana@example.org`, `product:finance.revenue`. */
  readonly reader: string
  /** To the day. */
  readonly lastAt: Date
  /** On how many days at least. */
  readonly days: number
}

/** Who has read ports since an instant: at most so many readers of each, the last first. Of these datasets, or of all. */
export const portReads = async (
  db: Db,
  env: string,
  since: Date,
  readersMax: number,
  datasets?: readonly string[],
): Promise<PortRead[]> => {
  const chosen =
    datasets === undefined
      ? sql``
      : sql`and d.subject in (select value from jsonb_array_elements_text(${JSON.stringify(datasets)}::jsonb))`
  const { rows } = await sql<{
    port: string
    reader: string
    last_at: Date
    days: number
  }>`select port, reader, last_at, days
    from (select p.subject as port, r.reader, max(r.last_at) as last_at, max(r.days) as days,
        row_number() over (partition by p.id order by max(r.last_at) desc, r.reader) as nth
      from lineage_node d join lineage_read r on r.node_id = d.id and r.last_at >= ${since}::timestamptz
        join lineage_node p on p.id = d.parent_id
      where d.env = ${env} and d.kind = 'dataset' ${chosen} group by p.id, p.subject, r.reader) s
    where nth <= ${readersMax} order by port, last_at desc, reader`.execute(db)
  return rows.map(({ port, reader, last_at, days }) => ({ port, reader, lastAt: last_at, days }))
}

/** Datasets and columns that the models of a product read, as they were applied; none where nothing is known of them. */
export const modelReads = async (db: Db, env: string, product: string): Promise<NodeKey[]> => {
  const { rows } = await sql<NodeKey>`
    select distinct n.kind, n.subject from lineage_node p join lineage_node o on o.parent_id = p.id
      join lineage_node d on d.parent_id = o.id and d.kind = 'dataset'
      join lineage_edge e on e.owner_id = d.id and e.until is null
      join lineage_node n on n.id = e.from_id and n.kind in ('dataset', 'column')
    where p.env = ${env} and p.kind = 'product' and p.subject = ${product}`.execute(db)
  return rows
}
