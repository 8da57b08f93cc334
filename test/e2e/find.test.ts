/** Finding and judging a product, seen from outside: through the command line alone. */
import { beforeAll, describe, expect, test } from 'vitest'
import { weft, weftJson } from '../support/cli.ts'
import { edit, shopCopy } from '../support/mesh.ts'

interface Found {
  readonly hits: readonly {
    readonly subject: string
    readonly kind: string
    readonly why: string
    readonly score: number
  }[]
  readonly total: number
  readonly next?: string
  readonly isApplied: boolean
}

interface Described {
  readonly thing: {
    readonly kind: string
    readonly subject: string
    readonly health?: { readonly state: string }
    readonly dataset?: {
      readonly sql: string
      readonly grain: string
      readonly served?: { readonly rows: number; readonly checks: { readonly passed: number; readonly failed: number } }
    }
    readonly columns?: readonly {
      readonly name: string
      readonly nullable: boolean
      readonly classification?: string
    }[]
    readonly owner?: { readonly team: string; readonly people: readonly { readonly name: string }[] }
    readonly promises?: readonly { readonly property: string; readonly value: string }[]
    readonly flows?: {
      readonly from: readonly { subject: string }[]
      readonly to: readonly { subject: string; how?: string[] }[]
    }
    readonly also: readonly { readonly kind: string; readonly subject: string }[]
  }
}

let shop: string
const find = (...args: string[]) => weftJson<Found>(['find', ...args, '--project', shop])
const show = (thing: string) => weftJson<Described>(['describe', thing, '--project', shop])

describe('before anything is applied', () => {
  test('a search says so, and the files are described', async () => {
    shop = await shopCopy(3000)
    const { code, document } = await find('orders')
    expect(code).toBe(0)
    expect(document).toMatchObject({ ok: true, hits: [], total: 0, isApplied: false })
    expect((await weft(['find', 'orders', '--project', shop])).stderr).toContain('weft apply')
    expect((await show('shop-orders')).document.thing).toMatchObject({
      subject: 'sales.shop-orders',
      health: { state: 'not published' },
    })
  })
})

describe('what is applied', () => {
  beforeAll(async () => {
    expect((await weft(['apply', '--yes', '--project', shop])).code).toBe(0)
  }, 60_000)

  test('is found by name, by what was mistyped, and by operators', async () => {
    const { document } = await find('order lines')
    expect(document.hits[0]).toMatchObject({
      subject: 'sales.shop-orders.orders.v2.order_lines',
      kind: 'dataset',
      why: 'its name is exactly that',
      score: 100,
    })
    expect((await find('custmer')).document.hits[0]?.subject).toBe('customer')
    const personal = await find('has:pii', '--kind', 'product')
    expect(personal.document.hits.map(it => it.subject)).toEqual([
      'after-sales.returns',
      'customer.customer-360',
      'marketing.segments',
      'sales.shop-orders',
    ])
    const first = await find('orders', '--limit', '3')
    const second = await find('orders', '--limit', '3', '--after', first.document.next ?? '')
    const both = await find('orders', '--limit', '6')
    expect([...first.document.hits, ...second.document.hits]).toEqual(both.document.hits)
  })

  test('is found by its new words after the next apply, and no more by the old', async () => {
    await edit(shop, 'domains/finance/revenue/revenue.odps.yaml', 'purpose: ', 'purpose: Turnover. ')
    expect((await find('turnover')).document.total).toBe(0)
    expect((await weft(['apply', '--yes', '--project', shop])).code).toBe(0)
    expect((await find('turnover')).document.hits.map(it => it.subject)).toEqual(['finance.revenue'])
  })

  test('is described: what a row is, whether it is good, how to query it, who answers, where it goes', async () => {
    const { thing } = (await show('sales.shop_orders.orders')).document
    expect(thing).toMatchObject({
      kind: 'dataset',
      subject: 'sales.shop-orders.orders.v2.orders',
      health: { state: 'served' },
      dataset: { sql: 'sales.shop_orders.orders', grain: 'One row for each invoice_no.' },
      owner: { team: 'order-desk', people: [{ name: 'Hana Lind' }] },
    })
    expect(thing.dataset?.served?.checks).toMatchObject({ failed: 0 })
    expect(thing.columns?.find(it => it.name === 'customer_id')).toMatchObject({
      nullable: true,
      classification: 'personal.identifier',
    })
    expect(thing.flows?.to.map(it => it.subject)).toContain('finance.revenue.revenue.v1.daily_revenue')
    const asked = await weftJson<{ rows: unknown[][] }>([
      'query',
      `select count(*) from ${thing.dataset?.sql}`,
      '--project',
      shop,
    ])
    expect(asked.document.rows).toEqual([[thing.dataset?.served?.rows]])
  })

  test.each([
    ['orders.total', 'column', 'sales.shop-orders.orders.v2.orders.total'],
    ['sales.orders.v1', 'outputPort', 'sales.shop-orders.orders.v1'],
    ['3f6a1c52-7d0e-4b8a-9c11-5e2d8f400001', 'product', 'sales.shop-orders'],
    ['term:customer', 'term', 'term/customer'],
    ['customer', 'domain', 'customer'],
    ['retention', 'policy', 'policy/retention'],
    ['order_files', 'inputPort', 'sales.shop-orders.order_files'],
    ['analysts', 'chapter', 'chapter/analysts'],
  ])('%s is the %s %s', async (word, kind, subject) => {
    const { code, document } = await show(word)
    expect([code, document.thing.kind, document.thing.subject]).toEqual([0, kind, subject])
    const { stdout } = await weft(['describe', word, '--project', shop])
    expect(stdout).toContain(subject)
    expect(stdout).not.toMatch(/undefined|\[object/)
  })

  test('a name that fits several things lists them, one that fits nothing the nearest', async () => {
    const many = await show('customer_id')
    expect(many.code).toBe(64)
    expect(many.document.problems?.[0]).toMatchObject({ code: 'describe.ambiguous' })
    expect(many.document.problems?.[0]?.expected).toContain('marketing.segments.segments.v1.segments.customer_id')
    const none = await show('shop-order')
    expect(none.code).toBe(64)
    expect(none.document.problems?.[0]).toMatchObject({ code: 'describe.unknown', help: 'did you mean "shop-orders"?' })
  })
})
