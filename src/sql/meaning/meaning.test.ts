import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { openEngine } from '../../engine/index.ts'
import { parseSelects, type Select } from '../tree.ts'
import { columnMeanings, meaningChanges } from './meaning.ts'

const folder = await mkdtemp(join(tmpdir(), 'weft-meaning-'))
const session = await (await openEngine('duckdb')).open({ memory: 256 * 1024 ** 2, threads: 1, scratch: folder })
afterAll(async () => {
  await session.close()
  await rm(folder, { recursive: true, force: true })
})

const parsed = async (sql: string): Promise<Select> => {
  const [select] = await parseSelects(texts => session.parse(texts), [sql])
  if (select?.ok !== true) throw new Error(`cannot be parsed: ${sql}`)
  return select
}

const details = async (before: string, after: string): Promise<string[]> =>
  meaningChanges(await parsed(before), await parsed(after)).map(it => it.detail)

describe('means the same', () => {
  test.each([
    ['select a, b from t', 'SELECT a,\n  b -- all\nFROM t'],
    ['select o.a from t o', 'select x.a from t x'],
    ['select t.a from t', 'select a from t'],
    ['select a as a from t', 'select a from t'],
    ['select a from t where b > 1 and c < 2', 'select a from t where c < 2 and b > 1'],
    ['select a, count(*) as n from t group by 1', 'select a, count(*) as n from t group by a'],
    ['select x.a from t x join u y on x.id = y.id', 'select p.a from t p join u q on p.id = q.id'],
    ['with r as (select a from t) select a from r', 'with recent as (select a from t) select a from recent'],
    [
      'with r as (select a from t) select r.a from r join u on r.a = u.a',
      'with q as (select a from t) select q.a from q join u on q.a = u.a',
    ],
    ['select a from (select a from t) x', 'select y.a from (select a from t) y'],
    [
      'select a from t where exists (select 1 from u where u.id = t.id)',
      'select x.a from t x where exists (select 1 from u v where v.id = x.id)',
    ],
  ])('%s and %s', async (before, after) => {
    expect(await details(before, after)).toEqual([])
  })
})

describe('means something else', () => {
  test.each([
    [
      "select case when order_count = 0 then 'returns_only' when days_since_order > 182 then 'lapsed' when order_count >= 6 then 'devoted' else 'other' end as s from t",
      "select case when order_count = 0 then 'returns_only' when days_since_order > 182 then 'lapsed' when order_count >= 4 then 'devoted' else 'other' end as s from t",
      [
        "column s: ...when order_count >= 6 then 'devoted' else 'other' end -> ...when order_count >= 4 then 'devoted' else 'other' end",
      ],
    ],
    ['select a from t', 'select a * 1.05 as a, -0.5 as b from t', ['column a: a -> a * 1.05', 'new column b: -0.5']],
    ['select a from t', 'select a from t where b > 1', ['new filter: b > 1']],
    ['select a from t where b > 1', 'select a from t where b > 2', ['new filter: b > 2', 'no filter any more: b > 1']],
    ['select sum(p) as total from t', 'select sum(p * q) as total from t', ['column total: sum(p) -> sum(p * q)']],
    ['select a from t', 'select a, b from t', ['new column b: b']],
    ['select a, b from t', 'select a from t', ['no column b any more']],
    ['select a, b from t', 'select * from t', ['columns: those that are named -> *']],
    ['select * from t', 'select a, b + 1 as b from t', ['columns: * -> those that are named', 'column b: b + 1']],
    [
      'select * exclude (a) from t',
      'select * exclude (a, c) rename (b as d) from t',
      ['columns: * exclude (a) -> * exclude (a, c) rename (b as d)'],
    ],
    ['select *, a + 1 as n from t', 'select * from t', ['column n is not named any more']],
    ['select * from t', 'select *, a + 1 as n from t', ['column n: a + 1']],
    ["select columns('x.*') from t", "select columns('y.*') from t", ["columns: columns('x.*') -> columns('y.*')"]],
    [
      'select t.a from t join u on t.id = u.id',
      'select t.a from t left join u on t.id = u.id',
      ['join with u: inner -> left'],
    ],
    [
      'select t.a from t join u on t.id = u.id',
      'select t.a from t join u on t.id = u.key',
      ['condition of the join with u: t.id = u.id -> t.id = u.key'],
    ],
    ['select t.a from t', 'select t.a from t cross join u', ['reads u too', 'column a: a -> t.a']],
    ['select a from t', 'select a from u', ['reads u too', 'no longer reads t']],
    [
      'select a, count(*) as n from t group by a',
      'select a, count(*) as n from t group by a, b',
      ['grouped by a -> a, b'],
    ],
    ['select a from t', 'select distinct a from t', ['distinct added']],
    ['select a from t order by a', 'select a from t order by a desc', ['order changed']],
    ['select a from t limit 3', 'select a from t limit 4', ['limit changed']],
    [
      'select a from t group by a having count(*) > 1',
      'select a from t group by a',
      ['filter of groups: count(*) > 1 -> nothing'],
    ],
    [
      'with r as (select a from t) select a from r',
      'with r as (select a from t where b) select a from r',
      ['in r: new filter: b'],
    ],
    ['select a from t union all select a from u', 'select a from t union select a from u', ['union all -> union']],
    [
      'select a from t union all select a from u',
      'select a from t union all select a from u where b',
      ['in its right part: new filter: b'],
    ],
    [
      'select a from (select a from t) x',
      'select a from (select a from t where b) x',
      ['in a query that it reads: new filter: b'],
    ],
    [
      'select a from t where x in (select a from u)',
      'select a from t where x in (select b from u)',
      ['new filter: (a query)', 'no filter any more: (a query)'],
    ],
    ['select a::integer as a from t', 'select a::bigint as a from t', ['column a: a::integer -> a::bigint']],
    [
      'select case when a then 1 else 0 end as c from t',
      'select case when a then 1 else 2 end as c from t',
      ['column c: case when a then 1 else 0 end -> case when a then 1 else 2 end'],
    ],
    ['select x.a from t x, t y', 'select y.a from t x, t y', ['column a: t.a -> t#2.a']],
    ['select a from t x(a, b)', 'select a from t x(b, a)', ['reads t otherwise']],
    [
      'select sum(a) filter (where b) as s from t',
      'select sum(a) as s from t',
      ['column s: sum(a) filter (where b) -> sum(a)'],
    ],
    [
      "select {'a': x, 'b': y} as s from t",
      "select {'b': x, 'a': y} as s from t",
      ['column s: struct_pack(a := x, b := y) -> struct_pack(b := x, a := y)'],
    ],
    [
      "select * from t pivot (sum(v) for k in ('a' as x, 'b' as y))",
      "select * from t pivot (sum(v) for k in ('a' as y, 'b' as x))",
      ['reads (pivot) otherwise'],
    ],
    // The table of a schema is another than the expression of that name.
    [
      'with r as (select a from t) select r.a from r join s.r z on r.a = z.a',
      'with q as (select a from t) select q.a from q join s.q z on q.a = z.a',
      ['reads s.q too', 'no longer reads s.r'],
    ],
  ])('%s, then %s', async (before, after, expected) => {
    expect(await details(before, after)).toEqual(expected)
  })
})

test('columns of two names that are made from the same have one meaning', async () => {
  const before = columnMeanings(await parsed('select o.price * o.pieces as total, o.id from sales.orders o'))
  const after = columnMeanings(await parsed('select price*pieces as amount, id from sales.orders'))
  expect(after.get('amount')).toBe(before.get('total'))
  expect(after.get('amount')).not.toBe(after.get('id'))
})
