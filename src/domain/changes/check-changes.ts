/** Changes of what a dataset's rows are tested for: limits of columns, checks of quality, keys into other datasets. Pure. */
import { canonicalJson } from '../../base/index.ts'
import type { Rule, RuleTest } from '../contract/rule.ts'
import { type Found, shown } from './change.ts'
import { pairBy } from './pair-by.ts'
import type { ChangeRuleId } from './rules.ts'
import { type TestRelation, testFamily, testRelation } from './test-relation.ts'

/** Told of columns, keys and promises by themselves. */
const toldElsewhere: ReadonlySet<RuleTest['kind']> = new Set([
  'required',
  'unique',
  'primaryKey',
  'enum',
  'numberFormat',
  'dimensions',
  'freshness',
  'retention',
  'frequency',
])

const limits: ReadonlySet<RuleTest['kind']> = new Set([
  'minimum',
  'exclusiveMinimum',
  'maximum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  'uniqueItems',
  'normalized',
  'pattern',
  'format',
  'dateFormat',
])

/**
 * `name` is the dataset's behind the contract's subject. `isColumn` tells of a column of either side whether it is there before and after:
 * rules of one that came or went are told with it.
 */
export const checkChanges = (
  name: string,
  before: readonly Rule[],
  after: readonly Rule[],
  isWhole: (column: string) => boolean,
  stays: (column: string) => boolean,
): Found[] => {
  const isOwn = (it: Rule): boolean => !toldElsewhere.has(it.test.kind) && columnsOf(it.test).every(stays)
  const [old, now] = [before.filter(isOwn), after.filter(isOwn)]
  const pairs = pairsOf(old, now)
  const paired = new Set([...pairs].flat())
  return [
    ...[...pairs].flatMap(([from, to]) => changed(name, from, to, isWhole)),
    ...old.filter(it => !paired.has(it)).map(it => ended(name, it)),
    ...now.filter(it => !paired.has(it)).map(it => begun(name, it)),
  ]
}

const columnsOf = (test: RuleTest): readonly string[] =>
  'columns' in test ? test.columns : 'column' in test && test.column !== undefined ? [test.column] : []

/** The same rule first, then the same id, then one that asks the same of the same column. */
const pairsOf = (before: readonly Rule[], after: readonly Rule[]): Set<readonly [Rule, Rule]> => {
  const pairs = new Set<readonly [Rule, Rule]>()
  const left = new Set(before)
  const open = new Set(after)
  const ways: ((it: Rule) => string)[] = [
    it => canonicalJson([it.id, it.test, it.severity]),
    it => canonicalJson([it.test, it.severity]),
    it => it.id,
    it => testFamily(it.test),
  ]
  for (const way of ways) pairBy(left, open, way, (from, to) => pairs.add([from, to]))
  return pairs
}

const common = (name: string, it: Rule) => ({ kind: 'check' as const, name: `${name}#${it.id}`, place: it.place })

const isAdvice = (it: Rule): boolean => it.severity !== 'error' || it.test.kind === 'unsupported'

const begun = (name: string, it: Rule): Found => {
  const rule = isAdvice(it) ? 'check.advice' : limits.has(it.test.kind) ? 'limit.added' : 'check.added'
  return { ...common(name, it), rule, change: 'added', detail: 'new check', to: asked(it.test) }
}

const ended = (name: string, it: Rule): Found => {
  const rule = isAdvice(it) ? 'check.advice' : limits.has(it.test.kind) ? 'limit.removed' : 'check.removed'
  return {
    ...common(name, it),
    rule,
    change: 'removed',
    detail: 'check is no longer in the files',
    from: asked(it.test),
  }
}

const changed = (name: string, from: Rule, to: Rule, isWhole: (column: string) => boolean): Found[] => {
  const [column = ''] = columnsOf(from.test)
  const relation = testRelation(from.test, to.test, isWhole(column))
  const [was, is] = [isAdvice(from), isAdvice(to)]
  const base = { ...common(name, to), change: 'changed' as const }
  if (was && is) {
    const isSame = canonicalJson([from.severity, from.test]) === canonicalJson([to.severity, to.test])
    return isSame ? [] : [{ ...base, rule: 'check.advice', ...told(from, to) }]
  }
  if (was !== is) {
    // A check that begins or ceases to hold publications is as good as new or gone, whatever else it asks.
    const rule = is ? 'check.loosened' : 'check.tightened'
    return [
      { ...base, rule, from: from.severity, to: to.severity, detail: `severity ${from.severity} -> ${to.severity}` },
    ]
  }
  if (relation === 'same') return []
  const word = limits.has(to.test.kind) ? 'limit' : 'check'
  return [{ ...base, rule: ruleOf[word][relation], ...told(from, to) }]
}

const ruleOf: Readonly<Record<'limit' | 'check', Readonly<Record<Exclude<TestRelation, 'same'>, ChangeRuleId>>>> = {
  limit: { tightened: 'limit.tightened', loosened: 'limit.loosened', changed: 'limit.changed' },
  check: { tightened: 'check.tightened', loosened: 'check.loosened', changed: 'check.changed' },
}

const told = (from: Rule, to: Rule) => {
  const [was, is] = [asked(from.test), asked(to.test)]
  return { from: was, to: is, detail: was === is ? 'asks something else' : `${was} -> ${is}` }
}

/** What a test asks, in the words of the contract. */
const asked = (test: RuleTest): string => {
  if ('threshold' in test) {
    const { operator, value } = test.threshold
    const unit = 'unit' in test && test.unit === 'percent' ? ' percent' : ''
    return `${test.kind} ${operator} ${JSON.stringify(value)}${unit}`
  }
  if ('value' in test) return `${test.kind} ${shown(test.value)}`
  if (test.kind === 'pattern') return `pattern ${shown(test.pattern)}`
  if ('format' in test) return `format ${test.format}`
  if (test.kind === 'foreignKey') return `key into ${test.to}(${test.toColumns.join(', ')})`
  return test.kind
}
