/** What of a dataset has to be built, found from fingerprints of what its model reads. */
import { hashValue } from '../../base/index.ts'
import type { Dataset, Mesh, OutputPort, Product } from '../../domain/index.ts'
import { tableReferences } from '../../sql/index.ts'
import type { Manifest, ManifestFile } from '../../storage/index.ts'
import {
  type Division,
  divisionOf,
  findVisible,
  type OrderedModel,
  type VisibleRelation,
  visibleRelations,
} from '../models/index.ts'
import { closePartitions } from './closing.ts'
import { type Decision, decide, type Range, readPartitions, type Window, windowKeys } from './decision.ts'
import { horizonsOf, isAged, type RowsKept } from './left-out.ts'
import type { BuildTable, PartitionName } from './table.ts'

export interface DatasetPlan {
  readonly division?: Division
  /** What the model reads, under each name that it uses for it. */
  readonly named: readonly VisibleRelation[]
  /** Their subjects. */
  readonly reads: readonly string[]
  /** The build key of each partition; of the whole under null where partitions are not built one by one. */
  readonly keys: ReadonlyMap<PartitionName, string>
  readonly decision: Decision
  /** Files of the snapshot before, where it has the columns and the partitions of today. */
  readonly before: readonly ManifestFile[] | undefined
  /** Hash of what the rows follow from besides the divided tables. */
  readonly base?: string
  /** Closed partitions for which something arrived, and those that cannot be built again. */
  readonly late?: readonly PartitionName[]
  readonly kept?: readonly PartitionName[]
  /** Partitions that would be built if all that can be in them were not too old. */
  readonly unbuilt?: readonly PartitionName[]
  /** Everything is built: nothing has to be left out of what is read. */
  readonly isWhole: boolean
  /** Of the divided tables: the partitions to read for these of the dataset. */
  readonly only: (build: readonly PartitionName[]) => Only
}

export type Only = ReadonlyMap<string, { readonly column: string; readonly partitions: readonly PartitionName[] }>

export interface PlanInput {
  readonly mesh: Mesh
  readonly product: Product
  readonly port: OutputPort
  readonly dataset: Dataset
  readonly ordered: OrderedModel
  readonly columns: readonly { readonly id: number; readonly name: string; readonly type: string }[]
  readonly tables: ReadonlyMap<string, BuildTable>
  readonly previous: Manifest | undefined
  readonly engine: { readonly name: string; readonly version: string }
  readonly nowMs: number
  readonly again: 'none' | 'all' | Range
  readonly keepRows: readonly RowsKept[]
}

export const planDataset = async (input: PlanInput): Promise<DatasetPlan> => {
  const { mesh, product, port, dataset, ordered, tables, again } = input
  const visible = visibleRelations(mesh, product, port.major)
  const found = tableReferences(ordered.select).map(({ parts }) => findVisible(visible, parts))
  const named = [...new Set(found.filter(it => it !== undefined))].filter(it => tables.has(it.dataset.subject))
  const reads = [...new Set(named.map(it => it.dataset.subject))]
  const division = divisionOf(mesh, product, port, dataset, ordered.select)
  const divided = division === undefined || 'ok' in division ? undefined : division
  const before = reusable(input)
  if (divided?.isRooted !== true) {
    const prints = await Promise.all(reads.map(async it => [it, await tables.get(it)?.fingerprint()]))
    const key = hashValue([baseKey(input), prints]).slice(0, 32)
    const partitions = before?.flatMap(file => file.partitions) ?? []
    const isThere = partitions.reduce((sum, it) => sum + it.rows, 0) === input.previous?.rows
    const isSame = isThere && partitions.length > 0 && partitions.every(it => it.buildKey === key) && again !== 'all'
    const decision: Decision = isSame
      ? { build: [], reuse: [...new Set(partitions.map(it => it.name))], empty: [] }
      : { build: [null], reuse: [], empty: [] }
    const plan = {
      named,
      reads,
      keys: new Map([[null, key]]),
      decision,
      before,
      isWhole: true,
      only: (): Only => new Map(),
    }
    return divided === undefined ? plan : { ...plan, division: divided }
  }
  return { named, ...(await planParts(input, divided, reads, before)) }
}

