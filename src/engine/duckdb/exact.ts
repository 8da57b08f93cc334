/** Numbers that arrive as texts, kept exactly or refused. */
import { quoteText } from '../engine.ts'
import { safeMark } from './error.ts'

const whole = /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER)$/
const decimal = /^DECIMAL\(\d+,\s*(\d+)\)$/

/** Whole numbers and decimals: DuckDB would cut or round what does not fit, without a word. */
export const isExact = (type: string): boolean => whole.test(type) || decimal.test(type)

/** A text (an SQL expression) as a value of an exact type; a fraction, or digits behind the scale that are no zeros, are an error that names the column. */
export const exactValue = (value: string, type: string, column: string): string => {
  const digits = decimal.exec(type)?.[1] ?? 0
  const refused = `error(${quoteText(`${safeMark}column ${column} holds what is no ${type}`)})`
  const fits = `regexp_full_match(${value}, '\\s*[+-]?\\d*(\\.\\d{0,${digits}}0*)?([eE]\\+?\\d+)?\\s*')`
  return `case when ${value} is null then null when ${fits} then coalesce(try_cast(${value} as ${type}), ${refused}) else ${refused} end`
}
