import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Measuring, openMeasuring } from './measuring.suite.ts'

let at: Measuring
beforeAll(async () => {
  at = await openMeasuring()
})
afterAll(() => at.close())

const profileOf = async (sql: string) => {
  const { measurement } = await at.measure(await at.table(sql), [], { profile: true })
  return measurement
}

test('few rows are profiled exactly, each kind of column in its own way', async () => {
  const { profile } = await profileOf(`select * from (values
    (1, 'a', 1.50::decimal(5,2), true, date '2024-01-01', [1, 2]),
    (2, 'a', 2.50, false, date '2024-01-03', [3]),
    (3, 'bcd', null, true, date '2024-01-02', null),
    (4, null, 3.50, true, date '2024-01-02', [])
  ) as t(id, name, amount, flag, day, items)`)
  expect(profile).toEqual({
    rows: 4,
    columns: [
      {
        name: 'id',
        type: 'INTEGER',
        nulls: 0,
        null_rate: 0,
        distinct_approx: 4,
        min: 1,
        max: 4,
        mean: 2.5,
        deviation: expect.closeTo(Math.sqrt(5 / 3), 12),
        quantiles: { p5: 1, p25: 1, p50: 2, p75: 3, p95: 4 },
        top_values: [],
      },
      {
        name: 'name',
        type: 'VARCHAR',
        nulls: 1,
        null_rate: 0.25,
        distinct_approx: 2,
        min: 'a',
        max: 'bcd',
        min_length: 1,
        max_length: 3,
        mean_length: 5 / 3,
        top_values: [{ value: 'a', share: 0.5 }],
      },
      {
        name: 'amount',
        type: 'DECIMAL(5,2)',
        nulls: 1,
        null_rate: 0.25,
        distinct_approx: 3,
        min: '1.50',
        max: '3.50',
        mean: 2.5,
        deviation: 1,
        quantiles: { p5: '1.50', p25: '1.50', p50: '2.50', p75: '3.50', p95: '3.50' },
        top_values: [],
      },
      {
        name: 'flag',
        type: 'BOOLEAN',
        nulls: 0,
        null_rate: 0,
        distinct_approx: 2,
        true_rate: 0.75,
        top_values: [{ value: 'true', share: 0.75 }],
      },
      {
        name: 'day',
        type: 'DATE',
        nulls: 0,
        null_rate: 0,
        distinct_approx: 3,
        min: '2024-01-01',
        max: '2024-01-03',
        quantiles: { p5: '2024-01-01', p25: '2024-01-01', p50: '2024-01-02', p75: '2024-01-02', p95: '2024-01-03' },
        top_values: [{ value: '2024-01-02', share: 0.5 }],
      },
      {
        name: 'items',
        type: 'INTEGER[]',
        nulls: 1,
        null_rate: 0.25,
        distinct_approx: 3,
        min_length: 0,
        max_length: 2,
        mean_length: 1,
      },
    ],
  })
})

test('metrics are counts, rates and lengths, and never a value of a row', async () => {
  const { metrics } = await profileOf("select 7777 as secret, 'seven' as word")
  expect(metrics).toEqual([
    { name: 'rows', value: 1 },
    { column: 'secret', name: 'nulls', value: 0 },
    { column: 'secret', name: 'null_rate', value: 0 },
    { column: 'secret', name: 'distinct_approx', value: 1 },
    { column: 'word', name: 'nulls', value: 0 },
    { column: 'word', name: 'null_rate', value: 0 },
    { column: 'word', name: 'distinct_approx', value: 1 },
    { column: 'word', name: 'mean_length', value: 5 },
  ])
})

