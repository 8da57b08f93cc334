import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RuleTest, Threshold } from '../../domain/index.ts'
import type { Relation } from '../../engine/index.ts'
import { measure } from './index.ts'
import { type Measuring, nowMs, openMeasuring, ruleOf } from './measuring.suite.ts'

let at: Measuring
beforeAll(async () => {
  at = await openMeasuring()
})
afterAll(() => at.close())

/** Six rows; every column but `id` has one NULL. */
const orders = `select * from (values
  (1::bigint, 'open', 10.00::decimal(8,2), 1.5::double, date '2024-03-01', timestamp '2024-03-01 05:00:00', 'a@x.org', [1, 2]),
  (2, 'paid', 20.50, 2.5, date '2024-02-01', timestamp '2024-02-01 00:00:00', 'b@x.org', [1, 1]),
  (3, 'paid', -3.00, 'nan'::double, date '2024-01-01', timestamp '2024-01-01 00:00:00', 'c', [3]),
  (4, 'lost', 0.00, 'inf'::double, date '2023-01-01', timestamp '2023-01-01 00:00:00', '', []),
  (5, 'open', 7.25, -1.0, date '2022-01-01', timestamp '2022-01-01 00:00:00', 'a@x.org', [null, null]),
  (6, null, null, null, null, null, null, null)
) as t(id, status, amount, score, day, moment, email, items)`

test('names that a file has for other columns say nothing of these', async () => {
  const stored = await at.table('select i as a, -i as b from range(10) as t (i)')
  const columns = [
    { name: 'a', storedName: 'b', type: 'BIGINT' },
    { name: 'b', storedName: 'a', type: 'BIGINT' },
  ]
  const relation: Relation = { kind: 'parquet', files: 'files' in stored ? stored.files : [], columns }
  const verdicts = await at.checks(relation, [
    { kind: 'maximum', column: 'a', value: 0 },
    { kind: 'minimum', column: 'b', value: 0 },
    { kind: 'maximum', column: 'b', value: 0 },
  ])
  expect(verdicts.map(it => it.state)).toEqual(['passed', 'passed', 'failed'])
})

type Case = readonly [what: string, test: RuleTest, state: 'passed' | 'failed', found: string, rowsFailed: number]

const rowCases: readonly Case[] = [
  ['required holds', { kind: 'required', column: 'id' }, 'passed', 'no row without a value', 0],
  ['required fails on NULL', { kind: 'required', column: 'status' }, 'failed', '1 row without a value', 1],
  [
    'unique of whole numbers',
    { kind: 'unique', columns: ['id'] },
    'passed',
    'no row with a value that another row has',
    0,
  ],
  [
    'unique of texts skips NULL',
    { kind: 'unique', columns: ['email'] },
    'failed',
    '1 row with a value that another row has',
    1,
  ],
  [
    'unique of two columns',
    { kind: 'unique', columns: ['status', 'email'] },
    'failed',
    '1 row with a value that another row has',
    1,
  ],
  ['primary key', { kind: 'primaryKey', columns: ['id'] }, 'passed', 'no row without a key of its own', 0],
  [
    'primary key fails on NULL',
    { kind: 'primaryKey', columns: ['day'] },
    'failed',
    '1 row without a key of its own',
    1,
  ],
  [
    'primary key of two columns, one part NULL, one repeated',
    { kind: 'primaryKey', columns: ['status', 'email'] },
    'failed',
    '2 rows without a key of its own',
    2,
  ],
  ['enum', { kind: 'enum', column: 'status', values: ['open', 'paid'] }, 'failed', '1 row with another value', 1],
  [
    'enum of decimals',
    { kind: 'enum', column: 'amount', values: [10, '20.5', -3, 0, 7.25] },
    'passed',
    'no row with another value',
    0,
  ],
  ['minimum', { kind: 'minimum', column: 'amount', value: 0 }, 'failed', '1 row below 0', 1],
  [
    'minimum between two values of the type',
    { kind: 'minimum', column: 'amount', value: -2.999 },
    'failed',
    '1 row below -2.999',
    1,
  ],
  ['minimum that footers answer', { kind: 'minimum', column: 'amount', value: -3 }, 'passed', 'no row below -3', 0],
  ['exclusiveMinimum', { kind: 'exclusiveMinimum', column: 'amount', value: 0 }, 'failed', '2 rows at or below 0', 2],
  ['maximum', { kind: 'maximum', column: 'id', value: 4 }, 'failed', '2 rows above 4', 2],
  ['maximum of dates', { kind: 'maximum', column: 'day', value: '2024-02-01' }, 'failed', '1 row above 2024-02-01', 1],
  ['exclusiveMaximum', { kind: 'exclusiveMaximum', column: 'id', value: 7 }, 'passed', 'no row at or above 7', 0],
  [
    'exclusiveMaximum of instants',
    { kind: 'exclusiveMaximum', column: 'moment', value: '2024-03-01T05:00:00Z' },
    'failed',
    '1 row at or above 2024-03-01T05:00:00Z',
    1,
  ],
  [
    'maximum of floats fails on infinity and NaN',
    { kind: 'maximum', column: 'score', value: 100 },
    'failed',
    '2 rows above 100',
    2,
  ],
  ['multipleOf', { kind: 'multipleOf', column: 'amount', value: 0.5 }, 'failed', '1 row with no multiple of 0.5', 1],
  [
    'multipleOf of whole numbers',
    { kind: 'multipleOf', column: 'id', value: 2 },
    'failed',
    '3 rows with no multiple of 2',
    3,
  ],
  ['minLength', { kind: 'minLength', column: 'email', value: 1 }, 'failed', '1 row shorter than 1 characters', 1],
  ['maxLength', { kind: 'maxLength', column: 'email', value: 6 }, 'failed', '3 rows longer than 6 characters', 3],
  ['minItems', { kind: 'minItems', column: 'items', value: 1 }, 'failed', '1 row with fewer than 1 items', 1],
  ['maxItems', { kind: 'maxItems', column: 'items', value: 1 }, 'failed', '3 rows with more than 1 items', 3],
  [
    'uniqueItems, where two NULLs are equal',
    { kind: 'uniqueItems', column: 'items' },
    'failed',
    '2 rows with an item twice',
    2,
  ],
  [
    'pattern anywhere in the value',
    { kind: 'pattern', column: 'email', pattern: '@x' },
    'failed',
    '2 rows unlike the pattern',
    2,
  ],
  ['format', { kind: 'format', column: 'email', format: 'email' }, 'failed', '2 rows not of format email', 2],
]

