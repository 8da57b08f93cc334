/** Walks over the graph, hop by hop: each hop is one statement over all that the hop before has found. */
import { sql } from 'kysely'
import type { Db } from '../store/index.ts'
import { composed, howOf, type Use, useOf, type Via, viaOf } from './how.ts'
import { type Level, lastOf, levels, type NodeKey, type NodeKind } from './node.ts'
import { listOf } from './store.ts'

export interface WalkNode {
  readonly id: number
  readonly kind: NodeKind
  readonly subject: string
  /** From where the walk began: 0. */
  readonly hop: number
  /** What becomes of the beginning on the shortest way; absent at the beginning. */
  readonly how?: Use
  /** How many next things were left out, where the walk ended here. */
  readonly more?: number
}

/** One thing flows into another, each known by its number or its subject; file, line and column (from 1) say where that is written. */
export interface FlowEdge<End> {
  readonly from: End
  readonly to: End
  readonly how: Use
  /** In OpenLineage's words. */
  readonly transform: string
  readonly via: Via
  readonly file?: string
  readonly line?: number
  readonly column?: number
}

export type WalkEdge = FlowEdge<number>

export interface Walked {
  readonly nodes: readonly WalkNode[]
  readonly edges: readonly WalkEdge[]
  /** How many things next to what was found were left out; 0: this is all. */
  readonly left: number
}

export type Direction = 'up' | 'down'

export interface WalkRequest {
  readonly env: string
  readonly direction: Direction
  readonly level: Level
  readonly start: readonly number[]
  readonly hopsMax: number
  readonly nodesMax: number
  /** Of columns, upwards: also what decides about the rows of their dataset. */
  readonly withRows?: boolean
}

interface Found {
  readonly at: number
  readonly next: number
  readonly kind: NodeKind
  readonly subject: string
  readonly how: number
  readonly via: number
  readonly owner_id: number
  readonly since: number
  readonly line: number | null
  readonly col: number | null
}

/**
 * The edges that lead on from these nodes. A port that is declared to be read stands for its datasets, or for its product where it has none;
 * a column is decided about together with the rows of its dataset.
 *
 * Every part is a look-up for one node behind `offset 0`, which keeps the planner from turning it into a join over all edges: the embedded
 * catalogue counts its rows only after an apply.
 */
const leading = (direction: Direction, level: Level, ids: readonly number[], withRows: boolean) => {
  // From a dataset whose rows a column decides about, the way goes on among datasets.
  const isLevel =
    level === 'column' ? (direction === 'down' ? sql`level <= 1` : sql`level = 0`) : sql`level = ${levels[level]}`
  const from = sql`unnest((${listOf(ids)}::text)::integer[]) as f(id)
    cross join lateral (select kind, parent_id from lineage_node where id = f.id offset 0) n`
  const columns = sql`e.how, e.via, e.owner_id, e.since, e.line, e.col`
  const live = sql`select from_id, to_id, how, via, owner_id, since, line, col from lineage_edge where until is null`
  if (direction === 'down') {
    const declared = sql`select e.from_id, e.to_id, ${columns} from lineage_node p join lineage_edge e on e.from_id = p.id
      and e.until is null and e.level = 1 where p.kind = 'outputPort'`
    const more = sql`union all ${live} and level = 1 and n.kind = 'dataset' and from_id = n.parent_id
      union all ${declared} and n.kind = 'product' and p.parent_id = f.id
      union all ${declared} and n.kind = 'column' and p.id = (select parent_id from lineage_node where id = n.parent_id)`
    return sql`select f.id as at, e.to_id as next, ${columns} from ${from} cross join lateral (
      ${live} and from_id = f.id and ${isLevel} ${level === 'product' ? sql`` : more} offset 0) e`
  }
  const rows = sql`union all ${live} and level = 0 and n.kind = 'column' and to_id = n.parent_id`
  const direct = sql`${from} cross join lateral (
    ${live} and to_id = f.id and ${isLevel} ${level === 'column' && withRows ? rows : sql``} offset 0) e`
  if (level !== 'dataset') return sql`select f.id as at, e.from_id as next, ${columns} from ${direct}`
  return sql`select f.id as at, coalesce(c.id, p.id, e.from_id) as next, ${columns} from ${direct}
    left join lateral (select parent_id as id from lineage_node where id = e.from_id and kind = 'outputPort' offset 0) p on true
    left join lateral (select id from lineage_node where p.id is not null and parent_id = e.from_id and live offset 0) c on true`
}

