import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { allowedFunctions, allowedOperators, allowedTableFunctions } from './allowed-functions.ts'
import { allowedRead, parseSelects, tableReferences } from './index.ts'
import { useParser } from './parsing.suite.ts'

const parser = useParser()

const refusals = async (text: string): Promise<string[]> => allowedRead(await parser.select(text)).map(it => it.message)

describe('what people ask is allowed', () => {
  test.each([
    'select a, sum(b) as total from t where c > 1 group by all having sum(b) > 2 order by total desc nulls last limit 5 offset 1',
    'select * exclude (a) replace (b + 1 as b) rename (c as d), t.*, columns(x -> starts_with(x, $$c$$)) from t',
    'select sum(x) over (partition by a order by b rows between 1 preceding and current row exclude ties) from t qualify row_number() over (order by a) = 1',
    'select lag(x, 1, 0) over w, first_value(x ignore nulls) over w, count(*) filter (where x > 1) over w from t window w as (order by z)',
    'with recursive r(n) as (select 1 union all select n + 1 from r where n < 5) select * from r',
    'with a as materialized (select 1), b(x) as not materialized (select 2) select * from a, b',
    'with recursive t(a, b) using key (a) as (select 1, 2 union select a, b from recurring.t) select * from t',
    'select a from t group by grouping sets ((a), (b), ()), rollup (c)',
    'select * from a join b using (x) left join c on a.x = c.x semi join d using (x) asof join e on a.t >= e.t, lateral (select a.x)',
    'from t pivot (sum(x) as s for y in (1 as one, 2) group by z)',
    'from t unpivot include nulls (v for n in (a, b))',
    'select * from unnest([1, 2]) with ordinality u(v, o), range(10) r, generate_series(1, 2) g, json_each($${}$$), (values (1), (2)) v(x)',
    'select case when a then b end, a between 1 and 2, a is distinct from b, exists (select 1), x = any (select 1), x in (1, 2), not a from t',
    'select [x + 1 for x in l if x > 2], list_transform(l, x -> x + 1), {a: 1}, map {1: 2}, [1, 2][1], s.f, (s).f, s[$$k$$], #1 from t',
    'select interval 1 day, date $$2020-01-01$$, extract(year from d), d at time zone $$utc$$, a like $$b$$ escape $$c$$, a similar to $$b$$, a collate nocase from t',
    'select if(a, b, c), ifnull(a, b), nullif(a, b), coalesce(a, b), try(a), trim(both $$x$$ from y), percentile_cont(0.5) within group (order by x) from t',
    'select x::decimal(18, 2), x::int[], x::struct(a int), x::map(int, text), x::json, x::timestamptz, x::enum($$a$$), try_cast(x as date) from t',
    'select a -> $$b$$, a ->> $$b$$, a // b, a ** b, a & b, a << b, a @> b, a ^@ b, a <-> b, a || b, -a, ~a, a !~ b, a ilike b, a glob b from t',
    'select * from t tablesample 10%',
    'select * from t using sample reservoir(50 rows) repeatable (100)',
    'select main.lower(a), system.main.lower(a) from t',
    'select array_cosine_similarity([1.0, 2.0]::float[2], [2.0, 1.0]::float[2])',
    'select * from (from t select a) union by name select 1 except all select 2',
  ])('%s', async text => {
    expect(await refusals(text)).toEqual([])
  })
})

describe('files are no datasets', () => {
  test.each([
    "select * from 'orders.parquet'",
    "select * from '/etc/passwd'",
    'select * from "orders.csv"',
    'select * from sales.shop."orders.parquet"',
    "select * from 's3://bucket/orders'",
    "select * from 'data/*'",
    'with a as (select 1) select * from a, "b.json.gz"',
    "select (select count(*) from 'x.tsv')",
  ])('%s', async text => {
    expect(await refusals(text)).toEqual(['a file is no dataset'])
  })
})

