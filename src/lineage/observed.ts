/** What is declared beside what is read: input ports that nobody uses, and reads that no input port covers. */
import { sql } from 'kysely'
import type { Db } from '../store/index.ts'
import { viaNumber } from './how.ts'

export interface ObservedReport {
  /** Input ports of products with models, of which no run has read anything. */
  readonly neverRead: readonly {
    readonly inputPort: string
    readonly port: string
    readonly file: string
    readonly line: number | null
  }[]
  /** Who reads without an input port: people, and products whose port was taken out of their files. Newest first. */
  readonly undeclared: readonly {
    readonly dataset: string
    readonly reader: string
    readonly days: number
    readonly firstAt: string
    readonly lastAt: string
  }[]
  /** Input ports whose reads are seen. */
  readonly read: number
  /** Lines of each list beyond the limit. */
  readonly left: number
}

/** `product` chooses its own input ports, and the readers of its datasets. */
export const observedReport = async (
  db: Db,
  request: { readonly env: string; readonly product?: string; readonly rowsMax: number },
): Promise<ObservedReport> => {
  const { env, product, rowsMax } = request
  const ports = await sql<{
    input: string
    port: string
    file: string
    line: number | null
    is_read: boolean
    has_models: boolean
  }>`
    select i.subject as input, o.subject as port, d.file, e.line,
      exists (select 1 from lineage_read r join lineage_node s on s.id = r.node_id
        where s.parent_id = o.id and r.reader = 'product:' || p.subject) as is_read,
      exists (select 1 from lineage_node op join lineage_node ds on ds.parent_id = op.id
        join lineage_edge m on m.owner_id = ds.id and m.until is null where op.parent_id = p.id) as has_models
    from lineage_edge e join lineage_node o on o.id = e.from_id and o.kind = 'outputPort'
      join lineage_node i on i.id = e.to_id and i.kind = 'inputPort' join lineage_node p on p.id = e.owner_id
      join lineage_definition d on d.owner_id = e.owner_id and d.revision = e.since
    where e.until is null and e.level = 2 and e.via = ${viaNumber('declared')} and p.env = ${env}
      and (${product ?? null}::text is null or p.subject = ${product ?? null}::text)
    order by i.subject`.execute(db)
  const reads = await sql<{ dataset: string; reader: string; days: number; first_at: Date; last_at: Date; n: number }>`
    select s.subject as dataset, r.reader, r.days, r.first_at, r.last_at, (count(*) over ())::integer as n
    from lineage_read r join lineage_node s on s.id = r.node_id and s.kind = 'dataset'
      join lineage_node o on o.id = s.parent_id
    where s.env = ${env} and s.live and (${product ?? null}::text is null or o.parent_id = (select id from lineage_node
        where env = ${env} and kind = 'product' and subject = ${product ?? null}::text))
      and not exists (select 1 from lineage_edge e join lineage_node i on i.id = e.to_id and i.kind = 'inputPort'
        join lineage_node p on p.id = i.parent_id
        where e.from_id = o.id and e.until is null and e.level = 2 and r.reader = 'product:' || p.subject)
    order by r.last_at desc, s.subject, r.reader limit ${rowsMax}`.execute(db)
  const unread = ports.rows.filter(row => !row.is_read && row.has_models)
  return {
    neverRead: unread.slice(0, rowsMax).map(({ input, port, file, line }) => ({ inputPort: input, port, file, line })),
    undeclared: reads.rows.map(row => ({
      dataset: row.dataset,
      reader: row.reader,
      days: row.days,
      firstAt: row.first_at.toISOString(),
      lastAt: row.last_at.toISOString(),
    })),
    read: ports.rows.filter(row => row.is_read).length,
    left: Math.max(0, unread.length - rowsMax) + (reads.rows[0]?.n ?? 0) - reads.rows.length,
  }
}
