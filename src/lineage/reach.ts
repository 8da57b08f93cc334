/** Where changes arrive: everything downstream of many beginnings at once, and what each of them becomes on its way. */
import { sql } from 'kysely'
import type { Db } from '../store/index.ts'
import type { Edge } from './derive.ts'
import { composed, howOf, type Use, useOf, type Via, viaOf } from './how.ts'
import { keyOf, lastOf, type NodeKey, type NodeKind, parentOf } from './node.ts'

/** What changes: one column, or a dataset as a whole with the rows that it has. */
export interface Beginning {
  readonly node: NodeKey
  /** Which change this is part of: several beginnings may share one. */
  readonly change: number
}

export interface Arrival {
  readonly change: number
  /** The beginning that arrives here. */
  readonly from: NodeKey
  readonly node: NodeKey
  /** What the beginning has become on its shortest way. */
  readonly how: Use
  /** How the last edge before is known. */
  readonly via: Via
  readonly hops: number
}

export interface Reached {
  readonly arrivals: readonly Arrival[]
  /** Whether arrivals beyond `arrivalsMax` were left out. */
  readonly isCut: boolean
}

/** An edge, as far as a way along it needs to know it. */
export type Hop = Pick<Edge, 'from' | 'to' | 'how' | 'via'>

/** The edges that lead on from these. */
export type Hops = (nodes: readonly NodeKey[]) => Promise<readonly Hop[]>

export interface ReachRequest {
  readonly hops: Hops
  readonly beginnings: readonly Beginning[]
  readonly arrivalsMax: number
}

/** What is on its way at a node. */
type Traveller = Omit<Arrival, 'via'>

/**
 * Nearest first; edges are asked for once a hop, whatever the number of beginnings. A column flows into columns and decides about rows of datasets; from
 * these on whole datasets are touched. Who only declares to read a port is touched by everything in it.
 */
export const reach = async ({ hops, beginnings, arrivalsMax }: ReachRequest): Promise<Reached> => {
  const arrivals: Arrival[] = []
  const seen = new Set<string>()
  let travellers: Traveller[] = beginnings.map(({ node, change }) => ({
    change,
    from: node,
    node,
    how: 'copied',
    hops: 0,
  }))
  while (travellers.length > 0) {
    const nodes = new Map(travellers.map(it => [keyOf(it.node), it.node]))
    for (const node of [...nodes.values()]) for (const port of portsOf(node)) nodes.set(keyOf(port), port)
    const leading = byBeginning(await hops([...nodes.values()]))
    const next: Traveller[] = []
    for (const one of travellers) {
      for (const from of [one.node, ...portsOf(one.node)]) {
        for (const hop of leading.get(keyOf(from)) ?? []) {
          const arrived = arrivalOf(one, hop)
          const mark = markOf(arrived)
          if (seen.has(mark)) continue
          seen.add(mark)
          if (arrivals.length >= arrivalsMax) return { arrivals, isCut: true }
          arrivals.push(arrived)
          next.push(arrived)
        }
      }
    }
    travellers = next
  }
  return { arrivals, isCut: false }
}

const arrivalOf = (one: Traveller, { from, to, how, via }: Hop): Arrival => {
  const isSameName = from.kind !== 'column' || to.kind !== 'column' || lastOf(from.subject) === lastOf(to.subject)
  const own = useOf(how, isSameName)
  return {
    change: one.change,
    from: one.from,
    node: to,
    how: one.hops === 0 ? own : composed(one.how, own),
    via,
    hops: one.hops + 1,
  }
}

const markOf = ({ change, from, node, how, via }: Arrival): string =>
  `${change} ${keyOf(from)} ${keyOf(node)} ${how} ${via}`

const byBeginning = <T extends Hop>(hops: readonly T[]): Map<string, T[]> => {
  const found = new Map<string, T[]>()
  for (const hop of hops) {
    const key = keyOf(hop.from)
    const list = found.get(key)
    if (list === undefined) found.set(key, [hop])
    else list.push(hop)
  }
  return found
}

/** The port that a dataset or column lies in: others may have declared to read it. */
const portsOf = (node: NodeKey): NodeKey[] => {
  for (let one = parentOf(node); one !== undefined; one = parentOf(one)) if (one.kind === 'outputPort') return [one]
  return []
}

/** As the catalogue has them: edges of columns and of datasets. */
export const appliedHops =
  (db: Db, env: string): Hops =>
  async nodes => {
    const { rows } = await sql<{
      from_kind: NodeKind
      from_subject: string
      to_kind: NodeKind
      to_subject: string
      how: number
      via: number
    }>`select f.kind as from_kind, f.subject as from_subject, t.kind as to_kind, t.subject as to_subject, e.how, e.via
      from jsonb_to_recordset(${JSON.stringify(nodes)}::jsonb) as v(kind text, subject text)
      join lineage_node f on f.env = ${env} and f.kind = v.kind and f.subject = v.subject
      join lineage_edge e on e.from_id = f.id and e.until is null and e.level <= 1
      join lineage_node t on t.id = e.to_id
      order by t.subject, t.kind, e.how`.execute(db)
    return rows.map(row => ({
      from: { kind: row.from_kind, subject: row.from_subject },
      to: { kind: row.to_kind, subject: row.to_subject },
      how: howOf(row.how),
      via: viaOf(row.via),
    }))
  }

/** These edges, wherever they are from. */
export const hopsOf = (edges: () => readonly Edge[]): Hops => {
  let leading: ReturnType<typeof byBeginning> | undefined
  return async nodes => {
    leading ??= byBeginning(edges().filter(it => it.level !== 'product'))
    return nodes.flatMap(node => leading?.get(keyOf(node)) ?? [])
  }
}

export const bothHops =
  (one: Hops, other: Hops): Hops =>
  async nodes => [...(await one(nodes)), ...(await other(nodes))]
