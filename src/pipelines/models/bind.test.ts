import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { openEngine } from '../../engine/index.ts'
import { parseSelects } from '../../sql/index.ts'
import { fits } from './deliver.ts'
import { readsOf } from './reads.ts'

const folder = await mkdtemp(join(tmpdir(), 'weft-bind-'))
const engine = await openEngine('duckdb')
const session = await engine.open({ memory: 256 * 1024 ** 2, threads: 1, scratch: folder })
afterAll(async () => {
  await session.close()
  await rm(folder, { recursive: true, force: true })
})

const place = { file: 'x', line: 1, column: 1 }
const column = (name: string) => ({
  name,
  type: 'VARCHAR',
  logicalType: 'string',
  nullable: true,
  unique: false,
  tags: [],
  terms: [],
  place,
})
const orders = {
  subject: 'orders',
  name: 'orders',
  columns: ['id', 'customer', 'total', 'day'].map(column),
  rules: [],
  place,
}
const items = { subject: 'items', name: 'items', columns: ['id', 'name'].map(column), rules: [], place }

const reads = async (sql: string): Promise<Record<string, readonly string[]>> => {
  const [select] = await parseSelects(texts => session.parse(texts), [sql])
  if (select?.ok !== true) throw new Error('cannot be parsed')
  const found = readsOf(select, parts => [orders, items].find(it => it.name === parts.join('.').toLowerCase()))
  return Object.fromEntries(found.map(it => [`${it.dataset} ${it.how}`, it.columns]))
}

describe('what a SELECT reads, and how', () => {
  test.each([
    ['select id, total as t from orders', { 'orders copied': ['id'], 'orders renamed': ['total'] }],
    ['select upper(customer) from orders where day > 1', { 'orders computed': ['customer'], 'orders filter': ['day'] }],
    [
      'select customer, sum(total) from orders group by customer order by customer',
      {
        'orders copied': ['customer'],
        'orders aggregated': ['total'],
        'orders group': ['customer'],
        'orders sort': ['customer'],
      },
    ],
    [
      'select o.total from orders o join items i on o.id = i.id',
      { 'orders copied': ['total'], 'orders join': ['id'], 'items join': ['id'] },
    ],
    [
      'select total from orders join items using (id)',
      { 'orders copied': ['total'], 'orders join': ['id'], 'items join': ['id'] },
    ],
    // Named, so that it has to be there.
    [
      'select * exclude (day) from orders',
      { 'orders copied': ['customer', 'id', 'total'], 'orders computed': ['day'] },
    ],
    ['select count(*) from orders', { 'orders whole': [] }],
    ['with orders as (select name as x from items) select x from orders', { 'items renamed': ['name'] }],
    ['with a as (select total from orders) select sum(total) from a', { 'orders aggregated': ['total'] }],
    ['select id from (select id, day from orders)', { 'orders copied': ['id'], 'orders computed': ['day'] }],
    [
      'with unused as (select day from orders) select id from items',
      { 'items copied': ['id'], 'orders computed': ['day'] },
    ],
    [
      'select name from items where exists (select 1 from orders where orders.id = items.id)',
      { 'items copied': ['name'], 'items filter': ['id'], 'orders filter': ['id'] },
    ],
    [
      'select sum(total) filter (where day = 1) from orders',
      { 'orders aggregated': ['total'], 'orders filter': ['day'] },
    ],
    ['select id from orders union all select name from items', { 'orders copied': ['id'], 'items renamed': ['name'] }],
    [
      'select row_number() over (partition by customer order by day) from orders',
      { 'orders group': ['customer', 'day'] },
    ],
  ])('%s', async (sql, expected) => {
    expect(await reads(sql)).toEqual(expected)
  })
})

test.each([
  ['INTEGER', 'BIGINT', true],
  ['HUGEINT', 'BIGINT', true],
  ['BIGINT', 'DOUBLE', false],
  ['INTEGER', 'DOUBLE', true],
  ['DECIMAL(9,2)', 'DECIMAL(18,3)', true],
  ['DECIMAL(18,3)', 'DECIMAL(18,2)', false],
  ['DOUBLE', 'DECIMAL(18,3)', false],
  ['DATE', 'TIMESTAMP', true],
  ['TIMESTAMP', 'DATE', false],
  ['VARCHAR', 'INTEGER', false],
  ['INTEGER', 'VARCHAR', false],
  ['INTEGER[]', 'BIGINT[]', true],
  ['VARCHAR[]', 'BIGINT[]', false],
  ['"NULL"', 'DATE', true],
])('a model that delivers %s for %s: %s', (from, to, expected) => {
  expect(fits(from, to)).toBe(expected)
})

