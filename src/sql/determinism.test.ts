import { describe, expect, test } from 'vitest'
import { orderDependent, timeDependent } from './index.ts'
import { useParser } from './parsing.suite.ts'

const parser = useParser()

describe('the clock and chance are found', () => {
  test.each([
    ['select now()', ['now']],
    ['select current_date, current_timestamp, current_time', ['current_date', 'current_timestamp', 'current_time']],
    ['select localtime, LocalTimestamp', ['localtime', 'localtimestamp']],
    ['select get_current_timestamp(), today()', ['get_current_timestamp', 'today']],
    ['select random(), uuid(), gen_random_uuid()', ['random', 'uuid', 'gen_random_uuid']],
    ['select age(d) from t', ['age']],
    ["select age(d, date '2020-01-01') from t", []],
    ['select t.current_date from t', []],
    ['select a from t where d < (select now())', ['now']],
    ['select a from t order by random()', ['random']],
    ['with x as (select now() n) select * from x', ['now']],
    ["select 'now()', d as now from t", []],
  ])('%s', async (text, names) => {
    expect(timeDependent(await parser.select(text)).map(it => it.name)).toEqual(names)
  })
})

describe('an order that nobody said is found', () => {
  test.each([
    ['select any_value(a) from t', ['any_value']],
    ['select first(a), last(b) from t', ['first', 'last']],
    ['select first(a order by b), last(a order by b) from t', []],
    ["select list(a), array_agg(a), string_agg(a, ',') from t", ['list', 'array_agg', 'string_agg']],
    ["select list(a order by a), array_agg(a order by a), string_agg(a, ',' order by a) from t", []],
    ['select list(a order by a desc), list_sort(list(a)), len(list(a)) from t', ['list']],
    ['select arg_min(a, b), max_by(a, b), min(a) from t', []],
    ['select row_number() over () from t', ['row_number']],
    ['select row_number() over (partition by a) from t', ['row_number']],
    ['select row_number() over (partition by a order by b) from t', []],
    ['select lag(a) over (), sum(a) over () from t', ['lag']],
    ['select row_number() over w from t window w as (order by a)', []],
    ['select a from t limit 10', ['limit']],
    ['select a from t offset 10', ['limit']],
    ['select a from t order by a limit 10', []],
    ['select a from t order by all limit 10', []],
    ['select * from (select a from t limit 1) order by a', ['limit']],
    ['select a from t union all select a from u limit 1', ['limit']],
    ['select distinct on (a) a, b from t', ['distinct on']],
    ['select distinct on (a) a, b from t order by b', []],
    ['select distinct a from t', []],
    ['select * from t using sample 10 rows', ['sample']],
    ['select * from t tablesample 10%', ['sample']],
    ['from t positional join u', ['positional join']],
    ['from t join u using (a)', []],
  ])('%s', async (text, names) => {
    expect(orderDependent(await parser.select(text)).map(it => it.name)).toEqual(names)
  })

  test('each says what to write instead, and where', async () => {
    const text = 'select b, any_value(a) from t group by b'
    expect(orderDependent(await parser.select(text))).toEqual([
      {
        name: 'any_value',
        fix: 'min(x) or max(x) gives the same answer every time',
        position: text.indexOf('any_value'),
      },
    ])
  })
})
