/** The first line of CSV files, so that columns are found by name and a missing one is told by name. */
import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'
import { nearest, problem, WeftError } from '../../base/index.ts'
import type { CsvOptions } from '../engine.ts'
import { engineProblems } from '../problems.ts'
import { encodingOf } from './csv-encoding.ts'

const headerBytesMax = 1024 * 1024

const decoderNames = { 'utf-8': 'utf-8', 'utf-16': 'utf-16le', 'latin-1': 'latin1' } as const

/** Groups files by the order of their columns. Throws `engine.bad-file` where a declared column is missing, or one is there that is not declared. */
export const groupByHeader = async (
  files: readonly string[],
  declared: readonly string[],
  options: CsvOptions,
): Promise<{ readonly columns: readonly string[]; readonly files: readonly string[] }[]> => {
  const groups = new Map<string, { columns: readonly string[]; files: string[] }>()
  const atOnce = 16
  for (let from = 0; from < files.length; from += atOnce) {
    const part = files.slice(from, from + atOnce)
    const headers = await Promise.all(part.map(file => readHeader(file, options)))
    for (const [index, file] of part.entries()) {
      const columns = headers[index] ?? []
      const key = JSON.stringify(columns)
      const group = groups.get(key)
      if (group !== undefined) group.files.push(file)
      else {
        refuseOther(file, columns, declared)
        groups.set(key, { columns, files: [file] })
      }
    }
  }
  return [...groups.values()]
}

const refuseOther = (file: string, found: readonly string[], declared: readonly string[]): void => {
  const name = file.split('/').at(-1) ?? file
  const missing = declared.find(column => !found.includes(column))
  if (missing !== undefined) {
    const near = nearest(
      missing,
      found.filter(column => !declared.includes(column)),
    )
    throw badFile(
      `${name} has no column ${missing}`,
      found,
      declared,
      near === undefined ? undefined : `it has "${near}", which is not declared: was it renamed?`,
    )
  }
  const surplus = found.find(column => !declared.includes(column))
  if (surplus !== undefined)
    throw badFile(
      `${name} has a column ${surplus} that the contract does not declare`,
      found,
      declared,
      `declare it in the contract of the source`,
    )
}

const badFile = (
  message: string,
  found: readonly string[],
  declared: readonly string[],
  help: string | undefined,
): WeftError =>
  new WeftError(
    'failed',
    problem(engineProblems, 'engine.bad-file', message, {
      found: found.join(', '),
      expected: declared.join(', '),
      help,
    }),
  )

const readHeader = async (file: string, options: CsvOptions): Promise<string[]> => {
  const raw = createReadStream(file, { highWaterMark: 16 * 1024 })
  const stream = file.endsWith('.gz') ? raw.pipe(createGunzip()) : raw
  const decoder = new TextDecoder(decoderNames[encodingOf(options.encoding ?? 'utf-8')])
  let text = ''
  try {
    for await (const chunk of stream) {
      text += decoder.decode(chunk as Uint8Array, { stream: true }) // file streams give bytes
      if (isWhole(text, options) || text.length > headerBytesMax) break
    }
  } catch (error) {
    throw new WeftError(
      'failed',
      problem(engineProblems, 'engine.bad-file', `${file.split('/').at(-1)} cannot be read as its ending says`),
      { cause: error },
    )
  } finally {
    raw.destroy()
  }
  return splitLine(text.replace(/^\uFEFF/, ''), options)
}

const quoteOf = (options: CsvOptions): string => options.quote ?? '"'

const isWhole = (text: string, options: CsvOptions): boolean => endOfLine(text, quoteOf(options)) >= 0

const endOfLine = (text: string, quote: string): number => {
  let isQuoted = false
  for (let index = 0; index < text.length; index++) {
    if (quote !== '' && text[index] === quote) isQuoted = !isQuoted
    if (!isQuoted && (text[index] === '\n' || text[index] === '\r')) return index
  }
  return -1
}

const splitLine = (text: string, options: CsvOptions): string[] => {
  const quote = quoteOf(options)
  const delimiter = options.delimiter ?? ','
  const end = endOfLine(text, quote)
  const line = end < 0 ? text : text.slice(0, end)
  const fields: string[] = []
  let field = ''
  let isQuoted = false
  for (let index = 0; index < line.length; index++) {
    if (quote !== '' && line[index] === quote) {
      if (isQuoted && line[index + 1] === quote) field += line[index++]
      else isQuoted = !isQuoted
    } else if (!isQuoted && line.startsWith(delimiter, index)) {
      fields.push(field)
      field = ''
      index += delimiter.length - 1
    } else field += line[index]
  }
  return [...fields, field].map(name => name.trim())
}
