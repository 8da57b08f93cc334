/** Relations over files: CSV by names, Parquet by field ids. */
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { Engine } from './index.ts'
import { columnsOf, refusalOf, textOf, useWorkspace } from './workspace.suite.ts'

export const readingSuite = (open: () => Promise<Engine>): void => {
  describe('CSV', () => csvTests(open))
  describe('numbers in CSV', () => csvNumberTests(open))
  describe('CSV that is not as declared', () => csvRefusalTests(open))
  describe('Parquet', () => parquetTests(open))
}

const csvTests = (open: () => Promise<Engine>): void => {
  const at = useWorkspace(open)

  it('reads typed columns', async () => {
    const rows = await at().csv(
      ['a,b,c,d,e\n1,1.50,x,2024-02-29,2024-02-29 01:02:03\n'],
      ['a INTEGER', 'b DECIMAL(10,2)', 'c VARCHAR', 'd DATE', 'e TIMESTAMP'],
    )
    expect(rows).toEqual([{ a: 1, b: '1.50', c: 'x', d: '2024-02-29', e: '2024-02-29T01:02:03' }])
  })

  it('reads an empty field as NULL, quoted or not, and the declared text as well', async () => {
    const rows = await at().csv(['a,b,c\n,"",NA\n'], ['a INTEGER', 'b VARCHAR', 'c DATE'], { nullText: 'NA' })
    expect(rows).toEqual([{ a: null, b: null, c: null }])
  })

  it('reads gz', async () => {
    const path = await at().file('a.csv.gz', gzipSync('a\n1\n2\n'))
    const columns = columnsOf(['a INTEGER'])
    await at().session.define(['read'], { kind: 'csv', files: [path], columns, options: {} })
    expect(await at().session.rows('select sum(a)::int as total from read')).toEqual([{ total: 3 }])
  })

  it('takes delimiter, quote and line ends as they come', async () => {
    const rows = await at().csv(["\uFEFFa;b\r\n'x;''y\nz';2\r\n"], ['a VARCHAR', 'b INTEGER'], {
      delimiter: ';',
      quote: "'",
    })
    expect(rows).toEqual([{ a: "x;'y\nz", b: 2 }])
  })

  it('finds columns by name where files have them in another order', async () => {
    const rows = await at().csv(['a,b\n1,x\n', 'b,a\ny,2\n', 'a,b\n3,z\n'], ['b VARCHAR', 'a INTEGER'])
    expect(rows.sort((one, other) => Number(one.a) - Number(other.a))).toEqual([
      { b: 'x', a: 1 },
      { b: 'y', a: 2 },
      { b: 'z', a: 3 },
    ])
  })

  it('takes columns by place where there is no header', async () => {
    expect(await at().csv(['1,x\n'], ['n INTEGER', 't VARCHAR'], { header: false })).toEqual([{ n: 1, t: 'x' }])
  })

  it('reads dates and timestamps in a declared format', async () => {
    const rows = await at().csv(['d,t\n29.02.2024,29.02.2024 13:05\n'], ['d DATE', 't TIMESTAMP'], {
      dateFormat: '%d.%m.%Y',
      timestampFormat: '%d.%m.%Y %H:%M',
    })
    expect(rows).toEqual([{ d: '2024-02-29', t: '2024-02-29T13:05:00' }])
  })

  it('opens files whose names hold quotes, spaces and the signs of patterns', async () => {
    const files = await Promise.all(["it's [1].csv", 'a ? b.csv'].map(name => at().file(name, 'a\n1\n')))
    await at().session.define(['read'], { kind: 'csv', files, columns: columnsOf(['a INTEGER']), options: {} })
    expect(await at().session.rows('select count(*) as n from read')).toEqual([{ n: 2 }])
  })

  it('infers columns where none are declared', async () => {
    const files = [await at().file('a.csv', 'a,b\n1,x\n')]
    await at().session.define(['read'], { kind: 'csv', files, options: {} })
    expect(await at().session.rows('select * from read')).toEqual([{ a: 1, b: 'x' }])
  })

  it('finds a column under the name that it has in the file', async () => {
    const file = await at().parquet('select 1 as a, 2 as b', columnsOf(['a INTEGER', 'b INTEGER']))
    const columns = [
      { name: 'a', storedName: 'b', type: 'INTEGER' },
      { name: 'a_1', storedName: 'a', type: 'INTEGER' },
    ]
    await at().session.define(['read'], { kind: 'parquet', files: [file], columns })
    expect(await at().session.rows('select * from read')).toEqual([{ a: 2, a_1: 1 }])
  })

  it('is empty, with its columns, where there is no file', async () => {
    await at().session.define(['read'], { kind: 'csv', files: [], columns: columnsOf(['a INTEGER']), options: {} })
    expect(await at().session.describe('select * from read')).toEqual([{ name: 'a', type: 'INTEGER' }])
    expect(await at().session.rows('select * from read')).toEqual([])
  })
}

