/** Folders that are named by values: their files are read as others are, line by line. */
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { useLanding } from './landing.suite.ts'

const at = useLanding()
const columns = ['id INTEGER', 'amount DECIMAL(10,2)', 'year INTEGER', 'month INTEGER', 'shop VARCHAR']

const folders = async () => [
  await at().file('lake/year=2026/month=01/shop=C%C3%B4te/a.csv', 'id,amount\n1,1.50\nx,2\n2,"open\n3,3\n'),
  await at().file('lake/year=2026/month=02/shop=__HIVE_DEFAULT_PARTITION__/b.csv.gz', gzipSync('amount,id\n4,4\n5\n')),
]

describe('CSV in folders that are named by values', () => {
  it('has rejects, and all columns in its rows', async () => {
    const landed = await at().land(await folders(), columns)

    expect(await at().rows(landed)).toEqual([
      { id: 1, amount: '1.50', year: 2026, month: 1, shop: 'Côte', __weft_source: 0 },
      { id: 3, amount: '3.00', year: 2026, month: 1, shop: 'Côte', __weft_source: 0 },
      { id: 4, amount: '4.00', year: 2026, month: 2, shop: null, __weft_source: 1 },
    ])
    expect((await at().rejects(landed)).map(it => [it.uri, it.line, it.code, it.raw])).toEqual([
      [landed.files[0]?.uri, 3, 'value', 'x,2'],
      [landed.files[0]?.uri, 4, 'quote', '2,"open'],
      [landed.files[1]?.uri, 3, 'too-few-fields', '5'],
    ])
    expect(landed.files).toMatchObject([
      { lines: 4, rows: 2, rejects: 2 },
      { lines: 2, rows: 1, rejects: 1 },
    ])
  })

  it('has drift, where a column that stands in both is no surplus', async () => {
    const file = await at().file('lake/year=2026/month=1/shop=x/a.csv', 'year,id,amount,extra\n1999,1,2,y\n')
    const landed = await at().land([file], columns)

    expect(await at().rows(landed)).toMatchObject([{ id: 1, year: 2026 }])
    expect(landed.drift).toMatchObject([{ kind: 'added', column: 'extra' }])
    const shorter = await at().file('lake/year=2026/month=1/shop=x/b.csv', 'id\n1\n')
    await expect(at().land([shorter], columns)).rejects.toMatchObject({ code: 'source.column-removed' })
  })

  it('is refused where a folder is named by what its column cannot be', async () => {
    const file = await at().file('lake/year=2026/month=first/shop=x/a.csv', 'id,amount\n1,2\n')
    await expect(at().land([file], columns)).rejects.toMatchObject({
      code: 'source.wrong-value',
      problems: [{ subject: 'sales.shop.files.lines.month', expected: 'INTEGER', found: file.uri }],
    })
  })

  it('takes the columns in files by their place', async () => {
    const file = await at().file('lake/year=2026/month=1/shop=x/a.csv', '1,2\n3\n')
    const landed = await at().land([file], columns, { header: false })
    expect(await at().rows(landed)).toEqual([
      { id: 1, amount: '2.00', year: 2026, month: 1, shop: 'x', __weft_source: 0 },
    ])
    expect(landed.files).toMatchObject([{ lines: 2, rows: 1, rejects: 1 }])
  })
})

it('Parquet in folders that are named by values has rejects as well', async () => {
  const file = await at().file('lake/year=2026/month=1/shop=x/a.parquet', '')
  const rows = '(values (1, 2.555::double), (2, 2.5)) as t (id, amount)'
  await at().session.run(`copy (from ${rows}) to '${file.path}' (format parquet)`)
  const landed = await at().land([file], columns)
  expect(await at().rows(landed)).toMatchObject([{ id: 2, amount: '2.50', month: 1 }])
  expect(landed.files).toMatchObject([{ lines: 2, rows: 1, rejects: 1 }])
})
