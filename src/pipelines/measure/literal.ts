/** Constants of a contract as SQL of a column's own type, so that nothing is compared through a type that cannot hold it. */
import type { Constant } from '../../domain/index.ts'
import { quoteText } from '../../engine/index.ts'
import type { MeasuredColumn } from './column.ts'
import { compareDecimals, type Decimal, decimalText, fitsScale, parseDecimal, roundDecimal } from './decimal.ts'

export type Bound = 'minimum' | 'exclusiveMinimum' | 'maximum' | 'exclusiveMaximum'

/** A test of a row: SQL that is true for a row that fails, from the SQL of the value. NULL values fail nothing but `required`. */
export type RowTest = (value: string) => string

/** A text that is no date, a bound that a type has not: the rule cannot be evaluated, in these words. */
export class Untestable extends Error {
  override readonly name = 'Untestable'
}

const dateText = /^\d{4}-\d{2}-\d{2}$/
const instantText = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?(Z|[+-]\d{2}(?::?\d{2})?)?$/i
const timeText = /^\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?$/

const hugeMax = { digits: 2n ** 127n - 1n, scale: 0 }
const hugeMin = { digits: -(2n ** 127n) + 1n, scale: 0 }

/**
 * The literal that equals the constant in the column's type; undefined where no value of the type can equal it.
 * Throws Untestable for a nested column.
 */
export const equalLiteral = (column: MeasuredColumn, value: Constant): string | undefined => {
  if (value === null) return undefined
  switch (column.kind) {
    case 'text':
      return quoteText(String(value))
    case 'other':
      return `try_cast(${quoteText(String(value))} as ${column.type})`
    case 'boolean': {
      const text = String(value).toLowerCase()
      return text === 'true' || text === 'false' ? text : undefined
    }
    case 'float':
      return floatLiteral(column, value)
    case 'whole':
    case 'decimal': {
      const number = typeof value === 'boolean' ? undefined : parseDecimal(value)
      if (number === undefined || !fitsScale(number, column.scale ?? 0)) return undefined
      return exactLiteral(column, roundDecimal(number, column.scale ?? 0, 'floor'))
    }
    case 'date':
    case 'timestamp':
    case 'zonedTimestamp':
    case 'time':
      return isTemporalText(column, value) ? temporalLiteral(column, String(value)) : undefined
    default:
      throw new Untestable(`a column of type ${column.type} cannot be compared with constants`)
  }
}

/** Values outside of the bound. Infinities are compared, NaN is outside of every bound. */
export const boundTest = (column: MeasuredColumn, bound: Bound, value: Constant): RowTest => {
  switch (column.kind) {
    case 'whole':
    case 'decimal':
      return exactBound(column, bound, numberOf(column, value))
    case 'float': {
      numberOf(column, value)
      const literal = floatLiteral(column, value)
      return x => `(isnan(${x}) or not (${x} ${operators[bound]} ${literal}))`
    }
    case 'text':
      if (typeof value !== 'string') throw new Untestable(`a column of type ${column.type} has no numeric bounds`)
      return x => `not (${x} ${operators[bound]} ${quoteText(value)})`
    case 'date':
    case 'timestamp':
    case 'zonedTimestamp':
    case 'time': {
      if (!isTemporalText(column, value)) {
        throw new Untestable(`the bound is no ${column.kind === 'time' ? 'time' : 'date or timestamp'} of ISO 8601`)
      }
      const asInstant = column.kind === 'date' && !dateText.test(String(value))
      const literal = temporalLiteral(asInstant ? { ...column, kind: 'timestamp' } : column, String(value))
      return x => `not (${asInstant ? `${x}::timestamp` : x} ${operators[bound]} ${literal})`
    }
    default:
      throw new Untestable(`a column of type ${column.type} has no bounds`)
  }
}