const csvNumberTests = (open: () => Promise<Engine>): void => {
  const at = useWorkspace(open)

  it.each([
    ['15076.0', 'INTEGER', 15076],
    ['-7.000', 'INTEGER', -7],
    ['9007199254740993.0', 'BIGINT', 9007199254740993n],
    ['1e3', 'BIGINT', 1000],
    [' 42 ', 'BIGINT', 42],
    ['2.500', 'DECIMAL(10,2)', '2.50'],
    [' 2.55 ', 'DECIMAL(10,2)', '2.55'],
    ['12345678901234567890.123', 'DECIMAL(38,3)', '12345678901234567890.123'],
  ])('"%s" is a %s', async (text, type, expected) => {
    expect(await at().csv([`a\n${text}\n`], [`a ${type}`])).toEqual([{ a: expected }])
  })

  it.each([
    ['15077.5', 'INTEGER'],
    ['25e-1', 'BIGINT'],
    ['1.5e0', 'BIGINT'],
    ['2.555', 'DECIMAL(10,2)'],
    ['1e-5', 'DECIMAL(10,2)'],
    ['300', 'TINYINT'],
    ['secret7', 'INTEGER'],
    ['1.2.3', 'DECIMAL(10,2)'],
  ])('"%s" is no %s: the column is named and the value is not', async (text, type) => {
    const error = await refusalOf(at().csv([`amount\n1\n${text}\n`], [`amount ${type}`]))
    expect(error).toMatchObject({ code: 'engine.bad-file', message: expect.stringMatching(/^column amount holds /) })
    expect(textOf(error)).not.toContain(text)
  })

  it('takes a decimal comma, and then no point', async () => {
    const options = { delimiter: ';', decimalSeparator: ',' }
    const columns = ['a DECIMAL(10,2)', 'b DOUBLE', 'c INTEGER']
    expect(await at().csv(['a;b;c\n1,50;2,5;3,0\n'], columns, options)).toEqual([{ a: '1.50', b: 2.5, c: 3 }])
    const error = await refusalOf(at().csv(['a;b;c\n1.50;2,5;3\n'], columns, options))
    expect(error.message).toContain('column a')
  })
}

const csvRefusalTests = (open: () => Promise<Engine>): void => {
  const at = useWorkspace(open)

  it('names a missing column, and what it may be called now', async () => {
    const error = await refusalOf(at().csv(['a,b\n1,2\n', 'a,bb\n1,2\n'], ['a INTEGER', 'b INTEGER']))
    expect(error).toMatchObject({ code: 'engine.bad-file', message: 'file-1.csv has no column b' })
    expect(error.problems[0]).toMatchObject({ found: 'a, bb', expected: 'a, b', help: expect.stringContaining('"bb"') })
  })

  it('names a surplus column', async () => {
    const error = await refusalOf(at().csv(['a,extra\n1,2\n'], ['a INTEGER']))
    expect(error.message).toBe('file-0.csv has a column extra that the contract does not declare')
  })

  it('says that an empty file has no columns', async () => {
    expect((await refusalOf(at().csv([''], ['a INTEGER']))).message).toBe('file-0.csv has no column a')
  })

  it.each([
    ['a value of another type', 'a,b\nx,2024-01-01\nx,secret7\n', 'column b holds a value that is no DATE'],
    ['a line with too many fields', 'a,b\nsecret7,2024-01-01,3\n', 'file-0.csv, line 2: '],
    ['a quote that never ends', 'a,b\n"secret7,2024-01-01\n', 'file-0.csv, line 2: '],
  ])('says where %s is, and no value', async (_, text, message) => {
    const error = await refusalOf(at().csv([text], ['a VARCHAR', 'b DATE']))
    expect(error).toMatchObject({ code: 'engine.bad-file', message: expect.stringContaining(message) })
    expect(textOf(error)).not.toContain('secret7')
  })

  it('refuses bytes of another encoding', async () => {
    const error = await refusalOf(at().csv([Buffer.from('a\nZoë\n', 'latin1')], ['a VARCHAR']))
    expect(error).toMatchObject({ code: 'engine.bad-file', message: expect.stringContaining('utf-8') })
  })

  it('says that a file is no gz', async () => {
    const files = [await at().file('a.csv.gz', 'a\n1\n')]
    const columns = columnsOf(['a INTEGER'])
    const error = await refusalOf(at().session.define(['read'], { kind: 'csv', files, columns, options: {} }))
    expect(error).toMatchObject({ code: 'engine.bad-file', message: 'a.csv.gz cannot be read as its ending says' })
  })
}

