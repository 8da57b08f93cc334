/** Texts as values of a type, as DuckDB's SQL. What a cast would round, cut or guess is no value of the type. */
import { type CsvOptions, quoteText } from '../engine.ts'

const whole = /^U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)$/
const decimal = /^DECIMAL\(\d+,\s*(\d+)\)$/
const fractionDigits: Readonly<Record<string, number>> = {
  TIMESTAMP: 6,
  'TIMESTAMP WITH TIME ZONE': 6,
  TIMESTAMP_S: 0,
  TIMESTAMP_MS: 3,
  TIMESTAMP_NS: 9,
}

const exponent = '([eE]\\+?\\d+)?'
const day = '\\d{1,4}[-/]\\d{1,2}[-/]\\d{1,2}'
const clock = (digits: number): string => `\\d{1,2}:\\d{2}(:\\d{2}(\\.\\d{0,${digits}}0*)?)?`

const isAll = (text: string, pattern: string): string =>
  `regexp_full_match(${text}, ${quoteText(`\\s*${pattern}\\s*`)})`

/**
 * The value of a text (an SQL expression) as an SQL expression; NULL where it is not of the type.
 * A cast's answer that prints as the very text is right; only other texts meet a pattern, which costs more than the cast.
 */
export const textValue = (text: string, type: string, options: CsvOptions): string => {
  if (type === 'VARCHAR') return `case when not contains(${text}, chr(0)) then ${text} end`
  if (type === 'BOOLEAN') return booleanValue(text, options)
  if (type === 'DATE') return dateValue(text, options)
  if (type === 'TIME')
    return `case when ${printsAs(text, type)} or ${isAll(text, clock(6))} then try_cast(${text} as TIME) end`
  const digits = fractionDigits[type]
  if (digits !== undefined) return timestampValue(text, type, digits, options)
  if (whole.test(type)) {
    const number = plainNumber(text, options)
    return `case when ${printsAs(number, type)} or ${isAll(number, `[-+]?\\d+(\\.0*)?${exponent}`)} then try_cast(${number} as ${type}) end`
  }
  const scale = decimal.exec(type)?.[1]
  if (scale !== undefined) return decimalValue(plainNumber(text, options), type, Number(scale))
  if (type === 'DOUBLE' || type === 'FLOAT') return floatValue(plainNumber(text, options), type)
  return `try_cast(${text} as ${type})`
}

const printsAs = (text: string, type: string): string => `cast(try_cast(${text} as ${type}) as varchar) = ${text}`

/** With a point, and without separators of thousands; NULL where these stand in wrong places. */
const plainNumber = (text: string, options: CsvOptions): string => {
  const point = options.decimalSeparator ?? '.'
  const separator = options.thousandsSeparator
  const escaped = (sign: string): string => `[${sign === '\\' || sign === '^' || sign === ']' ? '\\' : ''}${sign}]`
  const ungrouped =
    separator === undefined
      ? text
      : `case when not contains(trim(${text}), ${quoteText(separator)}) then ${text} when ${isAll(text, `[-+]?\\d{1,3}(${escaped(separator)}\\d{3})+(${escaped(point)}\\d*)?`)} then replace(trim(${text}), ${quoteText(separator)}, '') end`
  // A point is then no separator: it becomes a comma, which no number may have.
  return point === '.' ? ungrouped : `translate(${ungrouped}, ${quoteText(`${point}.`)}, '.,')`
}

/** Digits behind the scale may only be zeros: the cast would round them. */
const decimalValue = (number: string, type: string, scale: number): string => {
  const isTooFine = `(contains(${number}, '.') and length(${number}) - strpos(${number}, '.') > ${scale})`
  const isOdd = `(${isTooFine} or contains(${number}, 'e') or contains(${number}, 'E') or contains(${number}, '_'))`
  const fits = isAll(number, `[-+]?(\\d+\\.?|\\d*\\.\\d{0,${scale}}0*)${exponent}`)
  return `case when ${printsAs(number, type)} or not ${isOdd} or ${fits} then try_cast(${number} as ${type}) end`
}

const floatValue = (number: string, type: string): string => {
  const cast = `try_cast(${number} as ${type})`
  const isWord = `regexp_full_match(lower(trim(${number})), '[-+]?(nan|inf|infinity)')`
  return `case when (isfinite(${cast}) and not contains(${number}, '_')) or ${isWord} then ${cast} end`
}

const booleanValue = (text: string, options: CsvOptions): string => {
  const { trueText, falseText } = options
  if (trueText === undefined && falseText === undefined)
    return `case ${text} when 'true' then true when 'false' then false else case lower(trim(${text})) when 'true' then true when 'false' then false end end`
  return `case ${text} when ${quoteText(trueText ?? 'true')} then true when ${quoteText(falseText ?? 'false')} then false end`
}

const dateValue = (text: string, options: CsvOptions): string => {
  if (options.dateFormat !== undefined) return `cast(try_strptime(${text}, ${quoteText(options.dateFormat)}) as DATE)`
  const cast = `try_cast(${text} as DATE)`
  return `case when isfinite(${cast}) and (${printsAs(text, 'DATE')} or ${isAll(text, `${day}([ T]0?0:00(:00(\\.0*)?)?)?`)}) then ${cast} end`
}

/** A text with an offset is an instant: without a zone in its type it is kept as UTC, where a cast would drop the offset. */
const timestampValue = (text: string, type: string, digits: number, options: CsvOptions): string => {
  if (options.timestampFormat !== undefined)
    return `try_cast(try_strptime(${text}, ${quoteText(options.timestampFormat)}) as ${type})`
  const cast = `try_cast(${text} as ${type})`
  const moment = `${day}([ T]${clock(digits)})?`
  const instant = `${day}[ T]${clock(Math.min(digits, 6))} ?(Z|UTC|[-+]\\d{2}(:?\\d{2})?)`
  const atUtc = `try_cast(try_cast(${text} as TIMESTAMP WITH TIME ZONE) as ${type})`
  return `case when isfinite(${cast}) and (${printsAs(text, type)} or ${isAll(text, moment)}) then ${cast} when ${isAll(text, instant)} then ${atUtc} end`
}