/** Values that are no multiple. Exact for whole numbers and decimals; for floats within 1e-9 of the quotient. */
export const multipleTest = (column: MeasuredColumn, value: number): RowTest => {
  const factor = parseDecimal(value)
  if (factor === undefined || factor.digits <= 0n) throw new Untestable('multipleOf takes a number above 0')
  if (column.kind === 'float') {
    const literal = floatLiteral(column, value)
    return x =>
      `(not isfinite(${x}) or abs(${x} / ${literal} - round(${x} / ${literal})) > 1e-9 * greatest(1, abs(${x} / ${literal})))`
  }
  if (column.kind !== 'whole' && column.kind !== 'decimal') {
    throw new Untestable(`multipleOf takes numbers; the column has type ${column.type}`)
  }
  const scale = Math.max(factor.scale, column.scale ?? 0)
  const units = roundDecimal(factor, scale, 'floor')
  if (scale === 0) return x => `${x} % ${units} <> 0`
  // The remainder of decimals of one scale is exact in the engine.
  const whole = column.kind === 'whole' ? 19 : (column.precision ?? 18) - (column.scale ?? 0)
  const type = `decimal(${Math.min(38, Math.max(whole, decimalText(units, 0).length) + scale)}, ${scale})`
  const literal = `'${decimalText(units, scale)}'::${type}`
  return x => `${x}::${type} % ${literal} <> 0`
}

const operators: Readonly<Record<Bound, string>> = {
  minimum: '>=',
  exclusiveMinimum: '>',
  maximum: '<=',
  exclusiveMaximum: '<',
}

const numberOf = (column: MeasuredColumn, value: Constant): Decimal => {
  const number = typeof value === 'boolean' || value === null ? undefined : parseDecimal(value)
  if (number === undefined) throw new Untestable(`the bound is no number; the column has type ${column.type}`)
  return number
}

/** In the column's own type: 0.3 of a FLOAT is the FLOAT that is written 0.3. */
const floatLiteral = (column: MeasuredColumn, value: Constant): string | undefined => {
  const number = typeof value === 'boolean' || value === null ? undefined : parseDecimal(value)
  return number === undefined ? undefined : `${quoteText(String(value).trim())}::${column.type}`
}

/** A bound between two values of the type moves to the nearest value inside; one beyond the type's range holds for all or for none. */
const exactBound = (column: MeasuredColumn, bound: Bound, value: Decimal): RowTest => {
  const scale = column.scale ?? 0
  const isLower = bound === 'minimum' || bound === 'exclusiveMinimum'
  const isExact = fitsScale(value, scale)
  const units = roundDecimal(value, scale, isLower ? 'ceiling' : 'floor')
  const literal = exactLiteral(column, units)
  if (literal === undefined) {
    const allFail = isLower === units > 0n
    return x => (allFail ? `${x} is not null` : 'false')
  }
  const operator = isExact ? operators[bound] : isLower ? '>=' : '<='
  return x => `not (${x} ${operator} ${literal})`
}

const exactLiteral = (column: MeasuredColumn, units: bigint): string | undefined => {
  if (column.kind === 'decimal') {
    const precision = column.precision ?? 18
    const magnitude = units < 0n ? -units : units
    if (magnitude >= 10n ** BigInt(precision)) return undefined
    return `'${decimalText(units, column.scale ?? 0)}'::decimal(${precision}, ${column.scale ?? 0})`
  }
  const number = { digits: units, scale: 0 }
  if (compareDecimals(number, hugeMax) > 0 || compareDecimals(number, hugeMin) < 0) return undefined
  return units >= -(2n ** 63n) + 1n && units < 2n ** 63n ? String(units) : `'${units}'::hugeint`
}

const isTemporalText = (column: MeasuredColumn, value: Constant): boolean =>
  typeof value === 'string' && (column.kind === 'time' ? timeText.test(value) : instantText.test(value))

/** A zoned text in a column without a zone is read in UTC, and one without a zone in a zoned column too. */
const temporalLiteral = (column: MeasuredColumn, text: string): string => {
  if (column.kind === 'time') return `${quoteText(text)}::time`
  const zone = dateText.test(text) ? undefined : instantText.exec(text)?.[1]
  if (column.kind === 'zonedTimestamp') {
    return `${quoteText(zone === undefined ? `${text}${dateText.test(text) ? ' 00:00:00' : ''}+00` : text)}::timestamptz`
  }
  const local =
    zone === undefined ? `${quoteText(text)}::timestamp` : `(${quoteText(text)}::timestamptz at time zone 'UTC')`
  if (column.kind === 'date') return dateText.test(text) ? `${quoteText(text)}::date` : local
  return local
}