const parquetTests = (open: () => Promise<Engine>): void => {
  const at = useWorkspace(open)

  it('finds columns by field id over files from before and after a rename', async () => {
    const before = await at().parquet(
      "select 1 as a, 'x' as b, 9 as gone",
      columnsOf(['a INTEGER', 'b VARCHAR', 'gone INTEGER']),
    )
    const after = await at().parquet("select 'y' as title, 2::bigint as a, true as fresh", [
      { id: 2, name: 'title', type: 'VARCHAR' },
      { id: 1, name: 'a', type: 'BIGINT' },
      { id: 4, name: 'fresh', type: 'BOOLEAN' },
    ])
    const columns = [
      { id: 1, name: 'a', type: 'BIGINT' },
      { id: 2, name: 'title', type: 'VARCHAR' },
      { id: 4, name: 'fresh', type: 'BOOLEAN' },
    ]
    await at().session.define(['read'], { kind: 'parquet', files: [before, after], columns })
    expect(await at().session.rows('select * from read order by a')).toEqual([
      { a: 1, title: 'x', fresh: null },
      { a: 2, title: 'y', fresh: true },
    ])
  })

  it('takes a name that another column had before by its id alone', async () => {
    const file = await at().parquet('select 1 as a, 2 as b', columnsOf(['a INTEGER', 'b INTEGER']))
    const columns = [
      { id: 2, name: 'a', type: 'INTEGER' },
      { id: 1, name: 'b', type: 'INTEGER' },
    ]
    await at().session.define(['read'], { kind: 'parquet', files: [file], columns })
    expect(await at().session.rows('select * from read')).toEqual([{ a: 2, b: 1 }])
  })

  it('finds columns by name where there are no ids, and casts them', async () => {
    const file = await at().parquet('select 1 as a, 2 as b', [
      { name: 'a', type: 'INTEGER' },
      { name: 'b', type: 'INTEGER' },
    ])
    const columns = [{ name: 'b', type: 'BIGINT' }]
    await at().session.define(['read'], { kind: 'parquet', files: [file], columns })
    expect(await at().session.describe('select * from read')).toEqual(columns)
  })

  it('is empty, with its columns, where there is no file', async () => {
    await at().session.define(['read'], { kind: 'parquet', files: [], columns: columnsOf(['a INTEGER', 'b DATE']) })
    expect(await at().session.describe('select * from read')).toEqual([
      { name: 'a', type: 'INTEGER' },
      { name: 'b', type: 'DATE' },
    ])
    expect(await at().session.rows('select * from read')).toEqual([])
  })

  it('tells rows and nulls of files from their footers, in the order given', async () => {
    const columns = columnsOf(['a INTEGER', 'b INTEGER[]'])
    const small = await at().parquet('select 1 as a, [1] as b', columns)
    const large = await at().parquet('select nullif(i % 4, 0) as a, null as b from range(1000) t(i)', columns)
    expect(await at().session.footers([large, small, large])).toEqual([
      { rows: 1000, nulls: { a: 250 } },
      { rows: 1, nulls: { a: 0 } },
      { rows: 1000, nulls: { a: 250 } },
    ])
    expect(await at().session.footers([])).toEqual([])
  })
}
