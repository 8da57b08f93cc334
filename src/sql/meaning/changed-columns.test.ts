import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openEngine } from '../../engine/index.ts'
import { parseSelects } from '../tree.ts'
import { changedColumns } from './changed-columns.ts'

const folder = await mkdtemp(join(tmpdir(), 'weft-changed-'))
const session = await (await openEngine('duckdb')).open({ memory: 256 * 1024 ** 2, threads: 1, scratch: folder })
afterAll(async () => {
  await session.close()
  await rm(folder, { recursive: true, force: true })
})

const changed = async (before: string, after: string): Promise<string[] | undefined> => {
  const [from, to] = await parseSelects(texts => session.parse(texts), [before, after])
  if (from?.ok !== true || to?.ok !== true) throw new Error(`cannot be parsed: ${before} / ${after}`)
  const found = changedColumns(from, to)
  return found === undefined ? undefined : [...found].sort()
}

test.each<[string, string, string[] | undefined]>([
  ['select a, b from t', 'select A, b\nfrom t -- same', []],
  ['select a, b from t', 'select a * 2 as a, b from t', ['a']],
  ['select a, b from t', 'select a, b, c from t', ['c']],
  ['select a, b from t', 'select a from t', []],
  ['select a as x, sum(b) as s from t group by a', 'select a as x, sum(b * 2) as s from t group by a', ['s']],
  // Another column of the answer is made from it.
  ['select a as x, x + 1 as y, b from t', 'select a * 2 as x, x + 1 as y, b from t', ['x', 'y']],
  ['select a as x, x + 1 as y, y + 1 as z from t', 'select a * 2 as x, x + 1 as y, y + 1 as z from t', ['x', 'y', 'z']],
  // Rows are decided by it.
  ['select a as x from t where x > 1', 'select a * 2 as x from t where x > 1', undefined],
  [
    'select upper(c) as c, count(*) as n from t group by c',
    'select lower(c) as c, count(*) as n from t group by c',
    undefined,
  ],
  [
    'select a as x, count(*) as n from t group by all',
    'select a * 2 as x, count(*) as n from t group by all',
    undefined,
  ],
  ['select distinct a as x from t', 'select distinct a * 2 as x from t', undefined],
  ['select a as x from t order by x limit 3', 'select a * 2 as x from t order by x limit 3', undefined],
  [
    'select a as x from t qualify row_number() over (order by x) = 1',
    'select -a as x from t qualify row_number() over (order by x) = 1',
    undefined,
  ],
  ['select a from t', 'select a from t where b', undefined],
  ['select a from t join u using (id)', 'select a from t left join u using (id)', undefined],
  ['select a from t union all select b from u', 'select a from t union all select b * 2 from u', undefined],
  ['select a from t union select b from u', 'select a * 2 as a from t union select b from u', undefined],
  ['with r as (select a from t) select a from r', 'with r as (select a * 2 as a from t) select a from r', undefined],
  // Rows are made or melted together by it.
  ['select a, unnest(b) as u from t', 'select a, unnest(c) as u from t', undefined],
  ["select 'x' as k from t", "select 'x' as k, count(*) as n from t", undefined],
  ["select 'x' as k, sum(a) as s from t", "select 'x' as k from t", undefined],
  // It has no name of its own.
  ['select * from t', 'select * replace (a * 2 as a) from t', undefined],
  ['select *, a as c from t', 'select * exclude (b), a as c from t', undefined],
  ['select *, 1 as c from t', 'select *, 2 as c from t', ['c']],
  ['select a::integer, b from t', 'select a::bigint, b from t', undefined],
  [
    'select sum(a), sum(b), c as c from t group by all',
    'select sum(-a), sum(b), c as c from t group by all',
    undefined,
  ],
  // Something else changes with a column.
  ['select a, b from t', 'with t as (select a, b from t where b) select a * 2 as a, b from t', undefined],
  ['select a, b from t using sample 10%', 'select a * 2 as a, b from t using sample 20%', undefined],
  [
    'select a, b from t join (u join v on u.id = v.id) on true',
    'select -a as a, b from t join (u join v on u.id = v.key) on true',
    undefined,
  ],
  [
    'select a, sum(c) as s from t group by rollup(a, b)',
    'select a, sum(d) as s from t group by rollup(b, a)',
    undefined,
  ],
  [
    'with r(x, y) as (select a, b from t) select x, 1 as k from r',
    'with r(y, x) as (select a, b from t) select x, 2 as k from r',
    undefined,
  ],
  [
    'select x, 1 as k from (select a, b from t) p(x, y)',
    'select x, 2 as k from (select a, b from t) p(y, x)',
    undefined,
  ],
  [
    'with recursive r as (select 1 as n union all select n from r) select n, 1 as k from r',
    'with recursive r as (select 1 as n union select n from r) select n, 2 as k from r',
    undefined,
  ],
  // By a field, and by a name that goes.
  ["select {'f': a} as x, x.f as y from t", "select {'f': -a} as x, x.f as y from t", ['x', 'y']],
  ['select a as x, x + 1 as y from t', 'select x + 1 as y from t', ['y']],
])('%s; then %s', async (before, after, expected) => {
  expect(await changed(before, after)).toEqual(expected)
})
