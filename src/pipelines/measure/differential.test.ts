/** Random tables and rules, judged by the engine and by a plain second implementation over the same rows. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Constant, MetricUnit, RuleTest, Threshold } from '../../domain/index.ts'
import { quoteText, type Relation } from '../../engine/index.ts'
import { type Measuring, nowMs, openMeasuring } from './measuring.suite.ts'

const tables = 60
const rulesPerTable = 10

let at: Measuring
beforeAll(async () => {
  at = await openMeasuring()
})
afterAll(() => at.close())

/** Mulberry32: small, seeded, good enough to choose. */
const randomOf = (seed: number) => {
  let state = seed
  return (below: number): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}
type Random = ReturnType<typeof randomOf>

/** Whole numbers, hundredths as a number of cents, texts, days since 1970; NULL is null. */
interface Row {
  readonly n: number | null
  readonly cents: number | null
  readonly word: string | null
  readonly day: number | null
}
type Name = keyof Row

const words = ['', 'a', 'ab', 'abc', "o'k", 'Zoë', 'b1', 'a b']
const rowsOf = (random: Random): Row[] => {
  const nullable = random(3) > 0
  const spread = 2 + random(20)
  const maybe = <T>(value: T): T | null => (nullable && random(6) === 0 ? null : value)
  return Array.from({ length: random(25) }, () => ({
    n: maybe(random(spread) - 5),
    cents: maybe(random(spread) * 25 - 100),
    word: maybe(words[random(words.length)] ?? ''),
    day: maybe(19_780 + random(spread)),
  }))
}

const dayText = (day: number): string => new Date(day * 86_400_000).toISOString().slice(0, 10)
const sqlOf = (rows: readonly Row[]): string => {
  const lines = rows.map(
    ({ n, cents, word, day }) =>
      `(${n}, ${cents === null ? null : (cents / 100).toFixed(2)}, ${word === null ? null : quoteText(word)}, ${day === null ? null : `'${dayText(day)}'`})`,
  )
  const source = lines.length === 0 ? '(null, null, null, null)' : lines.join(', ')
  return `select n::integer as n, cents::decimal(9,2) as cents, word::varchar as word, day::date as day from (values ${source}) t(n, cents, word, day)${lines.length === 0 ? ' where false' : ''}`
}

const names: readonly Name[] = ['n', 'cents', 'word', 'day']
const pick = <T>(random: Random, list: readonly T[], fallback: T): T => list[random(list.length)] ?? fallback

const constantOf = (random: Random, name: Name): Constant => {
  if (name === 'n') return random(20) - 6 + (random(4) === 0 ? 0.5 : 0)
  if (name === 'cents') return (random(40) * 25 - 110) / 100
  if (name === 'word') return pick(random, words, '')
  return dayText(19_775 + random(25))
}

const thresholdOf = (random: Random, most: number): Threshold => {
  const value = random(most + 1)
  const operators = ['mustBeGreaterThan', 'mustBeGreaterOrEqualTo', 'mustBeLessThan', 'mustBeLessOrEqualTo'] as const
  switch (random(4)) {
    case 0:
      return { operator: random(2) === 0 ? 'mustBe' : 'mustNotBe', value }
    case 1:
      return { operator: random(2) === 0 ? 'mustBeBetween' : 'mustNotBeBetween', value: [value, value + random(most)] }
    default:
      return { operator: pick(random, operators, 'mustBeLessThan'), value }
  }
}

