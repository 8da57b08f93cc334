/** From what the data answered to the verdict of each rule. */
import type { Relation } from '../../engine/index.ts'
import { decimalText } from './decimal.ts'
import { type Facts, refusalOf } from './facts.ts'
import { findOrphans } from './foreign-key.ts'
import { countRepeats, numberOf, wholeKey } from './keys.ts'
import { Untestable } from './literal.ts'
import { countWhere, instantOf, type Question } from './question.ts'
import type { CheckResult } from './result.ts'
import { conditionOf, ruleColumns } from './rule-plan.ts'
import { runSqlCheck } from './sql-check.ts'
import type { MeasureSubject } from './subject.ts'
import { type Amount, amountOf, meets } from './threshold.ts'
import { ageWords, expectedWords, foundWords } from './words.ts'

export interface JudgeInput {
  readonly subject: MeasureSubject
  readonly dataset: string
  readonly relation: Relation
  readonly facts: Facts
  readonly other: (dataset: string) => Promise<Relation | undefined>
  readonly nowMs: number
}

/** A verdict, and the condition that is true for the rows that fail, where rows do. */
export interface Judged {
  readonly question: Question
  readonly check: CheckResult
  readonly condition?: string
}

interface Verdict {
  readonly state: CheckResult['state']
  readonly found: string
  readonly rowsFailed?: number
  readonly condition?: string
}

/** Judges one rule. What the engine refuses is the rule's error; anything else that is thrown ends the measuring. */
export const judge = async (input: JudgeInput, question: Question): Promise<Judged> => {
  const { rule } = question
  const { condition, ...verdict } = await verdictOf(input, question)
  const isRun = rule.test.kind !== 'unsupported'
  const names = ruleColumns(rule.test)
  const check: CheckResult = {
    dataset: input.dataset,
    ...(names.length === 1 && names[0] !== undefined ? { property: names[0] } : {}),
    check: rule.id,
    kind: rule.test.kind,
    ...(rule.dimension === undefined ? {} : { dimension: rule.dimension }),
    // What Weft does not run must not keep anything from being published.
    severity: isRun ? rule.severity : 'info',
    ...verdict,
    expected: expectedWords(rule.test),
    rows: input.subject.rows,
    ...rule.place,
  }
  return { question, check, ...(condition === undefined ? {} : { condition }) }
}

const verdictOf = async (input: JudgeInput, question: Question): Promise<Verdict> => {
  const { rule, plan } = question
  try {
    switch (plan.kind) {
      case 'untestable':
        return failedToRun(rule.test.kind === 'unsupported' ? 'not run by Weft' : plan.reason)
      case 'rowCount':
        return ofCount(input, question, input.subject.rows)
      case 'rows':
        return ofFact(input, question, conditionOf(plan), 0)
      case 'nulls': {
        const known = input.subject.statistics.get(plan.column.name)?.nulls ?? 0
        return ofFact(input, question, conditionOf(plan), known)
      }
      case 'duplicates':
        return await ofDuplicates(input, question)
      case 'instant':
        return ofInstant(input, question)
      case 'gap':
        return await ofGap(input, question)
      case 'foreignKey':
        return await ofForeignKey(input, question)
      case 'sql':
        return await ofSql(input, question)
    }
  } catch (error) {
    return failedToRun(error instanceof Untestable ? error.message : refusalOf(error))
  }
}

const failedToRun = (reason: string): Verdict => ({ state: 'error', found: reason })

/** Rows that fail, against the threshold of a metric or against none at all. */
const ofCount = (input: JudgeInput, { rule }: Question, count: number, condition?: string): Verdict => {
  const { test } = rule
  const { rows } = input.subject
  const unit = 'unit' in test ? test.unit : 'rows'
  const isMet = 'threshold' in test ? meets(test.threshold, amountOf(count, rows, unit)) : count === 0
  return {
    state: isMet ? 'passed' : 'failed',
    found: foundWords(test, count, rows),
    ...(test.kind === 'rowCount' ? {} : { rowsFailed: count }),
    ...(condition === undefined ? {} : { condition }),
  }
}

/** `known` is the count where footers have answered, so that nothing was asked. */
const ofFact = (input: JudgeInput, question: Question, condition: string, known: number): Verdict => {
  if (question.asks.length === 0) return ofCount(input, question, known, condition)
  const fact = input.facts(countWhere(condition))
  return fact.ok ? ofCount(input, question, numberOf(fact.value), condition) : failedToRun(fact.reason)
}

