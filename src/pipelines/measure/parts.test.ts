/** Measuring what has changed gives the verdicts of measuring everything: random histories of partitions that come, are replaced and go. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RuleTest } from '../../domain/index.ts'
import type { Relation } from '../../engine/index.ts'
import type { Measured } from './index.ts'
import { type Measuring, openMeasuring } from './measuring.suite.ts'
import type { MeasureParts } from './result.ts'

const dataset = 'sales.shop.orders.v1.orders'
const histories = 12
const steps = 8

let at: Measuring
beforeAll(async () => {
  at = await openMeasuring()
})
afterAll(() => at.close())

/** Lehmer's generator, seeded. */
const randomOf = (seed: number) => {
  let state = seed * 7919 + 1
  return (below: number): number => {
    state = (state * 48271) % 2147483647
    return state % below
  }
}
type Random = ReturnType<typeof randomOf>

const percent = (value: number) => ({ unit: 'percent', threshold: { operator: 'mustBeLessThan', value } }) as const
const rows = (value: number) => ({ unit: 'rows', threshold: { operator: 'mustBeLessOrEqualTo', value } }) as const
const hourMs = 3_600_000
const tests: readonly RuleTest[] = [
  { kind: 'primaryKey', columns: ['id'] },
  { kind: 'unique', columns: ['code'] },
  { kind: 'unique', columns: ['country', 'day', 'id'] },
  { kind: 'duplicateValues', columns: ['country', 'amount'], ...rows(3) },
  { kind: 'duplicateValues', columns: ['code'], ...percent(10) },
  { kind: 'required', column: 'id' },
  { kind: 'required', column: 'code' },
  { kind: 'nullValues', column: 'amount', ...percent(12) },
  { kind: 'minimum', column: 'amount', value: 0 },
  { kind: 'maximum', column: 'id', value: 60 },
  { kind: 'pattern', column: 'code', pattern: '^c' },
  { kind: 'enum', column: 'country', values: ['AT', 'DE'] },
  { kind: 'missingValues', column: 'country', missing: ['??'], ...rows(1) },
  { kind: 'invalidValues', column: 'country', validValues: ['AT', 'DE'], ...percent(20) },
  { kind: 'foreignKey', columns: ['customer'], to: 'others', toColumns: ['id'] },
  { kind: 'foreignKey', columns: ['parent'], to: dataset, toColumns: ['id'] },
  { kind: 'foreignKey', columns: ['lines[]'], to: 'others', toColumns: ['id'] },
  { kind: 'minimum', column: 'lines[]', value: 1 },
  { kind: 'uniqueItems', column: 'lines' },
  { kind: 'maximum', column: 'score', value: 1 },
  { kind: 'rowCount', threshold: { operator: 'mustBeGreaterThan', value: 12 } },
  {
    kind: 'sql',
    query: 'select count(*) from ${table} where amount is null',
    threshold: { operator: 'mustBe', value: 0 },
  },
  { kind: 'freshness', column: 'day', maxAgeMs: 24 * hourMs },
  { kind: 'retention', column: 'moment', maxAgeMs: 24 * 40 * hourMs },
  { kind: 'frequency', column: 'day', maxGapMs: 24 * hourMs },
  { kind: 'freshness', column: 'nothing', maxAgeMs: hourMs },
]

const types = ['bigint', 'varchar', 'varchar', 'decimal(9,2)', 'integer', 'bigint', 'integer[]', 'double']

/** Rows of a partition, most of them without fault. */
const partitionSql = (random: Random, day: number): string => {
  const isBad = random(3) === 0
  const odd = (chance: number): boolean => isBad && random(chance) === 0
  const lines = Array.from({ length: 1 + random(6) }, () => {
    const id = odd(6) ? 'null' : odd(5) ? 1 + random(8) : day * 100 + random(1_000_000)
    const values = [
      id,
      odd(6) ? 'null' : odd(6) ? "'c1'" : `'c' || ${random(1_000_000)}`,
      ["'AT'", "'DE'", odd(3) ? "'??'" : "'AT'"][random(3)],
      odd(4) ? 'null' : (random(500) - (odd(4) ? 300 : 0)) / 4,
      odd(4) ? 9 : 1 + random(4),
      odd(3) ? id : 'null',
      odd(4) ? '[1, 1, 7]' : '[1, 2]',
      odd(6) ? "'nan'" : random(100) / 100,
    ]
    return `(${values.map((value, index) => `(${value})::${types[index]}`).join(', ')}, date '2024-02-01' + ${day}, timestamp '2024-02-01 08:00' + interval ${day} day)`
  })
  return `select * from (values ${lines.join(', ')}) t(id, code, country, amount, customer, parent, lines, score, day, moment)`
}

const joined = (relations: readonly Relation[], columns: Relation['columns']): Relation => ({
  kind: 'parquet',
  files: relations.flatMap(it => (it.kind === 'parquet' ? it.files : [])),
  ...(columns === undefined ? {} : { columns }),
})

/** All of a profile that is no estimate. */
const exactOf = ({ measurement }: Measured): unknown =>
  measurement.profile.columns.map(
    ({ distinct_approx: _, quantiles: _q, deviation: _d, top_values: _t, sampled_rows: _s, mean, ...exact }) => ({
      ...exact,
      mean: typeof mean === 'number' ? mean.toPrecision(9) : mean,
    }),
  )

describe.each(Array.from({ length: histories }, (_, seed) => seed))('history %i', seed => {
  test('has the same verdicts, step by step', async () => {
    const random = randomOf(seed + 1)
    const others = [
      await at.table('select unnest([1, 2, 3, 4]) as id'),
      await at.table('select unnest([1, 2, 7, 9]) as id'),
    ]
    let served = new Map<number, Relation>()
    let other = others[0]
    let before: unknown
    for (let step = 0; step < steps; step++) {
      const next = new Map(served)
      for (let change = 0; change <= random(3); change++) {
        const day = random(30)
        if (random(4) === 0) next.delete([...next.keys()][random(Math.max(1, next.size))] ?? -1)
        else next.set(day, await at.table(partitionSql(random, day)))
      }
      const isOther = step > 0 && random(4) === 0
      if (isOther) other = others[random(2)]
      const columns = (await at.table(partitionSql(random, 0))).columns
      const all = [...next.values()]
      const old = all.filter(it => [...served.values()].includes(it))
      const parts: MeasureParts = {
        old: joined(old, columns),
        fresh: joined(
          all.filter(it => !old.includes(it)),
          columns,
        ),
        ...(random(2) === 0
          ? {}
          : {
              gone: joined(
                [...served.values()].filter(it => !all.includes(it)),
                columns,
              ),
            }),
        before,
        changedOther: () => isOther,
      }
      const options = { dataset, other: async () => other, profile: true }
      const whole = await at.measure(joined(all, columns), tests, options)
      const part = await at.measure(joined(all, columns), tests, before === undefined ? options : { ...options, parts })
      expect(part.measurement.checks, `step ${step}`).toEqual(whole.measurement.checks)
      expect(exactOf(part), `step ${step}`).toEqual(exactOf(whole))
      expect(part.measurement.metrics.filter(it => it.name === 'nulls')).toEqual(
        whole.measurement.metrics.filter(it => it.name === 'nulls'),
      )
      before = JSON.parse(JSON.stringify(part.memory))
      served = next
    }
  })
})
