import { describe, expect, test } from 'vitest'
import { StatementError } from '../engine/index.ts'
import { functionCalls, tableReferences } from './index.ts'
import { useParser } from './parsing.suite.ts'

const parser = useParser()

const tables = async (text: string): Promise<string[]> =>
  tableReferences(await parser.select(text)).map(it => it.parts.join('.'))

describe('a common table expression hides a table where it is in scope', () => {
  test.each([
    ['select * from a', ['a']],
    ['select * from a.b, a.b.c', ['a.b', 'a.b.c']],
    ['with a as (select 1) select * from a', []],
    ['with A as (select 1) select * from "a"', []],
    ['with a as (select * from b), b as (select 1) select * from a, b', ['b']],
    ['with a as (select 1), b as (select * from a) select * from b', []],
    ['with a as (select * from a) select * from a', ['a']],
    ['with a as (select 1) select * from x.a', ['x.a']],
    ['select * from (with a as (select 1) select * from a), a', ['a']],
    ['with a as (select 1) select * from (with a as (select * from a) select * from a)', []],
    ['with a as (with b as (select 1) select * from b) select * from a, b', ['b']],
    ['(with a as (select 1) select * from a) union all select * from a', ['a']],
    ['with a as (select 1) select * from a union all select * from a', []],
    ['with a as (select 1) select (select count(*) from a), exists (from b) from a', ['b']],
    ['with a as (select 1 x) select * from a where x in (from b) order by (select max(x) from c)', ['b', 'c']],
    ['with recursive r as (select 1 x union all select x from r join b using (x)) select * from r', ['b']],
    ['with recursive r as (select 1 union all select * from r), s as (select * from r) select * from s', []],
    ['with recursive r(a) using key (a) as (select 1 union select a from recurring.r) from r', []],
    ['with r as (select 1) select * from recurring.r', ['recurring.r']],
    ['with "recurring.r" as (select 1) select * from recurring.r', ['recurring.r']],
    ['select * from a, lateral (select a.x from b)', ['a', 'b']],
    ['from a pivot (sum(x) for y in (1, 2))', ['a']],
    ['select list_transform([1], x -> (select count(*) from a))', ['a']],
    ['select 1 limit (select x from a)', ['a']],
    ['select * replace ((select x from b) as y) from a', ['b', 'a']],
    ['from (values ((select x from a))) v', ['a']],
    ['select * from unnest((select list(x) from a))', ['a']],
    ['from a semi join b using (x) anti join c using (x) positional join d', ['a', 'b', 'c', 'd']],
    ['select sum(x) filter (x > (select 1 from b)) over (order by (select 1 from c)) from a', ['a', 'b', 'c']],
  ])('%s', async (text, expected) => {
    expect((await tables(text)).sort()).toEqual([...expected].sort())
  })

  test('in the deepest tree that is taken', async () => {
    expect(await tables(`from ${'(from '.repeat(480)}t${')'.repeat(480)}`)).toEqual(['t'])
  })

  test('a letter that only looks like another hides nothing', async () => {
    // U+212A is the sign for kelvin, whose lower case is k in Unicode and not in DuckDB.
    expect(await tables('with "\u212A" as (select 1) select * from k')).toEqual(['k'])
  })

  test('each reference has its place', async () => {
    const text = "select 'ä' from sales.orders o join b using (x)"
    expect(tableReferences(await parser.select(text))).toEqual([
      { parts: ['sales', 'orders'], position: text.indexOf('sales') },
      { parts: ['b'], position: text.indexOf('b using') },
    ])
  })
})

/** The names that DuckDB itself looks for, found by making each table that it misses; undefined where it refuses the text. */
const tablesOfTheEngine = async (text: string): Promise<string[] | undefined> => {
  const session = parser.session()
  const made: string[] = []
  try {
    for (;;) {
      try {
        await session.describe(text)
        return made.sort()
      } catch (error) {
        const name = error instanceof StatementError && /Table with name (\w+) does not/.exec(error.engineMessage)?.[1]
        if (typeof name !== 'string') return undefined
        await session.define([name], { kind: 'empty', columns: [{ name: 'x', type: 'INTEGER' }] })
        made.push(name)
      }
    }
  } finally {
    for (const name of made) await session.run(`drop table ${name}`)
  }
}

/** Numbers of a linear congruential generator (Numerical Recipes, 1992), so that a failing text comes again. */
const numbers = (seed: number): ((below: number) => number) => {
  let state = seed
  return below => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const generated = (seed: number): string => {
  const next = numbers(seed)
  const name = (): string => ['a', 'b', 'c', 'd'][next(4)] ?? 'a'
  const query = (depth: number): string => {
    if (depth === 0) return `select x from ${name()}`
    const inner = (): string => query(depth - 1)
    switch (next(8)) {
      case 0:
        return `with ${name()} as (${inner()}) ${inner()}`
      case 1: {
        const [first, second] = [name(), name()]
        return first === second ? inner() : `with ${first} as (${inner()}), ${second} as (${inner()}) ${inner()}`
      }
      case 2: {
        const own = name()
        return `with recursive ${own} as (select 1 x union all select x + 1 from ${own} where x < 3 and x in (${inner()})) ${inner()}`
      }
      case 3:
        return `select x from (${inner()}) where x in (${inner()})`
      case 4:
        return `(${inner()}) union all (${inner()})`
      case 5:
        return `select (select max(x) from (${inner()})) x from ${name()}`
      case 6:
        return `select q.x from ${name()} q, lateral (${inner()}) r`
      default:
        return inner()
    }
  }
  return query(4)
}

test('generated nests of scopes read what DuckDB looks for', async () => {
  let compared = 0
  for (let seed = 1; seed <= 1000; seed++) {
    const text = generated(seed)
    const engine = await tablesOfTheEngine(text)
    if (engine === undefined) continue
    const ours = new Set(await tables(text))
    // DuckDB never looks into an expression that nobody uses: ours may be more, never less.
    expect(
      engine.filter(it => !ours.has(it)),
      text,
    ).toEqual([])
    // Without any such expression they are the same.
    if (!text.includes('with')) expect([...ours].sort(), text).toEqual(engine)
    compared++
  }
  expect(compared).toBeGreaterThan(300)
})

test('calls are listed with their order, their columns and without operators', async () => {
  const text = 'select list(a order by b), sum(t.c + 1) over (order by d), lower(e) || f from t'
  const calls = functionCalls(await parser.select(text))
  expect(calls.map(({ name, hasOrder, isWindow, columns }) => ({ name, hasOrder, isWindow, columns }))).toEqual([
    { name: 'list', hasOrder: true, isWindow: false, columns: [['a']] },
    { name: 'sum', hasOrder: true, isWindow: true, columns: [['t', 'c']] },
    { name: 'lower', hasOrder: false, isWindow: false, columns: [['e']] },
  ])
  expect(calls[1]?.position).toBe(text.indexOf('sum'))
})
