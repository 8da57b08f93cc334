import { describe, expect, test } from 'vitest'
import { slugOfFiles, snakeName, snakeNames } from './names.ts'
import { encodingOfBytes, sniffCsv } from './sniff.ts'

const sniffed = (text: string) => sniffCsv(text, 'utf-8', true)

describe('a CSV file', () => {
  test('with semicolons, a comma in its numbers and quotes around a delimiter', () => {
    expect(sniffed('id;text;n\n1;"a;b";1,5\n2;c;2,5\n')).toEqual({
      options: { delimiter: ';' },
      names: ['id', 'text', 'n'],
      isByPosition: false,
    })
  })

  test('without a header has numbered columns', () => {
    expect(sniffed('1,a\n2,b\n')).toMatchObject({ options: { header: false }, names: ['column_1', 'column_2'] })
  })

  test('of texts alone has a header where no name comes again', () => {
    expect(sniffed('city\nOslo\nRome\n')?.options).toEqual({})
    expect(sniffed('Oslo,x\nRome,x\n')?.options).toEqual({ header: false })
  })

  test('whose names repeat is read by position', () => {
    expect(sniffed('id,a,A,\n1,2,3,4\n')).toMatchObject({ names: ['id', 'a', 'A_2', 'column_4'], isByPosition: true })
  })

  test('has a word for nothing where all else is numbers', () => {
    expect(sniffed('id,n\n1,NA\n2,3.5\n')?.options).toEqual({ nullText: 'NA' })
    expect(sniffed('id,n\n1,NA\n2,text\n')?.options).toEqual({})
  })

  test('of nothing but spaces is none', () => {
    expect(sniffed(' \n')).toBeUndefined()
  })

  test('tells its encoding by its bytes, also where they are cut in a character', () => {
    expect(encodingOfBytes(Buffer.from('é').subarray(0, 1))).toBe('utf-8')
    expect(encodingOfBytes(Buffer.from('é, a', 'latin1'))).toBe('windows-1252')
    expect(encodingOfBytes(Buffer.from([0xe9, 0x81, 0x61]))).toBe('latin-1')
    expect(encodingOfBytes(Buffer.from([0xff, 0xfe, 0x61, 0]))).toBe('utf-16')
  })
})

test.each([
  ['InvoiceNo', 'invoice_no'],
  ['HTTPStatus', 'http_status'],
  ['größe (cm)', 'grosse_cm'],
  ['2nd', 'c_2nd'],
  ['order', 'order_value'],
  ['😀', 'column'],
  ['名前', '名前'],
])('%s becomes %s', (name, snake) => {
  expect(snakeName(name)).toBe(snake)
})

test('two columns never have one name', () => {
  expect(snakeNames(['a b', 'a_b', 'A-B'])).toEqual(['a_b', 'a_b_2', 'a_b_3'])
})

test.each([
  ['data/orders-2024-01.csv.gz', 'orders'],
  ['/x/online-retail/by-day/*.csv.gz', 'online-retail'],
  ['lake/sales/year=2024/month=01/*.parquet', 'sales'],
  ['table.csv', 'table-data'],
  ['2024.csv', 'source'],
])('files of %s are %s', (pattern, slug) => {
  expect(slugOfFiles(pattern)).toBe(slug)
})