const planParts = async (
  input: PlanInput,
  division: Division,
  reads: readonly string[],
  before: readonly ManifestFile[] | undefined,
): Promise<Omit<DatasetPlan, 'named'>> => {
  const { tables } = input
  const { grain } = division.partition
  // Where nothing can be taken over, a part would be all that is served.
  const again = typeof input.again === 'object' && before === undefined ? 'all' : input.again
  const wholes = await Promise.all(
    reads.filter(it => !division.divided.has(it)).map(async it => [it, await tables.get(it)?.fingerprint()]),
  )
  const parts: (Window & { readonly column: string })[] = []
  for (const [dataset, { column, reachMs }] of division.divided) {
    const partitions = (await tables.get(dataset)?.partitions({ column, grain })) ?? new Map<PartitionName, string>()
    parts.push({ dataset, column, reachMs, partitions })
  }
  const base = hashValue([baseKey(input), wholes])
  const partitions = before?.flatMap(file => file.partitions) ?? []
  const empty = partitions.length > 0 ? (input.previous?.empty ?? []) : []
  const { partition } = division
  const wanted = windowKeys(base, partition, parts)
  const closedAfterMs = input.product.datasets[input.dataset.subject]?.closedAfterMs
  const isSameModel = again === 'none' && base === input.previous?.baseKey
  const { keys, late, kept } =
    closedAfterMs === undefined
      ? { keys: wanted, late: [], kept: [] }
      : closePartitions({
          ...{ partition, closedAfterMs, nowMs: input.nowMs, keys: wanted, isSameModel },
          before: { partitions, empty },
        })
  const decided = decide(keys, { partitions, empty }, again, grain)
  const horizons = horizonsOf(input.keepRows, input.nowMs)
  const unbuilt = decided.build.filter(name => isAged(name, partition, horizons))
  const decision = {
    ...decided,
    build: decided.build.filter(name => !unbuilt.includes(name)),
    empty: [...decided.empty, ...unbuilt.map(name => ({ partition: name, buildKey: keys.get(name) ?? '' }))],
  }
  const only = (build: readonly PartitionName[]): Only =>
    new Map(
      parts.map(({ dataset, column, reachMs, partitions }) => [
        dataset,
        { column, partitions: readPartitions(build, division.partition, reachMs, partitions) },
      ]),
    )
  const isWhole = decision.build.length === wanted.size
  return { division, reads, keys, decision, before, isWhole, only, base, late, kept, unbuilt }
}

/** The key by which a partition is built today. */
export const keyOf = ({ division, keys }: DatasetPlan, name: PartitionName): string =>
  keys.get(division?.isRooted === true ? name : null) ?? ''

/** What the rows follow from besides what is read: text, columns, engine, how long rows are kept, and the day for a model that asks for it. */
const baseKey = ({ ordered, columns, engine, nowMs, product, dataset, keepRows }: PlanInput): string =>
  hashValue({
    model: ordered.model.hash,
    columns: columns.map(({ id, name, type }) => [id, name, type]),
    kept: product.datasets[dataset.subject]?.materialization ?? 'full',
    partition: product.datasets[dataset.subject]?.partition ?? null,
    engine: `${engine.name} ${engine.version.split('.').slice(0, 2).join('.')}`,
    // How far the instant has moved is no part of it: what is taken over is rid of what has grown too old.
    ...(keepRows.length === 0 ? {} : { keepRows: keepRows.map(it => `${it.by} ${it.keepMs}`).sort() }),
    ...(ordered.isTimeDependent ? { on: new Date(nowMs).toISOString().slice(0, 10) } : {}),
  })

/** Files are taken over only where they have the very columns, are divided alike, and are Weft's or a source's as today. */
const reusable = ({ previous, columns, product, dataset }: PlanInput): readonly ManifestFile[] | undefined => {
  if (previous === undefined) return undefined
  const pipeline = product.datasets[dataset.subject]
  const partition = pipeline?.materialization === 'partitioned' ? pipeline.partition : undefined
  const shape = (all: PlanInput['columns']): string => JSON.stringify(all.map(({ id, name, type }) => [id, name, type]))
  const isDivided = JSON.stringify([previous.partition?.column, previous.partition?.grain])
  const isSame = isDivided === JSON.stringify([partition?.column, partition?.grain])
  const isReferenced = pipeline?.materialization === 'referenced'
  if (isReferenced !== (previous.layout === 'referenced')) return undefined
  return isSame && shape(previous.columns) === shape(columns) ? previous.files : undefined
}
