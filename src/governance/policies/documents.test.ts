import { describe, expect, test } from 'vitest'
import { type PolicyType, policyDocument } from './documents.ts'

const issues = (type: PolicyType, ...rules: object[]): string[] => {
  const body = { apiVersion: 'weft/v1', kind: 'Policy', id: 'a', type, rules: rules.map(it => ({ id: 'b', ...it })) }
  const parsed = policyDocument.safeParse(body)
  return parsed.success ? [] : parsed.error.issues.map(it => `${it.path.join('.')}: ${it.message}`)
}

const rules: Readonly<Record<PolicyType, object>> = {
  standard: { on: 'column', severity: 'error', when: "'money' in column.tags", require: 'exists column.description' },
  access: { effect: 'allow', to: { groups: ['a'], members: 'same-domain' }, on: { tags: ['x'] }, purposes: ['y'] },
  columnMask: { on: { classifications: ['personal.*'] }, mask: { kind: 'partial', options: { keep: 2 } } },
  rowFilter: { on: { datasets: ['a.*'] }, filter: 'id in lookup.mine.id', lookups: { mine: 'a.b.c.v1.d' } },
  retention: { on: { tags: ['x'] }, keepSnapshots: 30, keepRows: '10y', by: 'created_at' },
  publication: { gate: 'approval', of: { groups: ['a'] }, on: ['port.added', 'policy.changed'] },
}

describe('a policy', () => {
  test.each(Object.entries(rules))('of type %s has rules with its own keys', (type, rule) => {
    expect(issues(type as PolicyType, rule)).toEqual([]) // the record's keys are the types
  })

  test('refuses keys of another type', () => {
    expect(issues('access', { effect: 'allow', mask: { kind: 'null' } })).toEqual([
      'rules.0.mask: unknown key "mask" in a rule of a policy of type access',
    ])
  })

  test('says what a rule lacks', () => {
    expect(issues('columnMask', { on: { tags: ['x'] } })).toEqual([
      'rules.0.mask: missing key "mask" in a rule of a policy of type columnMask',
    ])
    expect(issues('retention', { on: { tags: ['x'] } })).toHaveLength(1)
    expect(issues('retention', { on: { tags: ['x'] }, keepRows: '1y' })).toEqual([
      'rules.0.by: missing key "by" in a rule of a policy of type retention with keepRows',
    ])
  })

  test('asks for what it is about in the form of its type', () => {
    expect(issues('standard', { on: { tags: ['x'] }, require: 'true' })).toHaveLength(1)
    expect(issues('columnMask', { on: 'column', mask: { kind: 'null' } })).toHaveLength(1)
    expect(issues('publication', { gate: 'fourEyes', on: { tags: ['x'] } })).toHaveLength(1)
  })

  test('checks its expressions by what the rule is on', () => {
    expect(issues('standard', { on: 'product', require: 'exists column.name' })[0]).toMatch(
      /^rules\.0\.require: unknown name "column"; known: product, domain, mesh/,
    )
    expect(issues('rowFilter', { on: { tags: ['x'] }, filter: 'id in lookup.mine.id' })).toHaveLength(1)
  })

  test('tells the mistakes of all rules', () => {
    expect(issues('access', { effect: 'permit' }, { effect: 'allow', too: {} })).toHaveLength(2)
  })
})
