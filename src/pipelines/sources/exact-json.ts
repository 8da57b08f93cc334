/** JSON as the engine reads it exactly: without a mark, and with numbers of more digits than it keeps as texts, which it takes for numbers. */
import { createReadStream, createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { plainFile } from './plain-file.ts'
import type { SourceFile } from './source.ts'

const blockBytes = 1024 * 1024

/** Of UTF-8, byte by byte: the engine takes it for no JSON. */
const mark = '\xEF\xBB\xBF'

/** A double has 15 digits that can be trusted. */
const longNumber = /\d(?:[.]?\d){15}/

/** The path of the file's text, unpacked: its own, or `path`, which is then written. Throws `source.broken-file` for what cannot be unpacked. */
export const exactJson = async (file: SourceFile, path: string): Promise<string> => {
  const plain = await plainFile(file, 'utf-8', path)
  if (!(await isUnfit(plain))) return plain
  const exact = `${path}.exact`
  await pipeline(createReadStream(plain, { highWaterMark: blockBytes }), longNumbersAsTexts, createWriteStream(exact))
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

/** A record that is longer is none to the engine either. */
const heldBytesMax = 64 * blockBytes

/** The bytes of JSON without a mark at their beginning, and with long numbers as texts. What a block cuts is held back; a byte is a character here, so that none is changed. */
export async function* longNumbersAsTexts(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
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

/** So many digits, with whatever else belongs to the number. */
const longNumbers = /-?\d(?:\.?\d){15,}(?:[eE][-+]?\d+)?/g

/** As much of a text as ends in no string and no number, and the rest. Texts are passed over from quote to quote, and most of them are not looked at twice. */
const rewritten = (whole: string, isLast: boolean): { readonly text: string; readonly rest: string } => {
  const parts: string[] = []
  let taken = 0
  // Where a number may go on in the next block.
  const tail = isLast ? whole.length : numberAtEnd(whole)
  // Behind the last text that ends before what is looked at.
  let outside = 0
  const open = (before: number): number => {
    for (let quote = whole.indexOf('"', outside); quote >= 0 && quote < before; quote = whole.indexOf('"', outside)) {
      const close = endOfString(whole, quote)
      if (close < 0 || close > before) return quote
      outside = close
    }
    return -1
  }
  for (const { index, 0: found } of whole.matchAll(longNumbers)) {
    if (open(index) >= 0) continue
    const end = index + found.length
    if (end > tail) break
    parts.push(whole.slice(taken, index), '"', found, '"')
    taken = end
  }
  const cut = open(whole.length)
  const end = isLast ? whole.length : cut >= 0 ? cut : tail
  parts.push(whole.slice(taken, Math.max(taken, end)))
  return { text: parts.join(''), rest: whole.slice(Math.max(taken, end)) }
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
