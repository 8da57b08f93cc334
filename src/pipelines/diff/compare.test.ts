/** The comparison beside a plain one in JavaScript, over tables made at random. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openEngine, type Session } from '../../engine/index.ts'
import { pick, randomOf } from '../sources/random.suite.ts'
import { columnDiffs, commonType, matchColumns } from './columns.ts'
import { compareRows, type Sides } from './compare.ts'
import type { Sample } from './sample.ts'

let folder: string
let session: Session

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weft-compare-'))
  session = await (await openEngine('duckdb')).open({ memory: 512 * 1024 ** 2, threads: 2, scratch: folder })
})

afterAll(async () => {
  await session.close()
  await rm(folder, { recursive: true, force: true })
})

const whole: Sample = { share: 1 }

/** Compares the rows of two SELECTs. */
const compare = async (before: string, after: string, key: readonly string[], sample: Sample = whole) => {
  await session.run(`create or replace table was as ${before}`)
  await session.run(`create or replace table now as ${after}`)
  const types = await session.describe('from now')
  const columns = matchColumns(await session.describe('from was'), types, key)
  const sides: Sides = { session, before: 'was', after: 'now', columns }
  const found = await compareRows(sides, sample)
  return { ...found, diffs: columnDiffs(columns, types, found.columns), matched: columns }
}

const counts = ({ added, removed, changed, unchanged, repeated }: Awaited<ReturnType<typeof compare>>) => {
  return { added, removed, changed, unchanged, repeated }
}

/** A row as the engine's texts of its values. */
interface Row {
  readonly k: number | null
  readonly j: string | null
  readonly text: string | null
  readonly number: string | null
  readonly list: readonly (number | null)[] | null
}

const literal = (row: Row): string => {
  const text = (value: string | null): string => (value === null ? 'null' : `'${value}'`)
  const list = row.list === null ? 'null' : `[${row.list.map(it => it ?? 'null').join(', ')}]`
  return `(${row.k ?? 'null'}::integer, ${text(row.j)}::varchar, ${text(row.text)}::varchar, ${text(row.number)}::double, ${list}::integer[])`
}

const tableOf = (rows: readonly Row[]): string =>
  `select * from (values ${[...rows.map(literal), '(null, null, null, null::double, null::integer[])'].join(', ')}) as t(k, j, "text", number, list) limit ${rows.length}`

const numbers = [
  '0',
  '-0',
  '1',
  '1.0000000000001',
  '1.00001',
  'NaN',
  'Infinity',
  '-Infinity',
  '3e300',
  '3.00000000000000001e300',
]

const sameNumber = (a: string | null, b: string | null): boolean => {
  if (a === null || b === null) return a === b
  const [x, y] = [Number(a), Number(b)]
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) && Number.isNaN(y)
  if (x === y) return true
  return Number.isFinite(x) && Number.isFinite(y) && Math.abs(x - y) <= 1e-9 * Math.max(Math.abs(x), Math.abs(y))
}

const sameRow = (a: Row, b: Row): boolean =>
  a.k === b.k && a.j === b.j && a.text === b.text && sameNumber(a.number, b.number) && listText(a) === listText(b)

const listText = ({ list }: Row): string => JSON.stringify(list)

const keyText = ({ k, j }: Row): string => JSON.stringify([k, j])

/** Each row of one side takes an equal one of the other side with it. */
const bagDifference = (before: readonly Row[], after: readonly Row[]) => {
  const left = [...after]
  let removed = 0
  for (const row of before) {
    const found = left.findIndex(it => sameRow(it, row))
    if (found < 0) removed++
    else left.splice(found, 1)
  }
  return { added: left.length, removed }
}

const expected = (before: readonly Row[], after: readonly Row[]) => {
  const times = (rows: readonly Row[]): Map<string, number> => {
    const found = new Map<string, number>()
    for (const row of rows) found.set(keyText(row), (found.get(keyText(row)) ?? 0) + 1)
    return found
  }
  const [timesBefore, timesAfter] = [times(before), times(after)]
  const isRepeated = (row: Row): boolean =>
    (timesBefore.get(keyText(row)) ?? 0) > 1 || (timesAfter.get(keyText(row)) ?? 0) > 1
  const old = new Map(before.filter(it => !isRepeated(it)).map(row => [keyText(row), row]))
  const fresh = new Map(after.filter(it => !isRepeated(it)).map(row => [keyText(row), row]))
  const pairs = [...old].flatMap(([key, was]) => {
    const now = fresh.get(key)
    return now === undefined ? [] : [{ was, now }]
  })
  const repeated = { before: before.filter(isRepeated), after: after.filter(isRepeated) }
  const bag = bagDifference(repeated.before, repeated.after)
  const count = (isSame: (a: Row, b: Row) => boolean): number => pairs.filter(it => !isSame(it.was, it.now)).length
  const removed = old.size - pairs.length + bag.removed
  const changed = count(sameRow)
  return {
    counts: {
      added: fresh.size - pairs.length + bag.added,
      ...{ removed, changed },
      unchanged: before.length - removed - changed,
      repeated: { before: repeated.before.length, after: repeated.after.length },
    },
    columns: {
      text: count((a, b) => a.text === b.text),
      number: count((a, b) => sameNumber(a.number, b.number)),
      list: count((a, b) => listText(a) === listText(b)),
    },
  }
}

