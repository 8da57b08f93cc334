import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RuleTest, Threshold } from '../../domain/index.ts'
import { type Measuring, openMeasuring } from './measuring.suite.ts'

let at: Measuring
beforeAll(async () => {
  at = await openMeasuring()
})
afterAll(() => at.close())

const orders = `select * from (values
  (1::bigint, 'open', 10.00::decimal(8,2), 'a@x.org'), (2, 'paid', 20.50, 'b@x.org'), (3, 'paid', -3.00, 'c'),
  (4, 'lost', 0.00, ''), (5, 'open', 7.25, 'a@x.org'), (6, null, null, null)
) as t(id, status, amount, email)`

const folder = mkdtempSync(join(tmpdir(), 'weft-check-'))
const elsewhere = join(folder, 'elsewhere.csv')
writeFileSync(elsewhere, 'a\n1\n2\n')
afterAll(() => rmSync(folder, { recursive: true }))

const sql = (query: string, threshold: Threshold = { operator: 'mustBe', value: 2 }, column?: string): RuleTest => ({
  kind: 'sql',
  query,
  threshold,
  ...(column === undefined ? {} : { column }),
})
test.each([
  ['${table}', sql("select count(*) from ${table} where status = 'paid'")],
  ['{object}', sql("select count(*) from {object} where status = 'paid';")],
  ['schema and quotes', sql('select count(*) from "${schema}"."${table}" where status = \'paid\'')],
  ['${column}', sql("select count(*) from ${table} where ${column} = 'paid'", undefined, 'status')],
  [
    'a common table expression',
    sql("with paid as (select * from ${table} where status = 'paid') select count(*) from paid"),
  ],
  ['a decimal', sql('select 2.0::decimal(5,1)')],
  ['a text against a text', sql("select 'two'", { operator: 'mustBe', value: 'two' })],
  ['a boolean', sql('select count(*) = 6 from ${table}', { operator: 'mustBe', value: true })],
  ['no row is no value', sql('select id from ${table} where false', { operator: 'mustBe', value: null })],
])('holds with %s', async (_, rule) => {
  const [check] = await at.checks(await at.table(orders), [rule])
  expect(check).toMatchObject({ state: 'passed' })
})

test('a number is shown, a text is not', async () => {
  const checks = await at.checks(await at.table(orders), [
    sql('select sum(amount) from ${table}'),
    sql('select max(email) from ${table}', { operator: 'mustBe', value: 'x' }),
    sql('select null', { operator: 'mustBeLessThan', value: 3 }),
  ])
  expect(checks.map(it => [it.state, it.found])).toEqual([
    ['failed', '34.75'],
    ['failed', 'a text'],
    ['failed', 'no value'],
  ])
})

test.each([
  ['two statements', sql('select 1; select 2')],
  ['a statement that changes', sql('drop table ${table}')],
  ['a file', sql("select count(*) from '/etc/passwd'")],
  [
    'a file behind the name of an expression that is not in scope',
    sql(
      `select (select count(*) from "${elsewhere}") + 0 * (with "${elsewhere}" as (select 1) select count(*) from "${elsewhere}")`,
    ),
  ],
  ['the settings of the engine', sql("select length(current_setting('temp_directory')) * 0 + 2")],
  ['a table of another schema', sql('select count(*) from information_schema.tables')],
  ['a function over files', sql("select count(*) from read_text('/etc/passwd')")],
  ['another table', sql('select count(*) from duckdb_settings')],
  ['a column that is not there', sql('select count(amont) from ${table}')],
  ['${column} without a column', sql('select count(${column}) from ${table}')],
  ['a cast that fails', sql('select count(email::integer) from ${table}')],
  ['a text where a number is compared', sql("select 'x'", { operator: 'mustBeLessThan', value: 3 })],
])('%s is an error of the check, without a value', async (_, rule) => {
  const [check] = await at.checks(await at.table(orders), [rule])
  expect(check).toMatchObject({ state: 'error', severity: 'error' })
  expect(check?.found).not.toMatch(/x\.org|root:/)
})
