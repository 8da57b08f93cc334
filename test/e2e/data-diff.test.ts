/** What a change of files would do to data, told before anything is applied. */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { ComparedDataset, DataDiff, DatasetDiff } from '../../src/pipelines/index.ts'
import { watch, weft, weftJson } from '../support/cli.ts'
import { edit, generate, rows, shopCopy, temporaryFolder } from '../support/mesh.ts'

let shop: string
let kept: readonly string[]

const revenue = 'domains/finance/revenue/models/daily_revenue.sql'
const revenueContract = 'domains/finance/revenue/contracts/revenue.v1.odcs.yaml'
const orders = 'domains/sales/shop-orders/models/orders.sql'
const lines = 'domains/sales/shop-orders/models/order_lines.sql'

/** Every file of the state, but those of the catalogue, the log and the cache. */
const files = async (): Promise<string[]> => {
  const found = await readdir(join(shop, '.weft'), { recursive: true })
  return found.filter(path => !/\/(cache|catalogue|logs|plans)(\/|$)|\/(lock|holder\.json)$/.test(path)).sort()
}

beforeAll(async () => {
  shop = await shopCopy(4000)
  const { code, document } = await weftJson(['apply', '--yes', '--project', shop])
  expect(document.problems?.filter(it => it.severity === 'error') ?? []).toEqual([])
  expect(code).toBe(0)
  kept = await files()
}, 120_000)

type Edit = readonly [file: string, from: string | RegExp, to: string]

/** Compares with some files changed, then puts them back. */
const diffWith = async (edits: readonly Edit[], subject: string, more: readonly string[] = []) => {
  const before = await Promise.all(
    edits.map(async ([file]) => [file, await readFile(join(shop, file), 'utf8')] as const),
  )
  try {
    for (const [file, from, to] of edits) await edit(shop, file, from, to)
    return await weftJson<DataDiff>(['diff', '--data', subject, '--project', shop, ...more])
  } finally {
    for (const [file, text] of before) await writeFile(join(shop, file), text)
  }
}

const compared = (it: DatasetDiff | undefined): ComparedDataset => {
  if (it === undefined || it.timedOut) throw new Error(`${it?.dataset} was not compared`)
  return it
}

const number = async (sql: string): Promise<number> => Number((await rows(shop, sql))[0]?.[0])

