/** `physicalName` of a column: what files call it, where its contract has a name of its own. */
import { describe, expect, it } from 'vitest'
import type { WeftError } from '../../base/index.ts'
import { useLanding } from './landing.suite.ts'

const at = useLanding()
const columns = [
  'customer_id INTEGER required from Customer ID',
  'total DECIMAL(10,2) from Amount (EUR)',
  'note VARCHAR',
]

const rowsOf = async (...asked: Parameters<ReturnType<typeof at>['csv']>) =>
  (await at().rows(await at().csv(...asked))).map(({ __weft_source, ...row }) => row)

describe('the physicalName of a column', () => {
  it.each([
    ['as it is written', 'Customer ID,Amount (EUR),note\n1,2.50,x\n'],
    ['in any order, case and with spaces around', 'note, amount (eur) ,CUSTOMER ID\nx,2.50,1\n'],
    ['or the name, where the file has no such column', 'customer_id,Total,note\n1,2.50,x\n'],
  ])('is found in a header %s', async (_, text) => {
    expect(await rowsOf(text, columns)).toEqual([{ customer_id: 1, total: '2.50', note: 'x' }])
  })

  it('goes before the name: two columns may have changed their names', async () => {
    expect(await rowsOf('a,b\n1,2\n', ['a INTEGER from b', 'b INTEGER from a'])).toEqual([{ a: 2, b: 1 }])
  })

  it('makes a name in files no drift, and a name of the contract beside it a surplus', async () => {
    const landed = await at().csv('Customer ID,Amount (EUR),note\n1,2.50,x\n', columns)
    expect(landed.drift).toEqual([])
    const both = await at().csv('Customer ID,Amount (EUR),note,total\n1,2.50,x,9\n', columns)
    expect(both.drift).toMatchObject([{ kind: 'added', column: 'total' }])
  })

  it('is told where it is missing, with the name', async () => {
    const error: WeftError = await at()
      .csv('Amount (EUR),note\n2.50,x\n', columns)
      .then(
        () => expect.fail('it was not refused'),
        caught => caught,
      )
    expect(error).toMatchObject({ code: 'source.column-removed', problems: [{ expected: 'Customer ID INTEGER' }] })
    expect(error.problems[0]?.found).toContain('the file has no column "Customer ID" and no customer_id')
  })

  it('is what a rename proposes', async () => {
    const error = await at()
      .csv('Customer Number,Amount (EUR),note\n1,2.50,x\n', columns)
      .catch((caught: WeftError) => caught)
    expect(error).toMatchObject({
      code: 'source.column-renamed',
      problems: [{ help: expect.stringContaining('physicalName: Customer Number') }],
    })
  })

  it('is in the reason of a reject, beside the name', async () => {
    const landed = await at().csv('Customer ID,Amount (EUR),note\n1,much,x\n2,3,x\nz,z,x\n', columns)
    expect((await at().rejects(landed)).map(it => [it.column, it.reason])).toEqual([
      ['total', 'a value that is not of the declared type; total is called "Amount (EUR)" in files'],
      [
        'customer_id, total',
        'a value that is not of the declared type; customer_id is called "Customer ID" in files; total is called "Amount (EUR)" in files',
      ],
    ])
  })

  it('is a repeated header too', async () => {
    const text = 'Customer ID,Amount (EUR),note\n1,2.50,x\nCustomer ID,Amount (EUR),note\n'
    expect(await at().rejects(await at().csv(text, columns))).toMatchObject([{ line: 3, code: 'repeated-header' }])
  })

  it('is found in Parquet, with rejects', async () => {
    const file = await at().file('a.parquet', '')
    const rows = `(values (1, 2.5::double, 'x'), (2, 2.555, 'y')) as t ("Customer ID", "amount (eur)", note)`
    await at().session.run(`copy (from ${rows}) to '${file.path}' (format parquet)`)
    const landed = await at().land([file], columns)
    expect(await at().rows(landed)).toMatchObject([{ customer_id: 1, total: '2.50', note: 'x' }])
    expect(await at().rejects(landed)).toMatchObject([
      { line: 2, column: 'total', raw: '{"Customer ID":2,"amount (eur)":2.555,"note":"y"}' },
    ])
  })

  it('is found inside of structures, lists and maps of Parquet, with rejects', async () => {
    const file = await at().file('a.parquet', '')
    const item = (price: string) => `{'Unit Price': ${price}::double, n: 1}`
    const rows = `(values (1, {'The Lines': [${item('2.5')}], m: map {'k': ${item('7')}}}), (2, {'The Lines': [${item('2.555')}], m: null}), (3, null)) as t (id, o)`
    await at().session.run(`copy (from ${rows}) to '${file.path}' (format parquet)`)
    const [stored, type] = [
      ['"The Lines"', '"Unit Price"'],
      ['lines', 'price'],
    ].map(
      ([lines, price]) =>
        `STRUCT(${lines} STRUCT(${price} DECIMAL(9,2), n INTEGER)[], m MAP(VARCHAR, STRUCT(${price} DECIMAL(9,2), n INTEGER)))`,
    )
    const landed = await at().land([file], ['id INTEGER', `o ${type} inside ${stored}`])
    await at().session.define(['landed'], landed.relation)
    expect(
      await at().session.rows(
        "select id, o.lines[1].price as price, o.lines[1].n as n, o is null as none, o.m['k'].price as inside from landed order by id",
      ),
    ).toEqual([
      { id: 1, price: '2.50', n: 1, none: false, inside: '7.00' },
      { id: 3, price: null, n: null, none: true, inside: null },
    ])
    expect(await at().rejects(landed)).toMatchObject([{ line: 2, column: 'o' }])
  })

  it('is what a file read in place would have to be renamed for', async () => {
    const file = await at().file('a.parquet', '')
    await at().session.run(
      `copy (select date '2026-01-01' as day, date '2026-01-02' as at) to '${file.path}' (format parquet)`,
    )
    expect(await at().inPlace([file], ['day DATE', 'at DATE'])).toMatchObject({ files: [{ rows: 1 }] })
    await expect(at().inPlace([file], ['day DATE from at', 'other DATE from day'])).rejects.toMatchObject({
      code: 'model.not-in-place',
      problems: [{ found: 'a.parquet: at DATE', expected: 'day DATE' }],
    })
  })

  it('is a key of JSON, or the name is', async () => {
    const text = '{"Customer ID":1,"Amount (EUR)":2.5}\n{"customer_id":2,"total":3,"note":"x"}\n'
    const landed = await at().land([await at().file('a.ndjson', text)], columns)
    expect((await at().rows(landed)).map(it => [it.customer_id, it.total, it.note])).toEqual([
      [1, '2.50', null],
      [2, '3.00', 'x'],
    ])
  })

  it('is a name in folders', async () => {
    const file = await at().file('Sold In=2026/a.csv', 'n\n1\n')
    const landed = await at().land([file], ['n INTEGER', 'year INTEGER from Sold In'])
    expect(await at().rows(landed)).toMatchObject([{ n: 1, year: 2026 }])
  })
})
