/** Files as plain UTF-8: unpacked and in one encoding, since the engine takes a gz that was cut off for a whole one, and knows few encodings. */
import { isUtf8 } from 'node:buffer'
import { createReadStream, createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { Decompress } from 'fzstd'
import { problem, WeftError } from '../../base/index.ts'
import { pipelineProblems } from '../problems.ts'
import type { SourceFile } from './source.ts'

export type Encoding = 'utf-8' | 'utf-16' | 'utf-16be' | 'latin-1' | 'windows-1252'

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

type Chunks = AsyncIterable<Buffer>

/** The path of the file's text in UTF-8: its own, or `path`, which is then written. Throws `source.broken-file` for a gz or zst that is cut off or none. */
export const plainFile = async (
  file: Pick<SourceFile, 'path' | 'uri'>,
  encoding: Encoding,
  path: string,
): Promise<string> => {
  const packing = packingOf(file.path)
  if (packing === undefined && encoding === 'utf-8') return file.path
  try {
    await pipeline(unpackedBytes(file.path), chunks => utf8Of(chunks, encoding), createWriteStream(path))
  } catch (error) {
    if (packing === undefined || !isOfUnpacking(error)) throw error
    throw new WeftError(
      'failed',
      problem(pipelineProblems, 'source.broken-file', `${file.uri} cannot be unpacked to its end`, {
        found: error.message,
        expected: `a whole ${packing} file`,
      }),
      { cause: error },
    )
  }
  return path
}

/** Whether a file, unpacked, is UTF-8 from its first byte to its last and holds no NUL. */
export const isPlainText = async (path: string): Promise<boolean> => {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of unpackedBytes(path)) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    const end = wholeCharacters(bytes)
    if (bytes.includes(0) || !isUtf8(bytes.subarray(0, end))) return false
    rest = bytes.subarray(end)
  }
  return rest.length === 0
}

/** Where the last character begins, should it be cut; else the end. */
const wholeCharacters = (bytes: Buffer): number => {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0
    if (byte < 0x80) break
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 0
    if (length > 0) return length > back ? bytes.length - back : bytes.length
  }
  return bytes.length
}

/** The bytes of a file, unpacked where its ending says that it is packed. Errors are those of the disk and of the packing. */
export async function* unpackedBytes(path: string): AsyncGenerator<Buffer> {
  const raw = createReadStream(path, { highWaterMark: 1024 * 1024 })
  const packing = packingOf(path)
  try {
    if (packing === 'zst') yield* unpackedZstd(raw)
    else if (packing === undefined) yield* raw
    else {
      const unpacked = createGunzip({ chunkSize: 256 * 1024 })
      // An error of the disk ends the unpacking, and comes out there.
      pipeline(raw, unpacked).catch(() => undefined)
      yield* unpacked
    }
  } finally {
    raw.destroy()
  }
}

/** The text of some bytes, to look at. */
export const decodedText = async (bytes: Buffer, encoding: Encoding): Promise<string> => {
  const parts: Buffer[] = []
  for await (const part of utf8Of([bytes], encoding)) parts.push(part)
  return Buffer.concat(parts).toString()
}

const packingOf = (path: string): 'gz' | 'zst' | undefined => {
  const lower = path.toLowerCase()
  if (lower.endsWith('.gz')) return 'gz'
  return lower.endsWith('.zst') ? 'zst' : undefined
}

/** zlib's codes are texts, fzstd's are numbers; those of the disk are texts too. */
const isOfUnpacking = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && (typeof error.code === 'number' || String(error.code).startsWith('Z_'))

/** So much is unpacked at once at most, since a few bytes may mean many. */
const packedBytes = 16 * 1024

/** Node has no Zstandard before 22.15. */
async function* unpackedZstd(chunks: Chunks): AsyncGenerator<Buffer> {
  const unpacked: Uint8Array[] = []
  const decoder = new Decompress(bytes => unpacked.push(bytes))
  for await (const chunk of chunks) {
    for (let from = 0; from < chunk.length; from += packedBytes) {
      decoder.push(chunk.subarray(from, from + packedBytes))
      for (const bytes of unpacked.splice(0)) yield Buffer.from(bytes)
    }
  }
  decoder.push(new Uint8Array(0), true)
  for (const bytes of unpacked.splice(0)) yield Buffer.from(bytes)
}

async function* utf8Of(chunks: AsyncIterable<Buffer> | Iterable<Buffer>, encoding: Encoding): AsyncGenerator<Buffer> {
  let isBig = encoding === 'utf-16be'
  let isFirst = true
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of chunks) {
    if (encoding === 'utf-8') yield chunk
    else if (encoding === 'latin-1') yield Buffer.from(chunk.toString('latin1'))
    else if (encoding === 'windows-1252') yield utf8OfWestern(chunk)
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

/** Where windows-1252 is not Latin-1: from 80 to 9F, with a space for what it leaves open. TextDecoder of Node 20 takes the one for the other. */
const westernSigns = '€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ'

/** What windows-1252 leaves open. */
export const undefinedBytes: ReadonlySet<number> = new Set([0x81, 0x8d, 0x8f, 0x90, 0x9d])

/** Bytes that are left open stay as they are, which is no UTF-8, so that who reads the file sees them. */
const utf8OfWestern = (bytes: Buffer): Buffer => {
  const parts = bytes.toString('latin1').split(/([\x81\x8D\x8F\x90\x9D]+)/)
  return Buffer.concat(
    parts.map((part, index) =>
      index % 2 === 1
        ? Buffer.from(part, 'latin1')
        : Buffer.from(part.replaceAll(/[\x80-\x9F]/g, it => westernSigns[it.charCodeAt(0) - 0x80] ?? it)),
    ),
  )
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
