/** Landing of ugly files: whatever bytes they hold, each gives a problem that says what is wrong, or all of its lines as rows and rejects. */
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { WeftError } from '../../base/index.ts'
import { useLanding } from './landing.suite.ts'
import { below, pick, type Random, randomOf } from './random.suite.ts'

const at = useLanding()

/** `WEFT_FUZZ=300` tries so many files. */
const tries = Number(process.env.WEFT_FUZZ ?? 30)
const firstSeed = Number(process.env.WEFT_FUZZ_SEED ?? 1)

interface Ugly {
  readonly bytes: Buffer
  readonly columns: readonly string[]
  readonly options: Readonly<Record<string, unknown>>
}

const headers = [
  'id,name,amount',
  'id,name,amount',
  'id,name,amount',
  'id,name,amount,',
  'ID,Name,AMOUNT',
  ' id , name , amount ',
  '"id","name","amount"',
  'amount,id,name',
  'id,name,amount,extra',
  'id,name,name',
  'id,ID,name,amount',
  'id,name',
  'id,"name,amount',
  'id,na\0me,amount',
  'id,na\uDCA3me,amount',
  'id,name,amount\nid,name,amount',
  '',
  '"',
  ',,',
  '1,x,2.5',
]

const fields = [
  '1',
  '2.50',
  '-3',
  'x',
  '',
  ' ',
  '"a"',
  '"a ""b"""',
  '"a\nb"',
  '"a\r\nb,c"',
  '"',
  '""',
  'a"b',
  '"a"b',
  "'q'",
  "it's",
  '\\"',
  '"\\"',
  '\0',
  '\uDCFF',
  '\uDC81',
  'é😀',
  '\uFEFF',
  '1e400',
  'id',
  '\t',
  ';',
  '|',
  `"${'long '.repeat(20_000)}"`,
  `"${'two\nlines '.repeat(8_000)}"`,
  'z'.repeat(70_000),
  'z'.repeat(1_100_000),
  `"${'1,x,2\n'.repeat(3)}"`,
]

const lineOf = (random: Random): string => {
  if (random() < 0.55) return `${below(random, 100)},n${below(random, 9)},${below(random, 9)}.5`
  if (random() < 0.1) return pick(random, ['', ' ', 'id,name,amount', ',', ',,', ',,,', '"', '""', 'x', '\0'])
  const count = random() < 0.7 ? 3 : below(random, 6)
  return Array.from({ length: count }, () => pick(random, fields)).join(',')
}

const ends = ['\n', '\n', '\n', '\r\n', '\r\n', '\r', '\n\n', '\r\r\n', ',\n']

/** The bytes of a text in which a lone DC00 + n stands for the byte n. */
const bytesOf = (text: string, encoding: string): Buffer =>
  Buffer.concat(
    text
      .split(/([\uDC80-\uDCFF])(?<![\uD800-\uDBFF].)/)
      .map((part, index) =>
        index % 2 === 1
          ? Buffer.from([part.charCodeAt(0) & 0xff])
          : encoding.startsWith('utf-16')
            ? Buffer.from(part, 'utf16le')
            : Buffer.from(part, encoding === 'utf-8' ? 'utf8' : 'latin1'),
      ),
  )

const uglyOf = (random: Random): Ugly => {
  const encoding = pick(random, ['utf-8', 'utf-8', 'utf-8', 'utf-8', 'utf-16', 'utf-16be', 'latin-1', 'windows-1252'])
  const declared = random() < 0.9 ? encoding : pick(random, ['utf-8', 'utf-16', 'latin-1', 'windows-1252'])
  const end = pick(random, ends)
  const isMixed = random() < 0.2
  const count = pick(random, [0, 0, 1, 3, 10, 40])
  const lines = [pick(random, headers), ...Array.from({ length: count }, () => lineOf(random))]
  const text = lines.map(line => line + (isMixed ? pick(random, ends) : end)).join('')
  const mark = pick(random, ['', '', '', '\uFEFF', '\uFEFF\uFEFF', '\n', '\r\n\n'])
  const whole = bytesOf(mark + (random() < 0.3 ? text.slice(0, below(random, text.length + 1)) : text), encoding)
  const bytes = encoding === 'utf-16be' && whole.length % 2 === 0 ? Buffer.from(whole).swap16() : whole
  const columns = pick(random, [
    ['id INTEGER', 'name VARCHAR', 'amount DECIMAL(10,2)'],
    ['id INTEGER', 'name VARCHAR', 'amount DECIMAL(10,2)'],
    ['id VARCHAR', 'name VARCHAR', 'amount VARCHAR'],
    ['name VARCHAR'],
    ['id INTEGER'],
  ])
  const dialect = pick(random, [
    {},
    {},
    {},
    { header: false },
    { columnsBy: 'position' },
    { quote: "'" },
    { escape: '\\' },
    { quote: '' },
    { delimiter: 'semicolon' },
    { delimiter: '\t' },
    { nullText: 'x' },
  ])
  const drift = random() < 0.7 ? { drift: 'ignore' } : {}
  return { bytes, columns, options: { ...dialect, ...drift, ...(declared === 'utf-8' ? {} : { encoding: declared }) } }
}

const allowed = /^source\.(broken-file|column-(added|removed|renamed|retyped|twice)|unreadable-header)$/

describe('an ugly file', () => {
  it.each(Array.from({ length: tries }, (_, index) => firstSeed + index))(
    'is read or refused with a reason, seed %i',
    async seed => {
      const random = randomOf(seed)
      const { bytes, columns, options } = uglyOf(random)
      const isPacked = random() < 0.15
      const land = async (content: Buffer) => {
        const file = await at().file(isPacked ? 'a.csv.gz' : 'a.csv', isPacked ? gzipSync(content) : content)
        const landed = await at().land([file], columns, options)
        return { ...landed, rows: await at().rows(landed), refused: await at().rejects(landed) }
      }
      const landed = await land(bytes).catch((error: unknown) => {
        if (error instanceof WeftError && allowed.test(error.code)) return undefined
        throw error
      })
      if (landed === undefined) return
      const { files, rows, refused } = landed
      const [rejects, lines] = [refused.length, rows.length + refused.length]
      expect(files).toEqual([{ uri: expect.any(String), lines, rows: rows.length, rejects }])

      // A line that the engine refuses makes us read all of them one by one: the others have to be the same.
      const encoding = String(options.encoding ?? 'utf-8')
      if (lines === 0 || (encoding.startsWith('utf-16') && bytes.length % 2 === 1)) return
      const isBig = encoding === 'utf-16be' || (encoding === 'utf-16' && bytes[0] === 0xfe && bytes[1] === 0xff)
      const broken = bytesOf('\nbro\0ken\n', encoding)
      const again = await land(Buffer.concat([bytes, isBig ? broken.swap16() : broken]))
      expect(again.rows).toEqual(rows)
      expect(again.refused.slice(0, -1)).toEqual(refused)
      expect(again.refused.at(-1)).toMatchObject({ raw: 'bro\\x00ken', code: 'nul' })
    },
  )
})
