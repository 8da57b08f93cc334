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
])('%s; then %s', async (before, after, expected) => {
  expect(await changed(before, after)).toEqual(expected)
})
