/** What a contract's schema, quality and promises ask of the data, each as one rule. Source: ODCS 3.2.0, sections schema, quality, relationships, SLA. Pure. */
import { parseDuration } from '../../base/index.ts'
import type { Definition, Path } from '../definition.ts'
import type { KeyTarget, ResolveKey } from './contract.ts'
import type {
  ColumnDocument,
  ContractDocument,
  DatasetDocument,
  PromiseDocument,
  QualityDocument,
} from './documents.ts'
import type { Constant, Dimension, MetricUnit, Rule, RuleSeverity, RuleTest, Threshold } from './rule.ts'

interface RulesInput {
  readonly contract: ContractDocument
  readonly dataset: DatasetDocument
  /** Of the dataset in the document. */
  readonly path: Path
  readonly at: Definition['at']
  readonly resolveKey: ResolveKey
}

/** In the order of the document: columns with their checks, then the dataset's checks, keys, promises. Ids are unique. */
export const rulesOf = (input: RulesInput): Rule[] => {
  const { dataset, path, at } = input
  const properties = dataset.properties ?? []
  const keys = properties.filter(it => it.primaryKey === true)
  const found: Rule[] = []
  properties.forEach((column, index) => {
    found.push(...columnRules(input, column, column.name, [...path, 'properties', index], keys.length))
  })
  if (keys.length > 0) {
    const ordered = [...keys].sort((a, b) => (a.primaryKeyPosition ?? 0) - (b.primaryKeyPosition ?? 0))
    const first = properties.findIndex(it => it.primaryKey === true)
    const columns = ordered.map(it => it.name)
    found.push(
      rule(
        'primaryKey',
        'error',
        'uniqueness',
        { kind: 'primaryKey', columns },
        at([...path, 'properties', first, 'primaryKey']),
      ),
    )
  }
  dataset.quality?.forEach((check, index) => {
    found.push(qualityRule(check, undefined, at(checkPath(check, [...path, 'quality', index]))))
  })
  dataset.relationships?.forEach((it, index) => {
    const place: Path = [...path, 'relationships', index, 'to']
    found.push(...foreignKey(input, listOf(it.from), listOf(it.to), it.customProperties, place))
  })
  found.push(...promiseRules(input))
  return uniqueIds(found)
}

