/** What has to be counted to judge a rule. Pure: decides, asks the engine nothing. */
import { type Constant, insideOf, type Rule, type RuleTest } from '../../domain/index.ts'
import { quoteName, quoteText } from '../../engine/index.ts'
import { isJson, isNested, type MeasuredColumn, rowsWhere } from './column.ts'
import { formatNames, formatPattern } from './formats.ts'
import { boundTest, equalLiteral, multipleTest, type RowTest, Untestable } from './literal.ts'
import { ofNumberFormat, unlikeDateFormat } from './stored-format.ts'

export type RulePlan =
  /** Rows of one column that fail. `ordered`: none fails where neither the smallest nor the largest value does. */
  | { readonly kind: 'rows'; readonly column: MeasuredColumn; readonly bad: RowTest; readonly ordered: boolean }
  | { readonly kind: 'nulls'; readonly column: MeasuredColumn }
  /** Rows that repeat the key of another one; with `nullsFail` also those without a whole key. */
  | { readonly kind: 'duplicates'; readonly columns: readonly MeasuredColumn[]; readonly nullsFail: boolean }
  | { readonly kind: 'rowCount' }
  /** The newest or the oldest instant. */
  | { readonly kind: 'instant'; readonly column: MeasuredColumn; readonly which: 'max' | 'min' }
  /** The largest distance between instants that follow each other. */
  | { readonly kind: 'gap'; readonly column: MeasuredColumn }
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
      return duplicates(columns, test.kind === 'primaryKey')
    case 'foreignKey':
      if (columns.length === 0 || columns.length !== test.toColumns.length) {
        return { kind: 'untestable', reason: 'the key has not as many columns on one side as on the other' }
      }
      if (columns.length > 1 && columns.some(it => it.lists.length > 0)) throw new Untestable(keyInList)
      return { kind: 'foreignKey', columns, to: test.to, toColumns: test.toColumns }
  }
  const [column] = columns
  if (column === undefined) return { kind: 'untestable', reason: 'the rule names no column' }
  return planOfColumn(test, column)
}

const keyInList = 'a key of several columns cannot have one inside a list'

/** Of items that a row has: it repeats one of its own. */
const duplicates = (columns: readonly MeasuredColumn[], nullsFail: boolean): RulePlan => {
  const [column] = columns
  if (column === undefined) throw new Untestable('the rule names no column')
  const last = column.lists.at(-1)
  if (last === undefined && columns.every(it => it.lists.length === 0))
    return { kind: 'duplicates', columns, nullsFail }
  if (last === undefined || columns.length > 1) throw new Untestable(keyInList)
  const { list, item } = last
  const values = column.sql === item ? list : `list_transform(${list}, lambda ${item}: ${column.sql})`
  const outer = { ...column, lists: column.lists.slice(0, -1) }
  return {
    kind: 'rows',
    column: outer,
    bad: () => `len(list_distinct(${values})) < list_count(${values})`,
    ordered: false,
  }
}

/** True for rows that a plan of rows or nulls counts. A member of what is not there is not missing. */
export const conditionOf = (plan: RulePlan & { readonly kind: 'rows' | 'nulls' }): string => {
  const { column } = plan
  return rowsWhere(column, plan.kind === 'rows' ? plan.bad(column.sql) : ifThere(column, `${column.sql} is null`))
}

const ifThere = ({ parent }: MeasuredColumn, condition: string): string =>
  parent === undefined ? condition : `(${parent} is not null and ${condition})`

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
    case 'minProperties':
      return rows(x => `${lengthOf(column, test.kind)(x)} < ${wholeNumber(test.value)}`)
    case 'maxLength':
    case 'maxItems':
    case 'maxProperties':
      return rows(x => `${lengthOf(column, test.kind)(x)} > ${wholeNumber(test.value)}`)
    case 'dimensions':
      return rows(x => `${lengthOf(column, test.kind)(x)} <> ${wholeNumber(test.value)}`)
    case 'normalized':
      if (column.kind !== 'list') throw new Untestable(`only a vector has a length; the column has type ${column.type}`)
      return rows(
        x => `abs(sqrt(list_sum(list_transform(${x}, lambda one: one::double * one))) - 1) > ${unitTolerance}`,
      )
    case 'uniqueItems':
      if (column.kind !== 'list') throw new Untestable(`uniqueItems takes lists; the column has type ${column.type}`)
      // Two NULLs are two equal items, which list_distinct does not see.
      return rows(x => `(len(list_distinct(${x})) < list_count(${x}) or len(${x}) - list_count(${x}) > 1)`)
    case 'pattern':
      return rows(unlike(column, test.pattern))
    case 'format':
      return rows(notOfFormat(column, test.format))
    case 'numberFormat':
      return rows(ofNumberFormat(column, test.format), column.kind === 'whole' || column.kind === 'decimal')
    case 'dateFormat':
      return rows(unlikeDateFormat(column, test.format))
    case 'missingValues': {
      const among = test.missing.some(value => value !== null) ? isAmong(column, test.missing) : undefined
      if (among === undefined) return { kind: 'nulls', column }
      return rows(x => ifThere(column, `(${x} is null or ${among(x)})`))
    }
    case 'invalidValues':
      return rows(invalid(column, test))
    case 'freshness':
    case 'retention':
      isInstant(column, test.kind)
      return { kind: 'instant', column, which: test.kind === 'freshness' ? 'max' : 'min' }
    case 'frequency':
      isInstant(column, test.kind)
      if (column.lists.length > 0)
        throw new Untestable('frequency takes one instant a row, and the column is inside a list')
      return { kind: 'gap', column }
  }
}

/** How far the length of a vector may be from 1: half precision keeps about three digits. */
const unitTolerance = 1e-3

const isInstant = (column: MeasuredColumn, what: string): void => {
  if (['date', 'timestamp', 'zonedTimestamp'].includes(column.kind)) return
  throw new Untestable(`${what} takes dates and timestamps; the column has type ${column.type}`)
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
  if (column.kind === 'text' && kind.endsWith('Length')) return x => `length(${x})`
  if (column.kind === 'list') return x => `len(${x})`
  if (column.kind === 'map') return x => `cardinality(${x})`
  if (kind.endsWith('Properties') && column.kind === 'struct') return membersOf(column)
  if (kind.endsWith('Properties') && isJson(column)) return x => `len(json_keys(${x}))`
  throw new Untestable(`a column of type ${column.type} has no ${kind}`)
}

/** How many members of a structure have a value; NULL where there is no structure. */
const membersOf = (column: MeasuredColumn): RowTest => {
  const inside = insideOf(column.type)
  const fields = inside?.kind === 'struct' ? inside.fields : []
  return x =>
    `case when ${x} is not null then ${fields.map(it => `(${x}.${quoteName(it.name)} is not null)::integer`).join(' + ')} end`
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
