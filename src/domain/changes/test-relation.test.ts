import { expect, test } from 'vitest'
import type { RuleTest, Threshold } from '../contract/rule.ts'
import { testRelation } from './test-relation.ts'

const asked = (threshold: Threshold): RuleTest => ({ kind: 'sql', query: 'select sum(a) from t', threshold })

test.each([1, 1000, 1e12, -1e12])('a limit of %s that is turned round lets other numbers through', value => {
  const less = asked({ operator: 'mustBeLessThan', value })
  const more = asked({ operator: 'mustBeGreaterThan', value })
  expect([testRelation(less, more, false), testRelation(more, less, false)]).toEqual(['changed', 'changed'])
  expect(testRelation(less, asked({ operator: 'mustBeLessOrEqualTo', value }), false)).toBe('loosened')
})

const from = (value: string): RuleTest => ({ kind: 'minimum', column: 'at', value })

test.each([
  ['2024-01-01T09:00:00+01:00', '2024-01-01T10:00:00+05:00', 'loosened'],
  ['2024-01-01T10:00:00+05:00', '2024-01-01T09:00:00+0100', 'tightened'],
  ['2024-01-01T09:00:00+01:00', '2024-01-01T08:00:00Z', 'changed'],
  ['2024-01-01T08:00:00', '2024-01-01T08:00:00Z', 'changed'],
  ['2024-01-01', '2024-01-02', 'tightened'],
])('the earliest time %s that becomes %s is %s', (before, after, relation) => {
  expect(testRelation(from(before), from(after), false)).toBe(relation)
})
