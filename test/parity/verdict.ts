/** Verdicts of two programs on the same contracts, check by check. */
import type { CaseVerdict } from './case.ts'

/** A check as datacontract-cli reports it. */
export interface ForeignCheck {
  readonly type: string
  readonly model?: string | null
  readonly field?: string | null
  readonly result: 'passed' | 'warning' | 'failed' | 'error' | null
  readonly reason?: string | null
}

export type State = 'passed' | 'failed' | 'error' | 'not run' | 'refused'

export interface Compared {
  readonly name: string
  /** `rows.a minLength`: the dataset, the property, and what is asked. */
  readonly check: string
  readonly kind: string
  readonly weft: State
  readonly other: State
}

/** What their checks ask, in our words; both of their checks of an exclusive bound are one of ours. */
const kinds: Readonly<Record<string, readonly string[]>> = {
  field_required: ['required'],
  field_unique: ['unique'],
  field_primary_key_required: ['primaryKey', 'required'],
  field_primary_key_unique: ['primaryKey', 'unique'],
  primary_key_unique: ['primaryKey'],
  field_min_length: ['minLength'],
  field_max_length: ['maxLength'],
  field_minimum: ['minimum', 'exclusiveMinimum'],
  field_maximum: ['maximum', 'exclusiveMaximum'],
  field_not_equal: ['exclusiveMinimum', 'exclusiveMaximum'],
  field_min_items: ['minItems'],
  field_max_items: ['maxItems'],
  field_unique_items: ['uniqueItems'],
  field_regex: ['pattern'],
  field_enum: ['enum'],
  row_count: ['rowCount'],
  field_duplicate_values: ['duplicateValues'],
  model_duplicate_values: ['duplicateValues'],
  field_null_values: ['nullValues'],
  field_missing_values: ['missingValues'],
  field_invalid_values: ['invalidValues'],
  field_quality_library: ['rowCount', 'duplicateValues', 'nullValues', 'missingValues', 'invalidValues'],
  model_quality_library: ['rowCount', 'duplicateValues', 'nullValues', 'missingValues', 'invalidValues'],
  field_quality_sql: ['sql'],
  model_quality_sql: ['sql'],
  quality_custom_soda: ['unsupported'],
  servicelevel_freshness: ['freshness'],
  servicelevel_retention: ['retention'],
  field_relationships: ['foreignKey'],
}

/** Every check of Weft beside theirs; where the file was refused, that alone. */
export const compare = (name: string, weft: CaseVerdict, others: readonly ForeignCheck[]): Compared[] => {
  const ours = weft.kind === 'unreadable'
  const theirs = others.some(it => it.type === 'general' || (it.type === 'field_is_present' && it.result === 'failed'))
  const file: Compared = {
    name,
    check: 'the file',
    kind: 'file',
    weft: ours ? 'refused' : 'passed',
    other: theirs ? 'refused' : 'passed',
  }
  if (ours || theirs) return [file]
  const compared = weft.checks.map((check): Compared => {
    const dataset = check.dataset.split('.').at(-1) ?? ''
    const same = others.filter(
      it =>
        it.model === dataset &&
        (kinds[it.type] ?? []).includes(check.kind) &&
        (check.kind === 'primaryKey' ||
          check.property === undefined ||
          (it.field ?? check.property) === check.property),
    )
    const state: State = check.kind === 'unsupported' ? 'not run' : check.state
    return {
      name,
      check: `${dataset}.${check.property ?? '*'} ${check.kind}`,
      kind: check.kind,
      weft: state,
      other: stateOf(same),
    }
  })
  return [file, ...compared]
}

const stateOf = (checks: readonly ForeignCheck[]): State => {
  const ran = checks.filter(it => it.result !== 'warning' || isMeasured(it))
  if (ran.length === 0) return 'not run'
  if (ran.some(isError)) return 'error'
  return ran.every(it => it.result === 'passed') ? 'passed' : 'failed'
}

/** A statement that they refuse or cannot run is a failure to them. */
const isError = ({ type, result, reason }: ForeignCheck): boolean =>
  result === 'error' || result === null || (/sql$/.test(type) && result === 'failed' && !/^Actual/.test(reason ?? ''))

/** A warning is a check that failed and only warns, or one that was not run. */
const isMeasured = ({ reason }: ForeignCheck): boolean => /^(Actual|Freshness|Retention) /.test(reason ?? '')
