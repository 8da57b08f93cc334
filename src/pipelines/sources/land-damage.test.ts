/** Landing by property: random files are damaged at random, and what arrives is compared with a reader of another make. */
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { useLanding } from './landing.suite.ts'

const at = useLanding()

type Random = () => number

/** mulberry32: the same numbers for the same seed. */
const randomOf = (seed: number): Random => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

const below = (random: Random, count: number): number => Math.floor(random() * count)
const pick = <Item>(random: Random, items: readonly Item[]): Item => items[below(random, items.length)] as Item

const words = [
  'tea',
  'red "cup"',
  'a,b',
  'two\nlines',
  'größe',
  '',
  ' x ',
  'plain',
  "it's",
  '007',
  '😀',
  'crlf\r\ninside',
]

interface Line {
  readonly values: readonly (string | null)[]
  readonly text: string
}

const lineOf = (random: Random, id: number): Line => {
  const name = pick(random, words)
  const amount = `${below(random, 10_000)}.${String(below(random, 100)).padStart(2, '0')}`
  const mustQuote = /[",\r\n]|^ | $/.test(name)
  const quoted = mustQuote || (name !== '' && random() < 0.2) ? `"${name.replaceAll('"', '""')}"` : name
  return { values: [String(id), name === '' ? null : name, amount], text: `${id},${quoted},${amount}` }
}

const damages: readonly ((text: string, at: number) => string)[] = [
  (text, at) => text.slice(0, at),
  (text, at) => `${text.slice(0, at)}"${text.slice(at)}`,
  (text, at) => `${text.slice(0, at)}\uDCA3${text.slice(at)}`,
  (text, at) => `${text.slice(0, at)},${text.slice(at)}`,
  (text, at) => `${text.slice(0, at)}\0${text.slice(at)}`,
  text => `${text}\nid,name,amount`,
  text => text.replace('"', ''),
  text => text.replace(',', ''),
  (text, at) => `${text.slice(0, at)}\n${text.slice(at)}`,
]

/** The bytes of a text in which a lone DCA3 stands for the byte A3. */
const bytesOf = (text: string): Buffer =>
  Buffer.concat(
    text
      .split('\uDCA3')
      .flatMap((part, index) => (index === 0 ? [Buffer.from(part)] : [Buffer.from([0xa3]), Buffer.from(part)])),
  )

const field = '(?: *"(?:[^"]|"")*" *|(?! *")[^,\\r\\n]*)'
const wholeRecord = new RegExp(`^${field}(?:,${field})*$`)
const openRecord = new RegExp(`^(?:${field},)* *"(?:[^"]|"")*$`)

interface Read {
  readonly rows: (string | null)[][]
  readonly rejected: number[]
}

/** By patterns over ever more lines, where landing walks characters: slow, and short enough to be believed. */
const readByPatterns = (text: string): Read => {
  const pieces = text.split(/(\r\n|\n|\r)/)
  const lines = pieces.filter((_, index) => index % 2 === 0)
  const ends = pieces.filter((_, index) => index % 2 === 1)
  const read: Read = { rows: [], rejected: [] }
  let from = 1
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
    if (fields.length === 4 && fields[3] === '') fields.pop()
    if (fields.length !== 3) {
      read.rejected.push(from + 1)
      from++
      continue
    }
    const [id = '', name = '', amount = ''] = fields
    const isGood =
      !/\uDCA3|\0/.test(record) &&
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
  it.each(Array.from({ length: 40 }, (_, index) => 60 + index))('loses nothing, seed %i', async seed => {
    const random = randomOf(seed)
    const end = pick(random, ['\n', '\n', '\r\n'])
    const count = 5 + below(random, 60)
    const lines = Array.from({ length: count }, (_, id) => lineOf(random, id))
    const damaged = new Set(Array.from({ length: below(random, 6) }, () => below(random, count)))
    const texts = lines.map(({ text }, index) =>
      damaged.has(index) ? pick(random, damages)(text, below(random, text.length + 1)) : text,
    )
    const text = `id,name,amount${end}${texts.join(end)}${random() < 0.3 ? '' : end}`
    const bytes = bytesOf(text)
    const isPacked = random() < 0.2
    const file = await at().file(isPacked ? 'a.csv.gz' : 'a.csv', isPacked ? gzipSync(bytes) : bytes)

    const landed = await at().land([file], ['id INTEGER', 'name VARCHAR', 'amount DECIMAL(10,2)'], {
      drift: 'ignore',
    })

    const expected = readByPatterns(text)
    const rows = (await at().rows(landed)).map(row =>
      [row.id, row.name, row.amount].map(it => (it === null ? null : String(it))),
    )
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
