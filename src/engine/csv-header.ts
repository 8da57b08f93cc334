/** The first line of a CSV file, so that columns are found by name and a missing one is told by name. */
import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'
import { problem, WeftError } from '../base/index.ts'
import type { CsvOptions } from './engine.ts'
import { engineProblems } from './problems.ts'

const headerBytesMax = 1024 * 1024

export interface CsvHeader {
  /** Without spaces around them; none where there is nothing but empty lines. */
  readonly names: readonly string[]
  /** Empty lines before it. */
  readonly emptyLines: number
}

/** Throws `engine.bad-file` where the file cannot be read. */
export const readCsvHeader = async (file: string, options: CsvOptions): Promise<CsvHeader> => {
  const raw = createReadStream(file, { highWaterMark: 16 * 1024 })
  const stream = file.endsWith('.gz') ? raw.pipe(createGunzip()) : raw
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  let text = ''
  try {
    for await (const chunk of stream) {
      text += decoder.decode(chunk as Uint8Array, { stream: true }) // file streams give bytes
      if (endOfLine(withoutEmptyLines(text), quoteOf(options)) >= 0 || text.length > headerBytesMax) break
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
  const whole = text.replace(/^\uFEFF/, '')
  const rest = withoutEmptyLines(whole)
  const emptyLines = whole.slice(0, whole.length - rest.length).match(/\r\n|\r|\n/g)?.length ?? 0
  return { names: rest === '' ? [] : splitLine(rest, options), emptyLines }
}

const withoutEmptyLines = (text: string): string => text.replace(/^\uFEFF?[\r\n]+/, '')

const quoteOf = (options: CsvOptions): string => options.quote ?? '"'

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
