/** What a plan says of consumers is held against what really changes: no column of anybody else changes that the plan does not name. */
import { beforeAll, describe, expect, test } from 'vitest'
import { weft, weftJson } from '../support/cli.ts'
import { edit, rows, shopCopy } from '../support/mesh.ts'

interface Consequence {
  readonly consumer: { readonly kind: string; readonly name: string }
  readonly owner: string
  readonly subject: string
  readonly columns: readonly string[]
  readonly how: string
  readonly via: string
  readonly reaches: readonly string[]
  readonly hops: number
}

interface Planned {
  readonly changes: readonly { readonly subject: string; readonly kind: string; readonly class: string }[]
  readonly consequences: readonly Consequence[]
  readonly steps: readonly { readonly kind: string; readonly subject: string }[]
}

const models = 'domains/sales/shop-orders/models'
const contract = 'domains/sales/shop-orders/contracts/orders.v2.odcs.yaml'
const orders = 'sales.shop-orders.orders.v2.orders'
const lines = 'sales.shop-orders.orders.v2.order_lines'

/** Each of them a change that a developer makes in an afternoon. */
const formula = (shop: string) =>
  edit(shop, `${models}/orders.sql`, 'sum(quantity * unit_price)', 'sum(quantity * unit_price * 2)')
const filter = (shop: string) =>
  edit(shop, `${models}/orders.sql`, 'from order_lines', 'from order_lines where quantity <> 6')
const copied = (shop: string) =>
  edit(
    shop,
    `${models}/order_lines.sql`,
    'Description                 as description',
    'upper(Description) as description',
  )
const rename = async (shop: string) => {
  await edit(shop, contract, 'name: ordered_at', 'name: first_line_at')
  await edit(shop, `${models}/orders.sql`, 'as ordered_at', 'as first_line_at')
}
const drop = async (shop: string) => {
  await edit(shop, `${models}/orders.v1/orders.sql`, 'not is_cancellation', "not starts_with(invoice_no, 'C')")
  await edit(shop, contract, / {6}- id: is_cancellation\n(?: {8}.*\n)+/, '')
  await edit(shop, `${models}/order_lines.sql`, /,\n\s+starts_with\(InvoiceNo, 'C'\) as is_cancellation/, '')
}

/** Each column of every dataset that is served as the sum of its values' hashes, with the number of rows: by the column's subject. */
const contents = async (shop: string): Promise<Map<string, string>> => {
  const { document } = await weftJson<{
    products: { datasets: { dataset: string; snapshot: string | null }[] }[]
  }>(['status', '--project', shop])
  const datasets = document.products.flatMap(it => it.datasets).filter(it => it.snapshot !== null)
  const one = (dataset: string): string => {
    const [domain, product, , major, name] = dataset.replaceAll('-', '_').split('.')
    const texts = `select columns(*)::varchar from ${domain}.${product}_${major}.${name}`
    return `select '${dataset}.' || name as subject, count(*) as n, sum(hash(value)::hugeint)::varchar as content
      from (${texts}) unpivot include nulls (value for name in (columns(*))) group by name`
  }
  const found = await rows(shop, datasets.map(it => one(it.dataset)).join(' union all '))
  return new Map(found.map(([subject, n, content]) => [String(subject), `${n} ${content}`]))
}

const plan = async (shop: string): Promise<Planned> => {
  const { document } = await weftJson<Planned>([
    'plan',
    '--project',
    shop,
    '--allow-breaking',
    'sales.shop-orders.orders.v2',
  ])
  return document
}

let base: string
let before: Map<string, string>
beforeAll(async () => {
  base = await shopCopy(3000)
  expect((await weft(['apply', '--yes', '--project', base])).code).toBe(0)
  before = await contents(base)
}, 120_000)

const isOthers = (subject: string): boolean => !subject.startsWith('sales.shop-orders.')

describe.each([
  ['a formula', formula],
  ['a filter', filter],
  ['a value that others copy', copied],
])('%s', (_, change) => {
  test('changes no column of anybody whom the plan does not name', async () => {
    const shop = base
    await change(shop)
    const { consequences } = await plan(shop)
    expect((await weft(['apply', '--yes', '--project', shop])).code).toBe(0)
    const after = await contents(shop)
    const changed = [...after].filter(([column, content]) => before.get(column) !== content).map(([column]) => column)
    before = after
    const named = new Set(consequences.flatMap(it => it.reaches))
    const missed = changed.filter(
      column => isOthers(column) && !named.has(column) && !named.has(column.slice(0, column.lastIndexOf('.'))),
    )
    expect(changed.filter(isOthers).length).toBeGreaterThan(0)
    expect(missed).toEqual([])
    expect(consequences.map(it => it.consumer.name)).not.toContain('logistics.delivery-countries')
  })
})

test('a formula, a rename, a dropped column and a filter in one plan: each consumer is named with owner, column and how', async () => {
  const shop = await shopCopy(3000)
  expect((await weft(['apply', '--yes', '--project', shop])).code).toBe(0)
  for (const change of [formula, rename, drop, filter]) await change(shop)
  const { changes, consequences, steps } = await plan(shop)
  expect(changes.filter(it => it.class === 'breaking').map(it => it.subject)).toEqual([
    `${lines}.is_cancellation`,
    `${orders}.first_line_at`,
  ])
  const of = (subject: string): string[] =>
    consequences
      .filter(it => it.subject === subject && it.hops === 1)
      .map(it => `${it.consumer.name} ${it.columns.join()} ${it.how} ${it.via}; ${it.owner}`)
  expect(of(`${lines}.is_cancellation`)).toEqual([
    'after-sales.returns is_cancellation filter derived; returns-desk (bea.holt@larkspur.example)',
    'customer.customer-360 is_cancellation filter derived; customer-care (edda.krall@larkspur.example)',
    'storefront.item-catalogue is_cancellation filter derived; storefront (milo.santos@larkspur.example)',
    'storefront.shop-window is_cancellation filter derived; storefront (milo.santos@larkspur.example)',
  ])
  expect(of(`${orders}.first_line_at`)).toEqual([
    'customer.customer-360 ordered_at aggregated derived; customer-care (edda.krall@larkspur.example)',
    'finance.revenue ordered_at computed derived; counting-house (otto.weiss@larkspur.example)',
    'finance.revenue ordered_at group derived; counting-house (otto.weiss@larkspur.example)',
  ])
  // Through others: whoever reads what is made from it.
  const farther = consequences.filter(it => it.hops > 1).map(it => it.consumer.name)
  expect(farther).toEqual(expect.arrayContaining(['marketing.segments', 'finance.revenue-dashboard']))
  // Whoever cannot be built with what is new keeps what it serves, and is among those that are named.
  const named = new Set(consequences.map(it => it.consumer.name))
  const held = steps.filter(it => it.kind === 'hold').map(it => it.subject)
  expect(held.length).toBeGreaterThan(2)
  expect(held.filter(it => !named.has(it))).toEqual([])
})
