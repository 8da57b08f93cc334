/** How a CSV file is written, from its first bytes: encoding, delimiter, quote, header, the word for nothing. Pure. */
import type { CsvSource } from '../sources/csv.ts'
import { type Encoding, undefinedBytes } from '../sources/plain-file.ts'

export interface Sniffed {
  readonly options: CsvSource
  /** As the file has them; numbered where it has none. */
  readonly names: readonly string[]
  /** Names repeat or are missing, so that columns can only be told by their position. */
  readonly isByPosition: boolean
}

const delimiters = [',', ';', '\t', '|'] as const
const linesLookedAt = 200

/** Words that stand for an absent value where everything else in a column is a number or a date. */
const nullWords = ['NA', 'N/A', 'NULL', 'null', 'None', 'NaN', 'nan', '\\N', '-', '?', 'n/a', 'nil']

/** `text` is the beginning of the file, perhaps cut in the middle of a record; undefined where there is nothing in it. */
export const sniffCsv = (text: string, encoding: string, isWhole: boolean): Sniffed | undefined => {
  const clean = text.replace(/^\uFEFF/, '')
  if (clean.trim() === '') return undefined
  const { delimiter, quote, records } = bestDialect(clean, isWhole)
  const first = records[0] ?? []
  const rest = records.slice(1)
  const hasHeader = looksLikeHeader(first, rest)
  const names = hasHeader ? first.map(name => name.trim()) : first.map((_, index) => `column_${index + 1}`)
  const lower = new Set(names.map(name => name.toLowerCase()))
  // A contract would take `${x}` for a variable.
  const isByPosition = hasHeader && (lower.size < names.length || names.some(it => it === '' || it.includes('${')))
  const nullText = nullWordOf(hasHeader ? rest : records)
  return {
    options: {
      ...(delimiter === ',' ? {} : { delimiter }),
      ...(quote === '"' ? {} : { quote }),
      ...(hasHeader ? {} : { header: false }),
      ...(encoding === 'utf-8' ? {} : { encoding }),
      ...(nullText === undefined ? {} : { nullText }),
    },
    names: isByPosition ? distinctNames(names.map(name => name.replaceAll('${', '('))) : names,
    isByPosition,
  }
}

/** Of the first bytes: a mark of their order, text of UTF-8, or else one byte a character: that of Windows, whose further signs are likelier than the control characters of Latin-1. */
export const encodingOfBytes = (bytes: Uint8Array): Encoding => {
  const mark = ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0)
  if (mark === 0xfffe || mark === 0xfeff) return 'utf-16'
  try {
    // What is cut in the middle of a character is no fault of the file.
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
    return 'utf-8'
  } catch {
    return bytes.some(byte => undefinedBytes.has(byte)) ? 'latin-1' : 'windows-1252'
  }
}

interface Dialect {
  readonly delimiter: string
  readonly quote: string
  readonly records: readonly (readonly string[])[]
}

/** The delimiter that cuts the most records into the same number of fields, the more the better. */
const bestDialect = (text: string, isWhole: boolean): Dialect => {
  const quote = /(^|[,;\t|\n])'[^'\n]*'([,;\t|\r\n]|$)/.test(text) && !text.includes('"') ? "'" : '"'
  let best: Dialect & { score: number } = { delimiter: ',', quote, records: [], score: -1 }
  for (const delimiter of delimiters) {
    const records = splitRecords(text, delimiter, quote, linesLookedAt + 1)
    if (!isWhole && records.length > 1 && records.length <= linesLookedAt) records.pop()
    const kept = records.filter(it => it.length > 1 || it[0] !== '')
    const width = kept[0]?.length ?? 0
    const same = kept.filter(it => it.length === width).length / Math.max(1, kept.length)
    const score = width > 1 ? same * 100 + Math.min(width, 50) / 10 : 50
    if (score > best.score) best = { delimiter, quote, records: kept, score }
  }
  return best
}

/** Records of a text by RFC 4180: a doubled quote inside quotes is a quote, and lines may break there. */
export const splitRecords = (text: string, delimiter: string, quote: string, max: number): string[][] => {
  const records: string[][] = []
  let record: string[] = []
  let field = ''
  let isQuoted = false
  for (let index = 0; index < text.length; index++) {
    const char = text[index]
    if (char === quote && (isQuoted || field === '')) {
      if (isQuoted && text[index + 1] === quote) field += text[index++]
      else isQuoted = !isQuoted
    } else if (isQuoted) field += char
    else if (char === delimiter) {
      record.push(field)
      field = ''
    } else if (char === '\n' || char === '\r') {
      if (char === '\r' && text[index + 1] === '\n') index++
      records.push([...record, field])
      if (records.length >= max) return records
      record = []
      field = ''
    } else field += char
  }
  if (field !== '' || record.length > 0) records.push([...record, field])
  return records
}

const isValue = (text: string): boolean =>
  /^\s*[+-]?(\d+([.,]\d+)*|\d*\.\d+)(e[+-]?\d+)?\s*%?$/i.test(text) ||
  /^\d{1,4}[-./]\d{1,2}[-./]\d{1,4}/.test(text) ||
  /^(true|false)$/i.test(text)

/** A first line of names: no number or date in it, and unlike what stands below, by kind or by never coming again. */
const looksLikeHeader = (first: readonly string[], rest: readonly (readonly string[])[]): boolean => {
  if (first.some(isValue)) return false
  if (rest.length === 0) return true
  if (first.some((_, index) => rest.some(record => isValue(record[index] ?? '')))) return true
  // Texts everywhere: names have no empty ones among them, and do not come again as values.
  const repeats = first.filter((name, index) => rest.some(record => record[index] === name)).length
  return repeats === 0 && first.every(name => name.trim() !== '' && name.length <= 80)
}

const nullWordOf = (records: readonly (readonly string[])[]): string | undefined => {
  const votes = new Map<string, number>()
  const width = Math.max(0, ...records.map(it => it.length))
  for (let index = 0; index < width; index++) {
    const values = records.map(record => (record[index] ?? '').trim()).filter(it => it !== '')
    const words = new Set(values.filter(it => nullWords.includes(it)))
    const [word] = words
    const others = values.filter(it => !words.has(it))
    if (word !== undefined && words.size === 1 && others.length > 0 && others.every(isValue))
      votes.set(word, (votes.get(word) ?? 0) + 1)
  }
  return [...votes].sort((one, other) => other[1] - one[1])[0]?.[0]
}

/** Each name once, letters' case aside: the second `amount` is `amount_2`. */
export const distinctNames = (names: readonly string[]): string[] => {
  const taken = new Set<string>()
  return names.map((name, index) => {
    const base = name === '' ? `column_${index + 1}` : name
    let free = base
    for (let n = 2; taken.has(free.toLowerCase()); n++) free = `${base}_${n}`
    taken.add(free.toLowerCase())
    return free
  })
}
