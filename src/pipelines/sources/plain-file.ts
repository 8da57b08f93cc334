/** Files as plain UTF-8: unpacked and in one encoding, since the engine takes a gz that was cut off for a whole one, and knows few encodings. */
import { createReadStream, createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { problem, WeftError } from '../../base/index.ts'
import { pipelineProblems } from '../problems.ts'
import type { SourceFile } from './source.ts'

type Encoding = 'utf-8' | 'utf-16' | 'utf-16be' | 'latin-1' | 'windows-1252'

const encodings: Readonly<Record<string, Encoding>> = {
  utf8: 'utf-8',
  utf16: 'utf-16',
  utf16le: 'utf-16',
  utf16be: 'utf-16be',
  latin1: 'latin-1',
  iso88591: 'latin-1',
  windows1252: 'windows-1252',
  cp1252: 'windows-1252',
}

/** Throws `source.unsupported` for an encoding that nobody knows. */
export const encodingNamed = (name: string): Encoding => {
  const found = encodings[name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')]
  if (found !== undefined) return found
  throw new WeftError(
    'invalid',
    problem(pipelineProblems, 'source.unsupported', `the encoding "${name}" cannot be read`, {
      found: name,
      expected: [...new Set(Object.values(encodings))].join(', '),
    }),
  )
}

/** The path of the file's text in UTF-8: its own, or `path`, which is then written. Throws `source.broken-file` for a gz that is cut off or none. */
export const plainFile = async (file: SourceFile, encoding: Encoding, path: string): Promise<string> => {
  const isPacked = file.path.toLowerCase().endsWith('.gz')
  if (!isPacked && encoding === 'utf-8') return file.path
  const raw = createReadStream(file.path, { highWaterMark: 1024 * 1024 })
  const target = createWriteStream(path)
  const recode = (chunks: AsyncIterable<Buffer>): AsyncIterable<Buffer> => utf8Of(chunks, encoding)
  try {
    if (isPacked) await pipeline(raw, createGunzip({ chunkSize: 256 * 1024 }), recode, target)
    else await pipeline(raw, recode, target)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && String(error.code).startsWith('Z_'))) throw error
    throw new WeftError(
      'failed',
      problem(pipelineProblems, 'source.broken-file', `${file.uri} cannot be unpacked to its end`, {
        found: error.message,
        expected: 'a whole gz file',
      }),
      { cause: error },
    )
  }
  return path
}

async function* utf8Of(chunks: AsyncIterable<Buffer>, encoding: Encoding): AsyncGenerator<Buffer> {
  const western = new TextDecoder('windows-1252')
  let isBig = encoding === 'utf-16be'
  let isFirst = true
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of chunks) {
    if (encoding === 'utf-8') yield chunk
    else if (encoding === 'latin-1') yield Buffer.from(chunk.toString('latin1'))
    else if (encoding === 'windows-1252') yield Buffer.from(western.decode(chunk, { stream: true }))
    else {
      let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      if (isFirst && bytes.length >= 2) {
        const mark = bytes.readUInt16LE(0)
        if (mark === 0xfffe) isBig = true
        if (mark === 0xfeff) isBig = false
        if (mark === 0xfffe || mark === 0xfeff) bytes = bytes.subarray(2)
        isFirst = false
      }
      const end = wholeUnits(bytes, isBig)
      rest = Buffer.from(bytes.subarray(end))
      yield utf8OfUnits(bytes.subarray(0, end), isBig)
    }
  }
  if (rest.length > 0) yield utf8OfUnits(rest.subarray(0, rest.length - (rest.length % 2)), isBig)
  if (rest.length % 2 === 1) yield undecodable
}

/** How many bytes can be decoded: no half of a unit, and no first half of a pair, stays at the end. */
const wholeUnits = (bytes: Buffer, isBig: boolean): number => {
  const even = bytes.length - (bytes.length % 2)
  if (even === 0) return 0
  const last = isBig ? bytes.readUInt16BE(even - 2) : bytes.readUInt16LE(even - 2)
  return last >= 0xd800 && last < 0xdc00 ? even - 2 : even
}

/** A byte that no text in UTF-8 has: who reads the file then sees that something could not be decoded. */
const undecodable = Buffer.from([0xff])

const utf8OfUnits = (bytes: Buffer, isBig: boolean): Buffer => {
  const text = (isBig ? Buffer.from(bytes).swap16() : bytes).toString('utf16le')
  const parts = text.split(/\p{Surrogate}/u)
  return Buffer.concat(parts.flatMap((part, index) => (index === 0 ? [] : [undecodable]).concat(Buffer.from(part))))
}
