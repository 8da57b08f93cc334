/** Drift of headers and schemas: named as what it is, and treated as the contract says. */
import { describe, expect, it } from 'vitest'
import type { WeftError } from '../../base/index.ts'
import { useLanding } from './landing.suite.ts'

const at = useLanding()
const columns = ['id INTEGER required', 'customer VARCHAR', 'amount DECIMAL(10,2)']

const refusalOf = (work: Promise<unknown>): Promise<WeftError> =>
  work.then(
    () => {
      throw new Error('it was not refused')
    },
    (error: WeftError) => error,
  )

describe('a header', () => {
  it('may name columns in another order, in another case and with spaces around', async () => {
    const landed = await at().csv(' Amount ,ID,customer\n1.00,1,x\n', columns)
    expect(await at().rows(landed)).toEqual([{ id: 1, customer: 'x', amount: '1.00', __weft_source: 0 }])
    expect(landed.drift).toMatchObject([{ kind: 'reordered', column: 'id' }])
    expect(landed.problems).toEqual([])
  })

  it('with a column more is read, and the lines for the contract are proposed', async () => {
    const landed = await at().csv('id,customer,amount,"paid on"\n1,x,1.00,2024-01-01\n', columns)
    expect(landed.files).toMatchObject([{ rows: 1, rejects: 0 }])
    expect(landed.drift).toMatchObject([{ uri: 'a0.csv', kind: 'added', column: 'paid on' }])
    expect(landed.problems).toMatchObject([
      {
        severity: 'warning',
        code: 'source.column-added',
        help: 'to take it in, add to the properties of lines:\n- name: paid on\n  logicalType: date\n  physicalType: DATE',
      },
    ])
  })

  it('without a column is refused; NULL where the contract lets it be', async () => {
    const text = 'id,customer\n1,x\n'
    expect(await refusalOf(at().csv(text, columns))).toMatchObject({
      code: 'source.column-removed',
      problems: [{ subject: 'sales.shop.files.lines.amount', severity: 'error' }],
    })
    const landed = await at().csv(text, columns, { drift: { removed: 'propose' } })
    expect(await at().rows(landed)).toEqual([{ id: 1, customer: 'x', amount: null, __weft_source: 0 }])
    expect(landed.problems).toMatchObject([{ severity: 'warning', code: 'source.column-removed' }])
  })

  it('without a column that must not be NULL is refused whatever is declared', async () => {
    const error = await refusalOf(at().csv('customer,amount\nx,1\n', columns, { drift: 'ignore' }))
    expect(error.code).toBe('source.column-removed')
  })

  it.each([
    ['a like name', 'id,customer_name,amount\n1,x,1.00\n', 'customer', 'customer_name'],
    ['another spelling', 'id,customer,Amount (EUR)\n1,x,1.00\n', 'amount', 'Amount (EUR)'],
    ['the same place', 'id,customer,total\n1,x,1.00\n', 'amount', 'total'],
  ])('with a column renamed says so: %s', async (_, text, column, to) => {
    const error = await refusalOf(at().csv(text, columns))
    expect(error.problems).toMatchObject([
      { code: 'source.column-renamed', subject: `sales.shop.files.lines.${column}` },
    ])
    expect(error.message).toContain(`column ${column} is called ${to}`)
  })

  it('with a like name but values of another type has lost one column and gained another', async () => {
    const error = await refusalOf(
      at().csv('id,customer,amounts\n1,x,many\n2,y,few\n', columns, { drift: { added: 'refuse' } }),
    )
    expect(error.problems.map(it => it.code).sort()).toEqual(['source.column-added', 'source.column-removed'])
  })

  it('that is none, because the file has no header, is told without a value of the file', async () => {
    const error = await refusalOf(at().csv('17,secret7,1.00\n18,y,2.00\n', columns))
    expect(error.problems.map(it => it.code)).toEqual(Array(3).fill('source.column-removed'))
    expect(JSON.stringify(error.problems)).toContain('has the file a header?')
    expect(JSON.stringify(error.problems)).not.toContain('secret7')
  })

  it('with a name twice is refused', async () => {
    expect((await refusalOf(at().csv('id,customer,amount,id\n1,x,1,2\n', columns))).code).toBe('source.column-twice')
  })

  it('is told once for all files that have it', async () => {
    const files = await Promise.all([0, 1, 2].map(n => at().file(`f${n}.csv`, `id,customer,amount,more\n${n},x,1,\n`)))
    const landed = await at().land(files, columns)
    expect(landed.drift.map(it => it.uri)).toEqual(['f0.csv', 'f1.csv', 'f2.csv'])
    expect(landed.problems.map(it => it.message)).toEqual([
      'a column more that the contract does not declare in f0.csv and 2 more',
    ])
  })
})

