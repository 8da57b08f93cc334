/** Whether what one rule asks is stricter than what another asks, told from what each lets through. Pure. */
import { canonicalJson } from '../../base/index.ts'
import type { Constant, RuleTest, Threshold } from '../contract/rule.ts'

export type TestRelation = 'same' | 'tightened' | 'loosened' | 'changed'

/** Two tests of the same thing, such as `minimum` and `exclusiveMinimum` of one column, or two row counts. */
export const testFamily = (test: RuleTest): string => {
  switch (test.kind) {
    case 'minimum':
    case 'exclusiveMinimum':
      return `least ${test.column}`
    case 'maximum':
    case 'exclusiveMaximum':
      return `most ${test.column}`
    case 'duplicateValues':
      return `${test.kind} ${test.columns.join()}`
    case 'foreignKey':
      return `${test.kind} ${test.columns.join()}`
    case 'sql':
      return `${test.kind} ${plainQuery(test.query)}`
    default:
      return `${test.kind} ${'column' in test ? test.column : ''}`
  }
}

/** `isWhole`: the values are whole numbers, so that above 0 and from 1 are the same. */
export const testRelation = (from: RuleTest, to: RuleTest, isWhole: boolean): TestRelation => {
  if (canonicalJson(from) === canonicalJson(to)) return 'same'
  const [least, nowLeast] = [leastOf(from, isWhole), leastOf(to, isWhole)]
  if (least !== undefined && nowLeast !== undefined) return ofEnds(least, nowLeast, 1)
  const [most, nowMost] = [mostOf(from, isWhole), mostOf(to, isWhole)]
  if (most !== undefined && nowMost !== undefined) return ofEnds(most, nowMost, -1)
  if (from.kind !== to.kind) return 'changed'
  switch (from.kind) {
    case 'minLength':
    case 'minItems':
    case 'minProperties':
      return ofOrder(from.value, numberIn(to))
    case 'maxLength':
    case 'maxItems':
    case 'maxProperties':
      return ofOrder(numberIn(to), from.value)
    case 'multipleOf':
      return ofMultiples(from.value, numberIn(to))
    default:
      return ofMetrics(from, to)
  }
}

const numberIn = (test: RuleTest): number =>
  'value' in test && typeof test.value === 'number' ? test.value : Number.NaN

const ofOrder = (from: number, to: number): TestRelation =>
  to > from ? 'tightened' : to < from ? 'loosened' : to === from ? 'same' : 'changed'

const ofMultiples = (from: number, to: number): TestRelation => {
  const isMultiple = (of: number, one: number): boolean => Math.abs(of / one - Math.round(of / one)) < 1e-9
  if (isMultiple(to, from)) return isMultiple(from, to) ? 'same' : 'tightened'
  return isMultiple(from, to) ? 'loosened' : 'changed'
}

/** One end of a range. */
interface End {
  readonly value: Constant
  readonly isOpen: boolean
}

const leastOf = (test: RuleTest, isWhole: boolean): End | undefined =>
  test.kind === 'minimum' || test.kind === 'exclusiveMinimum'
    ? endOf(test.value, test.kind === 'exclusiveMinimum', isWhole, 1)
    : undefined

const mostOf = (test: RuleTest, isWhole: boolean): End | undefined =>
  test.kind === 'maximum' || test.kind === 'exclusiveMaximum'
    ? endOf(test.value, test.kind === 'exclusiveMaximum', isWhole, -1)
    : undefined

const endOf = (value: Constant, isOpen: boolean, isWhole: boolean, inward: 1 | -1): End =>
  isOpen && isWhole && typeof value === 'number' && Number.isSafeInteger(value)
    ? { value: value + inward, isOpen: false }
    : { value, isOpen }

/** `inward` is 1 where a higher end lets less through. */
const ofEnds = (from: End, to: End, inward: 1 | -1): TestRelation => {
  const order = compareConstants(from.value, to.value)
  if (order === undefined) return 'changed'
  if (order === 0) return from.isOpen === to.isOpen ? 'same' : to.isOpen ? 'tightened' : 'loosened'
  return order * inward < 0 ? 'tightened' : 'loosened'
}

/** Numbers by value, instants with an offset by when they are, other dates and times of one form by their texts; undefined of anything else. */
const compareConstants = (a: Constant, b: Constant): number | undefined => {
  const [x, y] = [numberOf(a), numberOf(b)]
  if (x !== undefined && y !== undefined) return Math.sign(x - y)
  if (typeof a !== 'string' || typeof b !== 'string') return undefined
  const [one, other] = [instantOf(a), instantOf(b)]
  // Parts of a millisecond are not told apart.
  if (one !== undefined && other !== undefined) return one === other && a !== b ? undefined : Math.sign(one - other)
  if (one !== undefined || other !== undefined) return undefined
  const form = (text: string): string => text.replace(/\d/g, '0')
  const isMoment = /^\d{4}-\d\d-\d\d|^\d\d:\d\d/.test(a)
  return isMoment && form(a) === form(b) ? (a < b ? -1 : a > b ? 1 : 0) : undefined
}