describe('models of a mesh', () => {
  const check = async (sql: string, more: Readonly<Record<string, string>> = {}) => {
    const { checkMesh } = await import('../../planner/index.ts')
    const project = await mkdtemp(join(folder, 'mesh-'))
    const files = {
      'p.odps.yaml': `apiVersion: v1.1.0
kind: DataProduct
id: p
name: Shop
version: 1.0.0
status: active
domain: sales
inputPorts:
  - { name: files, version: 1.0.0, contractId: files }
outputPorts:
  - { name: out, version: 1.0.0, contractId: out }
`,
      'files.odcs.yaml': `apiVersion: v3.2.0
kind: DataContract
id: files
version: 1.0.0
servers: [{ server: s, type: local, path: x.csv, format: csv }]
schema:
  - name: lines
    properties:
      - { name: id, logicalType: integer }
      - { name: price, logicalType: number, physicalType: DOUBLE }
      - { name: day, logicalType: date }
`,
      'out.odcs.yaml': `apiVersion: v3.2.0
kind: DataContract
id: out
version: 1.0.0
schema:
  - name: totals
    properties:
      - { name: day, logicalType: date }
      - { name: total, logicalType: number, physicalType: "DECIMAL(18,3)" }
`,
      'models/totals.sql': sql,
      ...more,
    }
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(project, name)), { recursive: true })
      await writeFile(join(project, name), text)
    }
    const { problems, bindProblems } = await checkMesh({ project, engine: async () => engine, scratch: folder })
    expect(problems.filter(it => it.severity === 'error')).toEqual([])
    return bindProblems.map(it => [it.severity, it.code, it.line, it.column, it.help ?? it.found ?? ''])
  }

  test.each([
    ['fine', 'select day, sum(price::decimal(18, 3))::decimal(18, 3) as total from files.lines group by day', []],
    [
      'an unknown table',
      'select day, 1.0::decimal(18,3) as total\nfrom files.line',
      [['error', 'sql.unknown-table', 2, 6, 'did you mean "files.lines"?']],
    ],
    [
      'an unknown column',
      'select day,\n  prize::decimal(18,3) as total from files.lines',
      [['error', 'sql.unknown-column', 2, 3, 'did you mean "price"?']],
    ],
    [
      'a missing column',
      'select day from files.lines',
      [['error', 'model.missing-column', 1, 1, 'out.odcs.yaml:9 promises it']],
    ],
    [
      'a wrong type',
      'select day, id::varchar as total from files.lines',
      [['error', 'model.wrong-type', 1, 28, 'cast it: ::decimal(18,3)']],
    ],
    ['a syntax error', 'select day frm files.lines group', [['error', 'sql.syntax', 1, 16, '']]],
    ['two statements', 'select 1; select 2', [['error', 'sql.syntax', 1, 1, '']]],
    ['a file as a table', "select day, 1::decimal(18,3) as total from 'secret.csv'", undefined],
    [
      'an ambiguous name',
      'select day, 1::decimal(18,3) as total from files.lines a, files.lines b',
      [['error', 'sql.ambiguous-name', 1, 8, 'day']],
    ],
    [
      'a sum over doubles',
      'select day, sum(price)::decimal(18, 3) as total from files.lines group by day',
      [['warning', 'sql.inexact-sum', 1, 13, 'sum(price::decimal(18, 3))']],
    ],
    [
      'an order that nobody said',
      'select day, any_value(id)::decimal(18, 3) as total from files.lines group by day',
      [['warning', 'sql.order-dependent', 1, 13, 'min(x) or max(x) gives the same answer every time']],
    ],
  ])('%s', async (_, sql, expected) => {
    const found = await check(sql)
    if (expected === undefined) expect(found.every(([severity]) => severity === 'error') && found.length > 0).toBe(true)
    else expect(found).toEqual(expected)
  })

  test('a circle is shown whole', async () => {
    const found = await check('select day, total from second', {
      'out.odcs.yaml': `apiVersion: v3.2.0
kind: DataContract
id: out
version: 1.0.0
schema:
  - name: totals
    properties: [{ name: day, logicalType: date }, { name: total, logicalType: number }]
  - name: second
    properties: [{ name: day, logicalType: date }, { name: total, logicalType: number }]
`,
      'models/second.sql': 'select day, total from totals',
    })
    expect(found).toEqual([
      [
        'error',
        'model.cycle',
        1,
        1,
        'sales.shop.out.v1.second reads sales.shop.out.v1.totals reads sales.shop.out.v1.second',
      ],
    ])
  })
})
