/** Landing by property: random files are damaged at random, and what arrives is compared with a reader of another make. */
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { useLanding } from './landing.suite.ts'
import { below, pick, type Random, randomOf } from './random.suite.ts'

const at = useLanding()

/** `WEFT_DAMAGES=300` tries so many files. */
const tries = Number(process.env.WEFT_DAMAGES ?? 60)

const words = ['tea', 'red "cup"', 'a,b', 'two\nlines', '', ' x ', 'plain', "it's", '007', 'crlf\r\ninside']

interface Line {
  readonly values: readonly (string | null)[]
  readonly text: string
}

const lineOf = (random: Random, id: number, names: readonly string[]): Line => {
  const name = pick(random, names)
  const amount = `${below(random, 10_000)}.${String(below(random, 100)).padStart(2, '0')}`
  const mustQuote = /[",\r\n]|^ | $/.test(name)
  const quoted = mustQuote || (name !== '' && random() < 0.2) ? `"${name.replaceAll('"', '""')}"` : name
  return { values: [String(id), name === '' ? null : name, amount], text: `${id},${quoted},${amount}` }
}

const header = 'Customer ID,name,Amount (EUR)'
const columns = ['id INTEGER from Customer ID', 'name VARCHAR', 'amount DECIMAL(10,2) from Amount (EUR)']

const damages: readonly ((text: string, at: number) => string)[] = [
  (text, at) => text.slice(0, at),
  (text, at) => `${text.slice(0, at)}"${text.slice(at)}`,
  (text, at) => `${text.slice(0, at)}\uDC81${text.slice(at)}`,
  (text, at) => `${text.slice(0, at)},${text.slice(at)}`,
  (text, at) => `${text.slice(0, at)}\0${text.slice(at)}`,
  text => `${text}\n${header}`,
  text => text.replace('"', ''),
  text => text.replace(',', ''),
  (text, at) => `${text.slice(0, at)}\n${text.slice(at)}`,
]

/** How a file is written, and how its columns are found. */
const shapes = [
  { start: [header], options: {} },
  { start: ['id,name,amount'], options: {} },
  { start: [header], options: { columnsBy: 'position' } },
  { start: [], options: { header: false } },
] as const

const packings = [
  { ending: '', pack: (bytes: Buffer) => bytes },
  { ending: '.gz', pack: (bytes: Buffer) => gzipSync(bytes) },
  { ending: '.zst', pack: (bytes: Buffer) => zstdOf(bytes) },
] as const

/** A frame of RFC 8878 with blocks that are stored as they are. */
const zstdOf = (bytes: Buffer): Buffer => {
  const blockBytes = 1000
  const start = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0, 0])
  start.writeUInt32LE(bytes.length, 5)
  const count = Math.max(1, Math.ceil(bytes.length / blockBytes))
  const blocks = Array.from({ length: count }, (_, index) => {
    const block = bytes.subarray(index * blockBytes, (index + 1) * blockBytes)
    const size = Buffer.alloc(3)
    size.writeUIntLE((block.length << 3) | (index === count - 1 ? 1 : 0), 0, 3)
    return Buffer.concat([size, block])
  })
  return Buffer.concat([start, ...blocks])
}

/** The bytes of a text in which a lone DC81 stands for the byte 81, which neither encoding has alone. */
const bytesOf = (text: string, encode: (text: string) => Buffer): Buffer =>
  Buffer.concat(
    text.split('\uDC81').flatMap((part, index) => (index === 0 ? [encode(part)] : [Buffer.from([0x81]), encode(part)])),
  )

const western = (text: string): Buffer =>
  Buffer.from(text.replaceAll('€', '\x80').replaceAll('“', '\x93').replaceAll('Ÿ', '\x9f'), 'latin1')

const encodings = [
  { encoding: 'utf-8', encode: (text: string) => Buffer.from(text), words: ['😀', 'größe', '€ 5'] },
  { encoding: 'windows-1252', encode: western, words: ['€ 5', '“größe', 'Ÿ'] },
] as const

const field = '(?: *"(?:[^"]|"")*" *|(?! *")[^,\\r\\n]*)'
const wholeRecord = new RegExp(`^${field}(?:,${field})*$`)
const openRecord = new RegExp(`^(?:${field},)* *"(?:[^"]|"")*$`)

interface Read {
  readonly rows: (string | null)[][]
  readonly rejected: number[]
}

