/** A run: one product, built once. The shape that `run`, `apply` and `runs` answer with, and the states it goes through. */
import type { Problem } from '../base/index.ts'
import type { ManifestLeftOut } from '../storage/index.ts'
import type { RunTable } from '../store/index.ts'

export type RunState = RunTable['state']

export type RunTrigger = RunTable['trigger']

export interface CheckCounts {
  readonly passed: number
  readonly failed: number
  readonly warned: number
  readonly errored: number
}

export interface DatasetRun {
  readonly dataset: string
  readonly state: 'published' | 'quarantined' | 'unchanged' | 'held' | 'failed'
  readonly snapshot?: string
  readonly previous?: string
  readonly rows?: number
  readonly bytes?: number
  readonly partitions?: { readonly built: number; readonly reused: number; readonly dropped: number }
  /** Lines of sources that are no rows, and where they are kept. */
  readonly rejects?: { readonly rows: number; readonly uri: string }
  /** Rows that policies have kept out because they are too old. */
  readonly leftOut?: readonly ManifestLeftOut[]
  readonly checks: CheckCounts
}

export const hasLeftOut = ({ rows, partitions }: ManifestLeftOut): boolean => rows + partitions > 0

export interface Run {
  readonly id: string
  readonly product: string
  readonly trigger: RunTrigger
  readonly state: RunState
  readonly startedAt: string | null
  readonly endedAt: string | null
  readonly durationMs: number | null
  /** How often it was tried, where that was more than once. */
  readonly attempts?: number
  readonly problems: readonly Problem[]
  readonly datasets: readonly DatasetRun[]
}

/** States after which what is downstream is held instead of built. */
export const stopsDownstream = (state: RunState): boolean =>
  state === 'quarantined' || state === 'held' || state === 'failed' || state === 'cancelled'

/** The exit code's reason for a list of runs: the worst of them. */
export const worstOf = (runs: readonly Run[]): 'succeeded' | 'quarantined' | 'held' | 'failed' | 'cancelled' => {
  if (runs.some(run => run.state === 'cancelled')) return 'cancelled'
  if (runs.some(run => run.state === 'failed')) return 'failed'
  if (runs.some(run => run.state === 'quarantined')) return 'quarantined'
  return runs.some(run => run.state === 'held') ? 'held' : 'succeeded'
}

export const noChecks: CheckCounts = { passed: 0, failed: 0, warned: 0, errored: 0 }
