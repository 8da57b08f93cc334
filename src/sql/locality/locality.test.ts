import { describe, expect, it } from 'vitest'
import type { Session } from '../../engine/index.ts'
import { aggregateFunctions } from '../aggregate-functions.ts'
import { allowedFunctions, type Locality, type LocalTable, partitionLocality } from '../index.ts'
import { useParser } from '../parsing.suite.ts'

const { session, select } = useParser()

const dayMs = 86_400_000
const types = {
  a: { day: 'DATE', ts: 'TIMESTAMP', k: 'INTEGER', v: 'INTEGER' },
  b: { day: 'DATE', k: 'INTEGER', w: 'INTEGER' },
  dim: { k: 'INTEGER', name: 'VARCHAR', since: 'DATE' },
}
type Modes = Partial<Record<keyof typeof types, 'whole' | number>>

const tables =
  (modes: Modes) =>
  (parts: readonly string[]): LocalTable | undefined => {
    const name = parts.at(-1) ?? ''
    if (name !== 'a' && name !== 'b' && name !== 'dim') return undefined
    const mode = name === 'dim' ? 'whole' : modes[name]
    return {
      mode: mode === 'whole' ? 'whole' : 'same',
      ...(typeof mode === 'number' ? { reachMs: mode * dayMs } : {}),
      columns: Object.entries(types[name]).map(([column, type]) => ({ name: column, type })),
    }
  }

const judge = async (text: string, modes: Modes = {}): Promise<Locality> =>
  partitionLocality(await select(text), { column: 'day', grain: 'day' }, tables(modes))

const local: [string, Modes?][] = [
  ['select * from a'],
  ['select ts::date as day, k from a where v > 2'],
  ["select date_trunc('day', ts)::date as day, count(*) as n from a group by 1"],
  ['select day, sum(v) as n from a group by day'],
  ['select day, k, max(v) as n from a group by all'],
  ['select a.day, a.k, w from a join b on a.day = b.day and a.k = b.k'],
  ['select a.day, a.k, w from a left join b on a.day = b.day and a.k = b.k'],
  ['select b.day, a.k, w from a right join b on a.day = b.day and a.k = b.k'],
  ['select day, a.k as ak, b.k as bk from a full join b using (day)'],
  ['select coalesce(b.day, a.day) as day, a.k from a left join b on a.day = b.day'],
  ['select day, k from a semi join b using (day, k)'],
  ['select a.* from a anti join b on a.day = b.day and a.k = b.k'],
  ['select a.day, w from a, b where a.day = b.day and a.k = b.k'],
  ['select day, name from a join dim using (k)'],
  ['select day, name from a left join dim on a.k = dim.k'],
  ['select day, row_number() over (partition by day order by ts, k, v) as n from a'],
  ['select distinct day, k from a'],
  ['select day, k from a union all select day, k from b'],
  ['select day, k from a union select day, k from b'],
  ['select day, k from a except select day, k from b'],
  ['select * from (select k, day from a) union all by name select day, k from b'],
  ['with d as (select day, sum(v) as n from a group by day) select d.day, d.n, w from d join b using (day)'],
  ['select day, (select sum(w) from b where b.day = a.day) as n from a'],
  ['select day, k from a where exists (select 1 from b where b.day = a.day and b.k = a.k)'],
  ['select a.day, l.n from a, lateral (select count(*) as n from b where b.day = a.day) as l'],
  ['select a.day, l.w from a left join lateral (select w from b where b.day = a.day order by w limit 1) as l on true'],
  ['select day, u from a, unnest([k, v]) as t(u)'],
  ['select * exclude (ts) replace (v + 1 as v) from a'],
  ['select x.day, x.k, y.v from a as x join a as y on x.day = y.day and x.k = y.v'],
  [
    'select day, sum(v) over (order by day range between interval 3 days preceding and current row) as n from a',
    { a: 3 },
  ],
  [
    'select a.day, sum(w)::integer as n from a join b on b.day between a.day - interval 2 days and a.day group by 1',
    { b: 2 },
  ],
  ['select a.day, sum(w) as n from a join b on b.day <= a.day and b.day > a.day - 3 group by 1', { b: 3 }],
  ['select day, (select sum(w) from b where b.day between a.day - 2 and a.day) as n from a', { b: 2 }],
  ['select a.day, count(b.w) as n from a left join b on b.day between a.day - 2 and a.day group by 1', { b: 2 }],
]