/** Milliseconds since 1970 of a text that says its offset from UTC (ISO 8601). */
const instantOf = (text: string): number | undefined => {
  if (!/^\d{4}-\d\d-\d\d[T ].*(?:Z|[+-]\d\d:?\d\d)$/i.test(text)) return undefined
  const ms = Date.parse(text.replace(' ', 'T'))
  return Number.isNaN(ms) ? undefined : ms
}

const numberOf = (value: Constant): number | undefined => {
  if (typeof value === 'number') return value
  return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : undefined
}

/** Layout is no part of what a query asks. */
const plainQuery = (query: string): string => query.replace(/\s+/g, ' ').trim()

const ofMetrics = (from: RuleTest, to: RuleTest): TestRelation => {
  if (!('threshold' in from) || !('threshold' in to)) return 'changed'
  const { threshold: before, ...rest } = from
  const { threshold: after, ...restAfter } = to
  const isCount = from.kind !== 'sql' && !('unit' in from && from.unit === 'percent')
  const ofThresholds = thresholdRelation(before, after, from.kind === 'sql', isCount)
  const plain = (it: object): string =>
    canonicalJson('query' in it ? { ...it, query: plainQuery(String(it.query)) } : it)
  if (plain(rest) === plain(restAfter)) return ofThresholds
  const ofLists = listRelation(from, to)
  if (ofLists === undefined) return 'changed'
  return ofThresholds === 'same' || ofThresholds === ofLists ? ofLists : 'changed'
}

/** More values that count as missing, or fewer that count as valid, is stricter where few of them are asked for. */
const listRelation = (from: RuleTest, to: RuleTest): 'tightened' | 'loosened' | undefined => {
  const isSame = (key: string): boolean => canonicalJson(Reflect.get(from, key)) === canonicalJson(Reflect.get(to, key))
  if (!('threshold' in from) || !('threshold' in to) || !isAtMost(from.threshold) || !isAtMost(to.threshold))
    return undefined
  if (!['column', 'unit', 'pattern', 'minimum', 'maximum'].every(isSame)) return undefined
  if (from.kind === 'missingValues' && to.kind === 'missingValues') return ofSets(to.missing, from.missing)
  if (from.kind !== 'invalidValues' || to.kind !== 'invalidValues') return undefined
  if (from.validValues === undefined || to.validValues === undefined)
    return to.validValues === undefined ? 'loosened' : 'tightened'
  return ofSets(from.validValues, to.validValues)
}

/** Tightened where the first list has all of the second and more. */
const ofSets = (more: readonly Constant[], less: readonly Constant[]): 'tightened' | 'loosened' | undefined => {
  if (less.every(it => more.includes(it))) return 'tightened'
  return more.every(it => less.includes(it)) ? 'loosened' : undefined
}

/** Zero and whatever is not too much. */
const isAtMost = ({ operator, value }: Threshold): boolean =>
  operator === 'mustBeLessThan' ||
  operator === 'mustBeLessOrEqualTo' ||
  (operator === 'mustBe' && value === 0) ||
  (operator === 'mustBeBetween' && Array.isArray(value) && value[0] === 0)

/** What each lets through is compared at all ends of both, between them and beyond. */
const thresholdRelation = (from: Threshold, to: Threshold, isAnySign: boolean, isWhole: boolean): TestRelation => {
  const ends = [from, to].flatMap(({ value }) => (Array.isArray(value) ? value : [value]))
  const numbers = ends.filter(it => typeof it === 'number')
  if (numbers.length < ends.length) return canonicalJson(from) === canonicalJson(to) ? 'same' : 'changed'
  // Small enough to stay between two ends, and never so small that a large number swallows it.
  const stepAt = (end: number): number => (isWhole ? 1 : Math.max(1e-6, Math.abs(end) * 1e-12))
  const probes = [...numbers, 0].flatMap(it => [it - stepAt(it), it, it + stepAt(it)]).sort((a, b) => a - b)
  const between = isWhole ? [] : probes.map((it, index) => (it + (probes[index + 1] ?? it)) / 2)
  const asked = [...probes, ...between].filter(it => isAnySign || it >= 0)
  const isSubset = (of: Threshold, all: Threshold): boolean => asked.every(it => !passes(of, it) || passes(all, it))
  const [isTighter, isLooser] = [isSubset(to, from), isSubset(from, to)]
  if (isTighter && isLooser) return 'same'
  return isTighter ? 'tightened' : isLooser ? 'loosened' : 'changed'
}

const passes = (threshold: Threshold, found: number): boolean => {
  switch (threshold.operator) {
    case 'mustBe':
      return found === threshold.value
    case 'mustNotBe':
      return found !== threshold.value
    case 'mustBeGreaterThan':
      return found > threshold.value
    case 'mustBeGreaterOrEqualTo':
      return found >= threshold.value
    case 'mustBeLessThan':
      return found < threshold.value
    case 'mustBeLessOrEqualTo':
      return found <= threshold.value
    case 'mustBeBetween':
      return found >= threshold.value[0] && found <= threshold.value[1]
    case 'mustNotBeBetween':
      return found < threshold.value[0] || found > threshold.value[1]
  }
}
