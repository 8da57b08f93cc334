/** What one fused pass over a dataset answers: the verdict of each rule and the profile's metrics. */
import type { Place } from '../../base/index.ts'
import type { Dimension, Rule, RuleSeverity } from '../../domain/index.ts'
import type { Relation, Session } from '../../engine/index.ts'

/** One rule's verdict, with the keys of `Check` in the command line's documents. `found` and `expected` are words with counts, never row values. */
export interface CheckResult extends Place {
  readonly dataset: string
  readonly property?: string
  /** The rule's id. */
  readonly check: string
  readonly kind: string
  readonly dimension?: Dimension
  readonly severity: RuleSeverity
  /** error: could not be evaluated; blocks like a failure of the same severity. */
  readonly state: 'passed' | 'failed' | 'error'
  readonly found: string
  readonly expected: string
  readonly rowsFailed?: number
  readonly rows?: number
}

/** A number about a column or, without one, the dataset: counts, rates, lengths; no minima or maxima of values. */
export interface Metric {
  readonly column?: string
  readonly name: string
  readonly value: number
}

/** What stays beside the data: values too (minima, maxima, top values). A plain JSON value. */
export type Profile = {
  readonly rows: number
  readonly columns: readonly { readonly name: string; readonly type: string; readonly [metric: string]: unknown }[]
}

export interface Measurement {
  readonly checks: readonly CheckResult[]
  readonly metrics: readonly Metric[]
  readonly profile: Profile
}

export interface MeasureInput {
  readonly session: Session
  /** The dataset's subject. */
  readonly dataset: string
  /** What is measured: Parquet or, for `weft test --data`, CSV. */
  readonly relation: Relation
  readonly columns: readonly { readonly name: string; readonly type: string; readonly primaryKeyPosition?: number }[]
  readonly rules: readonly Rule[]
  /** For foreign keys and SQL: other datasets by subject; undefined where nothing is served yet. */
  readonly other: (dataset: string) => Promise<Relation | undefined>
  readonly nowMs: number
  /** Metrics and values beyond what the rules need; false for `weft test`. */
  readonly profile: boolean
  /** Where files of the relation were measured before, so that only the others are read; the verdicts are the same. */
  readonly parts?: MeasureParts
}

/** The files of a relation, by what has happened to them since `before` was left behind. */
export interface MeasureParts {
  /** Measured then, and unchanged. */
  readonly old: Relation
  /** All others. */
  readonly fresh: Relation
  /** Measured then, and no part of the relation any more, where they can still be read: what they had is taken off. Without it the old files are asked again for what had failures. */
  readonly gone?: Relation
  /** The `memory` of that measuring, of the same dataset. */
  readonly before: unknown
  /** Whether a dataset that a key points to has changed since then. */
  readonly changedOther: (dataset: string) => boolean
}

/** At most `limit` keys of rows that fail a rule, for the domain's storage. */
export interface FailingKeys {
  readonly check: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly unknown[])[]
}

export interface Measured {
  readonly measurement: Measurement
  /** For the next measuring of the dataset, as `parts.before`: plain JSON with values of rows, to be kept beside the data. */
  readonly memory: unknown
  /** Of every rule that failed and judges rows: the primary keys of at most `max` of its rows, or the rule's own columns where the dataset has no primary key. Needs the session to be open. */
  failing(max: number): Promise<FailingKeys[]>
}
