/** What has to be counted to judge a rule. Pure: decides, asks the engine nothing. */
import type { Constant, Rule, RuleTest } from '../../domain/index.ts'
import { quoteText } from '../../engine/index.ts'
import { isNested, type MeasuredColumn } from './column.ts'
import { formatNames, formatPattern } from './formats.ts'
import { boundTest, equalLiteral, multipleTest, type RowTest, Untestable } from './literal.ts'

export type RulePlan =
  /** Rows of one column that fail. `ordered`: none fails where neither the smallest nor the largest value does. */
  | { readonly kind: 'rows'; readonly column: MeasuredColumn; readonly bad: RowTest; readonly ordered: boolean }
  | { readonly kind: 'nulls'; readonly column: MeasuredColumn }
  /** Rows that repeat the key of another one; with `nullsFail` also those without a whole key. */
  | { readonly kind: 'duplicates'; readonly columns: readonly MeasuredColumn[]; readonly nullsFail: boolean }
  | { readonly kind: 'rowCount' }
  | { readonly kind: 'newest'; readonly column: MeasuredColumn }
  | {
      readonly kind: 'foreignKey'
      readonly columns: readonly MeasuredColumn[]
      readonly to: string
      readonly toColumns: readonly string[]
    }
  | { readonly kind: 'sql'; readonly query: string; readonly column?: string }
  /** Cannot be evaluated; why, in words. */
  | { readonly kind: 'untestable'; readonly reason: string }

/** The columns that a rule names. */
export const ruleColumns = (test: RuleTest): readonly string[] => {
  if ('columns' in test) return test.columns
  return 'column' in test && test.column !== undefined ? [test.column] : []
}

/** Plans a rule over columns that are known to exist, in the order of `ruleColumns`. */
export const planRule = (rule: Rule, columns: readonly MeasuredColumn[]): RulePlan => {
  try {
    return plan(rule.test, columns)
  } catch (error) {
    if (error instanceof Untestable) return { kind: 'untestable', reason: error.message }
    throw error
  }
}

const plan = (test: RuleTest, columns: readonly MeasuredColumn[]): RulePlan => {
  switch (test.kind) {
    case 'rowCount':
      return { kind: 'rowCount' }
    case 'sql':
      return { kind: 'sql', query: test.query, ...(test.column === undefined ? {} : { column: test.column }) }
    case 'unsupported':
      return { kind: 'untestable', reason: `not run by Weft: ${test.engine}` }
    case 'unique':
    case 'primaryKey':
    case 'duplicateValues':
      if (columns.length === 0) return { kind: 'untestable', reason: 'the rule names no column' }
      return { kind: 'duplicates', columns, nullsFail: test.kind === 'primaryKey' }
    case 'foreignKey':
      if (columns.length === 0 || columns.length !== test.toColumns.length) {
        return { kind: 'untestable', reason: 'the key has not as many columns on one side as on the other' }
      }
      return { kind: 'foreignKey', columns, to: test.to, toColumns: test.toColumns }
  }
  const [column] = columns
  if (column === undefined) return { kind: 'untestable', reason: 'the rule names no column' }
  return planOfColumn(test, column)
}

type ColumnTest = Exclude<
  RuleTest,
  { kind: 'rowCount' | 'sql' | 'unsupported' | 'unique' | 'primaryKey' | 'duplicateValues' | 'foreignKey' }
>

