/** The same build with its catalogue on a PostgreSQL server. */
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Postgres, startPostgres } from '../../src/store/postgres.suite.ts'
import { watch, weft, weftJson } from '../support/cli.ts'
import { edit, rows, shopCopy, temporaryFolder } from '../support/mesh.ts'

const postgres = await startPostgres()
const isThere = typeof postgres !== 'string'
const why = isThere ? '' : `: ${postgres}`

let env: Readonly<Record<string, string>> = {}

beforeAll(async () => {
  if (!isThere) return
  const { default: pg } = await import('pg')
  const client = new pg.Client(`${(postgres as Postgres).url}postgres`)
  await client.connect()
  await client.query('create database weft_e2e')
  await client.end()
  env = { WEFT_STORE: `${(postgres as Postgres).url}weft_e2e` }
})

afterAll(async () => {
  if (isThere) await (postgres as Postgres).stop()
})

test.skipIf(!isThere)(`a mesh is applied, run, queried and rolled back${why}`, async () => {
  const mesh = join(await temporaryFolder(), 'mesh')
  await weft(['init', mesh])
  const at = { env }
  const applied = await weftJson<{ runs: { state: string }[] }>(['apply', '--yes', '--project', mesh], at)
  expect(applied.document.problems ?? []).toEqual([])
  expect(applied.document.runs.map(it => it.state)).toEqual(['succeeded'])
  const answer = await weftJson<{ rows: unknown[][] }>(
    ['query', 'select count(*) from bakery.sales.daily_sales', '--project', mesh],
    at,
  )
  expect(answer.document.rows).toEqual([[5]])
  await edit(mesh, 'data/2026-11-24.csv', 'oat roll,48', 'oat roll,49')
  const again = await weftJson<{ runs: { state: string }[] }>(['run', '--project', mesh], at)
  expect(again.document.runs.map(it => it.state)).toEqual(['succeeded'])
  const back = await weftJson<{ moved: unknown[] }>(['rollback', 'bakery.sales.sales.v1', '--project', mesh], at)
  expect(back.document.moved).toHaveLength(1)
  const held = await weftJson<{ runs: { state: string }[] }>(['run', '--project', mesh], at)
  expect(held.document.runs.map(it => it.state)).toEqual(['held'])
  expect(held.code).toBe(4)
  expect((await weft(['release', 'bakery.sales.sales.v1', '--project', mesh], at)).code).toBe(0)
})

test.skipIf(!isThere)(
  'two processes run at once on one catalogue, and the rows are those of the embedded one',
  async () => {
    const shop = await shopCopy(2000)
    await edit(shop, 'mesh.yaml', 'id: shop\nname', 'id: shop-on-postgres\nname')
    const both = await Promise.all(
      [1, 2].map(() => weftJson(['apply', '--yes', '--project', shop, '--env', 'dev'], { env: { ...env } })),
    )
    const codes = both.map(it => it.code).sort()
    expect(codes[0]).toBe(0)
    expect((await weftJson(['apply', '--yes', '--project', shop], { env })).code).toBe(0)
    const status = await weftJson<{ products: { product: string; datasets: { rows: number | null }[] }[] }>(
      ['status', '--project', shop],
      { env },
    )
    const lines = status.document.products.find(it => it.product === 'sales.shop-orders')?.datasets.map(it => it.rows)
    expect(lines?.[1]).toBe(2000)
    const embedded = await shopCopy(2000)
    await weft(['apply', '--yes', '--project', embedded])
    const expected = await rows(embedded, 'select count(*) from sales.shop_orders.orders')
    const found = await weftJson<{ rows: unknown[][] }>(
      ['query', 'select count(*) from sales.shop_orders.orders', '--project', shop],
      { env },
    )
    expect(found.document.rows).toEqual(expected)
  },
)

/** Waits until somebody wants a run ended; no longer than ten seconds. */
const cancelAsked = async (): Promise<void> => {
  const { default: pg } = await import('pg')
  const client = new pg.Client(env.WEFT_STORE)
  await client.connect()
  for (let turn = 0; turn < 100; turn++) {
    const { rows: found } = await client.query('select 1 from run where cancel_at is not null')
    if (found.length > 0) break
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  await client.end()
}

test.skipIf(!isThere)(`a run is cancelled by another process, and one that waits for it goes on${why}`, async () => {
  const shop = await shopCopy(250_000)
  await edit(shop, 'mesh.yaml', 'id: shop\nname', 'id: shop-cancelled\nname')
  const at = { env }
  const apply = watch(['apply', '--yes', '--jsonl', '--project', shop, '--env', 'dev'], at)
  await apply.said(/"subject":"sales\.shop-orders\.[^"]*","activity":"building"/)
  // Stopped until it is asked to end: a fast machine would be done before.
  apply.child.kill('SIGSTOP')
  const cancelling = weftJson<{ runs: { state: string }[] }>(
    ['cancel', 'shop-orders', '--project', shop, '--env', 'dev'],
    at,
  )
  await cancelAsked()
  apply.child.kill('SIGCONT')
  const cancelled = await cancelling
  expect(cancelled.document.runs).toMatchObject([{ state: 'cancelled' }])
  expect((await apply.ended).code).toBe(130)
  const one = watch(['run', 'shop-orders', '--full', '--jsonl', '--project', shop, '--env', 'dev'], at)
  await one.said(/"activity":"building"/)
  const two = watch(['run', 'shop-orders', '--full', '--jsonl', '--project', shop, '--env', 'dev'], at)
  await two.said(/waits for run [0-9a-f-]{36} of /)
  expect((await one.ended).code).toBe(0)
  expect((await two.ended).code).toBe(0)
})
