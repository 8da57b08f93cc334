/** Rows as they leave: CSV (RFC 4180), NDJSON, JSON, each as a stream that goes no faster than its reader. */
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { Batch, ColumnType } from '../engine/index.ts'
import { cell, type JsonValue, jsonValue } from './values.ts'

export type TextFormat = 'csv' | 'ndjson' | 'json'

interface Encoder {
  readonly head: string
  row(batch: Batch, row: number, isFirst: boolean): string
  readonly tail: string
}

/** One row as JSON values, in the order of the columns. */
export const jsonRow = (batch: Batch, row: number): JsonValue[] => batch.vectors.map(vector => jsonValue(vector, row))

const encoders: Readonly<Record<TextFormat, (columns: readonly ColumnType[]) => Encoder>> = {
  csv: columns => ({
    head: `${columns.map(column => csvField(column.name)).join(',')}\r\n`,
    row: (batch, row) => `${batch.vectors.map(vector => csvField(cell(vector, row))).join(',')}\r\n`,
    tail: '',
  }),
  ndjson: columns => {
    const names = uniqueNames(columns).map(name => JSON.stringify(name))
    return {
      head: '',
      row: (batch, row) =>
        `{${batch.vectors.map((vector, index) => `${names[index]}:${JSON.stringify(jsonValue(vector, row))}`).join(',')}}\n`,
      tail: '',
    }
  },
  json: columns => {
    const names = uniqueNames(columns).map(name => JSON.stringify(name))
    return {
      head: '[',
      row: (batch, row, isFirst) =>
        `${isFirst ? '\n' : ',\n'}{${batch.vectors.map((vector, index) => `${names[index]}:${JSON.stringify(jsonValue(vector, row))}`).join(',')}}`,
      tail: '\n]\n',
    }
  },
}

/** NULL is an empty field, an empty text is `""`. */
const csvField = (text: string | null): string => {
  if (text === null) return ''
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** A JSON object has each key once: a second `total` is `total_1`. */
const uniqueNames = (columns: readonly ColumnType[]): string[] => {
  const taken = new Set<string>()
  return columns.map(({ name }) => {
    let unique = name
    for (let n = 1; taken.has(unique); n++) unique = `${name}_${n}`
    taken.add(unique)
    return unique
  })
}

export interface Written {
  readonly rows: number
  /** True where `rowsMax` cut the answer. */
  readonly truncated: boolean
}

/** What is written: the columns and batches of a reading. */
export interface Rows {
  readonly columns: readonly ColumnType[]
  batches(): AsyncIterable<Batch>
}

/** Writes rows as text to a stream that stays open; waits where the stream is full. */
export const writeRows = async (
  rows: Rows,
  format: TextFormat,
  sink: Writable,
  options: { readonly rowsMax?: number } = {},
): Promise<Written> => {
  const encoder = encoders[format](rows.columns)
  const rowsMax = options.rowsMax ?? Number.POSITIVE_INFINITY
  let written = 0
  let truncated = false
  await push(sink, encoder.head)
  for await (const batch of rows.batches()) {
    const count = Math.min(batch.rows, rowsMax - written)
    let text = ''
    for (let row = 0; row < count; row++) text += encoder.row(batch, row, written + row === 0)
    written += count
    await push(sink, text)
    truncated = count < batch.rows
    if (truncated) break
  }
  await push(sink, encoder.tail)
  return { rows: written, truncated }
}

const push = async (sink: Writable, text: string): Promise<void> => {
  if (text === '') return
  // Whoever reads may have gone (`| head`): then waiting for `drain` would be for ever.
  if (!sink.write(text) && !sink.destroyed) {
    const waited = new AbortController()
    const either = ['drain', 'close'].map(event => once(sink, event, { signal: waited.signal }))
    await Promise.race(either).finally(() => waited.abort())
    // The one that did not happen ends with the signal, which is no failure.
    await Promise.allSettled(either)
  }
  if (sink.errored !== null && sink.errored !== undefined) throw sink.errored
}

/** Writes a file whole or not at all: under a temporary name beside it, then renamed. */
export const writeFileWhole = async <T>(path: string, write: (sink: Writable) => Promise<T>): Promise<T> => {
  const draft = draftName(path)
  const sink = createWriteStream(draft, { flags: 'wx' })
  // The error is thrown by `write` or `finished`; without a listener it would end the program.
  sink.on('error', () => {})
  try {
    const result = await write(sink)
    sink.end()
    await finished(sink)
    await rename(draft, path)
    return result
  } catch (error) {
    sink.destroy()
    await rm(draft, { force: true })
    throw error
  }
}

/** A name in the same folder, so that renaming is one step. */
export const draftName = (path: string): string => join(dirname(path), `.${basename(path)}.${process.pid}.part`)
