import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RuleTest } from '../../domain/index.ts'
import { type Measuring, openMeasuring } from './measuring.suite.ts'

let at: Measuring
beforeAll(async () => {
  at = await openMeasuring()
})
afterAll(() => at.close())

const orders = `select * from (values
  (1::bigint, 'a', 5), (2, 'a', -1), (3, 'b', -2), (9007199254740993, null, -3), (5, 'c', null)
) as t(id, code, amount)`
const keyed = {
  columns: [
    { name: 'id', type: 'BIGINT', primaryKeyPosition: 1 },
    { name: 'code', type: 'VARCHAR' },
  ],
}
const tests: readonly RuleTest[] = [
  { kind: 'required', column: 'code' },
  { kind: 'unique', columns: ['code'] },
  { kind: 'minimum', column: 'amount', value: 0 },
  { kind: 'foreignKey', columns: ['code'], to: 'codes', toColumns: ['code'] },
  { kind: 'maximum', column: 'amount', value: 100 },
  { kind: 'rowCount', threshold: { operator: 'mustBe', value: 0 } },
  { kind: 'nullValues', column: 'amount', threshold: { operator: 'mustBe', value: 0 }, unit: 'percent' },
  { kind: 'primaryKey', columns: ['code'] },
]

test('every rule that failed on rows gives the primary keys of its rows, whole numbers beyond 2^53 as texts', async () => {
  const codes = await at.table("select 'a' as code")
  const { failing } = await at.measure(await at.table(orders), tests, { ...keyed, other: async () => codes })
  expect((await failing(100)).map(it => [it.check, it.columns, it.rows.flat()])).toEqual([
    ['rule-0', ['id'], ['9007199254740993']],
    ['rule-1', ['id'], [1, 2]],
    ['rule-2', ['id'], [2, 3, '9007199254740993']],
    ['rule-3', ['id'], [3, 5]],
    ['rule-6', ['id'], [5]],
    ['rule-7', ['id'], [1, 2, '9007199254740993']],
  ])
})

test("without a primary key the rule's own columns are given, each value once", async () => {
  const { failing } = await at.measure(await at.table(orders), [
    { kind: 'unique', columns: ['code'] },
    { kind: 'enum', column: 'code', values: ['b'] },
  ])
  expect(await failing(100)).toEqual([
    { check: 'rule-0', columns: ['code'], rows: [['a']] },
    { check: 'rule-1', columns: ['code'], rows: [['a'], ['c']] },
  ])
})

test('at most so many keys are given', async () => {
  const relation = await at.table(orders)
  const { failing } = await at.measure(relation, [{ kind: 'minimum', column: 'amount', value: 0 }], keyed)
  expect((await failing(2)).map(it => it.rows)).toEqual([[[2], [3]]])
  expect(await failing(0)).toEqual([])
})

test('a key of two columns that repeats is given whole', async () => {
  const relation = await at.table("select * from (values (1, 'a'), (1, 'a'), (1, 'b'), (2, null)) t(x, y)")
  const { failing } = await at.measure(relation, [{ kind: 'primaryKey', columns: ['x', 'y'] }])
  expect(await failing(10)).toEqual([
    {
      check: 'rule-0',
      columns: ['x', 'y'],
      rows: [
        [1, 'a'],
        [2, null],
      ],
    },
  ])
})

test('keys of a dataset can still be asked after another one was measured in the session', async () => {
  const first = await at.measure(await at.table('select 1 as x'), [{ kind: 'maximum', column: 'x', value: 0 }])
  await at.measure(await at.table('select 2 as x'), [{ kind: 'maximum', column: 'x', value: 0 }])
  expect((await first.failing(10)).map(it => it.rows)).toEqual([[[1]]])
})
