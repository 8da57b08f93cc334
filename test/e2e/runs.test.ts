/** Runs that are cancelled, killed, tried again, and what is told of them. */

import { mkdirSync } from 'node:fs'
import { readdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { watch, weft, weftJson } from '../support/cli.ts'
import { bags, edit, shopCopy } from '../support/mesh.ts'

interface Runs {
  readonly runs: readonly {
    readonly id: string
    readonly product: string
    readonly state: string
    readonly attempts?: number
  }[]
}

let shop: string
let expected: Awaited<ReturnType<typeof bags>>
const building = /"activity":"building"/
const full = (): string[] => ['run', '--full', '--jsonl', '--project', shop]

beforeAll(async () => {
  shop = await shopCopy(250_000)
  expect((await weft(['apply', '--yes', '--project', shop])).code).toBe(0)
  expected = await bags(shop)
}, 120_000)

const runs = async (): Promise<Runs['runs']> => (await weftJson<Runs>(['runs', '--project', shop])).document.runs

const scratchFolders = async (): Promise<string[]> =>
  (await readdir(join(shop, '.weft'), { recursive: true })).filter(path => /\.tmp\/runs\/./.test(path))

test('a run is cancelled from another terminal: 130, and nothing is half done', async () => {
  const run = watch(full())
  await run.said(/"subject":"sales\.shop-orders\.[^"]*","activity":"building"/)
  const cancelled = await weftJson<Runs>(['cancel', 'shop-orders', '--project', shop])
  expect(cancelled.code).toBe(0)
  expect(cancelled.document.runs).toMatchObject([{ product: 'sales.shop-orders', state: 'cancelled' }])
  const { code, stdout } = await run.ended
  expect(code).toBe(130)
  expect(stdout).toContain('run.cancelled')
  expect(await scratchFolders()).toEqual([])
  expect(await bags(shop)).toEqual(expected)
  const nothing = await weftJson(['cancel', 'shop-orders', '--project', shop])
  expect(nothing.code).toBe(64)
  expect(nothing.document.problems?.[0]?.code).toBe('run.not-running')
})

test('a killed run is shown as failed by whoever looks next', async () => {
  const run = watch(full())
  await run.said(building)
  run.child.kill('SIGKILL')
  await run.ended
  const lost = (await runs()).filter(it => it.state === 'failed')
  expect(lost.length).toBeGreaterThan(0)
  const shown = await weftJson<{ runs: { problems: { code: string }[] }[] }>([
    'runs',
    lost[0]?.id ?? '',
    '--project',
    shop,
  ])
  expect(shown.document.runs[0]?.problems[0]?.code).toBe('run.lost')
  expect((await runs()).filter(it => /queued|running/.test(it.state))).toEqual([])
  expect((await weft(full())).code).toBe(0)
  expect(await bags(shop)).toEqual(expected)
})

test('the log tells the steps of a run, whoever is at the catalogue', async () => {
  const run = watch(full())
  await run.said(building)
  const log = await weftJson<{
    runs: { state: string; events: { event: string; dataset?: string; rows?: number }[] }[]
  }>(['logs', 'finance.revenue', '--project', shop])
  const steps = log.document.runs[0]?.events.filter(it => it.event === 'run.step') ?? []
  expect(steps.map(it => it.dataset)).toContain('finance.revenue.revenue.v1.daily_revenue')
  expect(log.document.runs[0]?.events.at(-1)).toMatchObject({ event: 'run.ended', state: 'succeeded' })
  expect((await weft(['logs', 'nothing', '--project', shop])).code).toBe(64)
  expect((await run.ended).code).toBe(0)
})

test('the log is followed while a run goes on', async () => {
  const follow = watch(['logs', 'shop-orders', '--follow', '--jsonl', '--limit', '1', '--project', shop])
  await follow.said(/run\.ended/)
  const run = watch(['run', 'shop-orders', '--full', '--project', shop])
  expect((await run.ended).code).toBe(0)
  await follow.said(/run\.ended[\s\S]*run\.started[\s\S]*run\.ended/)
  follow.child.kill('SIGINT')
  expect((await follow.ended).code).toBe(0)
})

test('what may pass is tried again, and the attempts are counted', async () => {
  const small = await shopCopy(2000)
  await edit(small, 'mesh.yaml', 'id: shop', 'id: shop\nlimits: { retryPauseMs: 1500 }')
  await edit(small, 'domains/finance/revenue/pipeline.yaml', 'runTime: 5min', 'runTime: 5min, retries: 3')
  // A file where the product's folder is to be: the storage refuses.
  const inTheWay = join(small, '.weft', 'dev', 'storage', 'finance', 'revenue')
  mkdirSync(dirname(inTheWay), { recursive: true })
  await writeFile(inTheWay, '')
  const apply = watch(['apply', '--yes', '--jsonl', '--project', small])
  await apply.said(/to try again: storage\.unreachable/)
  await rm(inTheWay)
  const { code, stdout } = await apply.ended
  expect(stdout).not.toContain('"problems":[{')
  expect(code).toBe(0)
  const found = await weftJson<Runs>(['runs', '--product', 'finance.revenue', '--project', small])
  expect(found.document.runs).toMatchObject([{ state: 'succeeded', attempts: 2 }])
})

test.each([
  ['runTime: 10ms', 'run.out-of-time', 'at most 0.01 s'],
  ['memory: 64MB', 'run.out-of-memory', 'at most 64 MB'],
])('a run beyond its limit (%s) says which, and publishes nothing', async (limit, code, most) => {
  const small = await shopCopy(2000)
  await edit(small, 'domains/finance/revenue/pipeline.yaml', 'runTime: 5min', limit)
  // One text of some hundred megabytes.
  await edit(
    small,
    'domains/finance/revenue/models/daily_revenue.sql',
    'from orders.orders',
    "from orders.orders\n  where (select length(string_agg(repeat(country, 100000), '' order by country)) from orders.orders) > 0",
  )
  const applied = await weftJson<Runs>(['apply', '--yes', '--project', small])
  const found = applied.document.problems?.find(it => it.subject === 'finance.revenue')
  expect([applied.code, found?.code, found?.expected]).toEqual([1, code, most])
})
