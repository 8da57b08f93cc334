/** A rule together with its columns in the data, its plan, and what has to be asked of the data. */
import type { Rule } from '../../domain/index.ts'
import { type MeasuredColumn, measuredColumn, resolveColumn, unknownColumn } from './column.ts'
import { refusalOf } from './facts.ts'
import { type KeyCount, keyCount } from './keys.ts'
import { planRule, type RulePlan, ruleColumns } from './rule-plan.ts'
import type { MeasureSubject } from './subject.ts'

export interface Question {
  readonly rule: Rule
  readonly columns: readonly MeasuredColumn[]
  readonly plan: RulePlan
  /** Of duplicates. */
  readonly count?: KeyCount
  /** Aggregates that the verdict needs. Empty where footers answer already. */
  readonly asks: readonly string[]
}

/** One question for each rule, in their order. */
export const questionsOf = async (subject: MeasureSubject, rules: readonly Rule[]): Promise<Question[]> => {
  const names = [...new Set(rules.flatMap(rule => ruleColumns(rule.test)))]
  const resolved = await resolveAll(subject, names)
  const planned = rules.map(rule => questionOf(subject, rule, resolved))
  const kept = await keptByBounds(subject, planned)
  return planned.map(question => (kept.has(question) ? { ...question, asks: [] } : question))
}

const questionOf = (
  subject: MeasureSubject,
  rule: Rule,
  resolved: ReadonlyMap<string, MeasuredColumn | string>,
): Question => {
  const columns: MeasuredColumn[] = []
  if (rule.test.kind !== 'sql') {
    for (const name of ruleColumns(rule.test)) {
      const column = resolved.get(name)
      if (typeof column === 'object') columns.push(column)
      else return { rule, columns: [], plan: { kind: 'untestable', reason: column ?? `no column "${name}"` }, asks: [] }
    }
  }
  const plan = planRule(rule, columns)
  const count = plan.kind === 'duplicates' ? keyCount(subject, plan.columns) : undefined
  const asks = asksOf(subject, rule, plan, count)
  return { rule, columns, plan, asks, ...(count === undefined ? {} : { count }) }
}

const asksOf = (
  subject: MeasureSubject,
  rule: Rule,
  plan: RulePlan,
  count: KeyCount | undefined,
): readonly string[] => {
  switch (plan.kind) {
    case 'rows':
      return [countWhere(plan.bad(plan.column.sql))]
    case 'nulls':
      return subject.statistics.has(plan.column.name) ? [] : [countWhere(nullTest(rule, plan.column))]
    case 'duplicates':
      return count === undefined ? [] : [count.whole, ...(count.isExact ? [count.distinct] : [])]
    case 'newest':
      return [newestOf(plan.column)]
    default:
      return []
  }
}

/** Rows of which the condition is true: FALSE and NULL do not count. */
export const countWhere = (condition: string): string => `count_if(${condition})`

/** A required field of a STRUCT is missed only where the STRUCT is there. */
export const nullTest = (rule: Rule, column: MeasuredColumn): string =>
  rule.test.kind === 'required' && column.parent !== undefined
    ? `${column.parent} is not null and ${column.sql} is null`
    : `${column.sql} is null`

/** Milliseconds since 1970 of the newest instant; dates are their first. Infinity is no instant. */
export const newestOf = (column: MeasuredColumn): string =>
  `epoch_ms(max(${column.sql}) filter (where isfinite(${column.sql})))`

/** Columns by name, or why there is none, in words. The engine tells the types of fields inside STRUCTs. */
const resolveAll = async (
  subject: MeasureSubject,
  names: readonly string[],
): Promise<ReadonlyMap<string, MeasuredColumn | string>> => {
  const resolved = new Map<string, MeasuredColumn | string>()
  for (const name of names) {
    const found = resolveColumn(name, subject.columns)
    if (found === undefined) resolved.set(name, unknownColumn(name, subject.columns))
    else if ('kind' in found) resolved.set(name, found)
    else resolved.set(name, await fieldOf(subject, name, found))
  }
  return resolved
}

const fieldOf = async (
  subject: MeasureSubject,
  name: string,
  { sql, parent }: { readonly sql: string; readonly parent: string },
): Promise<MeasuredColumn | string> => {
  try {
    const [described] = await subject.session.describe(`select ${sql} as field from ${subject.table}`)
    return { ...measuredColumn(name, sql, described?.type ?? 'VARCHAR'), parent }
  } catch (error) {
    refusalOf(error)
    return unknownColumn(name, subject.columns)
  }
}

/** Questions that no row can fail, because neither the least nor the greatest value of the footers does. */
const keptByBounds = async (
  subject: MeasureSubject,
  questions: readonly Question[],
): Promise<ReadonlySet<Question>> => {
  const asked = questions.flatMap(question => {
    const { plan } = question
    if (plan.kind !== 'rows' || !plan.ordered) return []
    const bounds = subject.statistics.get(plan.column.name)?.bounds
    if (bounds === undefined) return []
    const literals = [bounds.min, bounds.max].map(it => (it === null ? 'null' : `'${it}'`))
    const tests = literals.map(it => `coalesce(${plan.bad(`${it}::${plan.column.type}`)}, false)`)
    return [{ question, sql: tests.join(' or ') }]
  })
  if (asked.length === 0) return new Set()
  try {
    const [row = {}] = await subject.session.rows(
      `select ${asked.map(({ sql }, index) => `(${sql}) as b${index}`).join(', ')}`,
    )
    return new Set(asked.flatMap(({ question }, index) => (row[`b${index}`] === false ? [question] : [])))
  } catch (error) {
    refusalOf(error)
    return new Set()
  }
}
