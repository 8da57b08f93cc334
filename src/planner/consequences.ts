/** Whom the changes of a plan touch, through any number of hops: consumers with their owners, what reaches them, and what becomes of it. */

import type { Limits } from '../base/index.ts'
import { productOf } from '../domain/index.ts'
import {
  type Arrival,
  type Beginning,
  columnKey,
  datasetKey,
  type Hops,
  type LastRead,
  type NodeKey,
  reach,
  type Use,
} from '../lineage/index.ts'
import type { Change, Consequence, EntityKind } from './plan.ts'

/** What of the mesh consequences are told by: as it is applied and as the files have it, both. */
export interface Surroundings {
  /** Names. */
  columnsOf(dataset: string): readonly string[]
  /** Which columns of its dataset a check is about, of those that stay; undefined where it is about rows as a whole. */
  columnsChecked(check: string): readonly string[] | undefined
  /** Subjects of everything of this kind below a port, product or domain. */
  below(subject: string, kind: EntityKind): readonly string[]
  /** Of a product: its team, with the owners' names. */
  ownerOf(product: string): string
  /** The only columns of its dataset that a changed model gives other values; undefined where any may have others, and where rows may be others. */
  changedBy(model: string): readonly string[] | undefined
}

export interface ConsequencesRequest {
  readonly limits: Pick<Limits, 'consequencesMax'>
  readonly hops: Hops
  /** Who has read these lately. */
  readonly reads: (nodes: readonly NodeKey[]) => Promise<readonly LastRead[]>
  readonly around: Surroundings
  /** Where every change begins to be felt, if it is not told by what it is. */
  readonly beginAt?: readonly NodeKey[]
}

export interface Consequences {
  readonly consequences: readonly Consequence[]
  /** There are more than `consequencesMax`. */
  readonly isCut: boolean
}

/** The consequences of the changes that readers feel: breaking ones, those of data, checks that they rely on, and what is about to end. */
export const consequencesOf = async (
  changes: readonly Change[],
  { limits, hops, reads, around, beginAt }: ConsequencesRequest,
): Promise<Consequences> => {
  const oldNames = datasetsBefore(changes)
  const beginnings = changes.flatMap((change, index) =>
    (beginAt ?? beginningsOf(change, around, oldNames)).map((node): Beginning => ({ node, change: index })),
  )
  if (beginnings.length === 0) return { consequences: [], isCut: false }
  // Each arrival is a consequence at most; many make one.
  const reached = await reach({ hops, beginnings, arrivalsMax: limits.consequencesMax * 10 })
  const arrivals = withoutRepetition(reached.arrivals)
  const found = new Map<string, Consequence>()
  for (const arrival of arrivals) {
    const change = changes[arrival.change]
    if (change === undefined || productOf(arrival.node.subject) === productOf(change.subject)) continue
    if (isForReaders(change) && arrival.hops > 1) continue
    const product = productOf(arrival.node.subject)
    add(found, {
      consumer: { kind: 'product', name: product },
      owner: around.ownerOf(product),
      subject: change.subject,
      columns: columnOf(arrival.from),
      how: arrival.how,
      via: arrival.via,
      reaches: arrival.node.kind === 'product' ? [] : [arrival.node.subject],
      hops: arrival.hops,
    })
  }
  for (const consequence of await byReaders(reads, changes, beginnings, arrivals)) add(found, consequence)
  const consequences = [...found.values()].sort(order)
  return {
    consequences: consequences.slice(0, limits.consequencesMax),
    isCut: reached.isCut || consequences.length > limits.consequencesMax,
  }
}

const order = (a: Consequence, b: Consequence): number =>
  a.subject.localeCompare(b.subject) ||
  a.hops - b.hops ||
  a.consumer.name.localeCompare(b.consumer.name) ||
  a.how.localeCompare(b.how) ||
  a.via.localeCompare(b.via)

const add = (found: Map<string, Consequence>, consequence: Consequence): void => {
  const { consumer, subject, how, via, hops } = consequence
  const key = `${consumer.kind} ${consumer.name} ${subject} ${how} ${via}`
  const known = found.get(key)
  const merged = (one: readonly string[] = [], other: readonly string[]): string[] =>
    [...new Set([...one, ...other])].sort()
  found.set(key, {
    ...consequence,
    columns: merged(known?.columns, consequence.columns),
    reaches: merged(known?.reaches, consequence.reaches),
    hops: Math.min(known?.hops ?? hops, hops),
  })
}

const columnOf = ({ kind, subject }: NodeKey): string[] =>
  kind === 'column' ? [subject.slice(subject.lastIndexOf('.') + 1)] : []

/** Where a change begins to be felt; nowhere where no reader feels it. */
/** Renamed datasets as they were called, by what they are called now: whoever reads them knows the name before. */
const datasetsBefore = (changes: readonly Change[]): ReadonlyMap<string, string> =>
  new Map(
    changes.flatMap(({ kind, change, subject, from }) =>
      kind === 'dataset' && change === 'renamed' && from !== undefined
        ? [[subject, `${subject.slice(0, subject.lastIndexOf('.'))}.${from}`] as const]
        : [],
    ),
  )

