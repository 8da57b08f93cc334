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