test.each([100_000, 1_200_000])('of %i rows distinct values, quantiles and shares are near the truth', async rows => {
  const { profile } = await profileOf(
    `select i as id, i % 20000 as middling, i % 7 as few, if(i % 4 = 0, null, 'w' || (i % 3)) as word, (i % 1000)::double as score from range(${rows}) t(i)`,
  )
  const column = (name: string) => profile.columns.find(it => it.name === name)
  const distinct = (name: string) => Number(column(name)?.distinct_approx)
  expect(Math.abs(distinct('id') / rows - 1)).toBeLessThan(0.03)
  expect(Math.abs(distinct('middling') / 20_000 - 1)).toBeLessThan(0.06)
  expect(Math.abs(distinct('score') / 1000 - 1)).toBeLessThan(0.12)
  expect([distinct('few'), distinct('word')]).toEqual([7, 3])
  expect(column('id')).toMatchObject({ min: 0, max: rows - 1, mean: (rows - 1) / 2 })
  expect(column('score')).toMatchObject({ min: 0, max: 999, mean: 499.5 })
  expect(Math.abs(Number(column('score')?.deviation) - 288.675)).toBeLessThan(5)
  expect(column('score')?.quantiles).toMatchObject({ p50: expect.closeTo(500, -1.5) })
  expect(column('word')?.nulls).toBe(rows / 4)
  const share = expect.closeTo(0.25, 1.5)
  expect(column('word')?.top_values).toHaveLength(3)
  expect(column('word')?.top_values).toEqual(
    expect.arrayContaining(['w0', 'w1', 'w2'].map(value => ({ value, share }))),
  )
  expect(Number(column('word')?.sampled_rows)).toBeGreaterThan(10_000)
  expect(Number(column('word')?.sampled_rows)).toBeLessThan(40_000)
})

test('a profile is plain JSON: infinities, NaN and large whole numbers are texts', async () => {
  const { profile } = await profileOf(
    "select * from (values (9223372036854775807, 'inf'::double), (1, 'nan'::double), (2, 4)) t(big, score)",
  )
  expect(JSON.parse(JSON.stringify(profile))).toEqual(profile)
  expect(profile.columns[0]).toMatchObject({ max: '9223372036854775807' })
  expect(profile.columns[1]).toMatchObject({ mean: 4, max: 'NaN' })
})

const anyTypes: readonly (readonly [type: string, value: string])[] = [
  ['UBIGINT', '18446744073709551615'],
  ['FLOAT', "'-0.5'"],
  ['UUID', "'7f3d9a44-43a5-4d8b-9c5c-0a8c3b1f9c11'"],
  ['BLOB', "'\\xAA'"],
  ['TIME', "'12:00:00'"],
  ['TIMESTAMP WITH TIME ZONE', "'2024-01-01 00:00:00+00'"],
  ['INTERVAL', "'1 day'"],
  ['MAP(VARCHAR, INTEGER)', "map {'a': 1}"],
  ['STRUCT(a INTEGER)', '{a: 1}'],
]

test('columns of any type have a profile, and so have no rows at all', async () => {
  const columns = anyTypes.map(([type], index) => ({ name: `c${index}`, type }))
  const empty = await at.measure({ kind: 'empty', columns }, [], { profile: true })
  expect(empty.measurement.profile.columns.map(it => it.nulls)).toEqual(anyTypes.map(() => 0))
  const values = anyTypes.map(([type, value], index) => `${value}::${type} as c${index}`)
  const nulls = anyTypes.map(() => 'null')
  const { profile } = await profileOf(`select ${values.join(', ')} union all select ${nulls.join(', ')}`)
  expect(profile.columns.map(it => [it.nulls, it.distinct_approx])).toEqual(anyTypes.map(() => [1, 1]))
  expect(profile.columns.slice(4, 6).map(it => it.min)).toEqual(['12:00:00', '2024-01-01T00:00:00Z'])
})

test('the rules of a profiled dataset have the same verdicts', async () => {
  const relation = await at.table('select i % 10 as x, i as y from range(50000) t(i)')
  const rules = [
    { kind: 'maximum', column: 'x', value: 5 },
    { kind: 'unique', columns: ['y'] },
    { kind: 'pattern', column: 'x', pattern: '(' },
  ] as const
  const alone = await at.checks(relation, rules)
  const both = await at.measure(relation, rules, { profile: true })
  expect(both.measurement.checks).toEqual(alone)
  expect(alone.map(it => [it.state, it.rowsFailed])).toEqual([
    ['failed', 20_000],
    ['passed', 0],
    ['error', undefined],
  ])
  expect(both.measurement.profile.columns[0]).toMatchObject({ distinct_approx: 10, mean: 4.5 })
})