const measured = (threshold: Threshold, unit: 'rows' | 'percent'): Case[] => {
  const share = unit === 'percent' ? '16.6667%: ' : ''
  const half = unit === 'percent' ? '50%: ' : ''
  const none: Threshold = { operator: 'mustBe', value: 0 }
  return [
    [
      'nullValues',
      { kind: 'nullValues', column: 'status', threshold, unit },
      'passed',
      `${share}1 row of 6 without a value`,
      1,
    ],
    [
      'missingValues',
      { kind: 'missingValues', column: 'email', missing: ['', 'c'], threshold: none, unit },
      'failed',
      `${half}3 rows of 6 without a value that counts`,
      3,
    ],
    [
      'invalidValues',
      { kind: 'invalidValues', column: 'status', validValues: ['open'], threshold: none, unit },
      'failed',
      `${half}3 rows of 6 with an invalid value`,
      3,
    ],
    [
      'invalidValues by bounds and pattern',
      {
        kind: 'invalidValues',
        column: 'amount',
        minimum: 0,
        maximum: 15,
        pattern: '^[0-9.-]+$',
        threshold: none,
        unit,
      },
      'failed',
      `${unit === 'percent' ? '33.3333%: ' : ''}2 rows of 6 with an invalid value`,
      2,
    ],
    [
      'duplicateValues',
      { kind: 'duplicateValues', columns: ['email'], threshold, unit },
      'passed',
      `${share}1 row of 6 with a value that another row has`,
      1,
    ],
  ]
}

