/** Two terminals on one laptop: whoever holds the catalogue works for the other too. */
import { existsSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { type Going, watch, weft, weftJson } from '../support/cli.ts'
import { bags, rows, shopCopy } from '../support/mesh.ts'

let shop: string
let state: string
let expected: Awaited<ReturnType<typeof bags>>

beforeAll(async () => {
  shop = await shopCopy(250_000)
  expect((await weft(['apply', '--yes', '--project', shop])).code).toBe(0)
  expected = await bags(shop)
  const [env = ''] = (await readdir(join(shop, '.weft'))).filter(it => !it.startsWith('.'))
  state = join(shop, '.weft', env)
}, 120_000)

const go = (args: readonly string[]): Going => watch([...args, '--project', shop])

const full = ['run', '--full', '--jsonl']
const building = /"activity":"building"/

test('while a run is on, a second terminal is answered by it', async () => {
  const run = go(full)
  await run.said(building)
  const dataset = 'sales.shop_orders.order_lines'
  const [status, counted, runs, snapshots, plan, found, described, csv] = await Promise.all([
    weftJson<{ products: unknown[] }>(['status', '--project', shop]),
    rows(shop, `select count(*) from ${dataset}`),
    weftJson<{ runs: { state: string }[] }>(['runs', '--project', shop]),
    weftJson<{ snapshots: unknown[] }>(['snapshots', dataset, '--project', shop]),
    weftJson<{ changes: unknown[] }>(['plan', '--project', shop]),
    weftJson<{ hits: { subject: string }[] }>(['find', 'order lines', '--project', shop]),
    weftJson<{ thing: { health: { state: string } } }>(['describe', dataset, '--project', shop]),
    weft(['query', `select invoice_no from ${dataset}`, '--format', 'csv', '--project', shop]),
  ])
  expect(run.child.exitCode).toBe(null)
  expect(status.document.products).toHaveLength(10)
  expect(counted).toEqual([[expected.find(([name]) => name === dataset)?.[1]]])
  expect(runs.document.runs.map(it => it.state)).toContain('succeeded')
  expect(snapshots.document.snapshots).toHaveLength(1)
  expect(plan.document.changes).toEqual([])
  expect(found.document.hits[0]?.subject).toBe('sales.shop-orders.orders.v2.order_lines')
  expect(described.document.thing.health.state).toBe('served')
  expect(csv.stdout.split('\r\n')).toHaveLength(Number(counted[0]?.[0]) + 2)
  expect((await run.ended).code).toBe(0)
  expect(existsSync(join(state, 'holder.json'))).toBe(false)
  expect(existsSync(join(state, 'lock'))).toBe(false)
})

test('a mistake is told in the second terminal as in the first', async () => {
  const run = go(full)
  await run.said(building)
  const unknown = await weftJson(['query', 'select * from sales.shop_orders.ordres', '--project', shop])
  expect(unknown.code).toBe(64)
  expect(unknown.document.problems?.[0]).toMatchObject({ line: 1, column: 15 })
  expect((await run.ended).code).toBe(0)
})

test('two runs at once both work, one after the other', async () => {
  const one = go(full)
  await one.said(building)
  const two = go(['run', '--full', 'finance.*'])
  await two.said(/waits for weft run \(process \d+\)/)
  expect((await one.ended).code).toBe(0)
  const ended = await two.ended
  expect(ended.stderr).toContain('finance.revenue')
  expect(ended.code).toBe(0)
  expect(await bags(shop)).toEqual(expected)
})

test('Ctrl-C in the second terminal ends only what was asked there', async () => {
  const one = go(full)
  await one.said(building)
  const two = go(['run', '--full'])
  await two.said(/waits for/)
  two.child.kill('SIGINT')
  expect((await two.ended).code).toBe(130)
  expect((await one.ended).code).toBe(0)
})

test('the first terminal finishes what the second has asked, also where its own work is done', async () => {
  const one = go(full)
  await one.said(building)
  const two = go(full)
  await one.said(/goes on for weft run/)
  const [first, second] = await Promise.all([one.ended, two.ended])
  expect([first.code, second.code]).toEqual([0, 0])
  expect(await bags(shop)).toEqual(expected)
})

test('Ctrl-C in the first terminal tells the second, and nothing is half done', async () => {
  const one = go(full)
  await one.said(building)
  const two = go(full)
  await one.said(/goes on for weft run/)
  one.child.kill('SIGINT')
  const [, second] = await Promise.all([one.ended, two.ended])
  expect(second.code).toBe(69)
  expect(second.stdout).toContain('owner.gone')
  expect(await bags(shop)).toEqual(expected)
})

test('a killed owner blocks nobody: what was read is read again, what was run says so', async () => {
  const one = go(full)
  await one.said(building)
  const two = go(['run', '--full', '--jsonl'])
  await two.said(/waits for/)
  one.child.kill('SIGKILL')
  await one.ended
  const gone = await two.ended
  expect(gone.code).toBe(69)
  expect(gone.stdout).toContain('owner.gone')
  expect(existsSync(join(state, 'holder.json'))).toBe(true)
  expect(await bags(shop)).toEqual(expected)
  expect(existsSync(join(state, 'holder.json'))).toBe(false)
})

test('files that change while a run is on are seen by who asks after that', async () => {
  const one = go(full)
  await one.said(building)
  const path = join(shop, 'domains', 'finance', 'revenue', 'models', 'daily_revenue.sql')
  const text = await readFile(path, 'utf8')
  try {
    expect((await weftJson<{ changes: unknown[] }>(['plan', '--project', shop])).document.changes).toEqual([])
    await writeFile(path, `${text.trimEnd()}\norder by 1\n`)
    const plan = await weftJson<{ changes: unknown[] }>(['plan', '--project', shop])
    expect(plan.document.changes).toHaveLength(1)
  } finally {
    await writeFile(path, text)
  }
  expect((await one.ended).code).toBe(0)
})