describe('table functions that read anything else are refused', () => {
  test.each([
    "read_csv('x')",
    "read_parquet('x')",
    "READ_CSV_AUTO('x')",
    '"read_text"(\'x\')',
    "read_blob('x')",
    "read_json('x')",
    "read_ndjson_objects('x')",
    "parquet_scan('x')",
    "parquet_metadata('x')",
    "parquet_schema('x')",
    "glob('*')",
    "sniff_csv('x')",
    "query('select 1')",
    "query_table('t')",
    'duckdb_settings()',
    'duckdb_tables()',
    'duckdb_secrets()',
    'duckdb_functions()',
    'pragma_version()',
    "pragma_table_info('t')",
    "sql_auto_complete('sel')",
    "json_execute_serialized_sql('{}')",
    "seq_scan('t')",
    'test_all_types()',
    "which_secret('x', 's3')",
    'duckdb_logs()',
    "main.read_csv('x')",
    "system.main.read_csv('x')",
    'pg_timezone_names()',
    'a_macro(1)',
  ])('%s', async call => {
    const name = (/(?:^|\.|")(\w+)"?\(/.exec(call)?.[1] ?? '').toLowerCase()
    const expected = `the table function ${name} is not allowed: a statement reads datasets and nothing else`
    for (const text of [
      `select * from ${call}`,
      `with a as (from ${call}) select 1`,
      `select 1 order by (select count(*) from ${call})`,
      `select 1 where exists (from (select 1), lateral (from ${call}))`,
      `select list_transform([1], x -> (select count(*) from ${call}))`,
      `(select 1) union all (select 1 limit (select 1 from ${call}))`,
      `from (from ${call}) pivot (count(*) for a in (1))`,
      `from (values ((select 1 from ${call})))`,
    ])
      expect(await refusals(text), text).toContain(expected)
  })
})

describe('scalar functions that are not on the list are refused wherever they stand', () => {
  test.each([
    'getenv',
    'getvariable',
    'current_setting',
    'current_query',
    'version',
    'error',
    'sleep_ms',
    'pg_sleep',
    'write_log',
    'stats',
    'nextval',
    'setseed',
    'json_serialize_plan',
    'json_deserialize_sql',
    'in_search_path',
    'has_table_privilege',
    'txid_current',
    'read_text',
    'parquet_kv_metadata',
    'from_substrait',
    'vector_type',
    'a_macro',
    'GETENV',
    '"getenv"',
  ])('%s', async name => {
    const plain = name.replaceAll('"', '').toLowerCase()
    const expected = `the function ${plain} is not known here, or not allowed`
    for (const text of [
      `select ${name}(a) from t`,
      `select lower(${name}(a)) from t`,
      `select 1 from t order by ${name}(a)`,
      `select 1 from t group by ${name}(a)`,
      `select 1 from t having ${name}(a)`,
      `select 1 limit (${name}(1))`,
      `select sum(1) over (partition by ${name}(a)) from t`,
      `select ${name}(a) over () from t`,
      `select sum(1) over (order by a rows between ${name}(1) preceding and current row) from t`,
      `select list(a order by ${name}(a)), count(*) filter (${name}(a)) from t`,
      `select * replace (${name}(a) as a) from t`,
      `select columns(c -> ${name}(c)) from t`,
      `select case ${name}(a) when 1 then 2 end from t`,
      `select list_transform([1], x -> ${name}(x))`,
      `select {a: ${name}(1)}, [${name}(1)], ${name}(1)::int, ${name}(1) collate nocase`,
      `select * from a join b on ${name}(a.x)`,
      `select * from unnest([${name}(1)])`,
      `from t pivot (sum(${name}(x)) for y in (1))`,
      `select distinct on (${name}(a)) a from t`,
      `with recursive r as (select 1 union all select ${name}(1) from r) from r`,
      `values (${name}(1))`,
    ])
      expect(await refusals(text), text).toContain(expected)
  })

  test('a function of another schema is refused, with how to write a call behind a column', async () => {
    expect(await refusals('select pg_catalog.lower(a)')).toEqual(['the function pg_catalog.lower is not allowed'])
    expect(await refusals('select memory.main.lower(a)')).toEqual(['the function memory.main.lower is not allowed'])
    expect(allowedRead(await parser.select('select a.lower() from t'))).toEqual([
      {
        message: 'the function a.lower is not allowed',
        found: 'a.lower',
        position: 7,
        help: 'write lower(a) where a is a column',
      },
    ])
  })

  test('the nearest name that is allowed is proposed', async () => {
    expect(allowedRead(await parser.select('select uper(a) from t'))).toEqual([
      {
        message: 'the function uper is not known here, or not allowed',
        found: 'uper',
        position: 7,
        help: 'did you mean "upper"?',
      },
    ])
  })
})

describe('the engine’s own tables and words are refused', () => {
  test.each([
    ['select * from information_schema.tables', 'information_schema.tables belongs to the engine, not to the mesh'],
    [
      'select * from system.information_schema.columns',
      'information_schema.columns belongs to the engine, not to the mesh',
    ],
    ['select * from PG_CATALOG.pg_class', 'pg_catalog.pg_class belongs to the engine, not to the mesh'],
    ['select * from pg_class', 'pg_class belongs to the engine, not to the mesh'],
    ['select * from duckdb_settings', 'duckdb_settings belongs to the engine, not to the mesh'],
    ['select * from sqlite_master', 'sqlite_master belongs to the engine, not to the mesh'],
    ['select * from (describe t)', 'DESCRIBE, SHOW or SUMMARIZE is not allowed'],
    ['select * from (summarize t)', 'DESCRIBE, SHOW or SUMMARIZE is not allowed'],
    ['select * from (show tables)', 'DESCRIBE, SHOW or SUMMARIZE is not allowed'],
    ['select * from t at (version => 1)', 'at clause is not allowed'],
    ['select sum(x) export_state from t', 'export state is not allowed'],
    ['select a::float[3] from t', 'a cast of columns to an array of fixed length is not allowed'],
    ['select try_cast([a, 1] as int[2]) from t', 'a cast of columns to an array of fixed length is not allowed'],
    ['select a::a_type from t', 'no type is called a_type'],
    ['select a::x.y.z from t', 'no type is called z'],
    ['select a::variant from t', 'the type variant is not allowed'],
    ['select default', 'DEFAULT is not allowed'],
  ])('%s', async (text, message) => {
    expect(await refusals(text)).toContain(message)
  })

  test('a dataset whose name begins like one of them is left to its owner', async () => {
    expect(await refusals('select * from sales.shop.pg_events')).toEqual([])
  })
})

test('a node or a field that nobody looked at is refused', () => {
  const tree = { type: 'SELECT_NODE', from_table: { type: 'EMPTY' } }
  const messages = (changed: object) =>
    allowedRead({ text: '', tree: { ...tree, ...changed }, outputs: [] }).map(it => it.message)
  expect(messages({})).toEqual([])
  expect(messages({ later: null, other: [] })).toEqual([])
  expect(messages({ later: { class: 'CONSTANT' } })).toEqual(['later is not allowed'])
  expect(messages({ later: true })).toEqual(['later is not allowed'])
  expect(messages({ type: 'UPDATE_NODE' })).toEqual(['update node is not allowed'])
  expect(messages({ from_table: { type: 'ICEBERG_REF' } })).toEqual(['iceberg ref is not allowed'])
  expect(messages({ select_list: [{ class: 'MATCH', type: 'MATCH' }] })).toEqual(['match is not allowed'])
  expect(messages({ select_list: [{ class: 'OPERATOR', type: 'OPERATOR_MATCH' }] })).toEqual([
    'operator match is not allowed',
  ])
  expect(messages({ select_list: [{}] })).toEqual(['expression is not allowed'])
  expect(messages({ select_list: ['text'] })).toEqual(['a value where the engine has a expression is not allowed'])
  expect(messages({ modifiers: [{ type: 'FETCH_MODIFIER' }] })).toEqual(['fetch modifier is not allowed'])
  expect(messages({ aggregate_handling: { class: 'CONSTANT' } })).toEqual(['plain is not allowed'])
})

test('every name on the list is one that the engine has', async () => {
  const rows = await parser.session().rows('select distinct lower(function_name) as name from duckdb_functions()')
  const known = new Set(rows.map(row => row.name))
  const listed = [...allowedFunctions, ...allowedOperators, ...allowedTableFunctions]
  expect(listed.filter(name => !known.has(name))).toEqual([])
})

test('nothing that reads, writes or tells of the session is on the list', async () => {
  const outside =
    /^(read_|parquet_|pragma_|duckdb_|pg_(?!typeof$)|current_(?!date|localtime)|has_|inet_|query|write_|sniff|glob|getenv|error$|sleep|.*_log|.*secret|.*setting|.*variable)/
  expect([...allowedFunctions, ...allowedTableFunctions].filter(name => outside.test(name))).toEqual([])
})

const attacksPath = resolve('../shared/bench/attacks/statements.json')

test.skipIf(!existsSync(attacksPath))(
  'the shared attacks are refused, or ask for a table that is for the caller to refuse (skipped without ../shared)',
  async () => {
    const attacks = JSON.parse(readFileSync(attacksPath, 'utf8')) as { name: string; sql: string }[] // the file's shape is its own
    const parsed = await parseSelects(
      texts => parser.session().parse(texts),
      attacks.map(it => it.sql),
    )
    const passed = parsed.flatMap(select => (select.ok && allowedRead(select).length === 0 ? [select] : []))
    // What passes reads tables by name only, which the caller resolves, or nothing at all.
    const readsNothing = passed.filter(select => tableReferences(select).length === 0).map(select => select.text)
    expect(readsNothing.filter(text => !/^select \(+/.test(text))).toEqual([
      "select length(repeat('a', 1000000000))",
      'with customers as (select 1 ssn) select * from customers',
      "select list_aggregate([1],'sum')",
      '/* /* */ select * from base_x.hr_secret -- */\nselect 1',
    ])
  },
)
