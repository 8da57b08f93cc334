/** What a plan says to the owner of a domain who does not know Weft: thirteen situations and one of two branches, as they would stand under a pull request. */
import { execFile } from 'node:child_process'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { weft } from './support/cli.ts'
import { edit, repository, shopCopy } from './support/mesh.ts'

let shop: string
const git = async (...args: readonly string[]): Promise<void> => {
  await promisify(execFile)('git', ['-c', 'user.name=ada', '-c', 'user.email=ada@example.org', ...args], { cwd: shop })
}

beforeAll(async () => {
  shop = await shopCopy()
  await writeFile(join(shop, '.gitignore'), '.weft/\n')
  await git('init', '-q', '-b', 'main')
  await git('add', '-A')
  await git('commit', '-qm', 'the shop')
  await git('checkout', '-qb', 'change')
})

/** With `UPDATE=1` what is said now becomes what is expected. */
const expectGolden = async (name: string): Promise<void> => {
  const { stdout, stderr } = await weft(['plan', '--base', 'main', '--format', 'markdown', '--project', shop])
  expect(stdout, stderr).not.toBe('')
  const said = stdout
    .replace(/plan `[0-9a-f]+`/, 'plan `id`')
    .replace(/ends in \d+ days/g, 'ends in N days')
    .replace(/weft show [0-9a-f]+/, 'weft show id')
  const path = join(repository, 'test/golden/plan-markdown', `${name}.md`)
  if (process.env.UPDATE !== undefined) {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, said)
  }
  expect(said).toBe(await readFile(path, 'utf8'))
}

const orders = 'domains/sales/shop-orders'
const contract = `${orders}/contracts/orders.v2.odcs.yaml`
const change = (file: string, from: string | RegExp, to: string) => (): Promise<void> => edit(shop, file, from, to)
const both =
  (...all: readonly (() => Promise<void>)[]) =>
  async (): Promise<void> => {
    for (const one of all) await one()
  }

const situations: readonly (readonly [name: string, change: () => Promise<void>])[] = [
  ['nothing', async () => {}],
  ['words', change(contract, 'Pieces on all lines; negative', 'Pieces on all of its lines; negative')],
  [
    'new-column',
    both(
      change(
        contract,
        '      - id: orders_total\n',
        '      - { id: orders_first, name: first_line_at, logicalType: timestamp, physicalType: TIMESTAMP, description: When its first line was written. }\n      - id: orders_total\n',
      ),
      change(
        `${orders}/models/orders.sql`,
        'count(*)         as line_count',
        'min(invoiced_at) as first_line_at,\n  count(*)         as line_count',
      ),
    ),
  ],
  ['formula', change(`${orders}/models/orders.sql`, 'sum(quantity * unit_price)', 'sum(quantity * unit_price * 1.2)')],
  ['filter', change(`${orders}/models/orders.sql`, 'from order_lines', 'from order_lines\nwhere quantity <> 0')],
  [
    'removed-column',
    both(
      change(contract, / {6}- id: is_cancellation\n(?: {8}.*\n)+/, ''),
      change(`${orders}/models/order_lines.sql`, /,\n\s+starts_with\(InvoiceNo, 'C'\) as is_cancellation/, ''),
    ),
  ],
  [
    'renamed-column',
    both(
      change(contract, 'name: ordered_at', 'name: first_line_at'),
      change(`${orders}/models/orders.sql`, 'as ordered_at', 'as first_line_at'),
    ),
  ],
  [
    'may-be-null',
    change(contract, /(name: country\n {8}logicalType: string\n {8}physicalType: VARCHAR\n) {8}required: true\n/, '$1'),
  ],
  ['check-dropped', change(contract, / {6}- id: negative_prices_are_adjustments\n(?: {8}.*\n)+/, '')],
  [
    'port-deprecated',
    change(
      'domains/customer/customer-360/contracts/profile.v1.odcs.yaml',
      'status: active\n',
      'status: deprecated\ncustomProperties:\n  - { property: deprecation, vendor: weft, value: { since: "2026-09-01", until: "2099-03-31", successor: "https://larkspur.example/profile", reason: It goes to another system. } }\n',
    ),
  ],
  [
    'port-retired-while-read',
    change(`${orders}/contracts/orders.v1.odcs.yaml`, 'status: deprecated', 'status: retired'),
  ],
  [
    'port-retired',
    both(
      change(`${orders}/contracts/orders.v1.odcs.yaml`, 'status: deprecated', 'status: retired'),
      change(
        'domains/marketing/buying-hours/buying-hours.odps.yaml',
        'version: 1.3.0, contractId: sales.orders.v1',
        'version: 2.1.0, contractId: sales.orders.v2',
      ),
      change('domains/marketing/buying-hours/models/buying_hours.sql', /invoiced_at/g, 'ordered_at'),
    ),
  ],
  ['product-removed', () => rm(join(shop, 'domains/storefront/shop-window'), { recursive: true })],
]

describe('a comment tells of', () => {
  test.each(situations)('%s', async (name, make) => {
    try {
      await make()
      await expectGolden(name)
    } finally {
      await git('checkout', '-q', '--', '.')
    }
  })

  test('two branches that changed one product', async () => {
    await git('checkout', '-q', 'main')
    await change(
      `${orders}/models/order_lines.sql`,
      'Description                 as description',
      'trim(Description) as description',
    )()
    await git('commit', '-qam', 'names without spaces around')
    await git('checkout', '-q', 'change')
    await change(`${orders}/models/orders.sql`, 'sum(quantity * unit_price)', 'sum(quantity * unit_price * 1.2)')()
    await expectGolden('two-branches')
    await change(
      `${orders}/models/order_lines.sql`,
      'Description                 as description',
      'upper(Description) as description',
    )()
    await expectGolden('two-branches-one-model')
  })
})
