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
