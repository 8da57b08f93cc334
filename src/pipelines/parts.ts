/** What runs are given by the composition root. */
import type { Effects, Limits, ProgressEvent } from '../base/index.ts'
import type { Engine } from '../engine/index.ts'
import type { Storage } from '../storage/index.ts'
import type { Store } from '../store/index.ts'
import type { RowsKept } from './incremental/left-out.ts'
import type { KeepRule } from './retention.ts'

export interface RunParts {
  readonly effects: Effects
  readonly env: string
  readonly store: Store
  /** Opened when first needed. */
  readonly engine: () => Promise<Engine>
  /** The storage of a domain, by its id. */
  readonly storageOf: (domain: string) => Promise<Storage>
  /** A root's folder, by its id. */
  readonly rootPath: (root: string) => string
  readonly limits: Limits
  /** The rules of policies by which snapshots of a dataset are kept; none, and the limit `snapshotsKept` holds. */
  readonly keepSnapshots: (dataset: string) => readonly KeepRule[]
  /** The rules of policies by which rows of a dataset are kept; none, and all are. */
  readonly keepRows: (dataset: string) => readonly RowsKept[]
  /** A folder for the engine's spilling and for queries; swept at start. */
  readonly scratch: string
  /** Names this process in leases. */
  readonly owner: string
}

export interface RunContext {
  readonly signal: AbortSignal
  readonly progress: (event: ProgressEvent) => void
  /** Who asked for it. */
  readonly by: string
  /** Told of a run's id when it has begun. */
  readonly onStart?: (run: string) => void
}