describe('values', () => {
  it('that are mostly of another type are a change of type, not rejects', async () => {
    const text = `id,customer,amount\n${Array.from({ length: 39 }, (_, id) => `${id},x,"${id},50"`).join('\n')}\n39,x,1.00\n`
    const error = await refusalOf(at().csv(text, columns))
    expect(error).toMatchObject({
      code: 'source.column-retyped',
      problems: [{ subject: 'sales.shop.files.lines.amount' }],
    })
    expect(error.problems[0]?.found).toContain('39 of 40')
    const landed = await at().csv(text, columns, { drift: { retyped: 'ignore' } })
    expect(landed.files).toMatchObject([{ lines: 40, rows: 1, rejects: 39 }])
  })

  it('that are broken here and there are rejects alone', async () => {
    const landed = await at().csv('id,customer,amount\n1,x,much\n2,y,2,5\n3,z,NaN\n', columns)
    expect(landed.drift).toEqual([])
  })
})

describe('Parquet', () => {
  const parquet = async (name: string, sql: string) => {
    const file = await at().file(name, '')
    await at().session.run(`copy (${sql}) to '${file.path}' (format parquet)`)
    return file
  }

  it('is copied, columns by name, and values that do not fit are rejects', async () => {
    const files = [
      await parquet('one.parquet', "select 1 as id, 'x' as customer, 1.25::double as amount"),
      await parquet('two.parquet', "select 2.255::double as amount, 2::bigint as id, 'y' as customer"),
      await parquet(
        'three.parquet',
        'select unnest([3, 99999999999]) as id, null::varchar as customer, 3::decimal(4,2) as amount',
      ),
    ]
    const landed = await at().land(files, columns)
    expect(await at().rows(landed)).toEqual([
      { id: 1, customer: 'x', amount: '1.25', __weft_source: 0 },
      { id: 3, customer: null, amount: '3.00', __weft_source: 2 },
    ])
    expect(await at().rejects(landed)).toEqual([
      {
        uri: 'three.parquet',
        line: 2,
        column: 'id',
        code: 'value',
        reason: expect.any(String),
        raw: '{"id":99999999999,"customer":null,"amount":3.0}',
      },
      {
        uri: 'two.parquet',
        line: 1,
        column: 'amount',
        code: 'value',
        reason: expect.any(String),
        raw: '{"id":2,"customer":"y","amount":2.255}',
      },
    ])
    expect(landed.files.map(it => [it.lines, it.rows, it.rejects])).toEqual([
      [1, 1, 0],
      [1, 0, 1],
      [2, 1, 1],
    ])
  })

  it('drifts like a header, and by types', async () => {
    const file = await parquet('a.parquet', "select 1 as id, 'x' as buyer, '1.5' as amount, 1 as more")
    const error = await refusalOf(at().land([file], columns))
    expect(error.problems.map(it => it.code).sort()).toEqual(['source.column-removed', 'source.column-retyped'])
    const landed = await at().land([file], columns, { drift: 'ignore' })
    expect(await at().rows(landed)).toEqual([{ id: 1, customer: null, amount: '1.50', __weft_source: 0 }])
    expect(landed.problems).toEqual([])
  })

  it('that is cut off is named', async () => {
    const error = await refusalOf(at().land([await at().file('a.parquet', 'PAR1')], columns, { format: 'parquet' }))
    expect(error.message).toContain('a.parquet')
    expect(error.code).toBe('source.broken-file')
  })
})

it('a word that says nothing about drift is refused', async () => {
  const error = await refusalOf(at().csv('id,customer,amount\n', columns, { drift: { added: 'propse' } }))
  expect(error).toMatchObject({ code: 'source.drift-policy', problems: [{ help: 'did you mean "propose"?' }] })
})
