/** Landing: nothing is lost, nothing is guessed, and one broken line breaks nothing else. */
import { readFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { useLanding } from './landing.suite.ts'

const at = useLanding()

/** Rows without the place of their file. */
const valuesOf = async (landed: Parameters<ReturnType<typeof at>['rows']>[0]) =>
  (await at().rows(landed)).map(({ __weft_source, ...row }) => row)

describe('values', () => {
  it.each([
    ['15076.0', 'INTEGER', 15076],
    ['007', 'INTEGER', 7],
    ['007', 'VARCHAR', '007'],
    ['2.5', 'DECIMAL(10,2)', '2.50'],
    ['NaN', 'DOUBLE', 'NaN'],
    ['2024-01-01', 'DATE', '2024-01-01'],
    ['2024-01-01 00:00:00', 'DATE', '2024-01-01'],
    ['2024-01-01T10:00:00Z', 'TIMESTAMP', '2024-01-01T10:00:00'],
    ['2024-01-01 10:00:00+02:00', 'TIMESTAMP', '2024-01-01T08:00:00'],
    ['2024-01-01 10:00:00.500', 'TIMESTAMP', '2024-01-01T10:00:00.5'],
    ['2024-01-01 10:00:00+02', 'TIMESTAMP WITH TIME ZONE', '2024-01-01T08:00:00Z'],
    ['10:30', 'TIME', '10:30:00'],
    ['TRUE', 'BOOLEAN', true],
    ['170141183460469231731687303715884105727', 'HUGEINT', 170141183460469231731687303715884105727n],
  ])('"%s" is a %s', async (text, type, expected) => {
    const landed = await at().csv(`k,a\n1,${text}\n`, ['k INTEGER', `a ${type}`])
    expect(await valuesOf(landed)).toEqual([{ k: 1, a: expected === 'NaN' ? expect.anything() : expected }])
    expect(landed.files).toMatchObject([{ lines: 1, rows: 1, rejects: 0 }])
  })

  it.each([
    ['15076.5', 'INTEGER'],
    ['1_000', 'INTEGER'],
    ['0x1F', 'INTEGER'],
    ['2147483648', 'INTEGER'],
    ['2.555', 'DECIMAL(10,2)'],
    ['123456789.00', 'DECIMAL(10,2)'],
    ['NaN', 'DECIMAL(10,2)'],
    ['inf', 'DECIMAL(10,2)'],
    ['1_0', 'DOUBLE'],
    ['1e400', 'DOUBLE'],
    ['2024-01-01x', 'DATE'],
    ['2024-01-01 10:00:00', 'DATE'],
    ['infinity', 'DATE'],
    ['31.12.2024', 'DATE'],
    ['2024-01-01 10:00:00.1234567', 'TIMESTAMP'],
    ['2024-02-30 10:00:00', 'TIMESTAMP'],
    ['10:30:00.1234567', 'TIME'],
    ['yes', 'BOOLEAN'],
    ['1', 'BOOLEAN'],
  ])('"%s" is no %s: the line is a reject, whole', async (text, type) => {
    const landed = await at().csv(`k,a\n1,${text}\n2,\n`, ['k INTEGER', `a ${type}`])
    expect(await valuesOf(landed)).toEqual([{ k: 2, a: null }])
    expect(await at().rejects(landed)).toEqual([
      { uri: 'a0.csv', line: 2, column: 'a', code: 'value', reason: expect.stringContaining('type'), raw: `1,${text}` },
    ])
  })

  it('takes thousands, decimal comma, dates and booleans as the server declares them', async () => {
    const landed = await at().csv(
      'n;d;b;z\n1.234,50;31.12.2024;Y;x\n-12.345.678,9;01.01.2025;N;NA\n12.34,5;1.1.2025;N;x\n1,5;1.1.2025;true;x\n',
      ['n DECIMAL(12,2)', 'd DATE', 'b BOOLEAN', 'z VARCHAR'],
      {
        delimiter: ';',
        decimalSeparator: ',',
        thousandsSeparator: '.',
        dateFormat: '%d.%m.%Y',
        trueText: 'Y',
        falseText: 'N',
        nullText: 'NA',
      },
    )
    expect(await valuesOf(landed)).toEqual([
      { n: '-12345678.90', d: '2025-01-01', b: false, z: null },
      { n: '1234.50', d: '2024-12-31', b: true, z: 'x' },
    ])
    expect((await at().rejects(landed)).map(it => [it.line, it.column])).toEqual([
      [4, 'n'],
      [5, 'b'],
    ])
  })

  it('reads an empty field as NULL, quoted or not, and never as 0', async () => {
    const landed = await at().csv('a,b\n,""\n"",x\n', ['a INTEGER', 'b VARCHAR'])
    expect(await valuesOf(landed)).toEqual([
      { a: null, b: 'x' },
      { a: null, b: null },
    ])
  })

  it('names all columns of a line that do not fit', async () => {
    const landed = await at().csv('a,b\nx,y\n', ['a INTEGER', 'b DATE'])
    expect(await at().rejects(landed)).toMatchObject([{ column: 'a, b' }])
  })
})

describe('lines', () => {
  it.each<[string, string, string, number, string]>([
    ['too few fields', 'a,b\n1,x\n2\n3,z\n', 'too-few-fields', 3, '2'],
    ['too many fields', 'a,b\n1,x,,\n2,y,y,,\n3,z\n', 'too-many-fields', 3, '2,y,y,,'],
    ['a last line that is cut', 'a,b\n1,x\n3,z\n2', 'too-few-fields', 4, '2'],
    ['an open quote', 'a,b\n1,x\n2,"y\n3,z\n', 'quote', 3, '2,"y'],
    ['an open quote before a quoted line', 'a,b\n1,x\n2,"y\n3,"z"\n', 'quote', 3, '2,"y'],
    ['a text after a quote', 'a,b\n1,x\n2,"y"y\n3,z\n', 'quote', 3, '2,"y"y'],
    ['a quoted field that swallows lines', 'a,b\n1,x\n"2,y\n3,z\n4,"\n', 'quote', 3, '"2,y'],
    ['a NUL', 'a,b\n1,x\n2,y\0\n3,z\n', 'nul', 3, '2,y\\x00'],
    ['the header once more', 'a,b\n1,x\na,b\n3,z\n', 'repeated-header', 3, 'a,b'],
  ])('%s is one reject', async (_, text, code, line, raw) => {
    const landed = await at().csv(text, ['a VARCHAR', 'b VARCHAR'])
    const rejects = await at().rejects(landed)
    expect(rejects[0]).toMatchObject({ uri: 'a0.csv', line, code, raw })
    expect((await at().rows(landed)).map(row => row.a)).toEqual(expect.arrayContaining(['1', '3']))
    const [file] = landed.files
    expect(file?.lines).toBe(text.split('\n').filter(it => it !== '').length - 1)
    expect(file?.rejects).toBe(rejects.length)
  })

  it('takes no rows for the text of a field, where two broken quotes stand around them', async () => {
    const lines = ['id,name,amount', '1,x,1.5', '2,"open,1.5', '3,y,2.5', '4,z,', '5,close",1.5', '6,u,3.5']
    const landed = await at().csv(`${lines.join('\n')}\n`, ['id INTEGER', 'name VARCHAR', 'amount DOUBLE'])
    expect((await at().rows(landed)).map(row => row.id)).toEqual([1, 3, 4, 5, 6])
    expect(await at().rejects(landed)).toMatchObject([{ line: 3, code: 'quote', raw: '2,"open,1.5' }])
  })

  it('leaves prose in a field, whatever signs it has', async () => {
    const text = 'Dear all,\nthe cups, 12 of them, are here,\nand 3, or 4, are red,\nsee you'
    const landed = await at().csv(`id,name,amount\n1,"${text}",1.5\nbad\n`, [
      'id INTEGER',
      'name VARCHAR',
      'amount DOUBLE',
    ])
    expect(await valuesOf(landed)).toEqual([{ id: 1, name: text, amount: 1.5 }])
  })

  it('keeps line ends within quotes, also in a file with broken lines', async () => {
    const landed = await at().csv('a,b\n1,"x\n""y"",\r\nz"\n2\n3,"\n\n"\n', ['a INTEGER', 'b VARCHAR'])
    expect(await valuesOf(landed)).toEqual([
      { a: 1, b: 'x\n"y",\r\nz' },
      { a: 3, b: '\n\n' },
    ])
    expect(await at().rejects(landed)).toMatchObject([{ line: 5, raw: '2' }])
  })

  it.each([
    ['CRLF', 'a,b\r\n1,x\r\n2,y\r\n'],
    ['CR', 'a,b\r1,x\r2,y\r'],
    ['mixed', 'a,b\n1,x\r\n2,y\r'],
    ['no last', 'a,b\n1,x\n2,y'],
    ['empty lines of CRLF', '\r\n\r\na,b\r\n\r\n1,x\r\n2,y\r\n\r\n'],
    ['empty lines', '\n\na,b\n\n1,x\n\n2,y\n\n\n'],
    ['a BOM', '\uFEFFa,b\n1,x\n2,y\n'],
    ['a delimiter at the end', 'a,b\n1,x,\n2,y,\n'],
    ['many delimiters at the end', '\uFEFFa,b\n1,x,,,\n2,y\n'],
  ])('reads line ends: %s', async (_, text) => {
    const landed = await at().csv(text, ['a INTEGER', 'b VARCHAR'])
    expect(await valuesOf(landed)).toEqual([
      { a: 1, b: 'x' },
      { a: 2, b: 'y' },
    ])
    expect(landed.files).toMatchObject([{ lines: 2, rejects: 0 }])
  })

  it('counts the lines below a header that names nothing', async () => {
    const landed = await at().csv(' \n1,x\n\n2\n', ['a INTEGER'], { drift: 'ignore' })
    expect(landed.files).toMatchObject([{ lines: 2, rows: 1, rejects: 1 }])
  })

  it('takes no empty line for a row where there is one column', async () => {
    const landed = await at().csv('a\n1\n\n3\n\n\n', ['a INTEGER'])
    expect(landed.files).toMatchObject([{ lines: 2, rows: 2, rejects: 0 }])
  })

  it('rejects a line that is longer than the limit, cut', async () => {
    const long = 'y'.repeat(3_000_000)
    const files = [await at().file('a.csv', `a,b\n1,x\n2,${long}\n3,z\n`)]
    const landed = await at().land(files, ['a INTEGER', 'b VARCHAR'], {}, { sourceLineBytesMax: 100_000 })
    expect(await valuesOf(landed)).toEqual([
      { a: 1, b: 'x' },
      { a: 3, b: 'z' },
    ])
    const [reject] = await at().rejects(landed)
    expect(reject).toMatchObject({ line: 3, code: 'too-long' })
    expect(String(reject?.raw).length).toBe(100_001)
  })

  it('escapes by another sign where that is declared', async () => {
    const landed = await at().csv("a|b\n1|'x\\'|\\\\'\n2\n", ['a INTEGER', 'b VARCHAR'], {
      delimiter: 'pipe',
      quote: "'",
      escape: '\\',
    })
    expect(await valuesOf(landed)).toEqual([{ a: 1, b: "x'|\\" }])
    expect(landed.files).toMatchObject([{ rejects: 1 }])
  })
})

describe('Parquet', () => {
  it('that is damaged is refused by its name', async () => {
    const whole = await at().file('a.parquet', '')
    const rows = '(select i as id, md5(i::varchar) as t from range(5000) as r (i))'
    await at().session.run(`copy (from ${rows}) to '${whole.path}' (format parquet)`)
    const bytes = await readFile(whole.path)
    const broken = await at().file('b.parquet', Buffer.from(bytes).fill(0xff, 2000, 40_000))
    const cut = await at().file('c.parquet', bytes.subarray(0, 50_000))
    for (const file of [broken, cut])
      await expect(at().land([whole, file], ['id BIGINT', 't VARCHAR'])).rejects.toMatchObject({
        code: 'source.broken-file',
        message: `${file.uri} is no whole Parquet file`,
      })
  })
})

describe('encodings', () => {
  it('rejects the line with bytes that are no UTF-8, and says which', async () => {
    const landed = await at().csv(Buffer.from('a,b\n1,x\n2,£5\n3,z\n', 'latin1'), ['a INTEGER', 'b VARCHAR'])
    expect((await at().rows(landed)).map(row => row.a)).toEqual([1, 3])
    expect(await at().rejects(landed)).toMatchObject([{ line: 3, code: 'undecodable', raw: '2,\\xA35' }])
  })

  it.each([
    ['latin-1', Buffer.from('a,b\n1,£é\n', 'latin1'), '£é'],
    ['windows-1252', Buffer.from([...Buffer.from('a,b\n1,'), 0x80, 0x93, 0x96, 0x9f, 0xe9, 10]), '€“–Ÿé'],
    ['latin-1', Buffer.from([...Buffer.from('a,b\n1,'), 0x80, 0x93, 0xe9, 10]), '\u0080\u0093é'],
    ['utf-16', Buffer.from('\uFEFFa,b\n1,é😀\n', 'utf16le'), 'é😀'],
    ['utf-16', Buffer.from('\uFEFFa,b\n1,é😀\n', 'utf16le').swap16(), 'é😀'],
    ['utf-16be', Buffer.from('a,b\n1,é😀\n', 'utf16le').swap16(), 'é😀'],
  ])('reads %s', async (encoding, bytes, expected) => {
    const landed = await at().csv(bytes, ['a INTEGER', 'b VARCHAR'], { encoding })
    expect(await valuesOf(landed)).toEqual([{ a: 1, b: expected }])
  })

  it('rejects that line too where some columns of the file are not declared', async () => {
    const bytes = Buffer.from('more,b,rest\n1,x,1\n2,£5,2\n£,z,3\n', 'latin1')
    const landed = await at().csv(bytes, ['b VARCHAR'])
    expect(await valuesOf(landed)).toEqual([{ b: 'x' }])
    expect(landed.files).toMatchObject([{ lines: 3, rejects: 2 }])
  })

  it('rejects the line with a byte that windows-1252 leaves open, and shows it', async () => {
    const bytes = Buffer.from([...Buffer.from('a,b\n1,x\n2,'), 0xe9, 0x81, 0x80, ...Buffer.from('\n3,z\n')])
    const landed = await at().csv(bytes, ['a INTEGER', 'b VARCHAR'], { encoding: 'cp1252' })
    expect((await at().rows(landed)).map(row => row.a)).toEqual([1, 3])
    expect(await at().rejects(landed)).toMatchObject([{ line: 3, code: 'undecodable', raw: '2,é\\x81€' }])
  })

  it('rejects half a pair of UTF-16', async () => {
    const landed = await at().csv(Buffer.from('a,b\n1,x\ud800\n2,y\n', 'utf16le'), ['a INTEGER', 'b VARCHAR'], {
      encoding: 'utf-16',
    })
    expect(landed.files).toMatchObject([{ lines: 2, rows: 1, rejects: 1 }])
  })

  it('reads gz, also with broken lines, and refuses one that is cut off', async () => {
    const packed = gzipSync(`a,b\n${'1,x\n'.repeat(100_000)}2\n`)
    const landed = await at().land([await at().file('a.csv.gz', packed)], ['a INTEGER', 'b VARCHAR'])
    expect(landed.files).toEqual([{ uri: 'a.csv.gz', lines: 100_001, rows: 100_000, rejects: 1 }])
    const cut = await at().file('cut.csv.gz', packed.subarray(0, packed.length - 20))
    await expect(at().land([cut], ['a INTEGER', 'b VARCHAR'])).rejects.toMatchObject({ code: 'source.broken-file' })
  })

  it('names the encodings that it can read', async () => {
    await expect(at().csv('a\n', ['a INTEGER'], { encoding: 'EBCDIC' })).rejects.toMatchObject({
      code: 'source.unsupported',
      problems: [{ expected: 'utf-8, utf-16, utf-16be, latin-1, windows-1252' }],
    })
  })
})

describe('files', () => {
  it('reads many at once, by groups of equal header, and tells the file of each row', async () => {
    const texts = ['a,b\n1,x\n', 'b,a\ny,2\n', 'a,b\n3,z\nbad,z\n', 'a,b\n']
    const files = await Promise.all(texts.map((text, index) => at().file(`f${index}.csv`, text)))
    const landed = await at().land(files, ['a INTEGER', 'b VARCHAR'])
    expect(await at().rows(landed)).toEqual([
      { a: 1, b: 'x', __weft_source: 0 },
      { a: 2, b: 'y', __weft_source: 1 },
      { a: 3, b: 'z', __weft_source: 2 },
    ])
    expect(landed.files.map(it => [it.lines, it.rows, it.rejects])).toEqual([
      [1, 1, 0],
      [1, 1, 0],
      [2, 1, 1],
      [0, 0, 0],
    ])
    expect(landed.drift).toMatchObject([{ uri: 'f1.csv', kind: 'reordered' }])
    expect(landed.problems).toEqual([])
  })

  it('takes columns by place where there is no header', async () => {
    const landed = await at().csv('\uFEFF1,x\n2\n', ['n INTEGER', 't VARCHAR'], { header: false })
    expect(await valuesOf(landed)).toEqual([{ n: 1, t: 'x' }])
    expect(await at().rejects(landed)).toMatchObject([{ line: 2 }])
  })
})