describe('a change', () => {
  test('of nothing: files and data say the same', async () => {
    const { code, document } = await diffWith([], 'sales.shop-orders')
    expect(code).toBe(0)
    expect(document.inputs).toEqual({ datasets: [], files: 0 })
    for (const it of document.datasets.map(compared)) {
      expect(it).toMatchObject({ added: 0, removed: 0, unchanged: it.before?.rows, sampled: { share: 1 } })
      expect(it.columns.every(column => column.change === undefined && (column.changed ?? 0) === 0)).toBe(true)
    }
    const { stdout } = await weft(['diff', '--data', 'finance.revenue', '--project', shop])
    expect(stdout).toContain('files and data say the same')
    expect(stdout).toContain('every row was compared')
  })

  test('of a formula: how many rows of which column, with values before and after, and the check that it breaks', async () => {
    const france: Edit = [
      revenue,
      /sum\(total\)::decimal\(18, 3\) +as net/,
      "(sum(total) * if(invoices.country = 'France', 2, 1))::decimal(18, 3) as net",
    ]
    const { code, document } = await diffWith([france], 'finance.revenue')
    const it = compared(document.datasets[0])
    const wrong = "from finance.revenue.daily_revenue where country = 'France' and net <> 0"
    const changed = await number(`select count(*) ${wrong}`)
    expect(changed).toBeGreaterThan(0)
    expect(it).toMatchObject({ added: 0, removed: 0, changed, key: ['day', 'country'] })
    expect(it.unchanged).toBe((it.before?.rows ?? 0) - changed)
    expect(it.columns.filter(column => column.changed !== 0)).toEqual([{ name: 'net', changed }])
    const [first] = it.examples.changed
    const [[day, net] = []] = await rows(shop, `select day, net ${wrong} order by day limit 1`)
    expect(first).toMatchObject({ key: { day, country: 'France' }, column: 'net', before: net })
    expect(Number(first?.after)).toBe(2 * Number(net))
    expect(it.checks).toMatchObject({ failed: 1, results: [{ check: 'adds_up', state: 'failed' }] })
    expect(code).toBe(3)
    const told = JSON.stringify(await readdir(join(shop, '.weft', 'dev', 'logs')))
    expect(told).toContain('weft.ndjson')
    expect(await readFile(join(shop, '.weft', 'dev', 'logs', 'weft.ndjson'), 'utf8')).not.toContain('France')
  })

  test('of a filter: the rows that go, and no other', async () => {
    const british: Edit = [orders, 'from order_lines', "from order_lines where country = 'United Kingdom'"]
    const { document } = await diffWith([british], 'sales.shop-orders.orders.v2.orders')
    expect(document.datasets).toHaveLength(1)
    const it = compared(document.datasets[0])
    const removed = await number("select count(*) from sales.shop_orders.orders where country <> 'United Kingdom'")
    expect(removed).toBeGreaterThan(0)
    expect(it).toMatchObject({ added: 0, removed, changed: 0, after: { rows: (it.before?.rows ?? 0) - removed } })
    const first = await rows(
      shop,
      "select invoice_no from sales.shop_orders.orders where country <> 'United Kingdom' order by 1 limit 5",
    )
    expect(it.examples.removed).toEqual(first.map(([invoice_no]) => ({ invoice_no })))
  })

  test('of a dataset without a key flows on to those that are made from it', async () => {
    const double: Edit = [lines, /Quantity +as quantity/, 'Quantity * 2 as quantity']
    const { document } = await diffWith([double], 'sales.shop-orders')
    const [first, second, third] = ['v1.orders', 'v2.order_lines', 'v2.orders'].map(end =>
      compared(document.datasets.find(it => it.dataset.endsWith(end))),
    )
    const all = 'from sales.shop_orders.order_lines'
    // Of two lines that differ by their quantity alone, one may become what the other was.
    const moved = await number(
      `select count(*) from (select * replace ((quantity * 2)::integer as quantity) ${all} except all select * ${all})`,
    )
    expect(second).toMatchObject({ key: null, added: moved, removed: moved, changed: null })
    expect(second?.columns.map(it => it.changed)).toEqual(second?.columns.map(() => null))
    expect(Object.keys(second?.examples.added[0] ?? {})).toContain('quantity')
    const pieces = await number('select count(*) from sales.shop_orders.orders where piece_count <> 0')
    expect(third?.columns.find(it => it.name === 'piece_count')?.changed).toBe(pieces)
    expect(first?.changed).toBeGreaterThan(0)
  })

  test('of columns: added, removed and retyped ones are told as that', async () => {
    const edits: readonly Edit[] = [
      [
        revenueContract,
        '      - id: net\n',
        '      - { name: kinds, logicalType: integer, physicalType: BIGINT }\n      - id: net\n',
      ],
      [
        revenueContract,
        /name: order_count\n.*\n +physicalType: BIGINT/,
        'name: order_count\n        logicalType: integer\n        physicalType: INTEGER',
      ],
      [revenue, /as net\n/, 'as net, count(distinct kind) as kinds\n'],
      [revenue, /count\(\*\) filter \(where kind = 'sale'\) /, "(count(*) filter (where kind = 'sale'))::integer "],
    ]
    const { code, document } = await diffWith(edits, 'revenue.v1')
    expect(document.problems ?? []).toEqual([])
    const it = compared(document.datasets[0])
    expect(it).toMatchObject({ added: 0, removed: 0, changed: 0 })
    expect(it.columns.filter(column => column.change !== undefined)).toEqual([
      { name: 'order_count', changed: 0, change: 'retyped', before: 'BIGINT', after: 'INTEGER' },
      { name: 'kinds', changed: 0, change: 'added', after: 'BIGINT' },
    ])
    expect(code).toBe(0)
  })

  test('of a name, where the id of the contract stays: its values are compared', async () => {
    const edits: readonly Edit[] = [
      [revenueContract, 'name: net\n', 'name: total\n'],
      [revenueContract, 'WHERE net <>', 'WHERE total <>'],
      [revenueContract, 'id: country\n        name: country', 'id: country\n        name: land'],
      [revenueContract, 'properties: [day, country]', 'properties: [day, land]'],
      [revenue, /as net\n/, 'as total\n'],
      [revenue, 'invoices.country,\n', "if(invoices.day = '2025-10-13', 'Nowhere', invoices.country) as land,\n"],
    ]
    const { document } = await diffWith(edits, 'finance.revenue', ['--time', '5min'])
    expect(document.problems ?? []).toEqual([])
    const it = compared(document.datasets[0])
    expect(it.key).toEqual(['day', 'land'])
    const moved = await number("select count(*) from finance.revenue.daily_revenue where day = '2025-10-13'")
    expect(it.removed).toBe(moved)
    expect(it.changed).toBe(0)
    expect(it.columns.filter(column => column.change !== undefined)).toEqual([
      { name: 'land', changed: 0, change: 'renamed', was: 'country' },
      { name: 'total', changed: 0, change: 'renamed', was: 'net' },
    ])
    expect(it.examples.removed[0]).toMatchObject({ day: '2025-10-13', land: expect.any(String) })
  })

  test('that does not bind is told as `check` tells it', async () => {
    const { code, document } = await diffWith([[revenue, 'sum(total)', 'sum(totl)']], 'finance.revenue')
    expect(document.problems?.map(it => it.code)).toEqual(['sql.unknown-column'])
    expect(code).toBe(65)
  })
})