const ofDuplicates = async (input: JudgeInput, question: Question): Promise<Verdict> => {
  const { plan, count } = question
  if (plan.kind !== 'duplicates' || count === undefined) return failedToRun('the rule names no key')
  const repeats = await countRepeats(input.subject, count, input.facts)
  if (typeof repeats === 'string') return failedToRun(repeats)
  const whole = input.facts(count.whole)
  const broken = plan.nullsFail && whole.ok ? input.subject.rows - numberOf(whole.value) : 0
  const keys = plan.columns.map(it => it.sql).join(', ')
  const filled = wholeKey(plan.columns)
  const repeated = `select ${keys} from ${input.subject.table} where ${filled} group by ${keys} having count(*) > 1`
  const condition = `(${filled} and (${keys}) in (${repeated}))${plan.nullsFail ? ` or not (${filled})` : ''}`
  return ofCount(input, question, repeats + broken, condition)
}

const ofInstant = (input: JudgeInput, { rule, plan }: Question): Verdict => {
  if (plan.kind !== 'instant' || !('maxAgeMs' in rule.test)) return failedToRun('the rule names no instant')
  const fact = input.facts(instantOf(plan))
  if (!fact.ok) return failedToRun(fact.reason)
  if (fact.value === null) return { state: 'failed', found: 'no instant at all' }
  const ageMs = input.nowMs - numberOf(fact.value)
  return {
    state: ageMs <= rule.test.maxAgeMs ? 'passed' : 'failed',
    found: ageMs < 0 ? `${ageWords(-ageMs)} ahead of the run` : ageWords(ageMs),
  }
}

/** Instants are sorted by spans of the greatest gap that is allowed: a greater one lies between two spans, never inside one. */
const ofGap = async (input: JudgeInput, { rule, plan }: Question): Promise<Verdict> => {
  if (plan.kind !== 'gap' || rule.test.kind !== 'frequency') return failedToRun('the rule names no instant')
  const { session, table } = input.subject
  const { sql } = plan.column
  const span = Math.max(1, rule.test.maxGapMs)
  const instants = `select epoch_ms(${sql}) as instant from ${table} where isfinite(${sql})`
  const spans = `select min(instant) - lag(max(instant)) over (order by instant // ${span}) as gap from (${instants}) group by instant // ${span}`
  const [row] = await session.rows(`select max(gap) as gap from (${spans})`)
  const gapMs = numberOf(row?.gap ?? 0)
  const isMet = gapMs <= rule.test.maxGapMs
  return { state: isMet ? 'passed' : 'failed', found: isMet ? 'no greater gap' : `a gap of ${ageWords(gapMs)}` }
}

const ofForeignKey = async (input: JudgeInput, question: Question): Promise<Verdict> => {
  const { plan } = question
  if (plan.kind !== 'foreignKey') return failedToRun('the rule names no key')
  const { subject } = input
  // A key into its own dataset is judged by the rows at hand, not by those that are served.
  const other = plan.to === input.dataset ? input.relation : await input.other(plan.to)
  const found = await findOrphans(subject, plan.columns, plan.to, plan.toColumns, other)
  if (!found.ok) return failedToRun(found.reason)
  const [row] = await subject.session.rows(`select count(*) as n from ${subject.table} where ${found.condition}`)
  return ofCount(input, question, numberOf(row?.n ?? 0), found.condition)
}

const ofSql = async (input: JudgeInput, { rule, plan }: Question): Promise<Verdict> => {
  if (plan.kind !== 'sql' || rule.test.kind !== 'sql') return failedToRun('the rule has no statement')
  const { subject } = input
  const checked = await runSqlCheck(subject.session, subject.table, plan.query, plan.column)
  if (!checked.ok) return failedToRun(checked.reason)
  const isMet = meets(rule.test.threshold, checked.value)
  return { state: isMet ? 'passed' : 'failed', found: amountWords(checked.value) }
}

/** A number is the check's metric; a text may be a value of a row and is not shown. */
const amountWords = (amount: Amount): string => {
  if (amount === null) return 'no value'
  if (typeof amount === 'boolean') return String(amount)
  if (typeof amount === 'string') return 'a text'
  const { digits, scale } = amount.part
  return decimalText(digits, scale)
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '')
}
