import { describe, expect, test } from 'vitest'
import type { Dataset, Mesh, OutputPort, Product } from './mesh.ts'
import { resolveSubject, slugOf } from './reference.ts'
import { canonicalPhysicalType, typeOf } from './schema/type.ts'
import { selectProducts } from './selector.ts'
import { majorOf, parseVersion } from './version.ts'

const place = { file: 'x.yaml', line: 1, column: 1 }
const definition = { subject: '', root: 'r', file: 'x.yaml', hash: '', body: {}, at: () => place }

const dataset = (port: string, name: string): Dataset => ({
  subject: `${port}.${name}`,
  name,
  columns: [],
  rules: [],
  place,
})

const port = (product: string, name: string, major: number, names: readonly string[]): OutputPort => {
  const subject = `${product}.${name}.v${major}`
  return {
    subject,
    name,
    major,
    version: `${major}.0.0`,
    kind: 'tables',
    datasets: names.map(it => dataset(subject, it)),
    place,
  }
}

const product = (subject: string, outputs: readonly OutputPort[], more: Partial<Product> = {}): [string, Product] => {
  const [domain = '', slug = ''] = subject.split('.')
  const it: Product = {
    ...definition,
    subject,
    slug,
    name: slug,
    id: `urn:${subject}`,
    domain,
    version: '1.0.0',
    status: 'active',
    kind: undefined,
    tags: [],
    inputs: [],
    outputs,
    models: [],
    datasets: {},
    limits: {},
    ...more,
  }
  return [subject, it]
}

const mesh: Mesh = {
  id: 'm',
  name: 'm',
  roots: [],
  environment: 'dev',
  storage: '',
  limits: {},
  domains: new Map(),
  contracts: new Map(),
  connections: {},
  others: [],
  products: new Map([
    product('sales.shop-orders', [
      port('sales.shop-orders', 'orders', 1, ['orders']),
      port('sales.shop-orders', 'orders', 2, ['orders', 'order_lines']),
    ]),
    product('finance.revenue', [port('finance.revenue', 'revenue', 1, ['daily_revenue'])], { tags: ['pii'] }),
    product('finance.orders', [port('finance.orders', 'orders', 1, ['orders'])]),
  ]),
}

describe('names', () => {
  test.each([
    ['sales.shop-orders.orders.v2.order_lines', 'dataset', 'sales.shop-orders.orders.v2.order_lines'],
    ['order_lines', 'dataset', 'sales.shop-orders.orders.v2.order_lines'],
    ['sales.shop_orders.orders', 'dataset', 'sales.shop-orders.orders.v2.orders'],
    ['sales.shop_orders_v1.orders', 'dataset', 'sales.shop-orders.orders.v1.orders'],
    ['SALES.Shop_Orders.ORDERS', 'dataset', 'sales.shop-orders.orders.v2.orders'],
    ['shop-orders.orders', 'outputPort', 'sales.shop-orders.orders.v2'],
    ['shop-orders.orders.v1', 'outputPort', 'sales.shop-orders.orders.v1'],
    ['urn:finance.revenue', 'product', 'finance.revenue'],
    ['revenue', 'product', 'finance.revenue'],
  ] as const)('%s as a %s is %s', (word, kind, subject) => {
    expect(resolveSubject(mesh, word, kind)).toEqual({ kind: 'one', subject })
  })

  test('a word that fits several things lists them, newest majors only', () => {
    expect(resolveSubject(mesh, 'orders', 'dataset')).toEqual({
      kind: 'many',
      choices: ['sales.shop-orders.orders.v2.orders', 'finance.orders.orders.v1.orders'],
    })
  })

  test('an unknown word is nothing', () => {
    expect(resolveSubject(mesh, 'nothing', 'dataset')).toEqual({ kind: 'none' })
  })

  test('slugs keep letters and digits', () => {
    expect(slugOf('Größe & Café 2')).toBe('gro-e-cafe-2')
    expect(slugOf('42 answers')).toBe('answers')
  })
})

describe('selectors', () => {
  const upstream = new Map([
    ['finance.revenue', ['sales.shop-orders']],
    ['finance.orders', ['finance.revenue']],
  ])
  test.each([
    [['sales.*'], ['sales.shop-orders']],
    [['finance'], ['finance.revenue', 'finance.orders']],
    [['sales.shop-orders+'], ['sales.shop-orders', 'finance.revenue', 'finance.orders']],
    [['sales.shop-orders+1'], ['sales.shop-orders', 'finance.revenue']],
    [['+finance.orders'], ['sales.shop-orders', 'finance.revenue', 'finance.orders']],
    [['1+finance.orders'], ['finance.revenue', 'finance.orders']],
    [
      ['tag:pii', 'sales.shop-orders'],
      ['sales.shop-orders', 'finance.revenue'],
    ],
  ])('%j chooses %j', (selectors, expected) => {
    expect(selectProducts(mesh, selectors, upstream)).toEqual(expected)
  })

  test('a selector that chooses nothing says what is near', () => {
    expect(() => selectProducts(mesh, ['finance.revenu'], upstream)).toThrow('no product matches "finance.revenu"')
  })
})

describe('types', () => {
  test.each([
    ['varchar(255)', 'VARCHAR'],
    ['Decimal(18, 3)', 'DECIMAL(18,3)'],
    ['NUMERIC', 'DECIMAL(18,3)'],
    ['NUMBER(10)', 'DECIMAL(10,0)'],
    ['int8', 'BIGINT'],
    ['timestamp with time zone', 'TIMESTAMP WITH TIME ZONE'],
    ['STRUCT(a INT, "b c" VARCHAR[])', 'STRUCT(a INTEGER, "b c" VARCHAR[])'],
    ['MAP(VARCHAR, DECIMAL(9,2))', 'MAP(VARCHAR, DECIMAL(9,2))'],
    ['DECIMAL(39,2)', undefined],
    ['geography', undefined],
  ])('%s is %s', (text, type) => {
    expect(canonicalPhysicalType(text)).toBe(type)
  })

  test('without a known physical type the logical one decides, and what was not understood is kept', () => {
    expect(typeOf({ name: 'x', logicalType: 'integer', physicalType: 'geography' })).toEqual({
      type: 'BIGINT',
      unknown: 'geography',
    })
    expect(typeOf({ name: 'x', logicalType: 'integer', logicalTypeOptions: { format: 'u16' } })).toEqual({
      type: 'USMALLINT',
    })
    expect(typeOf({ name: 'x', logicalType: 'timestamp', logicalTypeOptions: { timezone: true } })).toEqual({
      type: 'TIMESTAMP WITH TIME ZONE',
    })
    expect(
      typeOf({
        name: 'x',
        logicalType: 'array',
        items: { logicalType: 'object', properties: [{ name: 'a', logicalType: 'date' }] },
      }),
    ).toEqual({ type: 'STRUCT(a DATE)[]' })
  })
})

test('versions are read as people write them', () => {
  expect(parseVersion('v2.1')).toEqual({ major: 2, minor: 1, patch: 0 })
  expect(parseVersion('next')).toBeUndefined()
  expect(majorOf('3.0.0-rc.1')).toBe(3)
})
