/** Partitions that are closed: what arrives for them later is not taken, and what they were built from may go. Pure. */
import { type Problem, problem } from '../../base/index.ts'
import type { Dataset, Partition } from '../../domain/index.ts'
import type { EmptyPartition, ManifestPartition } from '../../storage/index.ts'
import { pipelineProblems } from '../problems.ts'
import { endOf } from './decision.ts'
import type { PartitionName } from './table.ts'

export interface Closing {
  /** The keys to build by: those of closed partitions are the keys of before. */
  readonly keys: ReadonlyMap<PartitionName, string>
  /** Closed partitions for which something arrived that is not taken. */
  readonly late: readonly PartitionName[]
  /** Closed partitions that would have to be built again and cannot: what they were built from is gone. */
  readonly kept: readonly PartitionName[]
}

export interface ClosingInput {
  readonly partition: Partition
  readonly closedAfterMs: number
  readonly nowMs: number
  readonly keys: ReadonlyMap<PartitionName, string>
  readonly before: { readonly partitions: readonly ManifestPartition[]; readonly empty: readonly EmptyPartition[] }
  /** The model and all that is no arrival is as it was, and nobody asks for the partitions again. */
  readonly isSameModel: boolean
}

/**
 * An arrival changes no closed partition, a changed model does: it is built again from all that is there. What is no longer there at all stays as it
 * was. Before the first build nothing is closed.
 */
export const closePartitions = (input: ClosingInput): Closing => {
  const { partition, closedAfterMs, nowMs, before, isSameModel } = input
  const keys = new Map(input.keys)
  const known = new Map<PartitionName, string>([
    ...before.partitions.map(it => [it.name, it.buildKey] as const),
    ...before.empty.map(it => [it.partition, it.buildKey] as const),
  ])
  const late: PartitionName[] = []
  const kept: PartitionName[] = []
  if (known.size === 0) return { keys, late, kept }
  const isClosed = (name: PartitionName): boolean => {
    const end = name === null ? undefined : endOf(name, partition.grain)
    return end !== undefined && end + closedAfterMs < nowMs
  }
  for (const [name, key] of known) {
    if (!isClosed(name)) continue
    const wanted = keys.get(name)
    if (wanted === undefined) {
      keys.set(name, key)
      if (!isSameModel) kept.push(name)
    } else if (isSameModel && wanted !== key) {
      keys.set(name, key)
      late.push(name)
    }
  }
  if (isSameModel) {
    for (const name of input.keys.keys()) {
      if (known.has(name) || !isClosed(name)) continue
      keys.delete(name)
      late.push(name)
    }
  }
  return { keys, late, kept }
}

/** What could not be built again is named. */
export const keptProblems = (dataset: Dataset, kept: readonly PartitionName[]): Problem[] =>
  kept.length === 0
    ? []
    : [
        problem(
          pipelineProblems,
          'run.partitions-kept',
          `${dataset.subject}: ${kept.length} closed partitions stay as they were, since what they were built from is gone`,
          { found: kept.slice(0, 5).join(', '), subject: dataset.subject, place: dataset.place },
        ),
      ]
