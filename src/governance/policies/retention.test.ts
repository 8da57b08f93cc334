import { expect, test } from 'vitest'
import type { Mesh } from '../../domain/index.ts'
import { snapshotRetention } from './retention.ts'

const day = 86_400_000

const meshOf = (...bodies: object[]): Mesh =>
  ({
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
  expect(keep('sales.shop.orders.v1.orders')).toEqual([{ count: 5 }, { ageMs: 90 * day }])
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
  expect(keep('sales.shop.orders.v1.orders')).toEqual([])
})