const planOfColumn = (test: ColumnTest, column: MeasuredColumn): RulePlan => {
  const rows = (bad: RowTest, ordered = false): RulePlan => ({ kind: 'rows', column, bad, ordered })
  switch (test.kind) {
    case 'required':
    case 'nullValues':
      return { kind: 'nulls', column }
    case 'enum':
      return rows(notAmong(column, test.values))
    case 'minimum':
    case 'exclusiveMinimum':
    case 'maximum':
    case 'exclusiveMaximum':
      return rows(boundTest(column, test.kind, test.value), column.kind !== 'float')
    case 'multipleOf':
      return rows(multipleTest(column, test.value))
    case 'minLength':
    case 'minItems':
      return rows(x => `${lengthOf(column, test.kind)(x)} < ${wholeNumber(test.value)}`)
    case 'maxLength':
    case 'maxItems':
      return rows(x => `${lengthOf(column, test.kind)(x)} > ${wholeNumber(test.value)}`)
    case 'uniqueItems':
      if (column.kind !== 'list') throw new Untestable(`uniqueItems takes lists; the column has type ${column.type}`)
      // Two NULLs are two equal items, which list_distinct does not see.
      return rows(x => `(len(list_distinct(${x})) < list_count(${x}) or len(${x}) - list_count(${x}) > 1)`)
    case 'pattern':
      return rows(unlike(column, test.pattern))
    case 'format':
      return rows(notOfFormat(column, test.format))
    case 'missingValues': {
      const among = test.missing.some(value => value !== null) ? isAmong(column, test.missing) : undefined
      if (among === undefined) return { kind: 'nulls', column }
      return rows(x => `(${x} is null or ${among(x)})`)
    }
    case 'invalidValues':
      return rows(invalid(column, test))
    case 'freshness':
      if (!['date', 'timestamp', 'zonedTimestamp'].includes(column.kind)) {
        throw new Untestable(`freshness takes dates and timestamps; the column has type ${column.type}`)
      }
      return { kind: 'newest', column }
  }
}

const isAmong = (column: MeasuredColumn, values: readonly Constant[]): RowTest | undefined => {
  const literals = values.flatMap(value => equalLiteral(column, value) ?? [])
  return literals.length === 0 ? undefined : x => `list_contains([${literals.join(', ')}], ${x})`
}

/** `in` is not used: list_contains is judged once a dictionary entry, which is 5 to 8 times less work on columns of few values. */
const notAmong = (column: MeasuredColumn, values: readonly Constant[]): RowTest => {
  const among = isAmong(column, values)
  return among === undefined ? x => `${x} is not null` : x => `(${x} is not null and not ${among(x)})`
}

const lengthOf = (column: MeasuredColumn, kind: string): RowTest => {
  if (column.kind === 'text') return x => `length(${x})`
  if (column.kind === 'list') return x => `len(${x})`
  if (column.kind === 'map') return x => `cardinality(${x})`
  throw new Untestable(`${kind} takes texts and lists; the column has type ${column.type}`)
}

const wholeNumber = (value: number): number => {
  if (Number.isSafeInteger(value)) return value
  throw new Untestable('a length is a whole number')
}

const unlike = (column: MeasuredColumn, pattern: string): RowTest => {
  if (isNested(column)) throw new Untestable(`a pattern takes texts; the column has type ${column.type}`)
  return x => `not regexp_matches(${column.kind === 'text' ? x : `${x}::varchar`}, ${quoteText(pattern)})`
}

const notOfFormat = (column: MeasuredColumn, format: string): RowTest => {
  const pattern = formatPattern(format)
  if (pattern === undefined) {
    throw new Untestable(`unknown format "${format}"; known formats: ${formatNames.join(', ')}`)
  }
  return pattern === null ? () => 'false' : unlike(column, pattern)
}

const invalid = (column: MeasuredColumn, test: Extract<RuleTest, { kind: 'invalidValues' }>): RowTest => {
  const tests: RowTest[] = []
  if (test.validValues !== undefined) tests.push(notAmong(column, test.validValues))
  if (test.pattern !== undefined) tests.push(unlike(column, test.pattern))
  if (test.minimum !== undefined) tests.push(boundTest(column, 'minimum', test.minimum))
  if (test.maximum !== undefined) tests.push(boundTest(column, 'maximum', test.maximum))
  if (tests.length === 0) throw new Untestable('invalidValues needs validValues, a pattern, a minimum or a maximum')
  return x => `(${tests.map(one => `(${one(x)})`).join(' or ')})`
}