const refused: [string, RegExp, Modes?][] = [
  ['select day, sum(v) over (order by ts) as n from a', /window reaches over all/],
  ['select day, row_number() over (partition by k order by ts) as n from a', /window reaches over all/],
  ['select sum(v) as n from a', /grouped together/],
  ['select k, min(day) as day from a group by k', /grouped together/],
  ['select distinct k from a', /duplicates/],
  ['select distinct on (k) day, k from a order by day', /duplicates/],
  ['select day, k from a where not exists (select 1 from b where b.k = a.k and b.day < a.day)', /subquery reads rows/],
  ['select a.* from a anti join b on a.k = b.k and b.day < a.day', /same partition/],
  ['select a.day, w from a join b on a.k = b.k', /same partition/],
  ['select day, (select max(v) from a) as n from a', /grouped together/],
  ['select day, k in (select k from b) as n from a', /subquery reads rows/],
  ['select day, k from a order by ts limit 10', /LIMIT/],
  ['select day + 1 as day, k from a', /no column of a/],
  ['select dim.since as day, v from dim left join a on a.k = dim.k', /whole table on the left/],
  ['select b.day, a.k from a left join b on a.day = b.day', /no column of a|may be NULL/],
  ["select date_trunc('month', ts)::date as day, count(*) from a group by 1", /grouped together/],
  ['select day, k from a union select null::date, k from b', /compared/],
  ['select x.day, y.v from a as x join a as y on x.day = y.day + 1', /same partition/],
  [
    'select day, sum(v) over (order by day range between interval 5 days preceding and current row) from a',
    /window/,
    { a: 3 },
  ],
  [
    'select a.day, sum(w) as n from a join b on b.day between a.day - 9 and a.day group by 1',
    /same partition/,
    { b: 2 },
  ],
  ['select day, k from a using sample 10%', /sample/],
  ['select coalesce(b.day, b.day) as day, a.k from a left join b on a.day = b.day', /no column/],
  ['select a.day, b.w from a asof join b on a.k = b.k and a.ts >= b.day where a.day = b.day', /same partition/],
  ['select ts::timestamp_s::date as day, k from a', /no column/],
  [
    'select day, sum(s) over (order by day range between interval 6 days preceding and current row) as s from (select day, sum(v) over (order by day range between interval 6 days preceding and current row) as s from a)',
    /window/,
    { a: 6 },
  ],
  [
    'select day, lag(v) over (order by day range between interval 6 days preceding and current row) as s from a',
    /window/,
    { a: 6 },
  ],
  [
    'select x.day, sum(z.v) as n from a as x join a as y on y.day between x.day - 6 and x.day join a as z on z.day between y.day - 6 and y.day group by 1',
    /same partition/,
    { a: 6 },
  ],
  [
    'select day, (select sum((select sum(c.w) from b as c where c.day between b.day - 2 and b.day)) from b where b.day between a.day - 2 and a.day) as n from a',
    /tied to no partition/,
    { b: 2 },
  ],
  [
    'with recursive r as (select day, k from a union all select day, k - 1 from r where k > 0) select * from r',
    /recursive/,
  ],
]

describe('locality', () => {
  it.each(local)('accepts %s', async (text, modes) => {
    const found = await judge(text, modes)
    expect(found.ok ? 'local' : found.refused.reason).toBe('local')
  })

  it.each(refused)('refuses %s', async (text, reason, modes) => {
    const found = await judge(text, modes)
    expect(found.ok ? 'accepted' : found.refused.reason).toMatch(reason)
  })

  it('knows when rows may come from tables that are not divided', async () => {
    const rooted = async (text: string): Promise<boolean> => {
      const found = await judge(text)
      return found.ok && found.isRooted
    }
    expect(await rooted('select day, k from a')).toBe(true)
    expect(await rooted('select day, k from a union all select since, k from dim')).toBe(false)
    expect(await rooted('select since as day, k from dim')).toBe(false)
  })

  it('does not take texts and numbers for one partition', async () => {
    const tables = (parts: readonly string[]): LocalTable => ({
      mode: 'same',
      columns: [{ name: 'k', type: parts[0] === 'e' ? 'VARCHAR' : 'INTEGER' }],
    })
    const one = async (text: string) => partitionLocality(await select(text), { column: 'k', grain: 'value' }, tables)
    expect((await one('select e.k from e join o on e.k = o.k')).ok).toBe(false)
    expect((await one('select k from e join o using (k)')).ok).toBe(false)
    expect((await one('select e.k from e join o on e.k = o.k::varchar')).ok).toBe(true)
  })

  it('has every aggregate that is allowed', async () => {
    const rows = await session().rows(
      "select distinct lower(function_name) as name from duckdb_functions() where function_type = 'aggregate'",
    )
    const missing = rows
      .map(row => String(row.name))
      // Windows of their own say so in the tree.
      .filter(name => !/rank|row_number|_value|cume_dist|^(lead|lag|ntile|fill)$/.test(name) || name === 'any_value')
      .filter(name => allowedFunctions.has(name) && !aggregateFunctions.has(name))
    expect(missing).toEqual([])
  })
})