/** By patterns over ever more lines, where landing walks characters: slow, and short enough to be believed. */
const readByPatterns = (text: string, hasHeader: boolean): Read => {
  const pieces = text.split(/(\r\n|\n|\r)/)
  const lines = pieces.filter((_, index) => index % 2 === 0)
  const ends = pieces.filter((_, index) => index % 2 === 1)
  const read: Read = { rows: [], rejected: [] }
  let from = hasHeader ? 1 : 0
  while (from < lines.length) {
    let record = lines[from] ?? ''
    if (record === '') {
      from++
      continue
    }
    let to = from
    while (openRecord.test(record) && to + 1 < lines.length) record += `${ends[to]}${lines[++to]}`
    // Lines that are rows by themselves are no text of another.
    const isSwallowing = lines
      .slice(from + 1, to)
      .some(line => /^[-+.\d ]*\d[-+.\d ]*,[^,]*,[-+.\d ]*\d[-+.\d ]*$/.test(line))
    const fields = wholeRecord.test(record) && !isSwallowing ? fieldsOf(record) : []
    while (fields.length > 3 && fields.at(-1) === '') fields.pop()
    if (fields.length !== 3) {
      read.rejected.push(from + 1)
      from++
      continue
    }
    const [id = '', name = '', amount = ''] = fields
    const isGood =
      !/\uDC81|\0/.test(record) &&
      /^( *[-+]?\d{1,9} *)?$/.test(id) &&
      /^( *[-+]?(\d{1,8}\.?|\d{0,8}\.\d{0,2}) *)?$/.test(amount) &&
      !/^ *[-+.]+ *$/.test(amount)
    if (isGood)
      read.rows.push([
        id === '' ? null : String(Number(id)),
        name === '' ? null : name,
        amount === '' ? null : Number(amount).toFixed(2),
      ])
    else read.rejected.push(from + 1)
    from = to + 1
  }
  return read
}

const fieldsOf = (record: string): string[] => {
  const fields: string[] = []
  for (let rest = `,${record}`; rest !== ''; ) {
    const text = new RegExp(`^,(${field})`).exec(rest)?.[1] ?? ''
    fields.push(text.trimStart().startsWith('"') ? text.trim().slice(1, -1).replaceAll('""', '"') : text)
    rest = rest.slice(1 + text.length)
  }
  return fields
}

const sorted = (rows: readonly (readonly (string | null)[])[]): string[] => rows.map(row => JSON.stringify(row)).sort()

describe('a damaged file', () => {
  it.each(Array.from({ length: tries }, (_, index) => 60 + index))('loses nothing, seed %i', async seed => {
    const random = randomOf(seed)
    const { start, options } = pick(random, shapes)
    const { ending, pack } = pick(random, packings)
    const { encoding, encode, words: ownWords } = pick(random, encodings)
    const isInFolder = random() < 0.3
    const end = pick(random, ['\n', '\n', '\r\n'])
    const count = 5 + below(random, 60)
    const lines = Array.from({ length: count }, (_, id) => lineOf(random, id, [...words, ...ownWords]))
    const damaged = new Set(Array.from({ length: below(random, 6) }, () => below(random, count)))
    const texts = lines.map(({ text }, index) =>
      damaged.has(index) ? pick(random, damages)(text, below(random, text.length + 1)) : text,
    )
    const text = `${[...start, ...texts].join(end)}${random() < 0.3 ? '' : end}`
    const file = await at().file(
      `${isInFolder ? 'lake/year=2026/Sold%20In=DE/' : ''}a.csv${ending}`,
      pack(bytesOf(text, encode)),
    )

    const landed = await at().land(
      [file],
      [...columns, ...(isInFolder ? ['year INTEGER', 'land VARCHAR from Sold%20In'] : [])],
      {
        drift: 'ignore',
        encoding,
        ...options,
      },
    )

    const expected = readByPatterns(text, start.length > 0)
    const found = await at().rows(landed)
    expect(new Set(found.map(row => `${row.year} ${row.land}`)).size).toBeLessThanOrEqual(1)
    if (isInFolder && found.length > 0) expect(found[0]).toMatchObject({ year: 2026, land: 'DE' })
    const rows = found.map(row => [row.id, row.name, row.amount].map(it => (it === null ? null : String(it))))
    const rejects = await at().rejects(landed)
    expect(sorted(rows)).toEqual(sorted(expected.rows))
    expect(rejects.map(it => it.line)).toEqual(expected.rejected)
    expect(landed.files).toEqual([
      { uri: file.uri, lines: rows.length + rejects.length, rows: rows.length, rejects: rejects.length },
    ])
    const arrived = new Set(sorted(rows))
    const undamaged = lines.filter((_, index) => !damaged.has(index)).map(it => it.values)
    expect(sorted(undamaged).filter(line => !arrived.has(line))).toEqual([])
  })
})
