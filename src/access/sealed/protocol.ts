/** What a reader's process and its parent say to one another. Both ends are ours, of the same version. */
import type { Batch, ColumnType, ParsedSelect, ParseFailure, Relation, RelationName } from '../../engine/index.ts'

/** Frames that may be under way unanswered: enough to keep the pipe full, few enough to bound both sides' memory. */
export const frameWindow = 4
/** Rows after which a frame is sent. */
export const frameRows = 16_384

export interface ReadJob {
  readonly sql: string
  readonly relations: readonly { readonly name: RelationName; readonly relation: Relation }[]
  readonly memory: number
  readonly threads: number
  /** Where spilled rows go: a folder of the reader's own. */
  readonly spill: string
  /** Writes Parquet here instead of answering rows. */
  readonly output?: string
}

export type ToChild =
  | { readonly kind: 'parse'; readonly sql: string }
  | ({ readonly kind: 'read' } & ReadJob)
  /** One frame was taken. */
  | { readonly kind: 'ack' }

/** Why a statement did not answer, as far as a reader may know. */
export type FailureReason = 'statement' | 'runtime' | 'memory' | 'disk' | 'lost'

export interface ReadFailure {
  readonly kind: 'failed'
  readonly reason: FailureReason
  /** For `statement` the engine's first line, for `runtime` the class of the error; never more. */
  readonly text: string
  /** In the statement, in characters from 0. */
  readonly position?: number
}

export type FromChild =
  | { readonly kind: 'parsed'; readonly result: ParsedSelect | ParseFailure }
  | { readonly kind: 'columns'; readonly columns: readonly ColumnType[] }
  | { readonly kind: 'frame'; readonly batches: readonly Batch[] }
  | { readonly kind: 'end'; readonly rows: number }
  | ReadFailure
