/** The answer of `lineage.show`: what lies around one thing, by subjects. */
import { sql } from 'kysely'
import type { Db } from '../store/index.ts'
import type { Use } from './how.ts'
import type { Level, NodeKind } from './node.ts'
import { closure, type FlowEdge, type GraphNode, type WalkEdge, type Walked, walk } from './walk.ts'

export interface ShownNode {
  readonly subject: string
  readonly kind: NodeKind
  /** 0: what was asked for; below 0 what it is made from, above what is made from it. */
  readonly hop: number
  readonly how?: Use
  /** Further things next to it, in the same direction, that are not shown. */
  readonly more?: number
}

export type ShownEdge = FlowEdge<string>

export interface Shown {
  readonly subject: string
  readonly kind: NodeKind
  readonly nodes: readonly ShownNode[]
  readonly edges: readonly ShownEdge[]
  /** What the limits left out, next to what is shown; absent: nothing. */
  readonly truncated?: { readonly up: number; readonly down: number }
  /** All that is downstream, however far. */
  readonly downstream: {
    readonly nodes: number
    readonly products: number
    readonly domains: number
    readonly hops: number
  }
  /** Where more may flow in than is known. */
  readonly wide: readonly { readonly subject: string; readonly reason: string; readonly line?: number }[]
}

/** From where the walk begins, and among what it goes. */
export const startOf = async (
  db: Db,
  node: GraphNode,
  withColumns: boolean,
): Promise<{ readonly level: Level; readonly start: readonly number[] }> => {
  switch (node.kind) {
    case 'column':
      return { level: 'column', start: [node.id] }
    case 'dataset':
    case 'source':
      return withColumns
        ? { level: 'column', start: await childrenOf(db, [node.id], ['column']) }
        : { level: 'dataset', start: [node.id] }
    case 'outputPort':
    case 'inputPort': {
      const datasets = await childrenOf(db, [node.id], ['dataset', 'source'])
      if (withColumns) return { level: 'column', start: await childrenOf(db, datasets, ['column']) }
      return { level: 'dataset', start: datasets.length === 0 ? [node.id] : datasets }
    }
    case 'product': {
      if (!withColumns) return { level: 'product', start: [node.id] }
      const ports = await childrenOf(db, [node.id], ['outputPort'])
      return { level: 'column', start: await childrenOf(db, await childrenOf(db, ports, ['dataset']), ['column']) }
    }
    default:
      return { level: 'column', start: [node.id] }
  }
}

const childrenOf = async (db: Db, ids: readonly number[], kinds: readonly NodeKind[]): Promise<number[]> => {
  if (ids.length === 0) return []
  const rows = await db
    .selectFrom('lineage_node')
    .select('id')
    .where('parent_id', 'in', ids)
    .where('kind', 'in', kinds)
    .where('live', '=', true)
    .orderBy('subject')
    .execute()
  return rows.map(row => row.id)
}

export interface ShowRequest {
  readonly env: string
  readonly node: GraphNode
  readonly up: number
  readonly down: number
  readonly withColumns: boolean
  readonly nodesMax: number
}

export const showAround = async (db: Db, request: ShowRequest): Promise<Shown> => {
  const { env, node, up, down, withColumns, nodesMax } = request
  const { level, start } = await startOf(db, node, withColumns)
  const side = (direction: 'up' | 'down', hopsMax: number): Promise<Walked> =>
    walk(db, { env, level, direction, start, hopsMax, nodesMax, withRows: true })
  const [above, below] = [await side('up', up), await side('down', down)]
  const subjects = new Map([...above.nodes, ...below.nodes].map(it => [it.id, it.subject]))
  const nodes = [
    ...above.nodes.filter(it => it.hop > 0).map(it => shownNode(it, -1)),
    ...below.nodes.map(it => shownNode(it, 1)),
  ]
  return {
    subject: node.subject,
    kind: node.kind,
    nodes,
    edges: [...above.edges, ...below.edges].map(edge => shownEdge(edge, subjects)),
    ...(above.left + below.left === 0 ? {} : { truncated: { up: above.left, down: below.left } }),
    downstream: await closure(db, { direction: 'down', level, start }),
    wide: await wideOf(
      db,
      env,
      nodes.filter(it => it.hop <= 0).map(it => it.subject),
    ),
  }
}

const shownNode = ({ subject, kind, hop, how, more }: Walked['nodes'][number], sign: 1 | -1): ShownNode => ({
  subject,
  kind,
  hop: hop === 0 ? 0 : sign * hop,
  ...(how === undefined ? {} : { how }),
  ...(more === undefined ? {} : { more }),
})

const shownEdge = ({ from, to, ...rest }: WalkEdge, subjects: ReadonlyMap<number, string>): ShownEdge => ({
  from: subjects.get(from) ?? '',
  to: subjects.get(to) ?? '',
  ...rest,
})

/** Of the datasets among these, or of the columns' datasets: what their models say that cannot be known. */
const wideOf = async (
  db: Db,
  env: string,
  subjects: readonly string[],
): Promise<{ subject: string; reason: string; line?: number }[]> => {
  const { rows } = await sql<{ subject: string; reason: string; line: number | null }>`
    select o.subject, w.reason, w.line from lineage_node o
      join lateral (select wide from lineage_definition where owner_id = o.id order by revision desc limit 1) d on true
      cross join jsonb_to_recordset(d.wide) as w(reason text, line integer)
    where o.env = ${env} and o.kind = 'dataset' and o.live and o.subject in (
      select value from jsonb_array_elements_text(${JSON.stringify([...subjects, ...subjects.map(above)])}::jsonb))
    order by 1, 3`.execute(db)
  return rows.map(({ subject, reason, line }) => ({ subject, reason, ...(line === null ? {} : { line }) }))
}

const above = (subject: string): string => subject.slice(0, Math.max(0, subject.lastIndexOf('.')))
