import { expect, test } from 'vitest'
import type { Mesh } from '../../domain/index.ts'
import { rowRetention, snapshotRetention } from './retention.ts'

const day = 86_400_000

const columns = [
  { name: 'id', tags: [] },
  { name: 'email', tags: ['contact'], classification: 'personal.address' },
]

const productOf = (subject: string, datasets: readonly string[], more: object = {}) => {
  const port = { subject: `${subject}.${subject.split('.')[1]}.v1` }
  const outputs = [
    { ...port, datasets: datasets.map(it => ({ subject: `${port.subject}.${it}`, columns, tags: ['nightly'] })) },
  ]
  return [subject, { subject, domain: subject.split('.')[0], tags: [], status: 'active', outputs, ...more }] as const
}

const meshOf = (...bodies: object[]): Mesh =>
  ({
    domains: new Map([['sales', { stage: 'trusted', jurisdictions: ['eu'] }]]),
    products: new Map([
      productOf('sales.orders', ['orders'], { tags: ['core'], kind: 'sourceAligned' }),
      productOf('logistics.places', ['countries']),
      productOf('finance.revenue', ['daily']),
    ]),
    others: bodies.map(body => ({
      kind: 'policy',
      body: { apiVersion: 'weft/v1', kind: 'Policy', id: 'r', type: 'retention', mode: 'enforce', ...body },
    })),
  }) as unknown as Mesh // what is read of it

const rule = (keepSnapshots: number | string, datasets: string[]) => ({ id: 'x', on: { datasets }, keepSnapshots })

test('rules in force cover the datasets that they name', () => {
  const keep = snapshotRetention(
    meshOf(
      { rules: [rule(5, ['sales.*']), rule('90d', ['*.orders'])] },
      { rules: [rule(9, ['*'])], appliesTo: { domains: ['finance'] } },
    ),
    '2026-11-25',
  )
  expect(keep('sales.orders.orders.v1.orders')).toEqual([{ count: 5 }, { ageMs: 90 * day }])
  expect(keep('logistics.places.places.v1.countries')).toEqual([])
  expect(keep('finance.revenue.revenue.v1.daily')).toEqual([{ count: 9 }])
})

test.each([
  ['observes', { mode: 'observe' }],
  ['warns', { mode: 'warn' }],
  ['says nothing of it', { mode: undefined }],
  ['holds from tomorrow on', { enforceOn: '2026-11-26' }],
])('a policy that %s deletes nothing', (_, more) => {
  const keep = snapshotRetention(meshOf({ rules: [rule(1, ['*'])], ...more }), '2026-11-25')
  expect(keep('sales.orders.orders.v1.orders')).toEqual([])
})

test.each<[string, object, object, boolean]>([
  ['a tag of a column', { tags: ['contact'] }, {}, true],
  ['a tag of the dataset', { tags: ['night*'] }, {}, true],
  ['a tag of the product', { tags: ['core'] }, {}, true],
  ['a tag that nothing has', { tags: ['other'] }, {}, false],
  ['one tag of two', { tags: ['other', 'core'] }, {}, true],
  ['a classification above that of a column', { classifications: ['personal'] }, {}, true],
  ['a pattern of a classification', { classifications: ['pers*'] }, {}, true],
  ['a pattern of what is below one', { classifications: ['personal.*'] }, {}, true],
  ['a pattern of another classification', { classifications: ['*.contact'] }, {}, false],
  ['a classification that only begins alike', { classifications: ['person'] }, {}, false],
  ['a classification and a tag of one column', { classifications: ['personal'], tags: ['contact'] }, {}, true],
  ['a classification and a column that has none', { classifications: ['personal'], columns: ['id'] }, {}, false],
  ['columns by a glob', { columns: ['e*'] }, {}, true],
  ['datasets and a tag that it lacks', { datasets: ['*'], tags: ['other'] }, {}, false],
  ['a domain', { columns: ['*'] }, { domains: ['sales'] }, true],
  ['another domain', { columns: ['*'] }, { domains: ['finance'] }, false],
  ['another type of product', { columns: ['*'] }, { types: ['aggregate'] }, false],
  ['a type of product', { columns: ['*'] }, { types: ['sourceAligned'] }, true],
  ['another status', { columns: ['*'] }, { status: ['retired'] }, false],
  ['a stage and a jurisdiction', { columns: ['*'] }, { stages: ['trusted'], jurisdictions: ['eu'] }, true],
  ['another jurisdiction', { columns: ['*'] }, { jurisdictions: ['us'] }, false],
  ['what only applies to another tag', { columns: ['*'] }, { tags: ['other'] }, false],
])('a rule about rows by %s', (_, on, appliesTo, isCovered) => {
  const mesh = meshOf({ appliesTo, rules: [{ id: 'x', on, keepRows: '400d', by: 'at' }] })
  const rules = rowRetention(mesh, '2026-11-25')('sales.orders.orders.v1.orders')
  expect(rules).toEqual(isCovered ? [{ policy: 'r/x', by: 'at', keepMs: 400 * day }] : [])
})
