import { expect, test } from 'vitest'
import { useParser } from '../parsing.suite.ts'
import { columnLineage, type Input, type Lineage, type LineageTable } from './lineage.ts'

const parser = useParser()

const tables: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  t: {
    a: 'INTEGER',
    b: 'VARCHAR',
    s: 'STRUCT("x" INTEGER, "y" STRUCT("z" INTEGER))',
    l: 'INTEGER[]',
    m: 'MAP(VARCHAR, INTEGER)',
    ls: 'STRUCT("p" INTEGER, "q" VARCHAR)[]',
  },
  u: { a: 'INTEGER', c: 'INTEGER' },
}

const known = (parts: readonly string[]): LineageTable | undefined => {
  const id = (parts.at(-1) ?? '').toLowerCase()
  const columns = tables[id]
  return columns === undefined
    ? undefined
    : { id, columns: Object.entries(columns).map(([name, type]) => ({ name, type })) }
}

const lineageOf = async (text: string): Promise<Lineage> => columnLineage(await parser.select(text), known)

/** `u.c aggregation`, in a fixed order. */
const told = (inputs: readonly Input[]): string =>
  inputs
    .map(it => `${[it.table, ...it.path].join('.')} ${it.how}`)
    .sort()
    .join(', ')

const columnsTold = ({ columns }: Lineage): Record<string, string> =>
  Object.fromEntries(columns.map(({ name, inputs }, index) => [name === '' ? `#${index + 1}` : name, told(inputs)]))

test.each<[string, Record<string, string>, string]>([
  // What is copied, renamed and computed
  ['select a, b as bb, a + 1 as c from t', { a: 't.a identity', bb: 't.b identity', c: 't.a transformation' }, ''],
  ['select T.A, "B" from T', { A: 't.a identity', B: 't.b identity' }, ''],
  ['from u', { a: 'u.a identity', c: 'u.c identity' }, ''],
  ['select #2 as k from u', { k: 'u.c identity' }, ''],
  ['select a::varchar as k, md5(b) as h from t', { k: 't.a transformation', h: 't.b masked-transformation' }, ''],
  ["select case when a > 1 then b else 'z' end as k from t", { k: 't.a conditional, t.b transformation' }, ''],
  // Stars
  [
    "select * exclude (s, l, m, ls) replace (b || 'x' as b) rename (a as k) from t",
    { k: 't.a identity', b: 't.b transformation' },
    '',
  ],
  ["select columns('a|b') from t", { a: 't.a identity', b: 't.b identity' }, ''],
  ["select columns(c -> c like 'a%') from t", { a: 't.a identity' }, ''],
  ['select min(columns(*)) as "m_\\0" from u', { m_a: 'u.a aggregation', m_c: 'u.c aggregation' }, ''],
  ["select coalesce(*columns(['a', 'c'])) as q from u", { q: 'u.a transformation, u.c transformation' }, ''],
  [
    'select u.*, t.a as k from t join u using (a)',
    { a: 'u.a identity', c: 'u.c identity', k: 't.a identity' },
    't.a join, u.a join',
  ],
  // Fields
  ['select s.*, s.y.z from t', { x: 't.s.x identity', y: 't.s.y identity', z: 't.s.y.z identity' }, ''],
  [
    "select s['x'] as x, m['k'] as k, l[a] as i from t",
    { x: 't.s.x identity', k: 't.m transformation', i: 't.a conditional, t.l transformation' },
    '',
  ],
  ['select st.k, st.j from (select {k: a, j: b} as st from t)', { k: 't.a identity', j: 't.b identity' }, ''],
  ['select unnest(s) from t', { x: 't.s.x identity', y: 't.s.y identity' }, ''],
  ['select unnest(s, recursive := true) from t', { x: 't.s.x identity', z: 't.s.y.z identity' }, ''],
  ['select unnest(ls) as e from t', { e: 't.ls identity' }, 't.ls join'],
  ['select e.p, e.q from t, unnest(ls) as x(e)', { p: 't.ls.p identity', q: 't.ls.q identity' }, 't.ls join'],
  ['select list_transform(ls, lambda e: e.p) as r from t', { r: 't.ls conditional, t.ls.p identity' }, ''],
  [
    'select [x + a for x in l if x > 2] as r from t',
    { r: 't.a conditional, t.a transformation, t.l conditional, t.l filter, t.l transformation' },
    '',
  ],
  // Aggregates and windows
  ["select sum(a order by b) filter (where b = 'x') as r from t", { r: 't.a aggregation, t.b filter, t.b sort' }, ''],
  ['select count(*) as n, count(b) as k from t', { n: '', k: 't.b masked-aggregation' }, ''],
  [
    'select b, sum(a) as r from t group by all having max(a) > 1',
    { b: 't.b identity', r: 't.a aggregation' },
    't.a filter, t.b group-by',
  ],
  [
    'select sum(a) over w as r, row_number() over w as n from t window w as (partition by b order by s.x)',
    { r: 't.a aggregation, t.b window, t.s.x window', n: 't.b window, t.s.x window' },
    '',
  ],
  [
    'select a from t qualify row_number() over (partition by b order by a) = 1',
    { a: 't.a identity' },
    't.a filter, t.b filter',
  ],
  [
    'select a, grouping(a) as g from t group by grouping sets ((a), ())',
    { a: 't.a identity', g: 't.a group-by' },
    't.a group-by',
  ],
  // Joins
  [
    'select * from (select a, b from t) full join u using (a)',
    { a: 't.a identity, u.a identity', b: 't.b identity', c: 'u.c identity' },
    't.a join, u.a join',
  ],
  [
    'select a, t.a as x, u.a as y from t right join u using (a)',
    { a: 'u.a identity', x: 't.a identity', y: 'u.a identity' },
    't.a join, u.a join',
  ],
  ['select a, c from t natural join u', { a: 't.a identity', c: 'u.c identity' }, 't.a join, u.a join'],
  ['select b from t semi join u on t.a = u.a', { b: 't.b identity' }, 't.a join, u.a join'],
  ['select b, c from t asof join u on t.a >= u.a', { b: 't.b identity', c: 'u.c identity' }, 't.a join, u.a join'],
  [
    'select b, d from t, lateral (select t.a + u.c as d from u where u.a = t.a) x',
    { b: 't.b identity', d: 't.a transformation, u.c transformation' },
    't.a filter, u.a filter',
  ],
  ['select b, c from t positional join u', { b: 't.b identity', c: 'u.c identity' }, ''],
  // Subqueries
  ['select exists (select 1 from u where u.a = t.a) as e from t', { e: 't.a filter, u.a filter' }, ''],
  [
    'select a in (select c from u) as i, (select max(c) from u) as m from t',
    { i: 't.a transformation, u.c transformation', m: 'u.c aggregation' },
    '',
  ],
  [
    'select a from t where b in (select c::varchar from u where a > 1)',
    { a: 't.a identity' },
    't.b filter, u.a filter, u.c filter',
  ],
  ['select a from t order by b limit (select max(c) from u)', { a: 't.a identity' }, 't.b sort, u.c filter'],
  // Sets
  [
    'select a, b from t union by name select c as b, a from u',
    { a: 't.a identity, u.a identity', b: 't.b identity, u.c identity' },
    't.a group-by, t.b group-by, u.a group-by, u.c group-by',
  ],
  ['select a from t except all select c from u', { a: 't.a identity' }, 't.a filter, u.c filter'],
  ['select distinct on (b) a from t', { a: 't.a identity' }, 't.b group-by'],
  // Names
  ['select a as k, k + 1 as j from t where k > 1', { k: 't.a identity', j: 't.a transformation' }, 't.a filter'],
  [
    'with c as (select a from t) select (with c as (select c as a from u) select max(a) from c) as i, a from c',
    { i: 'u.c aggregation', a: 't.a identity' },
    '',
  ],
  [
    'with recursive r(n) as (select a from u union select n + 1 from r where n < 3) select n from r',
    { n: 'u.a identity, u.a transformation' },
    'u.a filter, u.a group-by',
  ],
  // Rows into columns and back
  [
    'select * from u pivot (sum(c) for a in (1, 2))',
    { 1: 'u.a conditional, u.c aggregation', 2: 'u.a conditional, u.c aggregation' },
    '',
  ],
  [
    'from (unpivot u on a, c into name k value v)',
    { k: '', v: 'u.a identity, u.c identity' },
    'u.a filter, u.c filter',
  ],
  ['select * from (values (1, 2)) as v(p, q)', { p: '', q: '' }, ''],
])('%s', async (text, columns, rows) => {
  const lineage = await lineageOf(text)
  expect(columnsTold(lineage)).toEqual(columns)
  expect(told(lineage.rows)).toBe(rows)
  expect(lineage.wide).toEqual([])
})

