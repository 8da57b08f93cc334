/** What something is made from, and what is made from it, seen from outside: through the command line alone. */
import { join } from 'node:path'
import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { defaultLimits } from '../../src/base/index.ts'
import { openStore } from '../../src/store/index.ts'
import { weft, weftJson } from '../support/cli.ts'
import { edit, rows, shopCopy } from '../support/mesh.ts'

interface Node {
  readonly subject: string
  readonly kind: string
  readonly hop: number
  readonly how?: string
}
interface Lineage {
  readonly nodes: readonly Node[]
  readonly edges: readonly {
    readonly from: string
    readonly to: string
    readonly how: string
    readonly via: string
    readonly file?: string
    readonly line?: number
  }[]
  readonly truncated?: { readonly up: number; readonly down: number }
  readonly paths: readonly { readonly subjects: readonly string[]; readonly how: string }[]
  readonly undeclared: readonly { readonly dataset: string; readonly reader: string; readonly days: number }[]
  readonly neverRead: readonly { readonly inputPort: string }[]
  readonly problems: readonly { readonly code: string; readonly help?: string }[]
}

const revenue = 'finance.revenue.revenue.v1.daily_revenue'
const orders = 'sales.shop-orders.orders.v2.orders'
const lines = 'sales.shop-orders.orders.v2.order_lines'

let shop: string
const ask = (...args: readonly string[]) => weftJson<Lineage>(['lineage', ...args, '--project', shop])
const around = async (...args: readonly string[]): Promise<Record<string, string>> => {
  const { document } = await ask(...args)
  return Object.fromEntries(document.nodes.map(it => [it.subject, `${it.hop} ${it.how ?? ''}`.trim()]))
}

