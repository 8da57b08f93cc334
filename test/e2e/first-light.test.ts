/** What a data product developer is promised, seen from outside: through the command line alone. */
import { existsSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { weft, weftJson } from '../support/cli.ts'
import { bags, edit, generate, rows, shared, shopCopy, temporaryFolder } from '../support/mesh.ts'

interface Run {
  readonly product: string
  readonly state: string
}
interface Applied {
  readonly plan: string
  readonly steps: readonly { readonly state: string }[]
  readonly runs: readonly Run[]
}
interface Planned {
  readonly id: string
  readonly changes: readonly { readonly subject: string; readonly class: string; readonly change: string }[]
  readonly steps: readonly { readonly kind: string; readonly subject: string }[]
  readonly consequences: readonly {
    readonly consumer: { readonly name: string }
    readonly owner: string
    readonly subject: string
    readonly columns: readonly string[]
    readonly how: string
  }[]
  readonly blocked: readonly { readonly code: string }[]
}

const states = (runs: readonly Run[]): Record<string, string> =>
  Object.fromEntries(runs.map(run => [run.product, run.state]))

describe('a shop from nothing', () => {
  test('is checked, planned, applied, built and published, and a second time there is nothing to do', async () => {
    const shop = await shopCopy(3000)
    const first = await weftJson<Applied>(['apply', '--yes', '--project', shop])
    expect(first.code).toBe(0)
    expect(new Set(first.document.runs.map(run => run.state))).toEqual(new Set(['succeeded']))
    const plan = await weftJson<Planned>(['plan', '--detailed-exitcode', '--project', shop])
    expect(plan.document).toMatchObject({ changes: [], steps: [] })
    expect(plan.code).toBe(0)
    const again = await weftJson<Applied>(['apply', first.document.plan, '--yes', '--project', shop])
    expect(again.code).toBe(0)
    expect(new Set(again.document.steps.map(step => step.state))).toEqual(new Set(['skipped']))
    const run = await weftJson<{ runs: Run[] }>(['run', '--project', shop])
    expect(new Set(run.document.runs.map(it => it.state))).toEqual(new Set(['unchanged']))
    expect(await rows(shop, 'select count(*) from sales.shop_orders.order_lines')).toEqual([[3000]])
  })

  test.skipIf(!existsSync(join(shared, 'data', 'online-retail')))(
    'real orders give the figures that are known of them',
    async () => {
      const shop = await shopCopy()
      await edit(
        shop,
        'mesh.yaml',
        '../../../shared/data/online-retail/by-day',
        join(shared, 'data/online-retail/by-day'),
      )
      const applied = await weftJson<Applied>(['apply', '--env', 'real', '--yes', '--project', shop])
      expect(applied.code).toBe(0)
      const sql = `select count(*), count(*) filter (where customer_id is null), count(*) filter (where is_cancellation),
      sum(quantity * unit_price), count(*) filter (where unit_price < 0) from sales.shop_orders.order_lines`
      expect(await rows(shop, sql, ['--env', 'real'])).toEqual([[541_909, 135_080, 9288, '9747747.934', 2]])
      expect(await rows(shop, 'select count(*) from customer.customer_360.customers', ['--env', 'real'])).toEqual([
        [4372],
      ])
    },
  )

  test('the worked example of the standards passes', async context => {
    const example = join(shared, 'standards', 'worked-example')
    if (!existsSync(example)) context.skip('the standards are not beside the repository')
    const { code, document } = await weftJson(['check', '--project', example])
    expect(document.problems?.filter(it => it.severity === 'error') ?? []).toEqual([])
    expect(document).toMatchObject({ schema: 'weft.check/1', ok: true })
    expect(code).toBe(0)
  })
})

describe('bad data', () => {
  test('is quarantined, what reads it is held, the last good snapshot is served, and mended data is published', async () => {
    const shop = await shopCopy(4000)
    await weft(['apply', '--yes', '--project', shop])
    const before = await bags(shop)
    await generate(shop, 4000, ['--spoil', '2025-10-20'])
    const bad = await weftJson<{ runs: Run[] }>(['run', '--project', shop])
    expect(bad.code).toBe(3)
    expect(states(bad.document.runs)).toMatchObject({
      'sales.shop-orders': 'quarantined',
      'customer.customer-360': 'held',
      'finance.revenue': 'held',
      'logistics.delivery-countries': 'unchanged',
    })
    expect(bad.document.problems?.[0]).toMatchObject({
      code: 'run.checks-failed',
      file: 'domains/sales/shop-orders/contracts/orders.v2.odcs.yaml',
    })
    expect(await bags(shop)).toEqual(before)
    const { document } = await weftJson<{ snapshots: { state: string }[] }>([
      'snapshots',
      'sales.shop_orders.order_lines',
      '--project',
      shop,
    ])
    expect(document.snapshots.map(it => it.state)).toEqual(['quarantined', 'served'])
    await generate(shop, 4000)
    const good = await weftJson<{ runs: Run[] }>(['run', '--project', shop])
    expect(good.code).toBe(0)
    expect(states(good.document.runs)).toMatchObject({
      'sales.shop-orders': 'succeeded',
      'marketing.segments': 'succeeded',
    })
  })

  test('the catalogue deleted while the newest snapshot is quarantined: the same snapshots are served again', async () => {
    const shop = await shopCopy(3000)
    await weft(['apply', '--yes', '--project', shop])
    await generate(shop, 3000, ['--spoil', '2025-10-20'])
    await weft(['run', '--project', shop])
    const served = async (): Promise<unknown> => {
      const { document } = await weftJson<{ products: { datasets: { dataset: string; snapshot: string }[] }[] }>([
        'status',
        '--project',
        shop,
      ])
      return document.products.flatMap(it => it.datasets.map(one => [one.dataset, one.snapshot]))
    }
    const before = [await served(), await bags(shop)]
    await generate(shop, 3000)
    await rm(join(shop, '.weft/dev/catalogue'), { recursive: true })
    const planned = await weftJson<Planned>(['plan', '--project', shop])
    expect(planned.document.steps.filter(it => it.kind === 'adopt')).toHaveLength(10)
    await generate(shop, 3000, ['--spoil', '2025-10-20'])
    const applied = await weftJson<Applied>(['apply', '--yes', '--project', shop])
    expect(applied.code).toBe(3)
    expect([await served(), await bags(shop)]).toEqual(before)
  })
})

describe('a change that breaks readers', () => {
  const removeCountry = async (shop: string): Promise<void> => {
    await edit(
      shop,
      'domains/sales/shop-orders/contracts/orders.v2.odcs.yaml',
      / {6}- id: orders_country[\s\S]*?(?= {6}- id: orders_kind)/,
      '',
    )
    await edit(shop, 'domains/sales/shop-orders/models/orders.sql', /.*min\(country\).*\n/, '')
  }

  test('names whom it touches with owners and columns, and is applied only by name', async () => {
    const shop = await shopCopy(2000)
    await weft(['apply', '--yes', '--project', shop])
    await removeCountry(shop)
    const { code, document } = await weftJson<Planned>(['plan', '--project', shop])
    expect(code).toBe(4)
    const hit = document.consequences.filter(it => it.subject === 'sales.shop-orders.orders.v2.orders.country')
    const finance = ['finance.revenue', 'counting-house (otto.weiss@larkspur.example)', ['country']]
    expect(hit.map(it => [it.consumer.name, it.owner, it.columns, it.how])).toEqual([
      ['customer.customer-360', 'customer-care (edda.krall@larkspur.example)', ['country'], 'aggregated'],
      [...finance, 'copied'],
      [...finance, 'group'],
      [...finance, 'join'],
      // Through what these make of it.
      ['finance.revenue-dashboard', ...finance.slice(1), 'whole'],
      ['marketing.segments', 'letters (kit.marlow@larkspur.example)', ['country'], 'aggregated'],
    ])
    expect(document.blocked.map(it => it.code)).toEqual(['contract.breaking-change'])
    expect((await weft(['apply', '--yes', '--project', shop])).code).toBe(4)
    const before = await bags(shop).then(all => all.filter(([name]) => name === 'customer.customer_360.customers'))
    const allowed = await weftJson<Applied>([
      'apply',
      '--yes',
      '--allow-breaking',
      'sales.shop-orders.orders.v2',
      '--project',
      shop,
    ])
    expect(allowed.code).toBe(0)
    // Whoever can no longer be built keeps what it serves.
    const after = await rows(shop, 'select count(*) from customer.customer_360.customers')
    expect(after[0]?.[0]).toBe(before[0]?.[1])
  })

  test('a plan made before something it read moved is stale', async () => {
    const shop = await shopCopy(1000)
    await weft(['apply', '--yes', '--project', shop])
    await edit(shop, 'domains/finance/revenue/models/daily_revenue.sql', /^/, '-- another comment\n')
    const first = await weftJson<Planned>(['plan', '--project', shop])
    await edit(shop, 'domains/finance/revenue/models/daily_revenue.sql', '-- another comment', '-- a third one')
    expect((await weft(['apply', '--yes', '--project', shop])).code).toBe(0)
    const stale = await weftJson(['apply', first.document.id, '--yes', '--project', shop])
    expect(stale.code).toBe(4)
    expect(stale.document.problems?.[0]?.code).toBe('plan.stale')
  })
})

describe('several roots', () => {
  test('one root of two alone plans no removals', async () => {
    const folder = await temporaryFolder()
    const mesh = join(folder, 'mesh')
    await weft(['init', mesh])
    await weft(['init', join(folder, 'other')])
    await edit(join(folder, 'other'), 'mesh.yaml', /^[\s\S]*$/, '')
    await rm(join(folder, 'other', 'mesh.yaml'))
    for (const file of await readdir(join(folder, 'other/domains/bakery/sales/contracts')))
      await edit(join(folder, 'other'), `domains/bakery/sales/contracts/${file}`, /bakery/g, 'cafe')
    await edit(join(folder, 'other'), 'domains/bakery/sales/sales.odps.yaml', /bakery/g, 'cafe')
    await edit(join(folder, 'other'), 'domains/bakery/sales/sales.odps.yaml', 'bakers', 'waiters')
    await edit(join(folder, 'other'), 'domains/bakery/sales/contracts/sales.v1.odcs.yaml', 'bakers', 'waiters')
    await edit(join(folder, 'other'), 'domains/bakery/domain.yaml', /bakery/g, 'cafe')
    await edit(join(folder, 'other'), 'domains/bakery/domain.yaml', 'bakers', 'waiters')
    const root = '  - { id: first-mesh, path: . }\n'
    await edit(mesh, 'mesh.yaml', root, `${root}  - { id: cafe, path: ../other }\n`)
    const both = await weftJson<Applied>(['apply', '--yes', '--project', mesh])
    expect(both.document.runs.map(it => [it.product, it.state]).sort()).toEqual([
      ['bakery.sales', 'succeeded'],
      ['cafe.sales', 'succeeded'],
    ])
    const named = await weftJson<Planned>(['plan', '--root', 'first-mesh', '--project', mesh])
    expect(named.document).toMatchObject({ changes: [], steps: [], blocked: [] })
    await edit(mesh, 'mesh.yaml', '  - { id: cafe, path: ../other }\n', '')
    const alone = await weftJson<Planned>(['plan', '--project', mesh])
    expect(alone.document).toMatchObject({ changes: [], steps: [], blocked: [] })
    expect(alone.code).toBe(0)
    expect(await rows(mesh, 'select count(*) from cafe.sales.daily_sales')).toEqual([[5]])
  })
})