describe('what is accepted', () => {
  const days = ['2024-01-01', '2024-01-02', '2024-01-03', '2024-01-05', '2024-01-06']

  const fill = async (it: Session, seed: number): Promise<void> => {
    await it.run(`select setseed(${((seed * 7919) % 1000) / 1000})`)
    const day = `(array[${days.map(one => `date '${one}'`).join(', ')}, null])[1 + (random() * 6)::integer % 6]`
    await it.run(
      `create or replace table full_a as select d as day, d + to_hours((random() * 23)::integer) as ts, k, v
       from (select ${day} as d, (random() * 3)::integer as k, (random() * 4)::integer as v from range(25))`,
    )
    await it.run(
      `create or replace table full_b as select ${day} as day, (random() * 3)::integer as k, (random() * 9)::integer as w from range(14)`,
    )
    await it.run(
      `create or replace table dim as select i::integer as k, 'n' || i as name, date '2024-01-02' + i::integer as since from range(3) as r(i)`,
    )
  }

  /** The text over all rows, and over each partition's own rows: the same bags. */
  const compare = async (text: string, modes: Modes, keys: ReadonlyMap<string, string>): Promise<void> => {
    const it = session()
    const view = (name: 'a' | 'b', where: string) =>
      it.run(`create or replace view ${name} as select * from full_${name} where ${where}`)
    for (const day of [...days, null]) {
      const own = day === null ? 'day is null' : `day = '${day}'`
      await view('a', 'true')
      await view('b', 'true')
      await it.run(`create or replace table whole as select * from (${text}) where ${own}`)
      for (const name of ['a', 'b'] as const) {
        const mode = modes[name]
        const key = keys.get(name)
        if (mode === 'whole' || key === undefined) continue
        const back = typeof mode === 'number' ? mode : 0
        await view(
          name,
          day === null ? `${key} is null` : `${key}::date between date '${day}' - ${back} and date '${day}'`,
        )
      }
      await it.run(`create or replace table parts as select * from (${text}) where ${own}`)
      const [row] = await it.rows(
        'select (select count(*) from (from whole except all from parts)) + (select count(*) from (from parts except all from whole)) as n',
      )
      expect({ text, day, differences: Number(row?.n) }).toEqual({ text, day, differences: 0 })
    }
  }

  it('is the same built by partition', async () => {
    for (let seed = 0; seed < 3; seed++) {
      await fill(session(), seed)
      for (const [text, modes = {}] of local) {
        const found = await judge(text, modes)
        if (found.ok) await compare(text, modes, found.keys)
      }
    }
  }, 60_000)

  it('is the same for generated queries', async () => {
    let state = 42
    const random = (below: number): number => {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
      return Math.floor((state / 2_147_483_648) * below)
    }
    const one = <T>(...values: readonly T[]): T => values[random(values.length)] as T // never empty
    const from = (): string =>
      one(
        'a',
        'a join b using (day)',
        'a join b on a.day = b.day and a.k = b.k',
        'a left join b on a.ts::date = b.day',
        'a join b on a.k = b.k',
        'a join dim on a.k = dim.k',
        'a semi join b on a.day = b.day',
        'a anti join b on a.k = b.k',
        'a anti join b on a.day is not distinct from b.day and a.k = b.k',
        'b right join a on b.day = a.day and b.w > a.v',
        '(select day, ts, k, max(v) as v from a group by day, ts, k) as a',
        '(select distinct day, ts, k, v from a) as a',
        '(select ts::date as day, ts, k, v from a union all select day, null, k, w from b) as a',
        '(select * from a qualify row_number() over (partition by day, k order by ts, v) = 1) as a',
        '(select * from a qualify row_number() over (partition by k order by ts, v) = 1) as a',
        'a, lateral (select max(w) as w from b where b.day = a.day) as l',
        'a, lateral (select max(w) as w from b where b.k = a.k) as l',
      )
    const where = (): string =>
      one(
        '',
        ' where a.v > 1',
        ' where exists (select 1 from b as c where c.day = a.day and c.w > a.v)',
        ' where exists (select 1 from b as c where c.w > a.v)',
        ' where a.k not in (select k from dim where k > 1)',
        " where a.day > '2024-01-02'",
      )
    const shape = (): string => {
      const rows = `from ${from()}${where()}`
      return one(
        `select a.day, a.k, a.v ${rows}`,
        `select a.day, count(*) as n ${rows} group by a.day`,
        `select a.ts::date as day, a.k, min(a.v) as n ${rows} group by all`,
        `select min(a.day) as day, a.k ${rows} group by a.k`,
        `select distinct a.day, a.v ${rows}`,
        `select a.day, sum(a.v) over (partition by a.day) as n ${rows}`,
        `select a.day, sum(a.v) over (partition by a.k) as n ${rows}`,
        `select day, n from (select a.day, a.k, count(*) as n ${rows} group by 1, 2) where n > 1`,
        `with x as (select a.day, a.k, a.v ${rows}) select x.day, x.v, y.v as w from x join x as y on x.day = y.day and x.k = y.v`,
        `with x as (select a.day, a.k, a.v ${rows}) select day, k from x except select day, k from b`,
      )
    }
    let accepted = 0
    const texts = new Set(Array.from({ length: 400 }, shape))
    for (const [index, text] of [...texts].entries()) {
      if (index % 40 === 0) await fill(session(), index)
      const found = await judge(text)
      if (!found.ok) continue
      accepted++
      await compare(text, {}, found.keys)
    }
    expect(accepted).toBeGreaterThan(texts.size / 5)
    expect(accepted).toBeLessThan((texts.size * 4) / 5)
  }, 120_000)
})