describe('bounds', () => {
  const half: Edit = [revenue, /sum\(total\)::decimal\(18, 3\) +as net/, '(sum(total) / 2)::decimal(18, 3) as net']

  test('a sample says its share, and counts nothing that it has not looked at', async () => {
    const { document } = await diffWith([half], 'finance.revenue', ['--sample', '40%'])
    const it = compared(document.datasets[0])
    const { share, rowsBefore, rowsAfter } = it.sampled
    expect(share).toBe(0.4)
    expect(rowsBefore).toBe(rowsAfter)
    expect(rowsBefore).toBeLessThan(it.before?.rows ?? 0)
    expect(it.unchanged + (it.changed ?? 0)).toBe(rowsBefore)
    expect(it.added + it.removed).toBe(0)
  })

  test('when the time is over, that is said, and nothing is told of what was not compared', async () => {
    const { code, document } = await diffWith([half], 'finance.revenue', ['--time', '1ms'])
    expect(code).toBe(1)
    expect(document.datasets).toEqual([
      { dataset: 'finance.revenue.revenue.v1.daily_revenue', before: expect.anything(), timedOut: true },
    ])
    expect(document.problems?.map(it => it.code)).toEqual(['diff.out-of-time'])
  })

  test.each([
    ['--sample', '0%'],
    ['--sample', '101%'],
    ['--sample', 'some'],
    ['--time', '10'],
  ])('%s %s is no size of anything', async (option, value) => {
    const { code, document } = await diffWith([], 'finance.revenue', [option, value])
    expect([code, document.problems?.[0]?.code]).toEqual([64, 'usage.wrong-value'])
  })

  test('a name that nothing has, and a product without data', async () => {
    const [unknown, dashboard] = [await diffWith([], 'revenu'), await diffWith([], 'finance.revenue-dashboard')]
    expect([unknown.code, unknown.document.problems?.[0]?.code]).toEqual([64, 'subject.unknown'])
    expect([dashboard.code, dashboard.document.problems?.[0]?.code]).toEqual([64, 'diff.nothing-built'])
  })
})

test('what was never served is told as that', async () => {
  const folder = join(await temporaryFolder(), 'bakery')
  await weft(['init', folder])
  const { code, document } = await weftJson<DataDiff>(['diff', '--data', 'bakery.sales', '--project', folder])
  expect(code).toBe(0)
  const it = compared(document.datasets[0])
  expect(it).toMatchObject({ before: null, added: it.after.rows, removed: 0, unchanged: 0 })
  expect(it.checks.passed).toBeGreaterThan(0)
  const { stdout } = await weft(['diff', '--data', 'bakery.sales', '--project', folder])
  expect(stdout).toContain('nothing is served yet')
  expect((await weftJson<{ runs: unknown[] }>(['runs', '--project', folder])).document.runs).toEqual([])
})

describe('afterwards', () => {
  test('nothing is left: no file, no run, no publication', async () => {
    expect(await files()).toEqual(kept)
    const { document } = await weftJson<{ changes: unknown[] }>(['plan', '--project', shop])
    expect(document.changes).toEqual([])
    const { document: listed } = await weftJson<{ runs: { trigger: string }[] }>(['runs', '--project', shop])
    expect(new Set(listed.runs.map(it => it.trigger))).toEqual(new Set(['plan']))
  })

  const begin = () => watch(['diff', '--data', 'sales.shop-orders', '--jsonl', '--project', shop])
  const isAtWork = /"activity":"(building|checking|comparing)"/

  test('nothing is left by one that was ended', async () => {
    await edit(shop, lines, /Quantity +as quantity/, 'Quantity * 3 as quantity')
    const going = begin()
    await going.said(isAtWork)
    going.child.kill('SIGINT')
    expect((await going.ended).code).toBe(130)
    expect(await files()).toEqual(kept)
  })

  test('what one leaves that was killed is removed by the next command', async () => {
    const going = begin()
    await going.said(isAtWork)
    going.child.kill('SIGKILL')
    await going.ended
    expect((await files()).some(path => path.includes('/preview-'))).toBe(true)
    expect((await weft(['status', '--project', shop])).code).toBe(0)
    expect(await files()).toEqual(kept)
  })
})

test('what is told, of files of sources that have changed too, is what an apply then makes', async () => {
  await generate(shop, 4200, ['--days', '21'])
  await edit(shop, orders, 'from order_lines', "from order_lines where country <> 'France'")
  const { document } = await weftJson<DataDiff>(['diff', '--data', 'sales.shop-orders', '--project', shop])
  expect(document.inputs?.files).toBeGreaterThan(0)
  const it = compared(document.datasets.find(one => one.dataset.endsWith('v2.orders')))
  const all = async (): Promise<Map<unknown, string>> => {
    const found = await rows(shop, 'select invoice_no, o from sales.shop_orders.orders as o')
    return new Map(found.map(([key, row]) => [key, JSON.stringify(row)]))
  }
  const before = await all()
  expect((await weft(['apply', '--yes', '--project', shop])).code).toBe(0)
  const after = await all()
  const both = [...before.keys()].filter(key => after.has(key))
  expect(it).toMatchObject({
    added: after.size - both.length,
    removed: before.size - both.length,
    changed: both.filter(key => before.get(key) !== after.get(key)).length,
  })
  expect(it.added).toBeGreaterThan(0)
  expect(it.removed).toBeGreaterThan(0)
})
