/** Packed files are read as plain ones are: line by line, by name or by place, and to their end or not at all. */
import { readFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { useLanding } from './landing.suite.ts'

const at = useLanding()
const columns = ['id INTEGER', 'name VARCHAR']

/** The engine packs, and we unpack: its COPY writes one text without quotes as it is. */
const zstd = async (text: string): Promise<Buffer> => {
  const path = `${at().folder}/made.zst`
  const settings = "format csv, header false, quote '', escape '', delimiter '\x01', compression zstd"
  const lines = text.replace(/\n$/, '').split('\n')
  const values = lines.map((line, index) => `(${index}, '${line.replaceAll("'", "''")}')`).join(', ')
  await at().session.run(`copy (select l from (values ${values}) t(i, l) order by i) to '${path}' (${settings})`)
  return readFile(path)
}

const packings = [
  ['csv', async (text: string) => Buffer.from(text)],
  ['csv.gz', async (text: string) => gzipSync(text)],
  ['csv.zst', zstd],
] as const

describe.each(packings)('a file .%s', (ending, pack) => {
  it.each([
    ['by its header', 'name,id\n"a ""b""",1\nc\nd,x\ne,2\n', {}],
    ['by place, below a header', 'x,x\n1,"a ""b"""\nc\nx,d\n2,e\n', { columnsBy: 'position' }],
    ['by place, without a header', '1,"a ""b"""\nc\nx,d\n2,e\n', { header: false }],
  ])('is read %s', async (_, text, options) => {
    const file = await at().file(`a.${ending}`, await pack(text))

    const landed = await at().land([file], columns, options)

    expect((await at().rows(landed)).map(row => [row.id, row.name])).toEqual([
      [1, 'a "b"'],
      [2, 'e'],
    ])
    const first = 'header' in options ? 1 : 2
    expect((await at().rejects(landed)).map(it => [it.line, it.code])).toEqual([
      [first + 1, 'too-few-fields'],
      [first + 2, 'value'],
    ])
    expect(landed.files).toEqual([{ uri: file.uri, lines: 4, rows: 2, rejects: 2 }])
  })
})

it.each([
  ['csv.zst', async () => zstd(Array.from({ length: 50_000 }, (_, id) => `${id},${id * 7}`).join('\n'))],
  ['ndjson.gz', async () => gzipSync('{"id":1}\n'.repeat(50_000))],
])('a %s that is cut off is refused as a whole', async (ending, pack) => {
  const bytes = await pack()
  const file = await at().file(`a.${ending}`, bytes.subarray(0, bytes.length - 20))
  await expect(at().land([file], columns, { header: false })).rejects.toMatchObject({ code: 'source.broken-file' })
})

it('what is no Zstandard is refused', async () => {
  const file = await at().file('a.csv.zst', 'id,name\n1,x\n')
  await expect(at().land([file], columns)).rejects.toMatchObject({
    code: 'source.broken-file',
    problems: [{ expected: 'a whole zst file' }],
  })
})
