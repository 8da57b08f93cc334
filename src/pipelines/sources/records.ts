/** The records of a CSV file that the engine refuses, one by one: what can be read is, and the rest is named and never takes its neighbours along. */
import { isUtf8 } from 'node:buffer'
import { createReadStream } from 'node:fs'

export interface Dialect {
  readonly delimiter: string
  /** Empty: there is no quoting. */
  readonly quote: string
  readonly escape: string
}

export type BrokenReason =
  | 'quote'
  | 'too-few-fields'
  | 'too-many-fields'
  | 'undecodable'
  | 'nul'
  | 'too-long'
  | 'repeated-header'

export interface CsvRecord {
  /** Of its first character, from 1. */
  readonly line: number
  readonly raw: string
  /** Absent where the record is broken. */
  readonly fields?: readonly string[]
  readonly reason?: BrokenReason
}

export interface RecordsRequest {
  /** Of a file in UTF-8. */
  readonly path: string
  readonly dialect: Dialect
  readonly hasHeader: boolean
  /** Of every record. */
  readonly fields: number
  readonly lineBytesMax: number
  /** What a quoted field over several lines must not hold. */
  readonly rowWithin?: RegExp
}

/**
 * Batches of records in order. A line ends with LF, CRLF or CR; an empty one is no record. A quoted field may hold line ends if it closes within
 * `lineBytesMax`, its record then has the right count of fields, and no line in it looks like a row; else the record is its first line alone, and the next begins on the next line.
 * The header once more is no record. Empty fields too many at the end are delimiters at the line's end, and are left out. Bytes that are no UTF-8 are lone surrogates (DC00 + byte).
 */
export async function* readRecords(request: RecordsRequest): AsyncGenerator<CsvRecord[]> {
  const reader: Reader = { line: 1, awaitsHeader: request.hasHeader, header: [] }
  let rest = ''
  for await (const { text, isLast } of textBlocks(request.path, request.lineBytesMax)) {
    const whole = rest + text
    const { records, end } = recordsOf(whole, isLast, request, reader)
    rest = whole.slice(end)
    yield records
  }
}

interface Reader {
  line: number
  awaitsHeader: boolean
  /** Without spaces around the names; empty where there is none. */
  header: readonly string[]
}

const recordsOf = (
  text: string,
  isLast: boolean,
  request: RecordsRequest,
  reader: Reader,
): { records: CsvRecord[]; end: number } => {
  const { dialect, lineBytesMax } = request
  const records: CsvRecord[] = []
  const feed = finder(text, '\n')
  const carriage = finder(text, '\r')
  const delimiter = finder(text, dialect.delimiter)
  const lineEndAfter: Finder = from => Math.min(feed(from), carriage(from))
  const quoted = dialect.quote === '' ? () => text.length : finder(text, dialect.quote)
  // Looked for once a block: most have neither.
  const isClean = !/\p{Surrogate}|\0/u.test(text)
  let at = 0
  while (at < text.length) {
    const lineEnd = lineEndAfter(at)
    const next = afterLineEnd(text, lineEnd)
    if (lineEnd === at) {
      reader.line++
      at = next
      continue
    }
    let fields: readonly string[] | undefined
    let end = lineEnd
    let reason: BrokenReason | undefined
    if (isLonger(text, at, lineEnd, lineBytesMax)) reason = 'too-long'
    else if (quoted(at) >= lineEnd) fields = text.slice(at, lineEnd).split(dialect.delimiter)
    else {
      const found = quotedRecord(text, at, dialect, delimiter, lineEndAfter)
      if (found === 'open' && !isLast && !isLonger(text, at, text.length, lineBytesMax)) break
      if (found === 'open' || found === 'broken' || isLonger(text, at, found.end, lineBytesMax)) reason = 'quote'
      else {
        fields = found.fields
        end = found.end
      }
    }
    if (reader.awaitsHeader) {
      reader.awaitsHeader = false
      reader.header = (fields ?? []).map(name => name.trim())
      reader.line += lineEnds(text, at, end) + 1
      at = afterLineEnd(text, end)
      continue
    }
    const count = fields === undefined ? 0 : withoutLastEmpty(fields, request.fields)
    if (fields !== undefined && count !== request.fields) {
      // A field that swallowed line ends and gave another count was not meant to.
      reason = end > lineEnd ? 'quote' : count < request.fields ? 'too-few-fields' : 'too-many-fields'
      end = lineEnd
    } else if (end > lineEnd && request.rowWithin?.test(text.slice(at, end)) === true) {
      reason = 'quote'
      end = lineEnd
    } else if (isRepeated(fields, reader.header)) reason = 'repeated-header'
    const raw = reason === 'too-long' ? cutText(text.slice(at, end), lineBytesMax) : text.slice(at, end)
    if (!isClean && reason !== 'too-long') reason = damagedText(raw) ?? reason
    records.push(
      reason === undefined && fields !== undefined
        ? { line: reader.line, raw, fields: count < fields.length ? fields.slice(0, count) : fields }
        : { line: reader.line, raw, reason: reason ?? 'quote' },
    )
    reader.line += lineEnds(text, at, end) + 1
    at = afterLineEnd(text, end)
  }
  return { records, end: at }
}