const beginningsOf = (change: Change, around: Surroundings, oldNames: ReadonlyMap<string, string>): NodeKey[] => {
  const { subject, kind } = change
  const isFelt = change.class === 'breaking' || (change.class === 'data' && (kind === 'model' || kind === 'check'))
  if (!isFelt) return []
  switch (kind) {
    case 'column': {
      const dataset = subject.slice(0, subject.lastIndexOf('.'))
      return [
        columnKey(
          oldNames.get(dataset) ?? dataset,
          change.change === 'renamed' && change.from !== undefined
            ? change.from
            : subject.slice(subject.lastIndexOf('.') + 1),
        ),
      ]
    }
    case 'model': {
      const changed = around.changedBy(subject)?.map(it => it.toLowerCase())
      if (changed === undefined) return wholeDataset(subject, around)
      return around
        .columnsOf(subject)
        .filter(it => changed.includes(it.toLowerCase()))
        .map(it => columnKey(subject, it))
    }
    case 'check': {
      const dataset = subject.slice(0, subject.indexOf('#'))
      const columns = around.columnsChecked(subject)
      return columns === undefined ? wholeDataset(dataset, around) : columns.map(it => columnKey(dataset, it))
    }
    case 'dataset':
      return wholeDataset(oldNames.get(subject) ?? subject, around)
    case 'promise':
    case 'contract':
      return wholePort(subject.replace(/#.*$/, ''), around)
    default:
      return (kind === 'outputPort' ? [subject] : around.below(subject, 'outputPort')).flatMap(it =>
        wholePort(it, around),
      )
  }
}

/** What a contract promises is between a port and whoever reads it: nobody farther on is touched by that alone. */
const isForReaders = ({ kind }: Change): boolean => kind === 'check' || kind === 'promise' || kind === 'contract'

const wholePort = (port: string, around: Surroundings): NodeKey[] => [
  { kind: 'outputPort', subject: port },
  ...around.below(port, 'dataset').flatMap(it => wholeDataset(it, around)),
]

const wholeDataset = (dataset: string, around: Surroundings): NodeKey[] => [
  datasetKey(dataset),
  ...around.columnsOf(dataset).map(it => columnKey(dataset, it)),
]

/** That a dataset is read as a whole is worth telling only where no column of it is: by the same consumer, of the same change. */
const withoutRepetition = (arrivals: readonly Arrival[]): Arrival[] => {
  const byColumn = new Set(
    arrivals.filter(it => it.from.kind === 'column').map(it => `${it.change} ${productOf(it.node.subject)}`),
  )
  return arrivals.filter(
    it =>
      it.from.kind === 'column' || it.via !== 'derived' || !byColumn.has(`${it.change} ${productOf(it.node.subject)}`),
  )
}

/** People and applications that have read what changes, or what it reaches. */
const byReaders = async (
  readsOf: ConsequencesRequest['reads'],
  changes: readonly Change[],
  beginnings: readonly Beginning[],
  arrivals: readonly Arrival[],
): Promise<Consequence[]> => {
  const places = new Map<string, { node: NodeKey; at: { change: number; from: NodeKey; how: Use; hops: number }[] }>()
  const note = (node: NodeKey, at: { change: number; from: NodeKey; how: Use; hops: number }): void => {
    const key = `${node.kind} ${node.subject}`
    const place = places.get(key) ?? { node, at: [] }
    places.set(key, place)
    place.at.push(at)
  }
  for (const { node, change } of beginnings) note(node, { change, from: node, how: 'whole', hops: 0 })
  for (const { node, change, from, how, hops } of arrivals) note(node, { change, from, how, hops })
  const reads = await readsOf([...places.values()].map(it => it.node))
  return reads.flatMap(read => {
    const consumer = consumerOf(read)
    if (consumer === undefined) return []
    return (places.get(`${read.node.kind} ${read.node.subject}`)?.at ?? []).flatMap(({ change, from, how, hops }) => {
      const changed = changes[change]
      if (changed === undefined || (isForReaders(changed) && hops > 0)) return []
      return [
        {
          consumer,
          owner: consumer.name,
          subject: changed.subject,
          columns: columnOf(from),
          how,
          via: 'observed' as const,
          reaches: hops === 0 ? [] : [read.node.subject],
          hops: hops + 1,
        },
      ]
    })
  })
}

/** Products are known by their models, and who plans on a laptop needs not be told of himself. */
const consumerOf = ({ reader }: LastRead): Consequence['consumer'] | undefined => {
  const name = reader.slice(reader.indexOf(':') + 1)
  const kind = reader.slice(0, reader.indexOf(':'))
  return kind === 'person' || kind === 'application' ? { kind, name } : undefined
}
