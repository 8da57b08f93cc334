/** The rule that one check of `quality` makes. Source: ODCS 3.2.0, section data quality. Pure. */
import type { Definition, Path } from '../definition.ts'
import type { QualityDocument } from './documents.ts'
import {
  type Constant,
  type MetricUnit,
  type Rule,
  type RuleSeverity,
  type RuleTest,
  rule,
  type Threshold,
} from './rule.ts'

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

/** The rule of one check, of a column where it stands at one. A check of type sql is at its query. */
export const qualityRule = (
  check: QualityDocument,
  column: string | undefined,
  at: Definition['at'],
  path: Path,
): Rule => {
  const place = at(check.query === undefined ? path : [...path, 'query'])
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
  const unit: MetricUnit = /^(percent|percentage|%)$/i.test(check.unit ?? '') ? 'percent' : 'rows'
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
