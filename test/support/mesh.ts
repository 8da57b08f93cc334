/** Meshes for tests: copies in temporary folders, removed with the test. */
import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll } from 'vitest'
import { weftJson } from './cli.ts'

export const repository = fileURLToPath(new URL('../../', import.meta.url))
export const shared = join(repository, '..', 'shared')

const folders: string[] = []

/** Removed when the file's tests are done. */
export const temporaryFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'weft-test-'))
  folders.push(folder)
  return folder
}

afterAll(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true, maxRetries: 3 })
})

/** A copy of the example shop; with data of so many lines where a number is given. */
export const shopCopy = async (lines?: number): Promise<string> => {
  const folder = join(await temporaryFolder(), 'shop')
  await cp(join(repository, 'examples', 'shop'), folder, {
    recursive: true,
    filter: path => !/\/(\.weft|data)(\/|$)/.test(path.slice(repository.length)),
  })
  if (lines !== undefined) await generate(folder, lines)
  return folder
}

export const generate = async (folder: string, lines: number, more: readonly string[] = []): Promise<void> => {
  await promisify(execFile)(process.execPath, [
    join(folder, 'generate.mjs'),
    '--lines',
    String(lines),
    '--days',
    '20',
    ...more,
  ])
}

/** Replaces a text that must be there. */
export const edit = async (folder: string, file: string, from: string | RegExp, to: string): Promise<void> => {
  const path = join(folder, file)
  const text = await readFile(path, 'utf8')
  const changed = text.replace(from, to)
  if (changed === text) throw new Error(`${file} has no ${String(from)}`)
  await writeFile(path, changed)
}

interface Answer {
  readonly rows: readonly (readonly unknown[])[]
}

/** Rows of a query. */
export const rows = async (
  project: string,
  sql: string,
  more: readonly string[] = [],
): Promise<readonly (readonly unknown[])[]> => {
  const { code, document } = await weftJson<Answer>(['query', sql, '--project', project, ...more])
  if (code !== 0) throw new Error(`${sql}: ${JSON.stringify(document.problems)}`)
  return document.rows
}

const datasets = [
  'after_sales.returns.returned_items',
  'after_sales.returns.return_rates',
  'customer.customer_360.customers',
  'finance.revenue.daily_revenue',
  'logistics.delivery_countries.countries',
  'marketing.buying_hours.buying_hours',
  'marketing.segments.segments',
  'marketing.segments.segment_sizes',
  'sales.shop_orders.order_lines',
  'sales.shop_orders.orders',
  'sales.shop_orders_v1.orders',
  'storefront.item_catalogue.items',
  'storefront.item_catalogue.prices',
  'storefront.shop_window.best_sellers',
]

/** Every dataset of the shop as a bag: how many rows, and the sum of their hashes. */
export const bags = async (project: string): Promise<readonly (readonly unknown[])[]> => {
  const one = (name: string): string =>
    `select '${name}' as name, count(*) as n, sum(hash(d)::hugeint)::varchar as bag from ${name} as d`
  return rows(project, `select * from (${datasets.map(one).join(' union all ')}) order by 1`)
}
