/** The real shop day by day gives what it gives in one go. `WEFT_DAYS` says after how many days the single ones begin (the last 30 of 305); `npm run test:days` begins with 295 of 305. */

import { existsSync } from 'node:fs'
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { weft, weftJson } from '../support/cli.ts'
import { bags, edit, rows, shared, shopCopy } from '../support/mesh.ts'

const days = join(shared, 'data', 'online-retail', 'by-day')
const isWhole = process.env.WEFT_DAYS === 'all'

interface Run {
  readonly product: string
  readonly state: string
  readonly datasets: readonly {
    readonly dataset: string
    readonly rows: number
    readonly rejects?: { readonly rows: number; readonly uri: string }
    readonly partitions?: { readonly built: number; readonly reused: number; readonly dropped: number }
  }[]
}

const run = async (project: string): Promise<readonly Run[]> => {
  const { code, document } = await weftJson<{ runs: readonly Run[] }>(['run', '--project', project])
  expect(document.problems?.filter(it => it.severity === 'error') ?? []).toEqual([])
  expect(code).toBe(0)
  return document.runs
}

const partitionsOf = (runs: readonly Run[], dataset: string) =>
  runs.flatMap(it => it.datasets).find(it => it.dataset === dataset)?.partitions

test.skipIf(!existsSync(days))(
  'days one by one, one that is late and one that is corrected: the same bags as all at once',
  async () => {
    const names = (await readdir(days)).sort()
    const chosen = isWhole ? names : names.slice(-30)
    const single = isWhole ? 10 : 3
    const first = chosen.slice(0, chosen.length - single)
    const late = first[Math.floor(first.length / 2)] ?? ''
    const corrected = first[3] ?? ''
    // One piece more on the first line of the day.
    const correction = gzipSync(
      gunzipSync(await readFile(join(days, corrected)))
        .toString()
        .replace(
          /^(.*\n[^,]*,[^,]*,(?:"[^"]*"|[^,]*),)(-?\d+)/,
          (_, before: string, pieces: string) => `${before}${Number(pieces) + 1}`,
        ),
    )
    const put = async (project: string, name: string): Promise<void> =>
      cp(join(days, name), join(project, 'data', 'orders', name))

    const atOnce = await shopCopy()
    await mkdir(join(atOnce, 'data', 'orders'), { recursive: true })
    for (const name of chosen) await put(atOnce, name)
    await writeFile(join(atOnce, 'data', 'orders', corrected), correction)
    expect((await weft(['apply', '--yes', '--project', atOnce])).code).toBe(0)

    const byDay = await shopCopy()
    await mkdir(join(byDay, 'data', 'orders'), { recursive: true })
    for (const name of first) if (name !== late) await put(byDay, name)
    expect((await weft(['apply', '--yes', '--project', byDay])).code).toBe(0)
    const months = new Set(first.map(name => name.slice(0, 7)))
    for (const name of chosen.slice(-single)) {
      await put(byDay, name)
      months.add(name.slice(0, 7))
      const lines = partitionsOf(await run(byDay), 'sales.shop-orders.orders.v2.order_lines')
      expect(lines).toEqual({ built: 1, reused: months.size - 1, dropped: 0 })
    }
    await put(byDay, late)
    expect(partitionsOf(await run(byDay), 'sales.shop-orders.orders.v2.order_lines')).toEqual({
      ...{ built: 1, reused: months.size - 1, dropped: 0 },
    })
    await writeFile(join(byDay, 'data', 'orders', corrected), correction)
    const last = await run(byDay)
    expect(partitionsOf(last, 'sales.shop-orders.orders.v2.order_lines')).toMatchObject({ built: 1, dropped: 0 })
    expect(await bags(byDay)).toEqual(await bags(atOnce))

    // A day that is delivered again with the same lines changes nothing downstream.
    await writeFile(join(byDay, 'data', 'orders', corrected), gzipSync(gunzipSync(correction), { level: 9 }))
    const again = await run(byDay)
    expect(again.find(it => it.product === 'finance.revenue')?.datasets[0]?.partitions).toMatchObject({ built: 0 })
    expect(await bags(byDay)).toEqual(await bags(atOnce))
  },
  isWhole ? 900_000 : 240_000,
)

test('a history keeps what its source overwrites, also when everything is built again', async () => {
  const shop = await shopCopy(2000)
  const countries = 'domains/logistics/delivery-countries'
  const path = join(shop, countries, 'contracts', 'countries.v1.odcs.yaml')
  const text = await readFile(path, 'utf8')
  const time = (name: string, more: string): string =>
    `      - name: ${name}\n        logicalType: timestamp\n        physicalType: TIMESTAMP\n${more}        description: When a row began or ended to hold.\n`
  const times = time('valid_from', '        primaryKey: true\n        primaryKeyPosition: 2\n') + time('valid_to', '')
  await writeFile(path, text.replaceAll(/ +unique: true\n/g, '').replace(/(\n {4}properties:\n)/, `$1${times}`))
  await writeFile(
    join(shop, countries, 'pipeline.yaml'),
    'apiVersion: weft/v1\nkind: Pipeline\nproduct: logistics.delivery-countries\ndatasets:\n  countries: { materialization: history }\n',
  )
  const checked = await weftJson(['check', '--project', shop])
  expect(checked.document.problems?.filter(it => it.severity === 'error') ?? []).toEqual([])
  const applied = await weftJson(['apply', '--yes', '--project', shop])
  expect(applied.document.problems ?? []).toEqual([])
  const count = async (): Promise<unknown> =>
    (
      await rows(
        shop,
        'select count(*), count(*) filter (where valid_to is null), count(distinct name) from logistics.delivery_countries.countries',
      )
    )[0]
  const before = await count()
  expect(before).toEqual([38, 38, 38])
  const list = join(shop, 'reference', 'countries.csv')
  const lines = (await readFile(list, 'utf8')).trimEnd().split('\n')
  expect(lines[1]).toMatch(/,(europe|world)$/)
  lines[1] = lines[1]?.replace(/,(europe|world)$/, (_, zone: string) => (zone === 'world' ? ',europe' : ',world')) ?? ''
  await writeFile(list, `${lines.slice(0, -1).join('\n')}\n`)
  await weftJson(['run', 'logistics.delivery-countries', '--project', shop])
  expect(await count()).toEqual([39, 37, 38])
  await weftJson(['run', 'logistics.delivery-countries', '--full', '--project', shop])
  expect(await count()).toEqual([39, 37, 38])
})

test('a broken day: every line is a row or a reject, and the threshold decides', async () => {
  const shop = await shopCopy(2000)
  const orders = join(shop, 'data', 'orders')
  expect((await weft(['apply', '--yes', '--project', shop])).code).toBe(0)
  const [{ n: before = 0 } = {}] = (await rows(shop, 'select count(*) from sales.shop_orders.order_lines')).map(
    row => ({
      n: Number(row[0]),
    }),
  )
  const day = (await readdir(orders)).sort().at(-1) ?? ''
  const lines = gunzipSync(await readFile(join(orders, day)))
    .toString()
    .split('\n')
  const good = lines.length - 2
  // A line that was cut, a quote that is never closed, and a pound sign of another encoding.
  lines[3] = lines[3]?.split(',').slice(0, 4).join(',') ?? ''
  lines[5] = lines[5]?.replace(/^([^,]*,[^,]*,)"?/, '$1"') ?? ''
  const bytes = Buffer.from(lines.join('\n')).toString('latin1').split('\n')
  bytes[8] = bytes[8]?.replace(/^([^,]*,[^,]*,)"?/, '$1\xa3') ?? ''
  await writeFile(join(orders, day), gzipSync(Buffer.from(bytes.join('\n'), 'latin1')))
  const { code, document } = await weftJson<{ runs: readonly Run[] }>(['run', '--project', shop])
  expect(document.problems?.filter(it => it.severity === 'error') ?? []).toEqual([])
  expect(code).toBe(0)
  const found = document.runs.flatMap(it => it.datasets).find(it => it.dataset.endsWith('v2.order_lines'))
  expect(found?.rejects?.rows).toBe(3)
  expect(found?.rows).toBe(before - 3)
  expect(good).toBeGreaterThan(9)
  expect(document.problems?.filter(it => it.found?.includes('are no rows'))).toHaveLength(1)

  await edit(
    shop,
    'domains/sales/shop-orders/pipeline.yaml',
    'grain: month }',
    'grain: month }\n    rejects: { atMost: 2 }',
  )
  const refused = await weftJson<{ runs: readonly Run[] }>(['apply', '--yes', '--project', shop])
  expect(refused.code).toBe(3)
  expect(refused.document.runs.find(it => it.product === 'sales.shop-orders')?.state).toBe('quarantined')
  expect((await rows(shop, 'select count(*) from sales.shop_orders.order_lines'))[0]?.map(Number)).toEqual([before - 3])
  await edit(shop, 'domains/sales/shop-orders/pipeline.yaml', 'atMost: 2', 'atMost: 1%')
  expect((await weftJson(['apply', '--yes', '--project', shop])).code).toBe(0)
})

test('what arrives for a closed partition is a reject, until the model changes; what is gone by then stays', async () => {
  const shop = await shopCopy(2000)
  const orders = join(shop, 'data', 'orders')
  const pipeline = 'domains/sales/shop-orders/pipeline.yaml'
  await edit(shop, pipeline, 'grain: month }', 'grain: month }\n    closedAfter: 30d')
  const days = (await readdir(orders)).sort()
  const late = days[2] ?? ''
  const bytes = await readFile(join(orders, late))
  const lateRows = gunzipSync(bytes).toString().trimEnd().split('\n').length - 1
  await rm(join(orders, late))
  expect((await weft(['apply', '--yes', '--project', shop])).code).toBe(0)
  const count = async (): Promise<number> =>
    Number((await rows(shop, 'select count(*) from sales.shop_orders.order_lines'))[0]?.[0])
  const before = await count()
  const lines = async (command: readonly string[]) => {
    const { document } = await weftJson<{ runs: readonly Run[] }>([...command, '--project', shop])
    return document.runs.flatMap(it => it.datasets).find(it => it.dataset.endsWith('v2.order_lines'))
  }
  await writeFile(join(orders, late), bytes)
  expect(await lines(['run'])).toMatchObject({ rows: before, rejects: { rows: lateRows }, partitions: { built: 0 } })
  // A day that is taken away is not missed.
  const gone = days.at(-1) ?? ''
  const goneBytes = await readFile(join(orders, gone))
  await rm(join(orders, gone))
  expect(await lines(['run'])).toMatchObject({ rows: before, rejects: { rows: lateRows }, partitions: { built: 0 } })
  await writeFile(join(orders, gone), goneBytes)
  // A backfill of other partitions leaves what is late as it is, and so does the run behind it.
  const month = gone.slice(0, 7)
  expect(month).not.toBe(late.slice(0, 7))
  const still = { rows: before, rejects: { rows: lateRows } }
  expect(await lines(['run', 'shop-orders', '--from', month, '--to', month])).toMatchObject(still)
  // Delivered again, it comes too late itself.
  const text = gunzipSync(goneBytes)
  await writeFile(join(orders, gone), gzipSync(text, { level: 9 }))
  const goneRows = text.toString().trimEnd().split('\n').length - 1
  const both = { rows: before, rejects: { rows: lateRows + goneRows } }
  expect(await lines(['run', 'shop-orders'])).toMatchObject(both)
  await edit(
    shop,
    'domains/sales/shop-orders/models/order_lines.sql',
    'from order_files.lines',
    'from order_files.lines where true',
  )
  const rebuilt = await lines(['apply', '--yes'])
  expect(rebuilt?.rows).toBe(before + lateRows)
  expect(rebuilt?.rejects).toBeUndefined()
})
