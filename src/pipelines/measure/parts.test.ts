/** Measuring what has changed gives the verdicts of measuring everything: random histories of partitions that come, are replaced and go. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RuleTest } from '../../domain/index.ts'
import type { Relation } from '../../engine/index.ts'
import type { Measured } from './index.ts'
import { type Measuring, openMeasuring } from './measuring.suite.ts'
import type { MeasureParts } from './result.ts'

const dataset = 'sales.shop.orders.v1.orders'
/** WEFT_HISTORIES=100 looks harder. */
const histories = Number(process.env.WEFT_HISTORIES ?? 4)
const steps = 7

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

describe('of many rows', () => {
  const select = (from: number, to: number): string =>
    `select i as id, 'c' || hash(i) as code, (hash(i) % 5000)::integer as customer, (hash(i, 2) % 40)::integer as country, i % 1000 / 10.0 as amount from range(${from}, ${to}) t(i)`
  const shown = ({ measurement }: Measured, name: string): Record<string, unknown> => ({
    ...measurement.profile.columns.find(it => it.name === name),
  })
  const whole = async (relation: Relation) => at.measure(relation, [], { profile: true })

  test('estimates of what has changed are near the truth', async () => {
    const [first, second, third] = [
      await at.table(select(0, 200_000)),
      await at.table(select(200_000, 260_000)),
      await at.table(select(260_000, 330_000)),
    ]
    const { columns } = first
    const before = JSON.parse(JSON.stringify((await whole(joined([first, second], columns))).memory))
    const part = await at.measure(joined([first, third], columns), [], {
      profile: true,
      parts: { old: first, fresh: third, gone: second, before, changedOther: () => false },
    })
    const near = (found: unknown, truth: number, share: number): void => {
      expect(Math.abs(Number(found) - truth) / truth, `${found} is near ${truth}`).toBeLessThan(share)
    }
    near(shown(part, 'code').distinct_approx, 270_000, 0.4)
    near(shown(part, 'customer').distinct_approx, 5000, 0.1)
    near(shown(part, 'country').distinct_approx, 40, 0.01)
    near(shown(part, 'amount').distinct_approx, 1000, 0.1)
    expect(shown(part, 'amount').quantiles).toMatchObject({ p50: expect.anything() })
    near(Object.values(shown(part, 'amount').quantiles ?? {})[2], 50, 0.1)
    near(shown(part, 'amount').mean, 49.95, 1e-9)
    expect(Number(shown(part, 'amount').sampled_rows)).toBeLessThan(20_000)
  })

  test('few of what was kept is told to be kept', async () => {
    const relation = await at.table(select(0, 200_000))
    const { memory } = await whole(relation)
    expect(JSON.stringify(memory).length).toBeLessThan(600_000)
  })

  test('fresh keys are looked for in the row groups that may have them, and in no others', async () => {
    const [old, fresh] = [await at.table(select(0, 400_000)), await at.table(select(400_000, 401_000))]
    const before = (await at.measure(old, [{ kind: 'unique', columns: ['id'] }])).memory
    const statements: string[] = []
    const session = new Proxy(at.session, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name)
        if (typeof value !== 'function') return value
        return (...given: unknown[]) => {
          if (name === 'rows') statements.push(String(given[0]))
          return value.apply(target, given)
        }
      },
    })
    const parts = { old, fresh, before, changedOther: () => false }
    await at.measure(joined([old, fresh], old.columns), [{ kind: 'unique', columns: ['id'] }], { session, parts })
    const join = statements.filter(it => it.includes('semi join'))
    expect(join.length).toBe(1)
    const [plan] = await at.session.rows(`explain (analyze, format json) ${join[0]}`)
    const scanned = [...JSON.stringify(plan).matchAll(/operator_rows_scanned[^0-9]*(\d+)/g)].map(it => Number(it[1]))
    expect(scanned.length).toBeGreaterThan(0)
    expect(scanned.reduce((sum, one) => sum + one, 0)).toBeLessThan(200_000)
  })
})