describe('rules over rows', () => {
  const cases = [
    ...rowCases,
    ...measured({ operator: 'mustBe', value: 1 }, 'rows'),
    ...measured({ operator: 'mustBeBetween', value: [16.6, 16.7] }, 'percent'),
  ]
  test.each(cases)('%s', async (_, rule, state, found, rowsFailed) => {
    const [check] = await at.checks(await at.table(orders), [rule])
    expect(check).toMatchObject({ kind: rule.kind, state, found, rowsFailed, rows: 6, severity: 'error' })
  })

  test('all rules at once have the verdicts that each has alone, in their order', async () => {
    const checks = await at.checks(
      await at.table(orders),
      rowCases.map(([, rule]) => rule),
    )
    expect(checks.map(it => [it.check, it.state, it.rowsFailed])).toEqual(
      rowCases.map(([, , state, , failed], index) => [`rule-${index}`, state, failed]),
    )
  })

  test('files read by ids, an inferred file and a CSV file have the same verdicts', async () => {
    const sql = orders.replace(', items)', ', ignored)').replace('select *', 'select * exclude (ignored, score)')
    const relation = await at.table(sql)
    if (relation.kind !== 'parquet' || relation.columns === undefined) throw new Error('a table is Parquet')
    const rules = rowCases
      .map(([, rule]) => rule)
      .filter(rule => !('column' in rule && ['items', 'score'].includes(rule.column)))
    const file = join(tmpdir(), `weft-measure-${process.pid}.csv`)
    await at.session.run(`copy (${sql}) to '${file}' (header, force_quote (email), nullstr 'NULL')`)
    const columns = relation.columns.map(({ name, type }) => ({ name, type }))
    const renamed = relation.columns.map(it =>
      it.name === 'moment' ? { ...it, type: 'TIMESTAMP WITH TIME ZONE' } : it,
    )
    const expected = (await at.checks(relation, rules)).map(it => it.found)
    expect((await at.checks({ kind: 'parquet', files: relation.files }, rules)).map(it => it.found)).toEqual(expected)
    expect((await at.checks({ ...relation, columns: renamed }, rules)).map(it => it.found)).toEqual(expected)
    expect(
      (await at.checks({ kind: 'csv', files: [file], columns, options: { nullText: 'NULL' } }, rules)).filter(
        it => it.state === 'error',
      ),
    ).toEqual([])
    await rm(file)
  })
})

describe('operators', () => {
  const rowsOf = (threshold: Threshold): RuleTest => ({ kind: 'rowCount', threshold })
  const cases: readonly (readonly [Threshold, 'passed' | 'failed'])[] = [
    [{ operator: 'mustBe', value: 6 }, 'passed'],
    [{ operator: 'mustBe', value: '6' }, 'passed'],
    [{ operator: 'mustBe', value: 5 }, 'failed'],
    [{ operator: 'mustNotBe', value: 6 }, 'failed'],
    [{ operator: 'mustNotBe', value: 0 }, 'passed'],
    [{ operator: 'mustBeGreaterThan', value: 6 }, 'failed'],
    [{ operator: 'mustBeGreaterThan', value: 5.9 }, 'passed'],
    [{ operator: 'mustBeGreaterOrEqualTo', value: 6 }, 'passed'],
    [{ operator: 'mustBeLessThan', value: 6 }, 'failed'],
    [{ operator: 'mustBeLessThan', value: 7 }, 'passed'],
    [{ operator: 'mustBeLessOrEqualTo', value: 6 }, 'passed'],
    [{ operator: 'mustBeBetween', value: [6, 9] }, 'passed'],
    [{ operator: 'mustBeBetween', value: [3, 6] }, 'passed'],
    [{ operator: 'mustBeBetween', value: [7, 9] }, 'failed'],
    [{ operator: 'mustNotBeBetween', value: [6, 9] }, 'failed'],
    [{ operator: 'mustNotBeBetween', value: [7, 9] }, 'passed'],
  ]
  test.each(cases)('%j of 6 rows has %s', async (threshold, state) => {
    const [check] = await at.checks(await at.table(orders), [rowsOf(threshold)])
    expect(check).toMatchObject({ state, found: '6 rows' })
  })

  test('a share is compared exactly: one of three is not at most 33.3333 percent', async () => {
    const relation = await at.table('select * from (values (1), (2), (null)) t(x)')
    const share = (value: number): RuleTest => ({
      kind: 'nullValues',
      column: 'x',
      threshold: { operator: 'mustBeLessOrEqualTo', value },
      unit: 'percent',
    })
    const checks = await at.checks(relation, [share(33.3333), share(33.3334)])
    expect(checks.map(it => it.state)).toEqual(['failed', 'passed'])
  })

  test('no rows at all are 0 percent', async () => {
    const relation = { kind: 'empty', columns: [{ name: 'x', type: 'INTEGER' }] } as const
    const [check] = await at.checks(relation, [
      { kind: 'nullValues', column: 'x', threshold: { operator: 'mustBe', value: 0 }, unit: 'percent' },
    ])
    expect(check).toMatchObject({ state: 'passed', found: '0%: no row of 0 without a value', rows: 0 })
  })
})