const step = async (db: Db, request: WalkRequest, ids: readonly number[], rowsMax: number): Promise<Found[]> => {
  const { direction, level, withRows } = request
  const { rows } = await sql<Found>`select s.*, n.kind, n.subject
    from (${leading(direction, level, ids, withRows === true)}) s
    cross join lateral (select kind, subject from lineage_node where id = s.next offset 0) n
    order by n.subject, n.kind, s.at, s.how limit ${rowsMax}`.execute(db)
  return rows
}

/** How many things not seen yet are next to each of these. */
const countNext = async (
  db: Db,
  request: WalkRequest,
  ids: readonly number[],
  seen: Iterable<number>,
): Promise<{ readonly byNode: ReadonlyMap<number, number>; readonly all: number }> => {
  const { direction, level, withRows } = request
  const { rows } = await sql<{ at: number | null; n: number }>`select s.at, count(distinct s.next) as n
    from (${leading(direction, level, ids, withRows === true)}) s
    where not (s.next = any((${listOf(seen)}::text)::integer[])) group by grouping sets ((s.at), ())`.execute(db)
  return {
    byNode: new Map(rows.flatMap(row => (row.at === null ? [] : [[row.at, row.n] as const]))),
    all: rows.find(row => row.at === null)?.n ?? 0,
  }
}

/** Everything within so many hops, nearest first, and no more than `nodesMax` things; says how many it left out. */
export const walk = async (db: Db, request: WalkRequest): Promise<Walked> => {
  const { direction, start, hopsMax, nodesMax } = request
  const nodes = new Map<number, WalkNode>(
    (await nodesOf(db, start)).map(node => [node.id, { ...node, hop: 0 } satisfies WalkNode]),
  )
  const found: Found[] = []
  let frontier = [...nodes.keys()]
  const ends: number[] = []
  for (let hop = 1; hop <= hopsMax && frontier.length > 0 && nodes.size < nodesMax; hop++) {
    const rowsMax = nodesMax * edgesPerNode
    const rows = await step(db, request, frontier, rowsMax)
    // What lies behind the last edge may be next to any of them.
    if (rows.length === rowsMax) ends.push(...frontier)
    const fresh: number[] = []
    const cut = new Set<number>()
    for (const row of rows) {
      if (!nodes.has(row.next)) {
        if (nodes.size >= nodesMax) {
          cut.add(row.at)
          continue
        }
        nodes.set(row.next, { id: row.next, kind: row.kind, subject: row.subject, hop, ...howFrom(row) })
        fresh.push(row.next)
      }
      found.push(row)
    }
    ends.push(...cut)
    frontier = fresh
  }
  ends.push(...frontier)
  const left = ends.length === 0 ? { byNode: new Map(), all: 0 } : await countNext(db, request, ends, nodes.keys())
  const files = await filesOf(db, found)
  return {
    nodes: [...nodes.values()].map(node => ({
      ...node,
      ...(left.byNode.has(node.id) ? { more: left.byNode.get(node.id) } : {}),
    })),
    edges: distinct(found.map(row => edgeOf(row, direction, nodes, files))),
    left: left.all,
  }

  function howFrom(row: Found): { readonly how: Use } {
    const before = nodes.get(row.at)
    const own = useOf(howOf(row.how), isSameName(row, before))
    if (before?.how === undefined) return { how: own }
    return { how: direction === 'down' ? composed(before.how, own) : composed(own, before.how) }
  }
}

/** Columns of a mesh have three or four edges; a walk that would be larger is cut, and says so. */
const edgesPerNode = 16

