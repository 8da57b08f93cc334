import { expect, test } from 'vitest'
import { lifeOf } from './life.ts'

const words = (until: string | undefined, today: string): string | undefined =>
  lifeOf(
    {
      major: 1,
      contractStatus: 'deprecated',
      productStatus: 'active',
      deprecation: { successor: 'x', ...(until === undefined ? {} : { until }) },
    },
    today,
    word => `a.b.${word}.v2`,
  ).words

test('the days until a port ends are counted over the end of a year, on the day and after it', () => {
  expect(words('2027-01-10', '2026-11-29')).toBe('v1 ends in 42 days (2027-01-10): read a.b.x.v2 instead')
  expect(words('2028-03-01', '2028-02-28')).toBe('v1 ends in 2 days (2028-03-01): read a.b.x.v2 instead')
  expect(words('2027-01-10', '2027-01-09')).toBe('v1 ends in 1 day (2027-01-10): read a.b.x.v2 instead')
  expect(words('2027-01-10', '2027-01-10')).toBe('v1 ends today (2027-01-10): read a.b.x.v2 instead')
  expect(words('2027-01-10', '2027-01-12')).toBe('v1 ended 2 days ago (2027-01-10): read a.b.x.v2 instead')
  expect(words(undefined, '2027-01-12')).toBe('v1 is deprecated: read a.b.x.v2 instead')
})

test.each([
  [undefined, 'active', 'active'],
  ['active', 'draft', 'draft'],
  ['proposed', 'active', 'draft'],
  ['retired', 'active', 'retired'],
  ['live', 'active', 'active'],
])('a contract that is %s of a product that is %s is %s', (contractStatus, productStatus, status) => {
  expect(
    lifeOf({ major: 1, contractStatus, productStatus, deprecation: undefined }, '2026-11-29', it => it).status,
  ).toBe(status)
})
