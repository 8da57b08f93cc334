/** Files that the engine refuses, record by record: what can be read goes into one clean CSV file, what cannot be into another, both in scratch. */
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { problem, WeftError } from '../../base/index.ts'
import type { Column } from '../../domain/index.ts'
import { engineProblems, quoteText, type RelationColumn } from '../../engine/index.ts'
import { type BrokenReason, type CsvRecord, type Dialect, readRecords } from './records.ts'
import { rowWithin } from './row-pattern.ts'

/** Why a record was not taken, in the files of rejects. */
export type RejectCode = BrokenReason | 'value'

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
  readonly hasHeader: boolean
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
      const pattern = rowWithin(file.fields, request.columns, request.dialect.delimiter)
      let records = 0
      let taken = 0
      const batches = readRecords({
        path: file.path,
        dialect: request.dialect,
        hasHeader: file.hasHeader,
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
          if (fields !== undefined) {
            taken++
            good += cleanLine(file, record, fields, shape)
          } else bad += rejectLine(file, record)
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

const rejectLine = (file: TroubledFile, record: CsvRecord): string => {
  const code: RejectCode = record.reason ?? 'quote'
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

export const misfitsName = '__weft_misfits'

/** SQL of the rejects among a relation's rows, which has the origin, line, text and misfits of each: the columns as the contract names them, and in the reason as files do. */
export const misfitRows = (
  relation: string,
  { files, columns }: { readonly files: readonly { readonly uri: string }[]; readonly columns: readonly Column[] },
): string => {
  const uris = `[${files.map(file => quoteText(file.uri)).join(', ')}]`
  const called = columns.flatMap(({ name, physicalName }) => {
    const both = `${name} is called "${physicalName}" in files`
    return physicalName === undefined
      ? []
      : `case when list_contains(${misfitsName}, ${quoteText(name)}) then ${quoteText(both)} end`
  })
  const reason = `concat_ws('; ', ${[quoteText(words.value), ...called].join(', ')})`
  return `select ${uris}[${originName} + 1] as uri, ${lineName} as line, array_to_string(${misfitsName}, ', ') as "column", 'value' as code, ${reason} as reason, ${rawName} as raw from ${relation} where ${misfitsName} is not null`
}

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
