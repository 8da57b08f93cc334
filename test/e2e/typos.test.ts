/** One slip in each kind of file: one problem, at its place, with the name that was meant. */
import { readFile } from 'node:fs/promises'
import { beforeAll, expect, test } from 'vitest'
import { weftJson } from '../support/cli.ts'
import { edit, shopCopy } from '../support/mesh.ts'

interface Slip {
  readonly file: string
  readonly from: string
  readonly to: string
  /** The right name, proposed. */
  readonly meant: string
  readonly code?: string
}

const sales = 'domains/sales/shop-orders'
const slips: readonly Slip[] = [
  { file: 'mesh.yaml', from: 'jurisdictions:', to: 'jurisdiction:', meant: 'jurisdictions' },
  { file: 'mesh.yaml', from: 'defaultEnvironment: dev', to: 'defaultEnvironment: dve', meant: 'dev' },
  { file: 'domains/sales/domain.yaml', from: 'scope:', to: 'scoep:', meant: 'scope' },
  { file: 'domains/sales/domain.yaml', from: 'role: steward', to: 'role: stewart', meant: 'steward' },
  {
    file: 'domains/sales/domain.yaml',
    from: 'acknowledgedBy: hana.lind@',
    to: 'acknowledgedBy: hanna.lind@',
    meant: 'hana.lind@larkspur.example',
  },
  { file: 'domains/customer/domain.yaml', from: 'jurisdictions: [gdpr]', to: 'jurisdictions: [gpdr]', meant: 'gdpr' },
  { file: `${sales}/shop-orders.odps.yaml`, from: 'outputPorts:', to: 'outputPort:', meant: 'outputPorts' },
  {
    file: `${sales}/shop-orders.odps.yaml`,
    from: 'contractId: sales.orders.v2',
    to: 'contractId: sales.order.v2',
    meant: 'sales.orders.v2',
  },
  { file: `${sales}/shop-orders.odps.yaml`, from: 'domain: sales\n', to: 'domain: sale\n', meant: 'sales' },
  {
    file: `${sales}/shop-orders.odps.yaml`,
    from: 'team: { name: order-desk }',
    to: 'team: { name: order-desc }',
    meant: 'order-desk',
  },
  {
    file: `${sales}/contracts/orders.v2.odcs.yaml`,
    from: 'classification: personal.identifier',
    to: 'classification: personal.identifer',
    meant: 'personal.identifier',
  },
  {
    file: `${sales}/contracts/orders.v2.odcs.yaml`,
    from: 'criticalDataElement: true',
    to: 'criticalDataElment: true',
    meant: 'criticalDataElement',
  },
  {
    file: `${sales}/contracts/orders.v2.odcs.yaml`,
    from: 'url: "weft:term/customer"',
    to: 'url: "weft:term/custmer"',
    meant: 'customer',
  },
  {
    file: `${sales}/contracts/orders.v2.odcs.yaml`,
    from: 'properties: [customer_id]',
    to: 'properties: [custmer_id]',
    meant: 'customer_id',
  },
  {
    file: `${sales}/contracts/orders.v2.odcs.yaml`,
    from: 'WHERE unit_price < 0',
    to: 'WHERE unit_prize < 0',
    meant: 'unit_price',
  },
  {
    file: `${sales}/contracts/orders.v2.odcs.yaml`,
    from: 'element: order_lines.invoiced_at\n    driver: operational',
    to: 'element: order_lines.invoice_at\n    driver: operational',
    meant: 'order_lines.invoiced_at',
  },
  {
    file: `${sales}/contracts/orders.v1.odcs.yaml`,
    from: 'successor: sales.orders.v2',
    to: 'successor: sales.oders.v2',
    meant: 'sales.orders.v2',
  },
  {
    file: 'domains/marketing/segments/contracts/segments.v1.odcs.yaml',
    from: 'to: customers.customer_id',
    to: 'to: customers.custmer_id',
    meant: 'customer_id',
  },
  {
    file: 'domains/marketing/segments/contracts/segments.v1.odcs.yaml',
    from: 'value: customer.profile.v1',
    to: 'value: customer.profil.v1',
    meant: 'customer.profile.v1',
  },
  {
    file: `${sales}/pipeline.yaml`,
    from: 'product: sales.shop-orders',
    to: 'product: sales.shop-order',
    meant: 'sales.shop-orders',
  },
  {
    file: `${sales}/pipeline.yaml`,
    from: 'materialization: partitioned',
    to: 'materialisation: partitioned',
    meant: 'materialization',
  },
  { file: `${sales}/pipeline.yaml`, from: 'column: invoiced_at', to: 'column: invoicd_at', meant: 'invoiced_at' },
  { file: 'domains/finance/revenue/pipeline.yaml', from: 'after: [orders]', to: 'after: [order]', meant: 'orders' },
  {
    file: 'policies/pseudonyms.yaml',
    from: 'tags: [personal.identifier]',
    to: 'tags: [personal.identifer]',
    meant: 'personal.identifier',
  },
  { file: 'policies/pseudonyms.yaml', from: 'kind: pseudonym', to: 'kind: pseudonim', meant: 'pseudonym' },
  {
    file: 'policies/product-standards.yaml',
    from: 'require: "exists column.description"',
    to: 'require: "exists column.descripton"',
    meant: 'description',
  },
  { file: 'policies/publication.yaml', from: 'stages: [guided]', to: 'stages: [guidd]', meant: 'guided' },
  {
    file: 'policies/who-may-read.yaml',
    from: 'groups: [privacy-office]',
    to: 'groups: [privacy-ofice]',
    meant: 'privacy-office',
  },
  {
    file: 'domains/marketing/policies/own-countries.yaml',
    from: 'marketing.segments.segments.v1.segments',
    to: 'marketing.segments.segments.v1.segment',
    meant: 'marketing.segments.segments.v1.segments',
  },
  {
    file: 'terms/customer.yaml',
    from: 'keyOf: customer.customer-360.profile.v1.customers',
    to: 'keyOf: customer.customer-360.profile.v1.customer',
    meant: 'customer.customer-360.profile.v1.customers',
  },
  { file: 'terms/customer.yaml', from: 'type: integer', to: 'type: intger', meant: 'integer' },
  {
    file: 'chapters/analysts.yaml',
    from: 'lead: lin.zhao@',
    to: 'lead: lin.zaho@',
    meant: 'lin.zhao@larkspur.example',
  },
  { file: 'chapters/analysts.yaml', from: 'discipline:', to: 'disciplin:', meant: 'discipline' },
  {
    file: 'domains/customer/customer-360/agreements/segments.oaas.yaml',
    from: 'teamId: letters',
    to: 'teamId: leters',
    meant: 'letters',
  },
  {
    file: 'domains/customer/customer-360/agreements/segments.oaas.yaml',
    from: 'role: customer.profile.reader',
    to: 'role: customer.profile.raeder',
    meant: 'customer.profile.reader',
  },
  {
    file: 'domains/customer/customer-360/agreements/segments.oaas.yaml',
    from: 'startTimestamp',
    to: 'startTimstamp',
    meant: 'startTimestamp',
  },
  { file: `${sales}/models/orders.sql`, from: 'from order_lines', to: 'from order_line', meant: 'order_lines' },
  { file: `${sales}/models/orders.sql`, from: 'min(country) ', to: 'min(contry) ', meant: 'country' },
  { file: `${sales}/models/order_lines.sql`, from: 'as stock_code', to: 'as stok_code', meant: 'stock_code' },
  {
    file: `${sales}/models/order_lines.sql`,
    from: "starts_with(InvoiceNo, 'C')",
    to: "start_with(InvoiceNo, 'C')",
    meant: 'starts_with',
  },
]

