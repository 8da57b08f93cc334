/** JSON as the engine reads it exactly: without a mark, and with numbers of more digits than it keeps as texts, which it takes for numbers. */
import { createReadStream, createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { insideOf } from '../../domain/index.ts'
import type { ColumnType } from '../../engine/index.ts'
import { plainFile } from './plain-file.ts'
import type { SourceFile } from './source.ts'

const blockBytes = 1024 * 1024

/** Of UTF-8, byte by byte: the engine takes it for no JSON. */
const mark = '\xEF\xBB\xBF'

/** A double has 15 digits that can be trusted. */
const longNumber = /\d(?:[.]?\d){15}/

/** The path of the file's text, unpacked: its own, or `path`, which is then written. `record` is what each record has, by the names in the file. Throws `source.broken-file` for what cannot be unpacked. */
export const exactJson = async (file: SourceFile, path: string, record: JsonShape): Promise<string> => {
  const plain = await plainFile(file, 'utf-8', path)
  if (!(await isUnfit(plain))) return plain
  const exact = `${path}.exact`
  const blocks = createReadStream(plain, { highWaterMark: blockBytes })
  await pipeline(blocks, it => longNumbersAsTexts(it, record), createWriteStream(exact))
  if (plain === path) await rm(plain)
  await rename(exact, path)
  return path
}

/** Whether it begins with a mark, or so many digits stand anywhere, be it in a text: most files are told apart by that, and are left alone. */
const isUnfit = async (path: string): Promise<boolean> => {
  let rest = ''
  let isFirst = true
  for await (const chunk of createReadStream(path, { highWaterMark: blockBytes, encoding: 'latin1' })) {
    const text = rest + String(chunk)
    if (longNumber.test(text) || (isFirst && text.startsWith(mark))) return true
    isFirst = false
    rest = text.slice(-32)
  }
  return false
}

/** What a record holds, as far as it is read: the fields of objects, and what items of lists and values of maps are. A value of neither is read as it is. */
export interface JsonShape {
  readonly fields?: ReadonlyMap<string, JsonShape>
  readonly item?: JsonShape
  /** A column of JSON keeps its numbers as they are. */
  readonly isJson?: boolean
}

/** `type` as DuckDB writes it. */
const shapeOf = (type: string): JsonShape => {
  const inside = insideOf(type)
  if (inside?.kind === 'struct') return recordShape(inside.fields)
  if (inside?.kind === 'list') return { item: shapeOf(inside.item) }
  if (inside?.kind === 'map') return { item: shapeOf(inside.value) }
  return { isJson: type === 'JSON' }
}

export const recordShape = (fields: readonly ColumnType[]): JsonShape => ({
  fields: new Map(fields.map(field => [field.name.toLowerCase(), shapeOf(field.type)])),
})

/** A record that is longer is none to the engine either. */
const heldBytesMax = 64 * blockBytes

/** The bytes of JSON without a mark at their beginning, and with long numbers as texts. What a block cuts is held back; a byte is a character here, so that none is changed. */
export async function* longNumbersAsTexts(chunks: AsyncIterable<Buffer>, record: JsonShape): AsyncGenerator<Buffer> {
  const rewritten = numberWriter(record)
  let held = ''
  let isFirst = true
  for await (const chunk of chunks) {
    let whole = held + chunk.toString('latin1')
    if (isFirst && whole.length >= mark.length) {
      if (whole.startsWith(mark)) whole = whole.slice(mark.length)
      isFirst = false
    }
    const { text, rest } = isFirst ? { text: '', rest: whole } : rewritten(whole, false)
    // A text that does not end is no JSON, which is for the engine to say.
    const isEndless = rest.length > heldBytesMax
    held = isEndless ? '' : rest
    yield Buffer.from(isEndless ? text + rest : text, 'latin1')
  }
  yield Buffer.from(rewritten(held, true).text, 'latin1')
}

/** What stands open: an object, or a list, and whether what is inside is read by its parts or kept as a text. */
interface Open {
  readonly isObject: boolean
  readonly shape: JsonShape | undefined
  key: string | undefined
}

/** So many digits, with whatever else belongs to the number; and what opens, closes and parts. */
const tokens = /["{}[\],]|-?\d(?:\.?\d){15,}(?:[eE][-+]?\d+)?/g

/** Gives as much of a text as ends in no string and no number, and the rest, with which the next begins. */
const numberWriter = (record: JsonShape) => {
  const opened: Open[] = []
  const shapeHere = (): JsonShape | undefined => {
    const last = opened.at(-1)
    if (last === undefined) return record
    return last.isObject ? (last.shape?.fields?.get(last.key ?? '') ?? last.shape?.item) : last.shape?.item
  }
  const open = (isObject: boolean): void => {
    const here = shapeHere()
    // The records may stand in a list.
    const shape = !isObject && opened.length === 0 ? { item: record } : here
    opened.push({ isObject, shape, key: undefined })
  }
  return (whole: string, isLast: boolean): { readonly text: string; readonly rest: string } => {
    const parts: string[] = []
    let taken = 0
    // Where a number may go on in the next block.
    let end = isLast ? whole.length : numberAtEnd(whole)
    tokens.lastIndex = 0
    for (let match = tokens.exec(whole); match !== null; match = tokens.exec(whole)) {
      const { index, 0: found } = match
      const last = opened.at(-1)
      if (found === '"') {
        const close = endOfString(whole, index)
        if (close < 0) {
          end = isLast ? end : index
          break
        }
        if (last?.isObject === true) last.key ??= keyOf(whole.slice(index, close))
        tokens.lastIndex = close
      } else if (found === '{' || found === '[') open(found === '{')
      else if (found === '}' || found === ']') opened.pop()
      else if (found === ',') {
        if (last !== undefined) last.key = undefined
      } else {
        const behind = index + found.length
        if (behind > end) break
        const shape = shapeHere()
        if (shape === undefined || shape.isJson === true) continue
        parts.push(whole.slice(taken, index), '"', found, '"')
        taken = behind
      }
    }
    parts.push(whole.slice(taken, Math.max(taken, end)))
    return { text: parts.join(''), rest: whole.slice(Math.max(taken, end)) }
  }
}

/** A name as the engine compares it. */
const keyOf = (quoted: string): string => {
  if (!/[\\\x80-\xFF]/.test(quoted)) return quoted.slice(1, -1).toLowerCase()
  try {
    return String(JSON.parse(Buffer.from(quoted, 'latin1').toString())).toLowerCase()
  } catch {
    return quoted
  }
}

/** Where what may be a number at the end of a text begins, seen from the end: a pattern would begin anew at each of its digits. */
const numberAtEnd = (text: string): number => {
  let begin = text.length
  while (begin > 0 && '-+.0123456789eE'.includes(text[begin - 1] ?? ' ')) begin--
  return begin
}

/** Behind the quote that closes what one opens; -1 where there is none. */
const endOfString = (text: string, open: number): number => {
  let close = text.indexOf('"', open + 1)
  while (close >= 0) {
    let before = close - 1
    while (text[before] === '\\') before--
    if ((close - before) % 2 === 1) return close + 1
    close = text.indexOf('"', close + 1)
  }
  return -1
}
