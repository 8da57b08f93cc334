/** What a page draws: the things around one, in levels, page by page, with the sums for what is folded away. Never the whole graph. */

import { sql } from 'kysely'
import { problem, WeftError } from '../base/index.ts'
import { productOf } from '../domain/index.ts'
import type { Db } from '../store/index.ts'
import type { Use } from './how.ts'
import { domainOf, type Level, levels, type NodeKind } from './node.ts'
import { lineageProblems } from './problems.ts'
import { listOf } from './store.ts'
import { type FlowEdge, type GraphNode, type WalkEdge, type Walked, walk } from './walk.ts'

export interface SceneNode {
  readonly subject: string
  readonly kind: NodeKind
  /** 0: the focus; below 0 what it is made from, above what is made from it. */
  readonly level: number
  readonly how?: Use
  readonly product: string
  /** Edges that lead in and out, also those that are not shown. */
  readonly in: number
  readonly out: number
}

export type SceneEdge = Omit<FlowEdge<string>, 'file' | 'line' | 'column'>

/** All nodes of one product or domain at one level, whether they are on this page or not. */
export interface SceneGroup {
  readonly name: string
  readonly level: number
  readonly nodes: number
}

export interface Scene {
  readonly nodes: readonly SceneNode[]
  /** Between nodes of this page and of those before it. */
  readonly edges: readonly SceneEdge[]
  readonly products: readonly SceneGroup[]
  readonly domains: readonly SceneGroup[]
  /** How many edges lead from one product to another. */
  readonly rollups: readonly { readonly from: string; readonly to: string; readonly edges: number }[]
  /** Nodes within the hops; `left`: what lies behind them or beyond the limit, next to what was found. */
  readonly total: number
  readonly left: { readonly up: number; readonly down: number }
  /** Where the next page begins; absent: this was the last. */
  readonly cursor?: string
}

export interface SceneRequest {
  readonly env: string
  readonly start: readonly number[]
  readonly level: Level
  readonly up: number
  readonly down: number
  readonly pageMax: number
  readonly nodesMax: number
  readonly cursor?: string
}

interface Placed extends GraphNode {
  readonly level: number
  readonly how?: Use
}

export const scene = async (db: Db, request: SceneRequest): Promise<Scene> => {
  const { env, start, level, up, down, pageMax, nodesMax, cursor } = request
  const side = (direction: 'up' | 'down', hopsMax: number): Promise<Walked> =>
    walk(db, { env, level, direction, start, hopsMax, nodesMax, withRows: true })
  const [above, below] = [await side('up', up), await side('down', down)]
  const placed = new Map<number, Placed>()
  for (const [walked, sign] of [
    [above, -1],
    [below, 1],
  ] as const)
    for (const { id, kind, subject, hop, how } of walked.nodes)
      if (!placed.has(id))
        placed.set(id, { id, kind, subject, level: hop === 0 ? 0 : sign * hop, ...(how === undefined ? {} : { how }) })
  const all = [...placed.values()].sort(byPlace)
  // What the cursor names may be gone since: the page begins behind where it was.
  const last = cursor === undefined ? undefined : placeOf(cursor)
  const next = last === undefined ? 0 : all.findIndex(it => byPlace(it, last) > 0)
  const begin = next < 0 ? all.length : next
  const page = all.slice(begin, begin + pageMax)
  const shown = new Set(all.slice(0, begin + page.length).map(it => it.id))
  const here = new Set(page.map(it => it.id))
  const edges = [...above.edges, ...below.edges]
  const degrees = await degreesOf(db, level, page)
  const end = page.at(-1)
  return {
    nodes: page.map(({ id, kind, subject, level: at, how }) => ({
      subject,
      kind,
      level: at,
      product: productOf(subject),
      in: degrees.get(id)?.in ?? 0,
      out: degrees.get(id)?.out ?? 0,
      ...(how === undefined ? {} : { how }),
    })),
    edges: edges.flatMap(edge =>
      shown.has(edge.from) && shown.has(edge.to) && (here.has(edge.from) || here.has(edge.to))
        ? [sceneEdge(edge, placed)]
        : [],
    ),
    products: groups(all, productOf),
    domains: groups(all, domainOf),
    rollups: rollupsOf(edges, placed),
    total: all.length,
    left: { up: above.left, down: below.left },
    ...(end === undefined || begin + page.length >= all.length ? {} : { cursor: cursorOf(end) }),
  }
}

type Place = Pick<Placed, 'level' | 'kind' | 'subject'>

const byPlace = (a: Place, b: Place): number =>
  Math.abs(a.level) - Math.abs(b.level) ||
  a.level - b.level ||
  compareTexts(a.subject, b.subject) ||
  compareTexts(a.kind, b.kind)

const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const cursorOf = ({ level, kind, subject }: Place): string => `${level} ${kind} ${subject}`

/** Throws a usage error for a text that no page gave. */
const placeOf = (cursor: string): Place => {
  const [, level, kind = '', subject = ''] = /^(-?\d{1,9}) (\w+) (.+)$/s.exec(cursor) ?? []
  if (level === undefined)
    throw new WeftError(
      'usage',
      problem(lineageProblems, 'lineage.wrong-cursor', `a scene cannot go on from "${cursor}"`, { found: cursor }),
    )
  return { level: Number(level), kind: kind as NodeKind, subject } // compared with, and nothing else
}

const sceneEdge = ({ from, to, how, transform, via }: WalkEdge, nodes: ReadonlyMap<number, Placed>): SceneEdge => ({
  from: nodes.get(from)?.subject ?? '',
  to: nodes.get(to)?.subject ?? '',
  how,
  transform,
  via,
})

const groups = (all: readonly Placed[], nameOf: (subject: string) => string): SceneGroup[] => {
  const found = new Map<string, SceneGroup>()
  for (const { subject, level } of all) {
    const name = nameOf(subject)
    const key = `${level} ${name}`
    found.set(key, { name, level, nodes: (found.get(key)?.nodes ?? 0) + 1 })
  }
  return [...found.values()]
}

const rollupsOf = (edges: readonly WalkEdge[], nodes: ReadonlyMap<number, Placed>): Scene['rollups'] => {
  const found = new Map<string, { from: string; to: string; edges: number }>()
  for (const edge of edges) {
    const [from, to] = [productOf(nodes.get(edge.from)?.subject ?? ''), productOf(nodes.get(edge.to)?.subject ?? '')]
    if (from === to) continue
    const key = `${from} ${to}`
    found.set(key, { from, to, edges: (found.get(key)?.edges ?? 0) + 1 })
  }
  return [...found.values()]
}

const degreesOf = async (
  db: Db,
  level: Level,
  page: readonly Placed[],
): Promise<Map<number, { readonly in: number; readonly out: number }>> => {
  const { rows } = await sql<{ id: number; in: number; out: number }>`select n.id,
      (select count(distinct from_id) from lineage_edge where to_id = n.id and until is null and level = ${levels[level]}) as in,
      (select count(distinct to_id) from lineage_edge where from_id = n.id and until is null and level = ${levels[level]}) as out
    from unnest((${listOf(page.map(it => it.id))}::text)::integer[]) as n(id)`.execute(db)
  return new Map(rows.map(row => [row.id, row]))
}
