/** Rules of what lies inside columns; and that one bad row among many is found by every rule. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RuleTest } from '../../domain/index.ts'
import { type Measuring, openMeasuring } from './measuring.suite.ts'

let at: Measuring
beforeAll(async () => {
  at = await openMeasuring()
})
afterAll(() => at.close())

const orders = `select * from (values
  (1, [{sku: 'S1', tags: ['x']}, {sku: 'T2', tags: ['y', 'z']}, {sku: 'T3', tags: null}], map {'a': 1}),
  (2, [{sku: null, tags: ['long']}], map {'b': -1, 'c': -2}),
  (3, [], null),
  (4, null, map {}),
  (5, [null], map {'dd': 0})) t(id, lines, labels)`

test('a row fails once, however many of its items do', async () => {
  const relation = await at.table(orders)
  const checks = await at.checks(relation, [
    { kind: 'pattern', column: 'lines[].sku', pattern: '^S' },
    { kind: 'required', column: 'lines[].sku' },
    { kind: 'required', column: 'lines[]' },
    { kind: 'maxLength', column: 'lines[].tags[]', value: 1 },
    { kind: 'maxItems', column: 'lines[].tags', value: 1 },
    { kind: 'minimum', column: 'labels[value]', value: 0 },
    { kind: 'maxLength', column: 'labels[key]', value: 1 },
    { kind: 'nullValues', column: 'lines[].tags', unit: 'percent', threshold: { operator: 'mustBe', value: 20 } },
  ])
  expect(checks.map(it => [it.state, it.rowsFailed])).toEqual([
    ['failed', 1],
    ['failed', 1],
    ['failed', 1],
    ['failed', 1],
    ['failed', 1],
    ['failed', 1],
    ['failed', 1],
    ['passed', 1],
  ])
})

test('what leads nowhere, and keys of several columns inside lists, are errors of the rule', async () => {
  const relation = await at.table(orders)
  const checks = await at.checks(relation, [
    { kind: 'required', column: 'lines[].skus' },
    { kind: 'required', column: 'lines.sku' },
    { kind: 'required', column: 'id[]' },
    { kind: 'unique', columns: ['id', 'lines[].sku'] },
    {
      kind: 'sql',
      column: 'lines[].sku',
      query: 'select count(${column}) from ${table}',
      threshold: { operator: 'mustBe', value: 1 },
    },
  ])
  expect(checks.map(it => it.state)).toEqual(['error', 'error', 'error', 'error', 'error'])
})

test('rows with items that are keys of nothing', async () => {
  const relation = await at.table("select * from (values (1, ['1', '2']), (2, ['3']), (3, [null]), (4, null)) t(id, a)")
  const other = await at.table('select unnest([1, 2])::integer as id')
  const { measurement, failing } = await at.measure(
    relation,
    [{ kind: 'foreignKey', columns: ['a[]'], to: 'others', toColumns: ['id'] }],
    { other: async () => other },
  )
  expect(measurement.checks).toMatchObject([{ state: 'failed', rowsFailed: 1 }])
  expect(await failing(10)).toEqual([{ check: 'rule-0', columns: ['a[]'], rows: [[['3']]] }])
})

test('the largest gap is found wherever it lies', async () => {
  const relation = await at.table(
    "select timestamp '2024-01-01' + interval (i + if(i >= 700, 1, 0)) hour as a from range(1000) t(i)",
  )
  const frequency = (maxGapMs: number): RuleTest => ({ kind: 'frequency', column: 'a', maxGapMs })
  const hour = 3_600_000
  const checks = await at.checks(relation, [frequency(hour), frequency(2 * hour - 1), frequency(2 * hour)])
  expect(checks.map(it => [it.state, it.found])).toEqual([
    ['failed', 'a gap of 2h'],
    ['failed', 'a gap of 2h'],
    ['passed', 'no greater gap'],
  ])
})

test('one bad row among many is found by every rule', async () => {
  const rows = 300_000
  const bad = 'i = 123456'
  const relation = await at.table(
    `select i::bigint as id, if(${bad}, 5, i)::bigint as key, if(${bad}, null, 'x') as filled, if(${bad}, 'zz', 'x') as word,
       if(${bad}, -1, i)::double as amount, if(${bad}, [1, 1], [i]) as list, if(${bad}, {sku: null}, {sku: 'S'}) as line
     from range(${rows}) t(i)`,
  )
  const threshold = { operator: 'mustBe', value: 0 } as const
  const checks = await at.checks(relation, [
    { kind: 'unique', columns: ['key'] },
    { kind: 'primaryKey', columns: ['key', 'word'] },
    { kind: 'required', column: 'filled' },
    { kind: 'enum', column: 'word', values: ['x'] },
    { kind: 'maxLength', column: 'word', value: 1 },
    { kind: 'minimum', column: 'amount', value: 0 },
    { kind: 'uniqueItems', column: 'list' },
    { kind: 'required', column: 'line.sku' },
    { kind: 'nullValues', column: 'filled', unit: 'percent', threshold },
    { kind: 'invalidValues', column: 'word', validValues: ['x'], unit: 'percent', threshold },
    { kind: 'sql', query: "select count(*) from ${table} where word = 'zz'", threshold },
  ])
  expect(checks.filter(it => it.state !== 'failed').map(it => it.kind)).toEqual(['primaryKey'])
})
