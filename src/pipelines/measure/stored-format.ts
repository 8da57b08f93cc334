/** `format` of numbers and of moments: what a number fits into, and how a moment is written where it is kept as a text. Pure. */
import { quoteText } from '../../engine/index.ts'
import { isNumber, type MeasuredColumn } from './column.ts'
import { boundTest, multipleTest, type RowTest, Untestable } from './literal.ts'

const floatMax = '340282346638528859811704183484516925440'

/** Numbers that do not fit into the format: i8 to i128, u8 to u128 are whole, f32 and f64 finite where they are kept. */
export const ofNumberFormat = (column: MeasuredColumn, format: string): RowTest => {
  if (!isNumber(column)) throw new Untestable(`the format ${format} takes numbers; the column has type ${column.type}`)
  if (format === 'f64') return () => 'false'
  if (format === 'f32') {
    if (column.kind !== 'float') return outside(column, `-${floatMax}`, floatMax)
    return x => `abs(if(isfinite(${x}), ${x}, 0)::double) > ${floatMax}::double`
  }
  const match = /^([iu])(8|16|32|64|128)$/.exec(format)
  if (match === null)
    throw new Untestable(`unknown format "${format}" of numbers; known are i8 to i128, u8 to u128, f32, f64`)
  const bits = BigInt(match[2] ?? 0)
  const [min, max] = match[1] === 'u' ? [0n, 2n ** bits - 1n] : [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n]
  const range = outside(column, String(min), String(max))
  if (column.kind === 'whole') return range
  const fraction = multipleTest(column, 1)
  return x => `(${range(x)} or ${fraction(x)})`
}

const outside = (column: MeasuredColumn, min: string, max: string): RowTest => {
  const [low, high] = [boundTest(column, 'minimum', min), boundTest(column, 'maximum', max)]
  return x => `(${low(x)} or ${high(x)})`
}

/** Letters of JDK's DateTimeFormatter, longest first: what they look like, and what they are to the engine. */
const letters: readonly (readonly [string, string, string])[] = [
  ['yyyy', '[0-9]{4}', '%Y'],
  ['uuuu', '[0-9]{4}', '%Y'],
  ['yy', '[0-9]{2}', '%y'],
  ['MMMM', '[A-Za-z]+', '%B'],
  ['MMM', '[A-Za-z]{3}', '%b'],
  ['MM', '[0-9]{2}', '%m'],
  ['M', '[0-9]{1,2}', '%m'],
  ['dd', '[0-9]{2}', '%d'],
  ['d', '[0-9]{1,2}', '%d'],
  ['HH', '[0-9]{2}', '%H'],
  ['H', '[0-9]{1,2}', '%H'],
  ['hh', '[0-9]{2}', '%I'],
  ['h', '[0-9]{1,2}', '%I'],
  ['mm', '[0-9]{2}', '%M'],
  ['ss', '[0-9]{2}', '%S'],
  ['SSSSSS', '[0-9]{6}', '%f'],
  ['SSS', '[0-9]{3}', '%g'],
  ['a', '(?:AM|PM)', '%p'],
  ['X'.repeat(3), '(?:Z|[+-][0-9]{2}:[0-9]{2})', '%z'],
  ['X', '(?:Z|[+-][0-9]{2})', '%z'],
  ['Z', '[+-][0-9]{4}', '%z'],
]

/** Texts that are not written in the format, or name no day or time that there is. What is kept as a moment has no format. */
export const unlikeDateFormat = (column: MeasuredColumn, format: string): RowTest => {
  if (['date', 'time', 'timestamp', 'zonedTimestamp'].includes(column.kind)) return () => 'false'
  if (column.kind !== 'text')
    throw new Untestable(`the format of moments takes texts; the column has type ${column.type}`)
  const { look, parse } = readFormat(format)
  return x =>
    `(not regexp_full_match(${x}, ${quoteText(look)}) or (${x} is not null and try_strptime(replace(${x}, 'Z', '+00'), ${quoteText(parse)}) is null))`
}

const readFormat = (format: string): { readonly look: string; readonly parse: string } => {
  let look = ''
  let parse = ''
  const literal = (text: string): void => {
    look += text.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&')
    parse += text.replaceAll('%', '%%').replaceAll('Z', '+00')
  }
  for (let at = 0; at < format.length; ) {
    const quoted = /^'((?:[^']|'')*)'/.exec(format.slice(at))
    if (quoted !== null) {
      literal(quoted[1] === '' ? "'" : (quoted[1] ?? '').replaceAll("''", "'"))
      at += quoted[0].length
      continue
    }
    const run = /^([A-Za-z])\1*/.exec(format.slice(at))?.[0]
    if (run === undefined) {
      literal(format[at] ?? '')
      at++
      continue
    }
    const known = letters.find(([letter]) => letter === run)
    if (known === undefined)
      throw new Untestable(`the format "${format}" has the letters ${run}, which are not checked`)
    look += known[1]
    parse += known[2]
    at += run.length
  }
  return { look, parse }
}
