/** A rule together with its columns in the data, its plan, and what has to be asked of the data. */
import type { Rule } from '../../domain/index.ts'
import { type Ask, greatestAsk, leastAsk, sumAsk } from './ask.ts'
import { type MeasuredColumn, resolveColumn, unknownColumn, valuesOfRow } from './column.ts'
import { refusalOf } from './facts.ts'
import { countWhere, type KeyCount, keyCount } from './keys.ts'
import { conditionOf, planRule, type RulePlan, ruleColumns } from './rule-plan.ts'
import type { MeasureSubject } from './subject.ts'

export interface Question {
  readonly rule: Rule
  readonly columns: readonly MeasuredColumn[]
  readonly plan: RulePlan
  /** Of duplicates. */
  readonly count?: KeyCount
  /** Aggregates that the verdict needs. Empty where footers answer already. */
  readonly asks: readonly Ask[]
}

/** One question for each rule, in their order. */
export const questionsOf = async (subject: MeasureSubject, rules: readonly Rule[]): Promise<Question[]> => {
  const planned = rules.map(rule => questionOf(subject, rule))
  const kept = await keptByBounds(subject, planned)
  return planned.map(question => (kept.has(question) ? { ...question, asks: [] } : question))
}

const questionOf = (subject: MeasureSubject, rule: Rule): Question => {
  const columns: MeasuredColumn[] = []
  if (rule.test.kind !== 'sql') {
    for (const name of ruleColumns(rule.test)) {
      const column = resolveColumn(name, subject.columns)
      if (column === undefined)
        return {
          rule,
          columns: [],
          plan: { kind: 'untestable', reason: unknownColumn(name, subject.columns) },
          asks: [],
        }
      columns.push(column)
    }
  }
  const plan = planRule(rule, columns)
  const count = plan.kind === 'duplicates' ? keyCount(subject, plan.columns) : undefined
  const asks = asksOf(subject, plan, count)
  return { rule, columns, plan, asks, ...(count === undefined ? {} : { count }) }
}

const asksOf = (subject: MeasureSubject, plan: RulePlan, count: KeyCount | undefined): readonly Ask[] => {
  switch (plan.kind) {
    case 'rows':
      return [sumAsk(countWhere(conditionOf(plan)))]
    case 'nulls':
      return subject.statistics.has(plan.column.name) ? [] : [sumAsk(countWhere(conditionOf(plan)))]
    case 'duplicates':
      return count === undefined || count.wholeRows !== undefined ? [] : [sumAsk(count.whole)]
    case 'instant':
      return [(plan.which === 'max' ? greatestAsk : leastAsk)(instantOf(plan), 'BIGINT')]
    default:
      return []
  }
}

/** Milliseconds since 1970 of the newest or oldest instant; dates are their first. Infinity is no instant. */
export const instantOf = ({ column, which }: RulePlan & { readonly kind: 'instant' }): string => {
  const finite = (x: string): string => `${x} filter (where isfinite(${column.sql}))`
  if (column.lists.length === 0) return `epoch_ms(${finite(`${which}(${column.sql})`)})`
  return `epoch_ms(${which}(list_${which}(list_filter(${valuesOfRow(column)}, lambda one: isfinite(one)))))`
}

/** Questions that no row can fail, because neither the least nor the greatest value of the footers does. */
const keptByBounds = async (
  subject: MeasureSubject,
  questions: readonly Question[],
): Promise<ReadonlySet<Question>> => {
  const asked = questions.flatMap(question => {
    const { plan } = question
    if (plan.kind !== 'rows' || !plan.ordered || plan.column.lists.length > 0) return []
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
