/** What an older snapshot was made from: its model's version says the edges. */
import { sql } from 'kysely'
import { problem, WeftError } from '../base/index.ts'
import type { Db } from '../store/index.ts'
import { howOf, useOf, viaOf } from './how.ts'
import { lastOf } from './node.ts'
import { lineageProblems } from './problems.ts'
import type { ShownEdge } from './show.ts'

/** One hop up of all columns, as the model had it that made the snapshot. Throws `lineage.unknown-snapshot`. */
export const snapshotEdges = async (
  db: Db,
  env: string,
  snapshot: string,
): Promise<{ readonly dataset: string; readonly edges: readonly ShownEdge[] }> => {
  const { rows } = await sql<{ dataset: string; owner_id: number; revision: number; file: string }>`
    select s.dataset, d.owner_id, d.revision, d.file from snapshot s
      join lineage_node n on n.env = s.env and n.kind = 'dataset' and n.subject = s.dataset
      join lineage_definition d on d.owner_id = n.id and d.hash = s.model_hash
    where s.env = ${env} and s.id = ${snapshot} order by (d.at <= s.created_at) desc, d.revision desc limit 1`.execute(
    db,
  )
  const [version] = rows
  if (version === undefined)
    throw new WeftError(
      'usage',
      problem(lineageProblems, 'lineage.unknown-snapshot', `no lineage is known of the snapshot "${snapshot}"`, {
        found: snapshot,
      }),
    )
  const { dataset, owner_id, revision, file } = version
  const edges = await sql<{
    from_subject: string
    to_subject: string
    is_column: boolean
    how: number
    via: number
    line: number | null
    col: number | null
  }>`
    select f.subject as from_subject, t.subject as to_subject, (f.kind = 'column' and t.kind = 'column') as is_column,
      e.how, e.via, e.line, e.col
    from lineage_edge e join lineage_node f on f.id = e.from_id join lineage_node t on t.id = e.to_id
    where e.owner_id = ${owner_id} and e.level = 0 and e.since <= ${revision} and (e.until is null or e.until > ${revision})
    order by t.subject, f.subject, e.how`.execute(db)
  return {
    dataset,
    edges: edges.rows.map(row => ({
      from: row.from_subject,
      to: row.to_subject,
      how: useOf(howOf(row.how), !row.is_column || lastOf(row.from_subject) === lastOf(row.to_subject)),
      transform: howOf(row.how),
      via: viaOf(row.via),
      ...(row.line === null ? {} : { file, line: row.line }),
      ...(row.line === null || row.col === null ? {} : { column: row.col }),
    })),
  }
}
