import { describe, expect, it, test } from 'vitest'
import type { Mesh } from '../domain/index.ts'
import type { Lineage } from '../sql/index.ts'
import { agreedEdges, composed, derivedEdges, type Edge, rolledUp, useOf } from './index.ts'

describe('what a model says', () => {
  const text = 'select a.x as y,\n  sum(b.v) over () as w, secret from a join b on a.id = b.id'
  const lineage: Lineage = {
    columns: [
      { name: 'Y', inputs: [{ table: 'd.p.in.a', path: ['x'], how: 'identity', position: 7 }] },
      { name: 'w', inputs: [{ table: 'd.p.out.v1.b', path: ['v', 'field'], how: 'aggregation', position: 23 }] },
      { name: 'secret', inputs: [{ table: 'd.p.in.a', path: ['s'], how: 'identity' }] },
    ],
    rows: [{ table: 'd.p.in.a', path: ['id'], how: 'join', position: 60 }],
    named: [],
    tables: ['d.p.in.a', 'd.p.out.v1.b', 'd.p.in.counted'],
    wide: [{ reason: 'an expression of the kind X', position: 19 }],
  }
  const dataset = 'd.q.out.v1.t'
  const owned = derivedEdges({ dataset, hash: 'h', file: 'm.sql', text, lineage }, ['y', 'w'])
  const line = ({ from, to, level, how }: Edge): string => `${level} ${from.kind} ${from.subject} ${how} ${to.subject}`

  it('is one edge for each dataset, and one for each column that is published, with its place', () => {
    expect(owned.edges.map(line)).toEqual([
      `dataset source d.p.in.a identity ${dataset}`,
      `dataset dataset d.p.out.v1.b aggregation ${dataset}`,
      `dataset source d.p.in.counted whole ${dataset}`,
      `column column d.p.in.a.x identity ${dataset}.y`,
      `column column d.p.out.v1.b.v aggregation ${dataset}.w`,
      `column column d.p.in.a.id join ${dataset}`,
    ])
    expect(owned.edges[4]).toMatchObject({ line: 2, column: 7 })
  })

  it('says where it cannot be known', () => {
    expect(owned.wide).toEqual([{ reason: 'an expression of the kind X', line: 2, column: 3 }])
  })
})

test.each([
  ['copied', 'copied', 'copied'],
  ['copied', 'renamed', 'renamed'],
  ['renamed', 'copied', 'renamed'],
  ['computed', 'copied', 'computed'],
  ['aggregated', 'computed', 'aggregated'],
  ['computed', 'aggregated', 'aggregated'],
  ['aggregated', 'filter', 'filter'],
  ['filter', 'copied', 'filter'],
  ['join', 'group', 'group'],
  ['whole', 'copied', 'whole'],
  ['filter', 'whole', 'whole'],
] as const)('%s, and then %s, is %s', (first, then, expected) => {
  expect(composed(first, then)).toBe(expected)
})

test('a copy under another name is renamed, and a dataset is what becomes of its values', () => {
  expect([useOf('identity', true), useOf('identity', false), useOf('masked-aggregation', true)]).toEqual([
    'copied',
    'renamed',
    'aggregated',
  ])
  expect([rolledUp(['filter', 'identity']), rolledUp(['filter', 'join']), rolledUp([])]).toEqual([
    'identity',
    'join',
    'whole',
  ])
})

describe('an access agreement', () => {
  // The two products are all that an agreement looks for.
  const mesh = {
    products: new Map([
      ['sales.shop', { subject: 'sales.shop', id: 'shop-id' }],
      ['finance.books', { subject: 'finance.books', id: 'books-id' }],
    ]),
  } as unknown as Mesh
  const edges = (status: string, provider: string) =>
    agreedEdges(mesh, {
      kind: 'agreement',
      subject: 'agreement/1',
      name: 'one',
      root: 'r',
      file: 'a.oaas.yaml',
      body: { status, provider: { dataProductId: provider }, consumer: { dataProductId: 'books-id' } },
      hash: '',
      at: () => ({ file: 'a.oaas.yaml', line: 1, column: 1 }),
    }).edges.map(({ from, to, via }) => [from.subject, to.subject, via])

  it('is an edge while it is in force, by the products of either name', () => {
    expect(edges('active', 'sales.shop')).toEqual([['sales.shop', 'finance.books', 'agreement']])
    expect(edges('approved', 'shop-id')).toHaveLength(1)
    expect(edges('expired', 'shop-id')).toEqual([])
    expect(edges('active', 'nobody')).toEqual([])
  })
})
