/** From what the values of a column look like to its type in the source and in the product. Pure. */
import type { CsvSource } from '../sources/csv.ts'
import type { ColumnFacts } from './observe.ts'
import { momentFormats } from './observe.ts'

export interface Guess {
  /** As the source declares it. */
  readonly type: string
  /** As the product promises it. */
  readonly outputType: string
  /** From the source's value to the product's; the value as it is where absent. */
  readonly cast?: (value: string) => string
  /** For people, where something could not be told. */
  readonly remark?: string
}

/** Texts of digits that nobody adds up. */
const codeName = /zip|postal|post_?code|plz|phone|mobile|fax|iban|(^|_)ean|isbn|(^|_)ssn|vat_?(no|id)/i

const decimalDigitsMax = 18
/** More digits behind the point than this come from measuring, not from counting money. */
const scaleMax = 6

/** What holds for all columns of a CSV file: its decimal separator and its one format of days and of instants. */
export const fileOptions = (facts: readonly ColumnFacts[], options: CsvSource): CsvSource => {
  const texts = facts.filter(it => it.isUntyped && it.filled > 0)
  const hasComma = texts.some(it => isCommaDecimal(it) && it.commaScale > 0)
  const hasPoint = texts.some(it => it.floats === it.filled && (it.scale > 0 || it.decimals < it.filled))
  const moments = texts.map(it => ({ it, format: momentFormat(it) }))
  const isos = texts.filter(it => it.isoDates === it.filled || it.isoTimestamps === it.filled)
  const only = (hasTime: boolean): string | undefined => {
    const found = new Set(moments.flatMap(({ format }) => (format?.includes('%H') === hasTime ? [format] : [])))
    const isIso = isos.some(it => (it.isoTimestamps === it.filled) === hasTime)
    return found.size === 1 && !isIso ? [...found][0] : undefined
  }
  const dateFormat = only(false)
  const timestampFormat = only(true)
  return {
    ...options,
    ...(hasComma && !hasPoint ? { decimalSeparator: ',' } : {}),
    ...(dateFormat === undefined ? {} : { dateFormat }),
    ...(timestampFormat === undefined ? {} : { timestampFormat }),
  }
}

export const guessType = (it: ColumnFacts, options: CsvSource): Guess => {
  if (it.type === 'DOUBLE' && it.filled > 0 && it.whole === it.filled && it.digits <= decimalDigitsMax)
    return plain('BIGINT')
  if (it.type === 'DOUBLE' && it.filled > 0 && it.decimals === it.filled)
    return plain(decimalType(it, it.scale) ?? 'DOUBLE')
  if (it.type !== 'VARCHAR' || !it.isUntyped) return plain(it.type)
  if (it.filled === 0) return plain('VARCHAR')
  const all = (count: number): boolean => count === it.filled
  if (all(it.booleans)) return plain('BOOLEAN')
  if (all(it.isoDates)) return plain('DATE')
  if (all(it.isoTimestamps))
    return plain(it.zoned === 0 ? 'TIMESTAMP' : all(it.zoned) ? 'TIMESTAMP WITH TIME ZONE' : 'VARCHAR')
  const moment = guessMoment(it, options)
  if (moment !== undefined) return moment
  if (it.leadingZeros > 0 || codeName.test(it.name)) return plain('VARCHAR')
  return guessNumber(it, options) ?? plain('VARCHAR')
}

const plain = (type: string): Guess => ({ type, outputType: type })

const guessNumber = (it: ColumnFacts, options: CsvSource): Guess | undefined => {
  const all = (count: number): boolean => count === it.filled
  if (all(it.whole)) {
    if (it.digits <= decimalDigitsMax) return plain('BIGINT')
    return it.digits <= 38 ? plain('DECIMAL(38,0)') : undefined
  }
  if (options.decimalSeparator !== ',') {
    if (all(it.decimals)) return plain(decimalType(it, it.scale) ?? 'DOUBLE')
    if (all(it.floats)) return plain('DOUBLE')
    if (all(it.pointThousands)) return fromText(it, it.scale, value => `replace(${value}, ',', '')`)
  }
  if (isCommaDecimal(it)) {
    const type = decimalType(it, it.commaScale) ?? 'DOUBLE'
    if (options.decimalSeparator === ',') return plain(type)
    return fromText(it, it.commaScale, value => `replace(${value}, ',', '.')`)
  }
  if (all(it.commaThousands))
    return fromText(it, it.commaScale, value => `replace(replace(${value}, '.', ''), ',', '.')`)
  return undefined
}

const isCommaDecimal = (it: ColumnFacts): boolean => it.commaDecimals === it.filled && it.whole < it.filled

/** Enough digits for whatever was seen and more; undefined where it is no decimal that anybody would write. */
const decimalType = (it: ColumnFacts, scale: number): string | undefined =>
  scale <= scaleMax && it.digits + scale <= decimalDigitsMax
    ? `DECIMAL(${decimalDigitsMax},${Math.max(scale, 1)})`
    : undefined

const fromText = (it: ColumnFacts, scale: number, clean: (value: string) => string): Guess => {
  const type = decimalType(it, scale) ?? 'DOUBLE'
  return { type: 'VARCHAR', outputType: type, cast: value => `${clean(value)}::${type.toLowerCase()}` }
}

/** The first format that all values have. */
export const momentFormat = (it: ColumnFacts): string | undefined =>
  it.filled === 0 ? undefined : momentFormats.find(format => it.otherDates[format] === it.filled)

const guessMoment = (it: ColumnFacts, options: CsvSource): Guess | undefined => {
  const format = momentFormat(it)
  if (format === undefined) return undefined
  const type = format.includes('%H') ? 'TIMESTAMP' : 'DATE'
  const other = momentFormats.find(one => one !== format && it.otherDates[one] === it.filled)
  const remark =
    other === undefined ? {} : { remark: `${it.name}: every value fits ${format} and ${other}; the first was taken` }
  const isDeclared = format === (type === 'DATE' ? options.dateFormat : options.timestampFormat)
  if (isDeclared) return { ...plain(type), ...remark }
  return {
    type: 'VARCHAR',
    outputType: type,
    cast: value => `strptime(${value}, '${format}')${type === 'DATE' ? '::date' : ''}`,
    ...remark,
  }
}