/** A value of a single column may well be the column's name. */
const isRepeated = (fields: readonly string[] | undefined, header: readonly string[]): boolean =>
  header.length > 1 && header.length === fields?.length && fields.every((field, at) => field.trim() === header[at])

/** The engine takes them for delimiters at the end of a line, however many there are. */
const withoutLastEmpty = (fields: readonly string[], expected: number): number => {
  let count = fields.length
  while (count > expected && fields[count - 1] === '') count--
  return count
}

const damagedText = (raw: string): BrokenReason | undefined => {
  if (/\p{Surrogate}/u.test(raw)) return 'undecodable'
  return raw.includes('\0') ? 'nul' : undefined
}

/** The next place of a text in another; the text's length where there is none. What was found is kept: a search to the end for every record would take quadratic time. */
type Finder = (from: number) => number

const finder = (text: string, sought: string): Finder => {
  let since = 0
  let found = -1
  return from => {
    if (from < since || found < from) {
      const index = text.indexOf(sought, from)
      since = from
      found = index < 0 ? text.length : index
    }
    return found
  }
}

const afterLineEnd = (text: string, end: number): number =>
  text[end] === '\r' && text[end + 1] === '\n' ? end + 2 : Math.min(end + 1, text.length)

const lineEnds = (text: string, from: number, to: number): number => {
  let count = 0
  for (let at = from; at < to; at++) {
    const isEnd = text[at] === '\n' || (text[at] === '\r' && text[at + 1] !== '\n')
    if (isEnd) count++
  }
  return count
}

/** A UTF-16 unit is at most three bytes of UTF-8: most lines need no counting. */
const isLonger = (text: string, from: number, to: number, bytesMax: number): boolean =>
  (to - from) * 3 > bytesMax && (to - from > bytesMax || Buffer.byteLength(text.slice(from, to)) > bytesMax)

/** A record of which some field may be quoted; `end` is the place of its line end. Spaces around quotes are no part of the field, as the engine reads it. */
const quotedRecord = (
  text: string,
  from: number,
  dialect: Dialect,
  delimiter: Finder,
  lineEndAfter: Finder,
): { readonly fields: string[]; readonly end: number } | 'open' | 'broken' => {
  const fields: string[] = []
  let at = from
  while (true) {
    const start = afterSpaces(text, at, dialect)
    let end: number
    if (text.startsWith(dialect.quote, start)) {
      const field = quotedField(text, start + dialect.quote.length, dialect)
      if (field === 'open' || field === 'broken') return field
      fields.push(field.value)
      end = afterSpaces(text, field.end, dialect)
    } else {
      end = Math.min(delimiter(at), lineEndAfter(at))
      fields.push(text.slice(at, end))
    }
    if (end >= text.length || text[end] === '\n' || text[end] === '\r') return { fields, end }
    if (!text.startsWith(dialect.delimiter, end)) return 'broken'
    at = end + dialect.delimiter.length
  }
}