const edgeOf = (
  row: Found,
  direction: Direction,
  nodes: ReadonlyMap<number, WalkNode>,
  files: ReadonlyMap<string, string>,
): WalkEdge => {
  const how = howOf(row.how)
  const [from, to] = direction === 'down' ? [row.at, row.next] : [row.next, row.at]
  const file = files.get(`${row.owner_id} ${row.since}`)
  return {
    from,
    to,
    how: useOf(how, isSameName(nodes.get(from), nodes.get(to))),
    transform: how,
    via: viaOf(row.via),
    ...(row.line === null || file === undefined ? {} : { file, line: row.line }),
    ...(row.line === null || row.col === null ? {} : { column: row.col }),
  }
}

/** A dataset that another is copied to has a name of its own anyway. */
const isSameName = (one: Named | undefined, other: Named | undefined): boolean =>
  one?.kind !== 'column' || other?.kind !== 'column' || lastOf(one.subject) === lastOf(other.subject)

type Named = Pick<WalkNode, 'kind' | 'subject'>

const distinct = (edges: readonly WalkEdge[]): WalkEdge[] => [
  ...new Map(edges.map(edge => [`${edge.from} ${edge.to} ${edge.transform} ${edge.via}`, edge])).values(),
]

const filesOf = async (
  db: Db,
  found: readonly { readonly owner_id: number; readonly since: number }[],
): Promise<Map<string, string>> => {
  const owners = [...new Set(found.map(row => row.owner_id))]
  if (owners.length === 0) return new Map()
  const { rows } = await sql<{ owner_id: number; revision: number; file: string }>`select owner_id, revision, file
    from lineage_definition where owner_id = any((${listOf(owners)}::text)::integer[])`.execute(db)
  return new Map(rows.map(row => [`${row.owner_id} ${row.revision}`, row.file]))
}

export interface GraphNode {
  readonly id: number
  readonly kind: NodeKind
  readonly subject: string
}

export const nodesOf = async (db: Db, ids: readonly number[]): Promise<GraphNode[]> => {
  const { rows } = await sql<GraphNode>`select id, kind, subject from lineage_node
    where id = any((${listOf(ids)}::text)::integer[]) order by subject`.execute(db)
  return rows
}

/** A thing and all that lies in it. */
export const nodesIn = async (db: Db, id: number): Promise<NodeKey[]> => {
  const { rows } = await sql<NodeKey>`
    with recursive inside as
      (select id, kind, subject from lineage_node where id = ${id}
      union all select n.id, n.kind, n.subject from inside i join lineage_node n on n.parent_id = i.id and n.live)
    select kind, subject from inside order by subject, kind`.execute(db)
  return rows
}

/** All that lies on one side of something, however far: numbers only, and never the beginning itself. */
export const closure = async (
  db: Db,
  request: Pick<WalkRequest, 'direction' | 'level' | 'start'>,
): Promise<{ readonly nodes: number; readonly products: number; readonly domains: number; readonly hops: number }> => {
  const { direction, level, start } = request
  const seen = new Set(start)
  let frontier: readonly number[] = start
  let hops = 0
  while (frontier.length > 0) {
    const { rows } = await sql<{ next: number }>`select distinct s.next
      from (${leading(direction, level, frontier, false)}) s`.execute(db)
    frontier = rows.map(row => row.next).filter(id => !seen.has(id))
    for (const id of frontier) seen.add(id)
    if (frontier.length > 0) hops++
  }
  for (const id of start) seen.delete(id)
  const { rows } = await sql<{
    products: number
    domains: number
  }>`select count(distinct split_part(subject, '.', 1) || '.'
    || split_part(subject, '.', 2)) as products, count(distinct split_part(subject, '.', 1)) as domains
    from lineage_node where id = any((${listOf(seen)}::text)::integer[])`.execute(db)
  return { nodes: seen.size, hops, products: rows[0]?.products ?? 0, domains: rows[0]?.domains ?? 0 }
}