let shop: string
beforeAll(async () => {
  shop = await shopCopy()
  const { code } = await weftJson(['check', '--project', shop])
  expect(code).toBe(0)
})

test.each(slips)('$file: "$to" is meant to be "$meant"', async ({ file, from, to, meant }) => {
  await edit(shop, file, from, to)
  try {
    const { code, document } = await weftJson(['check', '--project', shop])
    const [problem, ...more] = document.problems ?? []
    expect(more).toEqual([])
    expect(code).toBe(65)
    expect(problem).toMatchObject({ severity: 'error', file })
    expect(problem?.help ?? '').toContain(meant)
    // The place is that of the first character that differs, or before it on the same line.
    const text = await readFile(`${shop}/${file}`, 'utf8')
    const differs = [...to].findIndex((char, index) => char !== from[index])
    const at = text.indexOf(to) + (differs < 0 ? to.length - 1 : differs)
    const line = text.slice(0, at).split('\n').length
    expect(problem?.line).toBe(line)
    const column = at - text.lastIndexOf('\n', at - 1)
    expect(problem?.column ?? 0).toBeLessThanOrEqual(column)
    expect(problem?.column ?? 0).toBeGreaterThan(column - to.length - 2)
  } finally {
    await edit(shop, file, to, from)
  }
})
