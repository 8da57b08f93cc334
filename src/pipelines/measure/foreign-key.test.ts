import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RuleTest } from '../../domain/index.ts'
import { type Measuring, openMeasuring } from './measuring.suite.ts'

let at: Measuring
beforeAll(async () => {
  at = await openMeasuring()
})
afterAll(() => at.close())

const orders = `select * from (values
  (1::bigint, 'open', 10.00::decimal(8,2), 'a@x.org'), (2, 'paid', 20.50, 'b@x.org'), (3, 'paid', -3.00, 'c'),
  (4, 'lost', 0.00, ''), (5, 'open', 7.25, 'a@x.org'), (6, null, null, null)
) as t(id, status, amount, email)`

const key: RuleTest = { kind: 'foreignKey', columns: ['status'], to: 'sales.shop.states', toColumns: ['name'] }
test('count keys that the other dataset does not have; NULL refers to nothing', async () => {
  const states = await at.table("select * from (values ('open'), ('paid')) t(name)")
  const [check] = await at.checks(await at.table(orders), [key], { other: async () => states })
  expect(check).toMatchObject({
    state: 'failed',
    rowsFailed: 1,
    found: '1 row with a key that sales.shop.states does not have',
    expected: 'keys of sales.shop.states',
  })
})

test('of two columns, and of a number that refers to a text', async () => {
  const other = await at.table("select * from (values ('1', 'open'), ('2', 'paid'), ('x', 'open')) t(id, name)")
  const columns = ['id', 'status']
  const [check] = await at.checks(
    await at.table(orders),
    [{ kind: 'foreignKey', columns, to: 'other', toColumns: ['id', 'name'] }],
    { other: async () => other },
  )
  expect(check).toMatchObject({ state: 'failed', rowsFailed: 3 })
})

test('cannot be judged while nothing is published, or the column is unknown', async () => {
  const other = await at.table('select 1 as nam')
  const [none] = await at.checks(await at.table(orders), [key])
  const [unknown] = await at.checks(await at.table(orders), [key], { other: async () => other })
  expect([none?.state, none?.found]).toEqual(['error', 'nothing is published yet of sales.shop.states'])
  expect([unknown?.state, unknown?.found]).toEqual([
    'error',
    'sales.shop.states: no column "name" in the data; did you mean "nam"?',
  ])
})