const makeRows = (seed: number, keys: number) => {
  const next = randomOf(seed)
  const row = (): Row => ({
    k: pick(next, [null, ...Array.from({ length: keys }, (_, n) => n)]),
    j: pick(next, [null, 'a', 'b', '']),
    text: pick(next, [null, 'x', 'y', '']),
    number: pick(next, [null, ...numbers]),
    list: pick(next, [null, [], [1], [1, null], [null, 1]]),
  })
  const before = Array.from({ length: Math.floor(next() * 40) }, row)
  const after = before.flatMap(it => {
    const dice = next()
    if (dice < 0.15) return []
    if (dice < 0.3) return [it, it]
    return dice < 0.6 ? [{ ...it, ...{ text: row().text, number: row().number } }] : [it]
  })
  return { before, after: [...after, ...Array.from({ length: Math.floor(next() * 5) }, row)] }
}

describe('by key', () => {
  test.each(Array.from({ length: 40 }, (_, seed) => seed))('tables of seed %i', async seed => {
    // Few keys repeat often, many seldom.
    const { before, after } = makeRows(seed + 1, seed % 2 === 0 ? 6 : 200)
    const found = await compare(tableOf(before), tableOf(after), ['k', 'j'])
    const { counts: wanted, columns } = expected(before, after)
    expect(counts(found)).toEqual(wanted)
    expect(Object.fromEntries(found.columns ?? [])).toEqual(columns)
  })
})

describe('as bags', () => {
  test.each(Array.from({ length: 40 }, (_, seed) => seed))('tables of seed %i', async seed => {
    const { before, after } = makeRows(seed + 100, 3)
    const found = await compare(tableOf(before), tableOf(after), [])
    const { added, removed } = bagDifference(before, after)
    expect(counts(found)).toEqual({
      ...{ added, removed, changed: null, unchanged: before.length - removed },
      repeated: { before: 0, after: 0 },
    })
    expect(found.diffs.map(it => it.changed)).toEqual([null, null, null, null, null])
  })

  test('noise in several floating columns makes no difference, also where rows are many', async () => {
    const rows = (noise: string): string =>
      `select i % 7 as g, (i * 37 % 101) / 7.0 ${noise} as x, sqrt(i) ${noise} as y from range(5000) t(i)`
    const found = await compare(rows(''), rows('* (1 + 1e-13)'), [])
    expect(counts(found)).toMatchObject({ added: 0, removed: 0, unchanged: 5000 })
    const moved = await compare(rows(''), `${rows('* (1 + 1e-13)')} where i <> 17 union all select 1, 2.5, 3.5`, [])
    expect(counts(moved)).toMatchObject({ added: 1, removed: 1, unchanged: 4999 })
    const [removed] = await moved.first('removed', 5)
    expect(removed).toEqual(['3', String(((17 * 37) % 101) / 7), String(Math.sqrt(17))])
  })
})