describe('the lineage of a shop', () => {
  beforeAll(async () => {
    shop = await shopCopy(300)
  })

  test('is empty before anything is applied, and says what to do', async () => {
    const { code, document } = await ask(revenue)
    expect([code, document.nodes, document.edges]).toEqual([0, [], []])
    const { stdout, stderr } = await weft(['lineage', revenue, '--project', shop])
    expect(stdout + stderr).toMatch(/nothing applied yet[\s\S]*weft apply/)
  })

  test('is known of what was applied, one hop each way, with what is left out', async () => {
    expect((await weft(['apply', '--yes', '--project', shop])).code).toBe(0)
    const { document } = await ask('finance.revenue.daily_revenue')
    expect(Object.fromEntries(document.nodes.map(it => [it.subject, it.hop]))).toEqual({
      'logistics.delivery-countries.countries.v1.countries': -1,
      [orders]: -1,
      [revenue]: 0,
      'finance.revenue-dashboard': 1,
    })
    expect(document.edges.find(it => it.to === 'finance.revenue-dashboard')).toMatchObject({
      via: 'declared',
      how: 'whole',
    })
    expect(document.truncated).toEqual({ up: 2, down: 0 })
  })

  test('of a column goes back to the files of the till, with the line of SQL', async () => {
    const { document } = await ask(`${revenue}.net`, '--up', '3')
    const edge = document.edges.find(it => it.from === `${orders}.total`)
    expect(edge).toMatchObject({ to: `${revenue}.net`, how: 'aggregated', via: 'derived' })
    expect(edge).toMatchObject({ file: 'domains/finance/revenue/models/daily_revenue.sql', line: 4 })
    expect(Object.fromEntries(document.nodes.map(it => [it.subject, it.how]))).toMatchObject({
      [`${lines}.unit_price`]: 'aggregated',
      'sales.shop-orders.order_files.lines.UnitPrice': 'aggregated',
    })
  })

  test('takes hops around the subject, and all with a plus alone', async () => {
    expect(await around('1+sales.shop-orders.orders.v2.orders')).toEqual({ [lines]: '-1 aggregated', [orders]: '0' })
    const all = await ask(`+${revenue}+`)
    expect(all.document.truncated).toBeUndefined()
    expect(all.document.nodes.map(it => it.subject)).toContain('sales.shop-orders.order_files.lines')
  })

  test('of a product rolls up, and a dashboard that only declares what it reads is found', async () => {
    expect(await around('+finance.revenue-dashboard')).toEqual({
      'finance.revenue-dashboard': '0',
      'finance.revenue': '-1 whole',
      'logistics.delivery-countries': '-2 whole',
      'sales.shop-orders': '-2 whole',
    })
    const { document } = await ask('sales.shop-orders', '--down', '1')
    const toRevenue = document.edges.filter(it => it.to === 'finance.revenue').map(it => it.via)
    expect(new Set(toRevenue)).toEqual(new Set(['derived', 'declared', 'agreement']))
  })

  test('tells all ways between two columns, whichever comes first', async () => {
    const { document } = await ask(`${revenue}.net`, '--to', `${lines}.unit_price`)
    expect(document.paths[0]).toEqual({
      subjects: [`${lines}.unit_price`, `${orders}.total`, `${revenue}.net`],
      how: 'aggregated',
    })
    const none = await ask(`${revenue}.net`, '--to', 'marketing.segments.segments.segment')
    expect([none.code, none.document.paths]).toEqual([0, []])
  })

  test('is drawn as text for people and for other programs', async () => {
    const tree = await weft(['lineage', `${revenue}.net`, '--up', '1', '-v', '--project', shop])
    expect(tree.stdout).toMatch(/└─|├─/)
    expect(tree.stdout).toMatch(
      /orders\.total +aggregated +domains\/finance\/revenue\/models\/daily_revenue\.sql:4:\d+/,
    )
    const mermaid = await weft(['lineage', revenue, '--format', 'mermaid', '--project', shop])
    expect(mermaid.stdout).toMatch(/^flowchart LR\n {2}n0\["/)
    const dot = await weft(['lineage', revenue, '--format', 'dot', '--project', shop])
    expect(dot.stdout).toMatch(/^digraph lineage \{[\s\S]+n\d+ -> n\d+ \[label="/)
  })

  test('of what comes from outside is what an impact is told by', async () => {
    const impact = await weftJson<{ products: readonly string[] }>([
      'impact',
      'sales.shop-orders.order_files',
      '--project',
      shop,
    ])
    const others = (await ask('sales.shop-orders.order_files+')).document.nodes
      .map(it => it.subject.split('.').slice(0, 2).join('.'))
      .filter(it => it !== 'sales.shop-orders')
    expect(impact.document.products).toEqual([...new Set(others)].sort())
    expect(impact.document.products).toContain('customer.customer-360')
  })

  test('names the nearest where a name is wrong', async () => {
    for (const [wrong, right] of [
      ['sales.shop-ordres', 'sales.shop-orders'],
      ['finance.revenue.daily_revenue.nett', 'finance.revenue.daily_revenue.net'],
    ] as const) {
      const { code, document } = await ask(wrong)
      expect([code, document.problems[0]?.code]).toEqual([64, 'lineage.unknown-subject'])
      expect(document.problems[0]?.help).toContain(right)
    }
    expect((await ask(revenue, '--up', 'many')).code).toBe(64)
    expect((await ask(revenue, '--format', 'pdf')).code).toBe(64)
    expect((await ask()).code).toBe(64)
  })

  test('compares what is declared with what is read', async () => {
    const before = (await ask('--observed')).document
    expect([before.neverRead, before.undeclared]).toEqual([[], []])
    await rows(shop, 'select sum(net) from finance.revenue.daily_revenue')
    await rows(shop, 'select sum(net) from finance.revenue.daily_revenue')
    const { document } = await ask('finance.revenue', '--observed')
    expect(document.undeclared).toMatchObject([{ dataset: revenue, days: 1 }])
    expect(document.undeclared[0]?.reader).toMatch(/^operator:/)
    expect((await ask('marketing.segments', '--observed')).document.undeclared).toEqual([])
    // A run opens all input ports; one that no model names is read by nobody.
    const product = 'domains/marketing/buying-hours/buying-hours.odps.yaml'
    const unused = '  - { name: unused, version: 1.1.0, contractId: customer.profile.v1 }'
    await edit(shop, product, 'inputPorts:\n', `inputPorts:\n${unused}\n`)
    expect((await weft(['apply', '--yes', '--project', shop])).code).toBe(0)
    const after = (await ask('--observed')).document
    expect(after.neverRead.map(it => it.inputPort)).toEqual(['marketing.buying-hours.unused'])
    await edit(shop, product, `${unused}\n`, '')
    expect((await weft(['apply', '--yes', '--project', shop])).code).toBe(0)
  })

  test('knows columns that are made from none', async () => {
    const { code, document } = await ask('marketing.buying-hours.buying_hours.order_count')
    expect(code).toBe(0)
    expect(document.nodes.map(it => it.subject)).toContainEqual(expect.stringMatching(/buying_hours\.order_count$/))
  })

  test('of a catalogue that was made before lineage was kept is written by the next apply', async () => {
    const { document } = await ask(`+${revenue}+`)
    const where = join(shop, '.weft', 'dev')
    const store = await openStore({
      where: join(where, 'catalogue'),
      lockPath: join(where, 'lock'),
      limits: defaultLimits,
    })
    await sql`truncate lineage_node, lineage_definition, lineage_edge, lineage_read restart identity`.execute(store.db)
    await store.close()
    expect((await ask(revenue)).document.nodes).toEqual([])
    expect((await weft(['apply', '--yes', '--project', shop])).code).toBe(0)
    const again = await ask(`+${revenue}+`)
    expect(again.document.nodes).toEqual(document.nodes)
    expect(again.document.edges).toEqual(document.edges)
    const products = await ask('sales.shop-orders', '--down', '1')
    expect(products.document.edges.map(it => it.via)).toContain('agreement')
  })

  test('of an older snapshot is that of the model that made it', async () => {
    const snapshots = async (): Promise<string[]> => {
      const { document } = await weftJson<{ snapshots: { id: string }[] }>([
        'snapshots',
        'finance.revenue.daily_revenue',
        '--project',
        shop,
      ])
      return document.snapshots.map(it => it.id)
    }
    const model = 'domains/finance/revenue/models/daily_revenue.sql'
    await edit(shop, model, /^/, '-- another version\n')
    await edit(shop, model, 'sum(total)::decimal(18, 3) ', '(sum(total) * 1)::decimal(18, 3) ')
    expect((await weft(['apply', '--yes', '--project', shop])).code).toBe(0)
    const [newest = '', older = ''] = await snapshots()
    const lineOf = async (...args: readonly string[]): Promise<number | undefined> =>
      (await ask(...args)).document.edges.find(it => it.from === `${orders}.total` && it.to === `${revenue}.net`)?.line
    expect(await lineOf('--snapshot', older)).toBe(4)
    expect(await lineOf('--snapshot', newest)).toBe(5)
    expect(await lineOf(`${revenue}.net`, '--up', '1')).toBe(5)
    expect((await ask('--snapshot', 'none')).code).toBe(64)
  })
})