const ruleOf = (random: Random): RuleTest => {
  const column = pick(random, names, 'n')
  const ordered = pick(random, ['n', 'cents', 'day'] as const, 'n')
  const unit: MetricUnit = random(2) === 0 ? 'rows' : 'percent'
  const threshold = thresholdOf(random, unit === 'percent' ? 100 : 12)
  const columns = random(2) === 0 ? [column] : [...new Set([column, pick(random, names, 'word')])]
  const values = Array.from({ length: 1 + random(5) }, () => constantOf(random, column))
  const bounds = ['minimum', 'exclusiveMinimum', 'maximum', 'exclusiveMaximum'] as const
  const rules: readonly RuleTest[] = [
    { kind: 'required', column },
    { kind: 'unique', columns },
    { kind: 'primaryKey', columns },
    { kind: 'enum', column, values },
    { kind: pick(random, bounds, 'minimum'), column: ordered, value: constantOf(random, ordered) },
    { kind: pick(random, bounds, 'maximum'), column: ordered, value: constantOf(random, ordered) },
    { kind: 'multipleOf', column: random(2) === 0 ? 'n' : 'cents', value: pick(random, [1, 2, 3, 0.5, 0.75], 1) },
    { kind: random(2) === 0 ? 'minLength' : 'maxLength', column: 'word', value: random(4) },
    { kind: 'pattern', column: 'word', pattern: pick(random, ['a', '^a', 'b$', '^[a-z]*$', '\\d'], 'a') },
    { kind: 'rowCount', threshold: thresholdOf(random, 25) },
    { kind: 'nullValues', column, threshold, unit },
    { kind: 'missingValues', column, missing: random(2) === 0 ? [null, ...values] : values, threshold, unit },
    { kind: 'invalidValues', column, validValues: values, threshold, unit },
    { kind: 'invalidValues', column: ordered, minimum: constantOf(random, ordered), threshold, unit },
    { kind: 'duplicateValues', columns, threshold, unit },
    { kind: 'foreignKey', columns, to: 'other', toColumns: columns },
    { kind: 'freshness', column: 'day', maxAgeMs: random(60) * 86_400_000 },
    { kind: 'sql', query: 'select count(*) from ${table} where n > 0', threshold: thresholdOf(random, 25) },
  ]
  return pick(random, rules, { kind: 'required', column })
}

/** The rows that a rule finds fault with; undefined where it judges something else. */
const faults = (test: RuleTest, rows: readonly Row[], others: readonly Row[]): number | undefined => {
  const count = (column: string, isBad: (value: number | string, name: Name) => boolean): number => {
    const name = column as Name // rules are made of these names
    return rows.filter(row => row[name] !== null && isBad(row[name] ?? 0, name)).length
  }
  const nulls = (column: string): number => rows.filter(row => row[column as Name] === null).length // as above
  switch (test.kind) {
    case 'required':
    case 'nullValues':
      return nulls(test.column)
    case 'unique':
    case 'duplicateValues':
      return repeats(rows, test.columns)
    case 'primaryKey':
      return repeats(rows, test.columns) + rows.filter(row => keyOf(row, test.columns) === undefined).length
    case 'enum':
      return count(test.column, (value, name) => !test.values.some(it => comparable(name, it) === value))
    case 'minimum':
      return count(test.column, (value, name) => value < (comparable(name, test.value) ?? 0))
    case 'exclusiveMinimum':
      return count(test.column, (value, name) => value <= (comparable(name, test.value) ?? 0))
    case 'maximum':
      return count(test.column, (value, name) => value > (comparable(name, test.value) ?? 0))
    case 'exclusiveMaximum':
      return count(test.column, (value, name) => value >= (comparable(name, test.value) ?? 0))
    case 'multipleOf':
      return count(
        test.column,
        (value, name) => Number(value) % (name === 'cents' ? test.value * 100 : test.value) !== 0,
      )
    case 'minLength':
      return count(test.column, value => [...String(value)].length < test.value)
    case 'maxLength':
      return count(test.column, value => [...String(value)].length > test.value)
    case 'pattern':
      return count(test.column, value => !new RegExp(test.pattern).test(String(value)))
    case 'missingValues':
      return (
        nulls(test.column) +
        count(test.column, (value, name) => test.missing.some(it => comparable(name, it) === value))
      )
    case 'invalidValues':
      return count(test.column, (value, name) =>
        test.validValues === undefined
          ? value < (comparable(name, test.minimum ?? 0) ?? 0)
          : !test.validValues.some(it => comparable(name, it) === value),
      )
    case 'foreignKey': {
      const known = new Set(others.map(row => keyOf(row, test.columns)))
      return rows.map(row => keyOf(row, test.columns)).filter(key => key !== undefined && !known.has(key)).length
    }
    default:
      return undefined
  }
}