const rule = (
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

const columnRules = (
  input: RulesInput,
  column: ColumnDocument,
  name: string,
  path: Path,
  keyColumns: number,
): Rule[] => {
  const { at } = input
  const found: Rule[] = []
  const add = (key: string, dimension: Dimension, test: RuleTest): void => {
    found.push(rule(`${name}.${test.kind}`, 'error', dimension, test, at([...path, ...key.split('/')])))
  }
  if (column.required === true) add('required', 'completeness', { kind: 'required', column: name })
  // A primary key of one column is unique already.
  if (column.unique === true && !(column.primaryKey === true && keyColumns === 1))
    add('unique', 'uniqueness', { kind: 'unique', columns: [name] })
  if (column.enum !== undefined)
    add('enum', 'conformity', { kind: 'enum', column: name, values: column.enum.map(it => it.value) })
  for (const test of optionTests(column, name)) add(`logicalTypeOptions/${optionKey(test)}`, 'conformity', test)
  column.quality?.forEach((check, index) => {
    found.push(qualityRule(check, name, at(checkPath(check, [...path, 'quality', index]))))
  })
  column.relationships?.forEach((it, index) => {
    const place: Path = [...path, 'relationships', index, 'to']
    found.push(...foreignKey(input, [name], listOf(it.to), it.customProperties, place))
  })
  column.properties?.forEach((inner, index) => {
    found.push(...columnRules(input, inner, `${name}.${inner.name}`, [...path, 'properties', index], 0))
  })
  return found
}

const optionKey = (test: RuleTest): string => test.kind

const optionTests = (column: ColumnDocument, name: string): RuleTest[] => {
  const options = column.logicalTypeOptions ?? {}
  const tests: RuleTest[] = []
  for (const kind of ['minimum', 'exclusiveMinimum', 'maximum', 'exclusiveMaximum'] as const) {
    const value = options[kind]
    if (value !== undefined) tests.push({ kind, column: name, value })
  }
  for (const kind of ['multipleOf', 'minLength', 'maxLength', 'minItems', 'maxItems'] as const) {
    const value = options[kind]
    if (value !== undefined) tests.push({ kind, column: name, value })
  }
  if (options.uniqueItems === true) tests.push({ kind: 'uniqueItems', column: name })
  if (options.pattern !== undefined) tests.push({ kind: 'pattern', column: name, pattern: options.pattern })
  // The format of numbers and moments says how they are stored, not what they look like.
  if (options.format !== undefined && (column.logicalType ?? 'string') === 'string')
    tests.push({ kind: 'format', column: name, format: options.format })
  return tests
}

const severities: Readonly<Record<string, RuleSeverity>> = {
  error: 'error',
  critical: 'error',
  blocker: 'error',
  high: 'error',
  warning: 'warning',
  warn: 'warning',
  minor: 'warning',
  medium: 'warning',
  low: 'warning',
  info: 'info',
  information: 'info',
}

/** A check of type sql is at its query. */
const checkPath = (check: QualityDocument, path: Path): Path => (check.query === undefined ? path : [...path, 'query'])

const qualityRule = (check: QualityDocument, column: string | undefined, place: Rule['place']): Rule => {
  const test = qualityTest(check, column)
  const severity = severities[(check.severity ?? 'error').toLowerCase()] ?? 'error'
  const base = check.id ?? check.name ?? (check.metric === undefined ? test.kind : check.metric)
  const id = check.id === undefined && column !== undefined ? `${column}.${base}` : base
  return rule(id, severity, check.dimension, test, place, check.description)
}

const qualityTest = (check: QualityDocument, column: string | undefined): RuleTest => {
  const kind = check.type ?? (check.metric === undefined ? 'text' : 'library')
  if (kind === 'custom' || kind === 'text') return { kind: 'unsupported', engine: check.engine ?? kind }
  const threshold = thresholdOf(check)
  if (threshold === undefined) return { kind: 'unsupported', engine: 'a check without an operator' }
  if (kind === 'sql') {
    return { kind: 'sql', query: check.query ?? '', threshold, ...(column === undefined ? {} : { column }) }
  }
  return libraryTest(check, column, threshold)
}

const libraryTest = (check: QualityDocument, column: string | undefined, threshold: Threshold): RuleTest => {
  const given = check.arguments ?? {}
  const named = Array.isArray(given.properties) ? given.properties.map(String) : []
  const columns = column === undefined ? named : [column]
  const unit: MetricUnit = check.unit === 'percent' ? 'percent' : 'rows'
  const [one] = columns
  switch (check.metric ?? check.rule) {
    case 'rowCount':
      return { kind: 'rowCount', threshold }
    case 'duplicateValues':
      return { kind: 'duplicateValues', columns, threshold, unit }
    case 'nullValues':
      return one === undefined ? noColumn : { kind: 'nullValues', column: one, threshold, unit }
    case 'missingValues':
      return one === undefined
        ? noColumn
        : { kind: 'missingValues', column: one, missing: constants(given.missingValues) ?? [null], threshold, unit }
    case 'invalidValues':
      return one === undefined ? noColumn : { kind: 'invalidValues', column: one, threshold, unit, ...validity(given) }
    default:
      return { kind: 'unsupported', engine: `metric ${check.metric ?? 'without a name'}` }
  }
}

const noColumn: RuleTest = { kind: 'unsupported', engine: 'a metric of a column that names none' }

const validity = (given: Readonly<Record<string, unknown>>) => {
  const values = constants(given.validValues)
  const [minimum] = constants([given.minimum]) ?? []
  const [maximum] = constants([given.maximum]) ?? []
  return {
    ...(values === undefined ? {} : { validValues: values }),
    ...(typeof given.pattern === 'string' ? { pattern: given.pattern } : {}),
    ...(minimum === undefined || minimum === null ? {} : { minimum }),
    ...(maximum === undefined || maximum === null ? {} : { maximum }),
  }
}

const constants = (value: unknown): Constant[] | undefined =>
  Array.isArray(value)
    ? value.flatMap(it =>
        it === null || typeof it === 'string' || typeof it === 'number' || typeof it === 'boolean' ? [it] : [],
      )
    : undefined

const thresholdOf = (check: QualityDocument): Threshold | undefined => {
  for (const operator of ['mustBe', 'mustNotBe'] as const) {
    const value = check[operator]
    if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      return { operator, value }
  }
  for (const operator of [
    'mustBeGreaterThan',
    'mustBeGreaterOrEqualTo',
    'mustBeLessThan',
    'mustBeLessOrEqualTo',
  ] as const) {
    const value = check[operator]
    if (value !== undefined) return { operator, value }
  }
  for (const operator of ['mustBeBetween', 'mustNotBeBetween'] as const) {
    const value = check[operator]
    if (value !== undefined) return { operator, value: [value[0], value[1]] }
  }
  return undefined
}

type Custom = readonly { readonly property: string; readonly value?: unknown }[] | undefined

const listOf = (value: string | readonly string[]): readonly string[] => (typeof value === 'string' ? [value] : value)

const foreignKey = (
  { at, resolveKey, dataset }: RulesInput,
  from: readonly string[],
  to: readonly string[],
  custom: Custom,
  path: Path,
): Rule[] => {
  const contract = custom?.find(it => it.property === 'contract')?.value
  const targets = to.map(it => keyTarget(it, typeof contract === 'string' ? contract : undefined))
  const found = targets.map(target => (target === undefined ? undefined : resolveKey(target, path)))
  const [first] = found
  // The caller has told of what leads nowhere.
  if (first === undefined || found.includes(undefined)) return []
  if (found.some(it => it?.dataset !== first.dataset) || from.length !== to.length)
    return [
      rule(
        `${from.join('+')}.foreignKey`,
        'info',
        'consistency',
        { kind: 'unsupported', engine: 'a key into more than one dataset' },
        at(path),
      ),
    ]
  const columns = from.map(it => lastPart(it, dataset.name))
  const toColumns = found.flatMap(it => (it === undefined ? [] : [it.column]))
  const test: RuleTest = { kind: 'foreignKey', columns, to: first.dataset, toColumns }
  return [rule(`${columns.join('+')}.foreignKey`, 'error', 'consistency', test, at(path))]
}

/** `orders.customer_id` at the dataset `orders`, or a path that ends with the column's id. */
const lastPart = (reference: string, dataset: string): string =>
  reference.startsWith(`${dataset}.`)
    ? reference.slice(dataset.length + 1)
    : reference.slice(Math.max(reference.lastIndexOf('.'), reference.lastIndexOf('/')) + 1)

/** Where a reference leads: `items.stock_code`, `items.odcs.yaml#/schema/items/properties/stock_code`. */
export const keyTarget = (reference: string, contract: string | undefined): KeyTarget | undefined => {
  const path = /^(?:(.*)#)?\/?schema\/([^/]+)\/properties\/([^/]+)$/.exec(reference)
  const of = contract === undefined ? {} : { contract }
  if (path !== null) {
    const [, file, dataset = '', column = ''] = path
    return { ...of, dataset, column, ...(file === undefined || file === '' ? {} : { file }) }
  }
  const dot = reference.lastIndexOf('.')
  return dot < 0 ? undefined : { ...of, dataset: reference.slice(0, dot), column: reference.slice(dot + 1) }
}

/** Promises about the age of the newest value: they warn, because time passing is no fault of the rows (see docs/decisions). */
const promiseRules = ({ contract, dataset, at }: RulesInput): Rule[] =>
  (contract.slaProperties ?? []).flatMap((promise, index) => {
    const column = columnOf(promise, contract.slaDefaultElement, dataset.name)
    const maxAgeMs = ageOf(promise)
    if (column === undefined || maxAgeMs === undefined) return []
    const id = promise.id ?? `${column}.freshness`
    const place = at(['slaProperties', index, 'value'])
    return [rule(id, 'warning', 'timeliness', { kind: 'freshness', column, maxAgeMs }, place, promise.description)]
  })

const columnOf = (promise: PromiseDocument, fallback: string | undefined, dataset: string): string | undefined => {
  if (!/^(latency|ly|freshness|timeliness)$/i.test(promise.property)) return undefined
  const elements = (promise.element ?? fallback ?? '').split(',').map(it => it.trim())
  return elements.find(it => it.startsWith(`${dataset}.`))?.slice(dataset.length + 1)
}

const units: Readonly<Record<string, string>> = {
  day: 'd',
  days: 'd',
  hour: 'h',
  hours: 'h',
  hr: 'h',
  minute: 'min',
  minutes: 'min',
  m: 'min',
  second: 's',
  seconds: 's',
  week: 'w',
  weeks: 'w',
  month: 'mo',
  months: 'mo',
  year: 'y',
  years: 'y',
}

/** In milliseconds; undefined where value and unit are no duration. */
const ageOf = ({ value, unit }: PromiseDocument): number | undefined => {
  const short = unit === undefined ? '' : (units[unit.toLowerCase()] ?? unit.toLowerCase())
  return parseDuration(`${value ?? ''}${short}`)
}

const uniqueIds = (rules: readonly Rule[]): Rule[] => {
  const taken = new Set<string>()
  return rules.map(it => {
    let id = it.id
    for (let n = 2; taken.has(id); n++) id = `${it.id}-${n}`
    taken.add(id)
    return id === it.id ? it : { ...it, id }
  })
}
