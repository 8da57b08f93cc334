/** What the comparison of what is served with what the files would make answers. */
import type { JsonValue } from '../../access/index.ts'
import type { CheckResult } from '../measure/result.ts'
import type { CheckCounts } from '../run.ts'

export interface ColumnDiff {
  readonly name: string
  /** Rows whose value differs; null where rows cannot be told apart, and so nobody can say. */
  readonly changed: number | null
  readonly change?: 'added' | 'removed' | 'retyped' | 'renamed'
  /** Its name before, of one that was renamed. */
  readonly was?: string
  /** Types, where they differ; one alone for a column that was added or removed. */
  readonly before?: string
  readonly after?: string
}

/** Rows that were compared; nothing is extrapolated from them. */
export interface RowsDiff {
  readonly added: number
  readonly removed: number
  /** Null where rows have no key: a changed row is then one removed and one added. */
  readonly changed: number | null
  readonly unchanged: number
  /** Rows whose key occurs more than once on a side: these are compared whole, and are never `changed`. */
  readonly repeated: { readonly before: number; readonly after: number }
  readonly columns: readonly ColumnDiff[]
  readonly sampled: {
    /** 1 where every row was compared. */
    readonly share: number
    readonly rowsBefore: number
    readonly rowsAfter: number
  }
}

/** Values by the names of columns. */
export type ExampleRow = Readonly<Record<string, JsonValue>>

export interface Examples {
  /** Keys; whole rows where there is no key. */
  readonly added: readonly ExampleRow[]
  readonly removed: readonly ExampleRow[]
  readonly changed: readonly {
    readonly key: ExampleRow
    readonly column: string
    readonly before: JsonValue
    readonly after: JsonValue
  }[]
  /** Columns whose values are not shown, since the door does not show them to whoever asks. */
  readonly withheld?: readonly string[]
}

interface DatasetBase {
  readonly dataset: string
  /** Null where nothing is served. */
  readonly before: { readonly snapshot: string; readonly rows: number } | null
}

export interface ComparedDataset extends DatasetBase, RowsDiff {
  readonly after: { readonly rows: number }
  /** Null where the contract has none that both sides have. */
  readonly key: readonly string[] | null
  readonly examples: Examples
  /** Verdicts over all of the new rows, with those that did not pass. */
  readonly checks: CheckCounts & { readonly results: readonly CheckResult[] }
  readonly timedOut: false
}

/** The time was over before it was compared. */
export interface UncomparedDataset extends DatasetBase {
  readonly timedOut: true
}

export type DatasetDiff = ComparedDataset | UncomparedDataset

/** What a product reads that has changed since what it serves was built: a part of the difference may come from there. */
export interface MovedInputs {
  /** Datasets of other products, of which another snapshot is served. */
  readonly datasets: readonly string[]
  /** Files and tables of sources that are new, gone or changed. */
  readonly files: number
}

export interface DataDiff {
  readonly subject: string
  readonly product: string
  readonly datasets: readonly DatasetDiff[]
  /** Absent where the time was over before it could be told. */
  readonly inputs?: MovedInputs
}