test('places are those of the text', async () => {
  const text = 'with c as (select a as k from t) select k + 1 as r from c where k > 2'
  const { columns, rows } = await lineageOf(text)
  expect(columns[0]?.inputs.map(it => it.position)).toEqual([text.indexOf('a as k')])
  expect(rows.map(it => it.position)).toEqual([text.lastIndexOf('k > 2') + 'k '.length])
})

test.each([
  ["select * from read_csv('f.csv')", 'what the table function read_csv reads'],
  ['select plus_all(a) as k from u', 'what the function plus_all reads'],
  ['select x from missing', 'nothing is known of the table missing'],
  [
    'select columns(c -> length(c) = 1) from u',
    'the columns that COLUMNS stands for are found by an expression: it may be any',
  ],
])('what cannot be known is told: %s', async (text, reason) => {
  expect((await lineageOf(text)).wide.map(it => it.reason)).toEqual([reason])
})

test('a table that nobody knows has any column', async () => {
  expect(columnsTold(await lineageOf('select x, t.a from missing, t'))).toEqual({
    x: 'missing.x identity',
    a: 't.a identity',
  })
})

test('a table is read where no column of it is', async () => {
  expect((await lineageOf('select count(*) as n from t')).tables).toEqual(['t'])
})

test('500 common table expressions of 50 columns, each over the one before, take no longer than their text', async () => {
  const list = Array.from({ length: 50 }, (_, index) => `a + ${index} as c${index}`).join(', ')
  const chain = Array.from(
    { length: 499 },
    (_, index) =>
      `q${index + 1} as (select *, c1 + c2 as d from (select * exclude (d) from q${index}) where c${index % 50} > 0)`,
  )
  const lineage = await lineageOf(`with q0 as (select ${list}, 1 as d from u), ${chain.join(', ')} select * from q499`)
  expect(lineage.columns).toHaveLength(51)
  expect(new Set(lineage.columns.map(it => told(it.inputs)))).toEqual(new Set(['u.a transformation']))
  expect(told(lineage.rows)).toBe('u.a filter')
})