describe('columns', () => {
  test('added, removed and retyped ones are told as such, and values of another type are still compared', async () => {
    const found = await compare(
      'select i as id, i::decimal(18,2) as amount, i::integer as n, i::varchar as word, 1 as gone from range(10) t(i)',
      "select i::integer as ID, (i + case when i = 3 then 0.001 else 0 end)::decimal(20,4) as amount, i::varchar as n, i::varchar as word, 'x' as fresh from range(10) t(i)",
      ['ID'],
    )
    expect(counts(found)).toMatchObject({ added: 0, removed: 0, changed: 1, unchanged: 9 })
    expect(found.diffs).toEqual([
      { name: 'ID', changed: 0, change: 'retyped', before: 'BIGINT', after: 'INTEGER' },
      { name: 'amount', changed: 1, change: 'retyped', before: 'DECIMAL(18,2)', after: 'DECIMAL(20,4)' },
      { name: 'n', changed: 0, change: 'retyped', before: 'INTEGER', after: 'VARCHAR' },
      { name: 'word', changed: 0 },
      { name: 'fresh', changed: 0, change: 'added', after: 'VARCHAR' },
      { name: 'gone', changed: 0, change: 'removed', before: 'INTEGER' },
    ])
  })

  test('a column that was renamed is compared with what it was, as a key too', () => {
    const before = ['id', 'net', 'tax'].map(name => ({ name, type: 'BIGINT' }))
    const after = [
      { name: 'number', type: 'BIGINT' },
      { name: 'total', type: 'DOUBLE' },
    ]
    const renamed = new Map([
      ['number', 'id'],
      ['total', 'net'],
    ])
    const columns = matchColumns(before, after, ['number'], renamed)
    expect(columns.key).toMatchObject([{ name: 'number', nameBefore: 'id', before: '"id"', after: '"number"' }])
    expect(columnDiffs(columns, after, new Map([['total', 2]]))).toEqual([
      { name: 'number', changed: 0, change: 'renamed', was: 'id' },
      { name: 'total', changed: 2, change: 'renamed', was: 'net', before: 'BIGINT', after: 'DOUBLE' },
      { name: 'tax', changed: 0, change: 'removed', before: 'BIGINT' },
    ])
  })

  test.each([
    ['INTEGER', 'BIGINT', 'DECIMAL(19,0)'],
    ['DECIMAL(18,2)', 'DECIMAL(18,6)', 'DECIMAL(22,6)'],
    ['DECIMAL(38,0)', 'DECIMAL(38,30)', 'VARCHAR'],
    ['FLOAT', 'DOUBLE', 'DOUBLE'],
    ['DOUBLE', 'DECIMAL(18,2)', 'DOUBLE'],
    ['DATE', 'TIMESTAMP', 'TIMESTAMP'],
    ['VARCHAR', 'INTEGER', 'VARCHAR'],
    ['STRUCT(a INTEGER)', 'STRUCT(a BIGINT)', 'VARCHAR'],
  ])('%s and %s are compared as %s', (before, after, common) => {
    expect(commonType(before, after)).toBe(common)
  })

  test('a key that is new tells no rows apart; without a column in common every row is another', async () => {
    const rows = 'select i as a, i % 3 as b from range(9) t(i)'
    const keyed = await compare(rows, 'select i as a, i % 3 as b, i as id from range(9) t(i)', ['id'])
    expect(counts(keyed)).toMatchObject({ added: 0, removed: 0, changed: null, unchanged: 9 })
    const other = await compare(rows, 'select i as c from range(4) t(i)', [])
    expect(counts(other)).toMatchObject({ added: 4, removed: 9, unchanged: 0 })
  })
})

describe('a sample', () => {
  const before = "select i as id, i % 10 as v, 'n' || i as name from range(20000) t(i) where i % 50 <> 0"
  const after =
    "select i::integer as id, case when i % 4 = 0 then -1 else i % 10 end as v, 'n' || i as name from range(20000) t(i)"

  test('has the same keys of both sides, and counts only what it has looked at', async () => {
    const found = await compare(before, after, ['id'], { share: 0.1 })
    const { share, rowsBefore, rowsAfter } = found.sampled
    expect(share).toBe(0.1)
    expect(rowsAfter).toBeGreaterThan(1700)
    expect(rowsAfter).toBeLessThan(2300)
    expect(found.added).toBe(rowsAfter - rowsBefore)
    expect(found.removed).toBe(0)
    const { changed, unchanged } = found
    expect((changed ?? 0) + unchanged).toBe(rowsBefore)
    // A quarter of all rows has changed.
    expect((changed ?? 0) / rowsBefore).toBeGreaterThan(0.2)
    expect((changed ?? 0) / rowsBefore).toBeLessThan(0.3)
  })

  test('by a number of rows is a share of the larger side; one of all rows is the whole', async () => {
    const some = await compare(before, after, ['id'], { rows: 5000 })
    expect(some.sampled.share).toBe(0.25)
    const all = await compare(before, after, ['id'], { rows: 20_000 })
    expect(all.sampled).toEqual({ share: 1, rowsBefore: 19_600, rowsAfter: 20_000 })
    expect(counts(all)).toMatchObject({ added: 400, removed: 0, changed: 4800, unchanged: 14_800 })
  })

  test('of rows without a key is one of equal rows, whatever their noise', async () => {
    const rows = (noise: string): string => `select i % 1000 as a, i * 0.1::double ${noise} as x from range(20000) t(i)`
    const found = await compare(rows(''), rows('* (1 + 1e-14)'), [], { share: 0.2 })
    expect(counts(found)).toMatchObject({ added: 0, removed: 0 })
    expect(found.sampled.rowsBefore).toBe(found.sampled.rowsAfter)
    expect(found.sampled.rowsBefore).toBeLessThan(6000)
    expect(found.sampled.rowsBefore).toBeGreaterThan(2000)
  })
})

test('the first rows of each kind, in the order of their key', async () => {
  const found = await compare(
    'select i as id, i as v from range(100) t(i)',
    'select i as id, case when i > 90 then 0 else i end as v from range(3, 110) t(i)',
    ['id'],
  )
  expect(await found.first('removed', 2)).toEqual([['0'], ['1']])
  expect(await found.first('added', 2)).toEqual([['100'], ['101']])
  const [v] = found.matched.values
  expect(v === undefined ? [] : await found.first(v, 3)).toEqual([['91'], ['92'], ['93']])
})