describe('freshness', () => {
  const hours = (count: number): RuleTest => ({ kind: 'freshness', column: 'moment', maxAgeMs: count * 3_600_000 })
  test('says the age of the newest value, not the value', async () => {
    const checks = await at.checks(await at.table(orders), [hours(31), hours(30)])
    expect(checks.map(({ state, found, expected }) => ({ state, found, expected }))).toEqual([
      { state: 'passed', found: '31h', expected: 'at most 31h old' },
      { state: 'failed', found: '31h', expected: 'at most 30h old' },
    ])
  })

  test('a date counts from its first instant, infinity is no instant, and without any the rule fails', async () => {
    const relation = await at.table(
      "select date '2024-03-01' as day, 'infinity'::timestamp as moment, null::timestamptz as never",
    )
    const checks = await at.checks(relation, [
      { kind: 'freshness', column: 'day', maxAgeMs: 36 * 3_600_000 },
      hours(1),
      { kind: 'freshness', column: 'never', maxAgeMs: 1 },
    ])
    expect(checks.map(it => [it.state, it.found])).toEqual([
      ['passed', '36h'],
      ['failed', 'no instant at all'],
      ['failed', 'no instant at all'],
    ])
  })
})

describe('rules that cannot be judged', () => {
  test('say why, and cost the other rules nothing', async () => {
    const checks = await at.checks(await at.table(orders), [
      { kind: 'required', column: 'statu' },
      { kind: 'pattern', column: 'status', pattern: '(' },
      { kind: 'minimum', column: 'status', value: 3 },
      { kind: 'unique', columns: ['email'] },
    ])
    expect(checks.map(it => it.state)).toEqual(['error', 'error', 'error', 'failed'])
    expect(checks[0]?.found).toBe('no column "statu" in the data; did you mean "status"?')
    expect(checks[1]?.found).toMatch(/^the engine could not evaluate it/)
  })

  test('what Weft does not run is information and keeps nothing back', async () => {
    const [check] = await at.checks(await at.table(orders), [{ kind: 'unsupported', engine: 'soda' }])
    expect(check).toMatchObject({
      state: 'error',
      severity: 'info',
      found: 'not run by Weft',
      expected: 'a check of soda',
    })
  })
})

test('fields of a STRUCT are judged where the STRUCT is there', async () => {
  const relation = await at.table(
    "select * from (values ({city: 'Bonn', geo: {zip: 1}}), ({city: null, geo: {zip: null}}), (null)) t(address)",
  )
  const checks = await at.checks(relation, [
    { kind: 'required', column: 'address.city' },
    { kind: 'maximum', column: 'address.geo.zip', value: 0 },
    { kind: 'required', column: 'address.town' },
  ])
  expect(checks.map(it => [it.state, it.rowsFailed])).toEqual([
    ['failed', 1],
    ['failed', 1],
    ['error', undefined],
  ])
})

test('a verdict carries place, dimension, severity and the column of its rule', async () => {
  const relation = await at.table(orders)
  const { measurement } = await measure({
    session: at.session,
    dataset: 'orders',
    relation,
    columns: relation.columns ?? [],
    rules: [{ ...ruleOf({ kind: 'required', column: 'status' }, 4, 'warning'), dimension: 'completeness' }],
    other: async () => undefined,
    nowMs,
    profile: false,
  })
  expect(measurement).toEqual({
    checks: [
      {
        dataset: 'orders',
        property: 'status',
        check: 'rule-4',
        kind: 'required',
        dimension: 'completeness',
        severity: 'warning',
        state: 'failed',
        found: '1 row without a value',
        expected: 'a value in every row',
        rowsFailed: 1,
        rows: 6,
        file: 'orders.odcs.yaml',
        line: 5,
        column: 1,
      },
    ],
    metrics: [{ name: 'rows', value: 6 }],
    profile: { rows: 6, columns: [] },
  })
})

test('several files, one from before a column was renamed and one was added, are measured by ids', async () => {
  const older = await at.table('select 1 as id, 5 as amount')
  const newer = await at.table('select * from (values (2, null::integer, 7), (2, 9, 8)) t(id, total, tax)')
  if (older.kind !== 'parquet' || newer.kind !== 'parquet') throw new Error('tables are Parquet')
  const checks = await at.checks({ ...newer, files: [...older.files, ...newer.files] }, [
    { kind: 'required', column: 'total' },
    { kind: 'required', column: 'tax' },
    { kind: 'maximum', column: 'total', value: 5 },
    { kind: 'minimum', column: 'tax', value: 8 },
    { kind: 'unique', columns: ['id'] },
    { kind: 'maximum', column: 'id', value: 2 },
  ])
  expect(checks.map(it => [it.state, it.rowsFailed])).toEqual([
    ['failed', 1],
    ['failed', 1],
    ['failed', 1],
    ['failed', 1],
    ['failed', 1],
    ['passed', 0],
  ])
})
