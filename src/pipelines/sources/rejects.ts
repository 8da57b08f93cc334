/** Files that the engine refuses, record by record: what can be read goes into one clean CSV file, what cannot be into another, both in scratch. */
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { problem, WeftError } from '../../base/index.ts'
import { engineProblems, type RelationColumn } from '../../engine/index.ts'
import { type BrokenReason, type CsvRecord, type Dialect, readRecords } from './records.ts'
import { rowWithin } from './row-pattern.ts'

/** Why a record was not taken, in the files of rejects. */
export type RejectCode = BrokenReason | 'repeated-header' | 'value'

export const originName = '__weft_source'
export const lineName = '__weft_line'
export const rawName = '__weft_raw'

export const rejectColumns: readonly RelationColumn[] = [
  { name: 'uri', type: 'VARCHAR' },
  { name: 'line', type: 'BIGINT' },
  { name: 'column', type: 'VARCHAR' },
  { name: 'code', type: 'VARCHAR' },
  { name: 'reason', type: 'VARCHAR' },
  { name: 'raw', type: 'VARCHAR' },
]

export interface TroubledFile {
  readonly index: number
  readonly uri: string
  /** Of its text in UTF-8. */
  readonly path: string
  /** As the header has them; absent where there is none. */
  readonly names?: readonly string[]
  readonly fields: readonly (string | undefined)[]
}

export interface SortedFile {
  readonly index: number
  readonly records: number
  /** Of these, how many are in `clean`. */
  readonly clean: number
}

interface SortRequest {
  readonly files: readonly TroubledFile[]
  readonly columns: readonly RelationColumn[]
  readonly dialect: Dialect
  readonly lineBytesMax: number
  /** A field of this text is empty in `clean`. */
  readonly nullText?: string
  readonly clean: string
  readonly rejects: string
  readonly signal?: AbortSignal
}

/** Writes `clean` (source, line, raw text, then the columns in order) and `rejects` (as `rejectColumns`), both below a line that names nothing. */
export const sortRecords = async (request: SortRequest): Promise<SortedFile[]> => {
  const clean = openWriter(request.clean)
  const rejects = openWriter(request.rejects)
  const sorted: SortedFile[] = []
  try {
    // The engine takes the first line end that it sees for that of all lines, even one within quotes.
    await clean.write('header\n')
    await rejects.write('header\n')
    for (const file of request.files) {
      const shape = cleanShape(file, request)
      const header = file.names
      const pattern = rowWithin(file.fields, request.columns, request.dialect.delimiter)
      let records = 0
      let taken = 0
      const batches = readRecords({
        path: file.path,
        dialect: request.dialect,
        hasHeader: file.names !== undefined,
        fields: file.fields.length,
        lineBytesMax: request.lineBytesMax,
        ...(pattern === undefined ? {} : { rowWithin: new RegExp(pattern) }),
      })
      for await (const batch of batches) {
        if (request.signal?.aborted) throw interrupted()
        let good = ''
        let bad = ''
        for (const record of batch) {
          records++
          const { fields } = record
          const isHeader = header !== undefined && isRepeated(fields, header)
          if (fields !== undefined && !isHeader) {
            taken++
            good += cleanLine(file, record, fields, shape)
          } else bad += rejectLine(file, record, isHeader)
        }
        await clean.write(good)
        await rejects.write(bad)
      }
      sorted.push({ index: file.index, records, clean: taken })
    }
  } finally {
    await Promise.all([clean.close(), rejects.close()])
  }
  return sorted
}

/** A value of a single column may well be the column's name. */
const isRepeated = (fields: readonly string[] | undefined, header: readonly string[]): boolean =>
  fields !== undefined && header.length > 1 && fields.every((field, at) => field.trim() === header[at])

const cleanLine = (file: TroubledFile, record: CsvRecord, fields: readonly string[], shape: CleanShape): string => {
  const { raw } = record
  const hasQuote = raw.includes('"')
  const start = `${file.index},${record.line},${hasQuote ? quoted(raw) : `"${raw}"`}`
  // Most records can stand as they are, which halves the time.
  if (shape.isSame && !hasQuote && !raw.endsWith(',')) return `${start},${raw}\n`
  let line = start
  for (const place of shape.places) {
    const text = fields[place] ?? ''
    line += text === '' || text === shape.nullText ? ',' : `,${quoted(text)}`
  }
  return `${line}\n`
}

/** How fields of a file become those of `clean`. */
interface CleanShape {
  /** For each column the place of its field; -1 for none. */
  readonly places: readonly number[]
  readonly nullText: string | undefined
  /** A record without quotes is its own text there. */
  readonly isSame: boolean
}

const cleanShape = (
  file: TroubledFile,
  { columns, dialect, nullText }: Pick<SortRequest, 'columns' | 'dialect' | 'nullText'>,
): CleanShape => {
  const places = columns.map(column => file.fields.indexOf(column.name))
  const isSame =
    dialect.delimiter === ',' &&
    dialect.quote === '"' &&
    nullText === undefined &&
    file.fields.length === columns.length &&
    places.every((place, index) => place === index)
  return { places, nullText, isSame }
}

const rejectLine = (file: TroubledFile, record: CsvRecord, isHeader: boolean): string => {
  const code: RejectCode = isHeader ? 'repeated-header' : (record.reason ?? 'quote')
  return `${[quoted(file.uri), record.line, '', code, quoted(words[code]), quoted(visible(record.raw))].join(',')}\n`
}

const interrupted = (): WeftError =>
  new WeftError('interrupted', problem(engineProblems, 'engine.interrupted', 'reading a source was ended'))

const words: Readonly<Record<RejectCode, string>> = {
  quote: 'a quote does not close, or a text follows it',
  'too-few-fields': 'fewer fields than the header has',
  'too-many-fields': 'more fields than the header has',
  undecodable: 'bytes that are no text in the declared encoding',
  nul: 'a NUL byte',
  'too-long': 'longer than sourceLineBytesMax; the text is cut there',
  'repeated-header': 'the header once more',
  value: 'a value that is not of the declared type',
}

export const wordsOf = (code: RejectCode): string => words[code]

const quoted = (text: string): string => (text.includes('"') ? `"${text.replaceAll('"', '""')}"` : `"${text}"`)

/** Bytes that are no text, and NUL, as `\xA3`. */
const visible = (raw: string): string =>
  raw.replace(/\p{Surrogate}|\0/gu, it => `\\x${(it.charCodeAt(0) & 0xff).toString(16).toUpperCase().padStart(2, '0')}`)

interface Writer {
  write(text: string): Promise<void>
  close(): Promise<void>
}

const openWriter = (path: string): Writer => {
  const stream = createWriteStream(path)
  let failure: Error | undefined
  stream.on('error', error => {
    failure = error
  })
  return {
    write: async text => {
      if (failure !== undefined) throw failure
      if (text !== '' && !stream.write(text)) await once(stream, 'drain')
    },
    close: async () => {
      if (failure !== undefined) throw failure
      stream.end()
      if (!stream.closed) await once(stream, 'close')
      if (failure !== undefined) throw failure
    },
  }
}
