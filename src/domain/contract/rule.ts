/** What a contract promises about data, each as one rule that an engine can test. Made from ODCS 3.2 `schema`, `quality` and `slaProperties`. */
import type { Place } from '../../base/index.ts'

export type RuleSeverity = 'error' | 'warning' | 'info'

/** ODCS quality dimensions. */
export type Dimension =
  | 'accuracy'
  | 'completeness'
  | 'conformity'
  | 'consistency'
  | 'coverage'
  | 'timeliness'
  | 'uniqueness'

/** The threshold of a metric: exactly one operator of ODCS. `between` is inclusive on both ends (see files.md, traps). */
export type Threshold =
  | { readonly operator: 'mustBe' | 'mustNotBe'; readonly value: number | string | boolean | null }
  | {
      readonly operator: 'mustBeGreaterThan' | 'mustBeGreaterOrEqualTo' | 'mustBeLessThan' | 'mustBeLessOrEqualTo'
      readonly value: number
    }
  | { readonly operator: 'mustBeBetween' | 'mustNotBeBetween'; readonly value: readonly [number, number] }

export type MetricUnit = 'rows' | 'percent'

/** A constant of a contract as YAML has it. Dates and timestamps are ISO 8601 texts, large numbers and decimals texts. */
export type Constant = string | number | boolean | null

/**
 * What a rule asks. A column may lie inside others: `address.city`, `lines[].sku` (of every item), `labels[key]`, `labels[value]`; of
 * items a row fails once, whatever the number of its items that do.
 */
export type RuleTest =
  | { readonly kind: 'required'; readonly column: string }
  /** `unique` of a column, or a primary key of one or more; rows where a column of a `unique` is NULL do not count, in a primary key they fail. */
  | { readonly kind: 'unique' | 'primaryKey'; readonly columns: readonly string[] }
  | { readonly kind: 'enum'; readonly column: string; readonly values: readonly Constant[] }
  | {
      readonly kind: 'minimum' | 'exclusiveMinimum' | 'maximum' | 'exclusiveMaximum'
      readonly column: string
      readonly value: Constant
    }
  | { readonly kind: 'multipleOf'; readonly column: string; readonly value: number }
  /** In characters for text, in elements for lists and maps, in members with a value for structures. */
  | {
      readonly kind:
        | 'minLength'
        | 'maxLength'
        | 'minItems'
        | 'maxItems'
        | 'minProperties'
        | 'maxProperties'
        | 'dimensions'
      readonly column: string
      readonly value: number
    }
  | { readonly kind: 'uniqueItems'; readonly column: string }
  /** Vectors of length 1. */
  | { readonly kind: 'normalized'; readonly column: string }
  /** RE2, matched anywhere in the value unless anchored. */
  | { readonly kind: 'pattern'; readonly column: string; readonly pattern: string }
  /** `format` of text: uuid, email, uri, ipv4, ... */
  | { readonly kind: 'format'; readonly column: string; readonly format: string }
  /** What a number must fit into: i8 to i128, u8 to u128, f32, f64. */
  | { readonly kind: 'numberFormat'; readonly column: string; readonly format: string }
  /** How dates and instants are written where they are kept as texts, in the letters of JDK's DateTimeFormatter. */
  | { readonly kind: 'dateFormat'; readonly column: string; readonly format: string }
  | { readonly kind: 'rowCount'; readonly threshold: Threshold }
  | { readonly kind: 'nullValues'; readonly column: string; readonly threshold: Threshold; readonly unit: MetricUnit }
  | {
      readonly kind: 'missingValues'
      readonly column: string
      readonly missing: readonly Constant[]
      readonly threshold: Threshold
      readonly unit: MetricUnit
    }
  | {
      readonly kind: 'invalidValues'
      readonly column: string
      readonly validValues?: readonly Constant[]
      readonly pattern?: string
      readonly minimum?: Constant
      readonly maximum?: Constant
      readonly threshold: Threshold
      readonly unit: MetricUnit
    }
  | {
      readonly kind: 'duplicateValues'
      readonly columns: readonly string[]
      readonly threshold: Threshold
      readonly unit: MetricUnit
    }
  /** The first value of the first row is compared; `${table}`, `${column}` and the other placeholders of the fixed list are resolved by the runner. */
  | { readonly kind: 'sql'; readonly column?: string; readonly query: string; readonly threshold: Threshold }
  /** Every non-null key is among the keys of the other dataset's served snapshot. `to` is a dataset's subject. */
  | {
      readonly kind: 'foreignKey'
      readonly columns: readonly string[]
      readonly to: string
      readonly toColumns: readonly string[]
    }
  /** The newest value of the column (freshness), or the oldest (retention), is at most `maxAgeMs` before the run's instant. */
  | { readonly kind: 'freshness' | 'retention'; readonly column: string; readonly maxAgeMs: number }
  /** No two values of the column that follow each other are farther apart. */
  | { readonly kind: 'frequency'; readonly column: string; readonly maxGapMs: number }
  /** Kept and shown as "not run by Weft": quality of type custom and text. */
  | { readonly kind: 'unsupported'; readonly engine: string }

export interface Rule {
  /** Unique in its dataset and stable: the contract's own `id`, else `<column>.<kind>`. */
  readonly id: string
  readonly severity: RuleSeverity
  readonly dimension?: Dimension
  readonly description?: string
  readonly test: RuleTest
  readonly place: Place
}

/** A rule whose id is not yet told from others of its dataset. */
export const rule = (
  id: string,
  severity: RuleSeverity,
  dimension: Dimension | undefined,
  test: RuleTest,
  place: Rule['place'],
  description?: string,
): Rule => ({
  id,
  severity,
  test,
  place,
  ...(dimension === undefined ? {} : { dimension }),
  ...(description === undefined ? {} : { description }),
})