/** A constant on the scale of the column's values here. */
const comparable = (name: Name, value: Constant): number | string | undefined => {
  if (value === null) return undefined
  if (name === 'cents') return Math.round(Number(value) * 100)
  if (name === 'day') return Date.parse(String(value)) / 86_400_000
  return name === 'n' ? Number(value) : String(value)
}

const keyOf = (row: Row, columns: readonly string[]): string | undefined => {
  const parts = columns.map(it => row[it as Name]) // rules are made of these names
  return parts.includes(null) ? undefined : JSON.stringify(parts)
}

const repeats = (rows: readonly Row[], columns: readonly string[]): number => {
  const keys = rows.flatMap(row => keyOf(row, columns) ?? [])
  return keys.length - new Set(keys).size
}

const isWithin = (threshold: Threshold, amount: number): boolean => {
  const value = threshold.value
  if (typeof value === 'object' && value !== null) {
    return (amount >= value[0] && amount <= value[1]) === (threshold.operator === 'mustBeBetween')
  }
  const bound = Number(value)
  const sign = Math.sign(amount - bound)
  const accepted: Readonly<Record<string, readonly number[]>> = {
    mustBe: [0],
    mustNotBe: [-1, 1],
    mustBeGreaterThan: [1],
    mustBeGreaterOrEqualTo: [0, 1],
    mustBeLessThan: [-1],
    mustBeLessOrEqualTo: [-1, 0],
  }
  return accepted[threshold.operator]?.includes(sign) === true
}

const expectedState = (rule: RuleTest, rows: readonly Row[], others: readonly Row[]): 'passed' | 'failed' => {
  const bad = faults(rule, rows, others) ?? 0
  const word = (holds: boolean) => (holds ? 'passed' : 'failed')
  if (rule.kind === 'rowCount') return word(isWithin(rule.threshold, rows.length))
  if (rule.kind === 'sql') return word(isWithin(rule.threshold, rows.filter(row => (row.n ?? 0) > 0).length))
  if (rule.kind === 'freshness') {
    const newest = Math.max(...rows.map(row => row.day ?? Number.NEGATIVE_INFINITY))
    return word(nowMs - newest * 86_400_000 <= rule.maxAgeMs)
  }
  if (!('threshold' in rule)) return word(bad === 0)
  const isShare = 'unit' in rule && rule.unit === 'percent'
  return word(isWithin(rule.threshold, isShare ? (rows.length === 0 ? 0 : (bad * 100) / rows.length) : bad))
}

const relationOf = async (rows: readonly Row[], random: Random): Promise<Relation> => {
  const relation = await at.table(sqlOf(rows))
  if (relation.kind !== 'parquet' || random(2) === 0 || relation.columns === undefined) return relation
  // Without ids nothing is known from footers.
  return { ...relation, columns: relation.columns.map(({ name, type }) => ({ name, type })) }
}

test.each(Array.from({ length: tables }, (_, index) => index + 1))(
  'ten random rules over random table %i have the verdicts of a plain implementation',
  async seed => {
    const random = randomOf(seed)
    const rows = rowsOf(random)
    const others = rowsOf(random)
    const rules = Array.from({ length: rulesPerTable }, () => ruleOf(random))
    const other = await relationOf(others, random)
    const checks = await at.checks(await relationOf(rows, random), rules, {
      other: async () => other,
      profile: random(2) === 0,
    })
    const judged = checks.map((check, index) => [rules[index], check.state, check.rowsFailed])
    const expected = rules.map(rule => [rule, expectedState(rule, rows, others), faults(rule, rows, others)])
    expect(judged).toEqual(expected)
  },
)
