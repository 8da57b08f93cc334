/** Whether a metric is within its threshold, exactly, and both in words. Pure. */
import type { MetricUnit, Threshold } from '../../domain/index.ts'
import { compareDecimals, type Decimal, multiplyDecimals, parseDecimal } from './decimal.ts'
import { Untestable } from './literal.ts'

/** `part` / `whole`, so that a third is a third. */
export interface Ratio {
  readonly part: Decimal
  readonly whole: Decimal
}

/** What a metric came to: a number, or what else the first value of a statement was. */
export type Amount = Ratio | string | boolean | null

const one: Decimal = { digits: 1n, scale: 0 }
const whole = (value: number): Decimal => ({ digits: BigInt(value), scale: 0 })

/** Rows, or their share of all rows in percent; no rows at all are 0 percent. */
export const amountOf = (count: number, rows: number, unit: MetricUnit): Ratio =>
  unit === 'percent' && rows > 0 ? { part: whole(count * 100), whole: whole(rows) } : { part: whole(count), whole: one }

/** The number that a value is; undefined where it is none. */
export const ratioOf = (value: number | bigint | string): Ratio | undefined => {
  const part = parseDecimal(value)
  return part === undefined ? undefined : { part, whole: one }
}

/**
 * Whether the amount is within the threshold. No value at all is within `mustBe` null and `mustNotBe` of anything else, and within nothing more.
 * Throws Untestable where a number is compared with what is none.
 */
export const meets = (threshold: Threshold, amount: Amount): boolean => {
  switch (threshold.operator) {
    case 'mustBe':
      return equals(amount, threshold.value)
    case 'mustNotBe':
      return !equals(amount, threshold.value)
    case 'mustBeGreaterThan':
      return holds(amount, threshold.value, sign => sign > 0)
    case 'mustBeGreaterOrEqualTo':
      return holds(amount, threshold.value, sign => sign >= 0)
    case 'mustBeLessThan':
      return holds(amount, threshold.value, sign => sign < 0)
    case 'mustBeLessOrEqualTo':
      return holds(amount, threshold.value, sign => sign <= 0)
    case 'mustBeBetween':
      return isBetween(amount, threshold.value)
    case 'mustNotBeBetween':
      return amount !== null && !isBetween(amount, threshold.value)
  }
}

/** `more than 5 rows`, `at most 2.5% of the rows`. */
export const thresholdWords = (threshold: Threshold, unit: string): string => {
  const value = threshold.value
  const words = operatorWords[threshold.operator]
  const shown =
    typeof value === 'object' && value !== null
      ? `${value[0]} and ${value[1]}`
      : value === null
        ? 'no value'
        : String(value)
  return `${words}${shown}${unit}`
}

const operatorWords: Readonly<Record<Threshold['operator'], string>> = {
  mustBe: 'exactly ',
  mustNotBe: 'not ',
  mustBeGreaterThan: 'more than ',
  mustBeGreaterOrEqualTo: 'at least ',
  mustBeLessThan: 'less than ',
  mustBeLessOrEqualTo: 'at most ',
  mustBeBetween: 'between ',
  mustNotBeBetween: 'not between ',
}

const isBetween = (amount: Amount, [low, high]: readonly [number, number]): boolean =>
  holds(amount, low, sign => sign >= 0) && holds(amount, high, sign => sign <= 0)

const holds = (amount: Amount, bound: number, accepts: (sign: number) => boolean): boolean => {
  if (amount === null) return false
  const ratio = typeof amount === 'string' ? ratioOf(amount) : amount
  if (ratio === undefined || typeof ratio === 'boolean') {
    throw new Untestable('the check gave no number, and its threshold is one')
  }
  return accepts(compareRatio(ratio, bound))
}

const equals = (amount: Amount, value: string | number | boolean | null): boolean => {
  if (amount === null || value === null) return amount === value
  if (typeof amount === 'boolean') return String(amount) === String(value).toLowerCase()
  if (typeof amount === 'string') {
    if (typeof value === 'string') return amount === value
    const ratio = ratioOf(amount)
    return typeof value === 'number'
      ? ratio !== undefined && compareRatio(ratio, value) === 0
      : amount === String(value)
  }
  if (typeof value === 'boolean' || parseDecimal(value) === undefined) {
    throw new Untestable('the check gave a number, and its threshold is none')
  }
  return compareRatio(amount, value) === 0
}

const compareRatio = (ratio: Ratio, bound: number | string): number => {
  const decimal = parseDecimal(bound)
  if (decimal === undefined) throw new Untestable('the threshold is no number')
  return compareDecimals(ratio.part, multiplyDecimals(decimal, ratio.whole))
}