const afterSpaces = (text: string, from: number, dialect: Dialect): number => {
  let at = from
  while (text[at] === ' ' && !text.startsWith(dialect.delimiter, at)) at++
  return at
}

const quotedField = (
  text: string,
  from: number,
  { quote, escape: sign }: Dialect,
): { readonly value: string; readonly end: number } | 'open' | 'broken' => {
  let value = ''
  let at = from
  while (true) {
    const close = text.indexOf(quote, at)
    const escaped = sign === quote ? -1 : text.indexOf(sign, at)
    if (escaped >= 0 && (close < 0 || escaped < close)) {
      const next = escaped + sign.length
      const isQuote = text.startsWith(quote, next)
      if (!isQuote && !text.startsWith(sign, next)) return 'broken'
      const meant = isQuote ? quote : sign
      value += text.slice(at, escaped) + meant
      at = next + meant.length
      continue
    }
    if (close < 0) return 'open'
    value += text.slice(at, close)
    at = close + quote.length
    if (sign !== quote || !text.startsWith(quote, at)) return { value, end: at }
    value += quote
    at += quote.length
  }
}

/** Whole lines of a file, in blocks of about a megabyte. A line that is longer than can be kept is cut, so that it still is too long. */
async function* textBlocks(path: string, lineBytesMax: number): AsyncGenerator<{ text: string; isLast: boolean }> {
  let pending: Buffer = Buffer.alloc(0)
  let isFirst = true
  let isSkipping = false
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
    let bytes = chunk as Buffer // a stream without an encoding gives buffers
    if (isSkipping) {
      const end = bytes.findIndex(byte => byte === 10 || byte === 13)
      if (end < 0) continue
      bytes = bytes.subarray(end + (bytes[end] === 13 && bytes[end + 1] === 10 ? 2 : 1))
      isSkipping = false
    }
    pending = pending.length === 0 ? bytes : Buffer.concat([pending, bytes])
    if (isFirst && pending.length >= 3) {
      if (pending[0] === 0xef && pending[1] === 0xbb && pending[2] === 0xbf) pending = pending.subarray(3)
      isFirst = false
    }
    // A CR at the very end may be half of a CRLF.
    const end = Math.max(pending.lastIndexOf(10), pending.subarray(0, -1).lastIndexOf(13)) + 1
    if (end > 0) {
      yield { text: textOf(pending.subarray(0, end)), isLast: false }
      pending = pending.subarray(end)
    }
    if (pending.length > lineBytesMax) {
      yield { text: textOf(pending.subarray(0, lineBytesMax + 1)), isLast: false }
      pending = Buffer.alloc(0)
      isSkipping = true
    }
  }
  yield { text: textOf(pending), isLast: true }
}

/** The same for a line that is whole in its block as for one that is cut above. */
const cutText = (text: string, bytesMax: number): string => {
  const parts = text.slice(0, bytesMax + 1).split(/(\p{Surrogate})/u)
  const bytes = parts.map((part, index) =>
    index % 2 === 0 ? Buffer.from(part) : Buffer.from([part.charCodeAt(0) & 0xff]),
  )
  return textOf(Buffer.concat(bytes).subarray(0, bytesMax + 1))
}

const textOf = (bytes: Buffer): string => (isUtf8(bytes) ? bytes.toString() : escapedText(bytes))

const escapedText = (bytes: Buffer): string => {
  let text = ''
  let from = 0
  while (from < bytes.length) {
    const feed = bytes.indexOf(10, from)
    const end = feed < 0 ? bytes.length : feed + 1
    const line = bytes.subarray(from, end)
    text += isUtf8(line) ? line.toString() : escapedLine(line)
    from = end
  }
  return text
}

const escapedLine = (bytes: Buffer): string => {
  let text = ''
  let at = 0
  while (at < bytes.length) {
    const lead = bytes[at] ?? 0
    const length = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2
    const character = bytes.subarray(at, at + length)
    const isWhole = character.length === length && isUtf8(character)
    text += isWhole ? character.toString() : String.fromCharCode(0xdc00 + lead)
    at += isWhole ? length : 1
  }
  return text
}
