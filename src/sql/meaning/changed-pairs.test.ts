/** Random pairs of statements on running data: no column that is not named has other values. `WEFT_PAIRS` says how many pairs, `WEFT_PAIR_SEED` from which seed. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { randomOf } from '../../../test/support/mutations.ts'
import { openEngine } from '../../engine/index.ts'
import { foldName, parseSelects } from '../tree.ts'
import { changedColumns } from './changed-columns.ts'

const pairs = Number(process.env.WEFT_PAIRS ?? 100)
const firstSeed = Number(process.env.WEFT_PAIR_SEED ?? 1)

const folder = await mkdtemp(join(tmpdir(), 'weft-pairs-'))
const session = await (await openEngine('duckdb')).open({ memory: 256 * 1024 ** 2, threads: 1, scratch: folder })
afterAll(async () => {
  await session.close()
  await rm(folder, { recursive: true, force: true })
})

const tables = [
  'create table t as select i as id, i % 3 as a, i % 5 as b, i % 2 as c, [i, i % 2] as l from range(12) r(i)',
  'create table u as select i as id, i % 4 as a, i * 2 as d from range(8) r(i)',
  'create schema s',
  'create table s.r as select * from u',
]

/** What a statement is put together from; an empty text is drawn more often. */
const parts = {
  with: [
    '',
    '',
    '',
    'with t as (select * from main.t where b > 1)',
    'with t as (select id, a, b, c, l from main.t)',
    'with u as (select * from main.t)',
  ],
  distinct: ['', '', '', 'distinct', 'distinct on (x)', 'distinct on (t.a)'],
  from: [
    't',
    't',
    't',
    't join u on t.id = u.id',
    't left join u on t.id = u.id',
    't left join (u join s.r q on u.id = q.id) on t.a = u.a',
    't left join (u join s.r q on u.id = q.a) on t.a = u.a',
    '(select * from t where a > 0) t',
    't, lateral (select t.a as z) zz',
    't semi join u on t.a = u.a',
    't anti join u on t.id = u.d',
    '(select a as b, b as a, id, c, l from t) t',
    '(select a, b, id, c, l from t) t(b, a, id, c, l)',
  ],
  where: [
    '',
    '',
    '',
    'where t.a > 0',
    'where x > 1',
    'where y = 1',
    'where t.a in (select a from u)',
    'where exists (select 1 from u where u.id = t.a)',
  ],
  group: [
    '',
    '',
    '',
    'group by t.a',
    'group by t.a, t.b',
    'group by x',
    'group by 1',
    'group by all',
    'group by rollup(t.a, t.b)',
    'group by rollup(t.b, t.a)',
    'group by ()',
  ],
  having: ['', '', '', 'having count(*) > 1', 'having max(t.b) > x', 'having y > 0'],
  qualify: [
    '',
    '',
    '',
    'qualify row_number() over (partition by t.a order by t.id) = 1',
    'qualify x > 1',
    'qualify rank() over (order by y, t.id) < 3',
  ],
  order: [
    '',
    '',
    '',
    'order by 1',
    'order by x',
    'order by all limit 3',
    'order by t.id limit 2',
    'order by x, t.id limit 3 offset 1',
  ],
} as const

const expressions = [
  't.a',
  't.b',
  't.c',
  't.id',
  't.a + 1',
  't.a * t.b',
  'abs(t.b)',
  'unnest(t.l)',
  'sum(t.a)',
  'count(*)',
  'max(t.b)',
  'x',
  'x + 1',
  'y',
  'x % 2',
  'row_number() over (order by t.id)',
  'sum(t.a) over (partition by t.b)',
  'rank() over (order by x, t.id)',
  "{'f': t.a, 'g': t.b}",
  "{'g': t.a, 'f': t.b}",
  'x.f',
  '(select max(d) from u where u.a = t.a)',
  '(select count(*) from u where u.id = x)',
  'first(t.b order by t.id)',
  'case when x > 1 then t.a end',
  'list(t.a order by t.id)',
  'generate_subscripts(t.l, 1)',
]

type Random = ReturnType<typeof randomOf>
type Part = keyof typeof parts
type Statement = Readonly<Record<Part, string>> & { readonly items: readonly string[] }

const names = ['x', 'y', 'z']
const partNames = Object.keys(parts) as Part[] // of the list above

const textOf = ({ items, ...it }: Statement): string =>
  `${it.with} select ${it.distinct} ${items.map((item, index) => `${item} as ${names[index]}`).join(', ')} from ${it.from} ${it.where} ${it.group} ${it.having} ${it.qualify} ${it.order}`

const statementOf = (random: Random): Statement => {
  const pick = (all: readonly string[]): string => all[random(all.length)] ?? ''
  const drawn = Object.fromEntries(partNames.map(name => [name, pick(parts[name])])) as Record<Part, string> // each of them is drawn
  return { ...drawn, items: names.map(() => pick(expressions)) }
}

/** Something in it is another: an expression, the order of two columns, a part. */
const changedOf = (statement: Statement, random: Random): Statement => {
  const pick = <T>(all: readonly T[], otherwise: T): T => all[random(all.length)] ?? otherwise
  if (random(2) === 0) {
    const at = random(names.length)
    return { ...statement, items: statement.items.map((it, index) => (index === at ? pick(expressions, it) : it)) }
  }
  const name = pick(partNames, 'where')
  return { ...statement, [name]: pick<string>(parts[name], '') }
}

const rowsOf = (text: string): Promise<Record<string, unknown>[] | undefined> =>
  session.rows(text).catch(() => undefined)

const bagOf = (rows: readonly Record<string, unknown>[], column: string): string =>
  rows
    .map(row => JSON.stringify(row[column], (_, value) => (typeof value === 'bigint' ? String(value) : value)))
    .sort()
    .join()

test(`${pairs} random pairs from seed ${firstSeed}: what is not named is the same`, {
  timeout: 60_000 + pairs * 500,
}, async () => {
  for (const sql of tables) await session.run(sql)
  const wrong: string[] = []
  let told = 0
  for (let seed = firstSeed, made = 0; made < pairs && seed < firstSeed + 100 * pairs; seed++) {
    const random = randomOf(2 * seed + 1)
    const before = statementOf(random)
    const texts = [textOf(before), textOf(changedOf(before, random))]
    const [from, to] = [await rowsOf(texts[0] ?? ''), await rowsOf(texts[1] ?? '')]
    if (from === undefined || to === undefined || from.length === 0 || texts[0] === texts[1]) continue
    made++
    const [one, other] = await parseSelects(all => session.parse(all), texts)
    if (one?.ok !== true || other?.ok !== true) continue
    const changed = changedColumns(one, other)
    if (changed === undefined) continue
    told++
    const kept = names.filter(name => !changed.has(foldName(name)))
    if (kept.some(name => bagOf(from, name) !== bagOf(to, name))) wrong.push(`${[...changed]}: ${texts.join(' ; ')}`)
  }
  process.stdout.write(
    `changed pairs: ${pairs} from seed ${firstSeed}, of which ${told} are told column by column; ${wrong.length} wrong\n`,
  )
  expect(wrong).toEqual([])
  expect(told).toBeGreaterThan(pairs / 20)
})
