/** All ways from one thing to another, the shortest first. */
import type { Db } from '../store/index.ts'
import { composed, type Use } from './how.ts'
import { type Level, parentOf } from './node.ts'
import { type GraphNode, type WalkEdge, walk } from './walk.ts'

export interface Path {
  /** From the first to the last; edges join neighbours. */
  readonly subjects: readonly string[]
  readonly edges: readonly WalkEdge[]
  /** What becomes of the first on its way. */
  readonly how: Use
}

export interface Paths {
  readonly paths: readonly Path[]
  /** There are more than were asked for. */
  readonly isCut: boolean
  /** Things that were not looked at, because a limit was reached first: 0 where no path was missed. */
  readonly left: number
}

export interface PathRequest {
  readonly env: string
  readonly level: Level
  readonly from: GraphNode
  readonly to: GraphNode
  readonly hopsMax: number
  readonly nodesMax: number
  readonly pathsMax: number
}

/** A column that decides about the rows of a dataset leads to each of its columns. */
export const pathsBetween = async (db: Db, request: PathRequest): Promise<Paths> => {
  const { env, level, from, to, hopsMax, nodesMax, pathsMax } = request
  const { nodes, edges, left } = await walk(db, { env, level, direction: 'down', start: [from.id], hopsMax, nodesMax })
  const subjects = new Map(nodes.map(node => [node.id, node.subject]))
  const dataset = to.kind === 'column' ? parentOf(to)?.subject : undefined
  const ends = nodes.filter(it => it.id === to.id || (it.kind !== 'column' && it.subject === dataset)).map(it => it.id)
  const into = new Map<number, WalkEdge[]>()
  for (const edge of edges) into.set(edge.to, [...(into.get(edge.to) ?? []), edge])
  const paths: Path[] = []
  // Ways back from the end, each one longer than all before it: as many steps as there are hops and no circle.
  let ways: readonly { readonly at: number; readonly edges: readonly WalkEdge[] }[] = ends.map(at => ({
    at,
    edges: [],
  }))
  let isCut = false
  while (ways.length > 0 && !isCut) {
    const next: { at: number; edges: WalkEdge[] }[] = []
    for (const way of ways) {
      if (way.at === from.id && way.edges.length > 0) {
        if (paths.length >= pathsMax) isCut = true
        else paths.push(pathOf(way.edges, subjects))
        continue
      }
      for (const edge of into.get(way.at) ?? [])
        if (!way.edges.some(it => it.to === edge.from)) next.push({ at: edge.from, edges: [edge, ...way.edges] })
    }
    if (next.length > waysMax) isCut = true
    ways = next.slice(0, waysMax)
  }
  return { paths, isCut, left }
}

/** Ways that are followed at once: their number can double with every hop. */
const waysMax = 5_000

const pathOf = (edges: readonly WalkEdge[], subjects: ReadonlyMap<number, string>): Path => {
  const [first] = edges
  return {
    subjects: [first?.from ?? 0, ...edges.map(it => it.to)].map(id => subjects.get(id) ?? ''),
    edges,
    how: edges.slice(1).reduce<Use>((how, edge) => composed(how, edge.how), first?.how ?? 'whole'),
  }
}
