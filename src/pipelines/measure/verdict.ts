/** From what the data answered to the verdict of each rule. */
import { plainPlace } from '../../base/index.ts'
import type { Relation } from '../../engine/index.ts'
import { decimalText } from './decimal.ts'
import { type Facts, refusalOf } from './facts.ts'
import { findOrphans } from './foreign-key.ts'
import { countRepeats, countWhere, numberOf, wholeKey, wholeRowsOf } from './keys.ts'
import { Untestable } from './literal.ts'
import { keyOf } from './memory.ts'
import { type OpenParts, orphansOfParts, repeatsOfParts, wereUnique } from './parts.ts'
import { instantOf, type Question } from './question.ts'
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
  /** Where only what has changed is read. */
  readonly parts?: OpenParts | undefined
  readonly other: (dataset: string) => Promise<Relation | undefined>
  readonly nowMs: number
}

/** A verdict, and the condition that is true for the rows that fail, where rows do. */
export interface Judged {
  readonly question: Question
  readonly check: CheckResult
  readonly condition?: string
  /** What the next measuring may know of it: repeated keys, or rows without their counterpart. */
  readonly counted?: number
}

interface Verdict {
  readonly state: CheckResult['state']
  readonly found: string
  readonly rowsFailed?: number
  readonly condition?: string
  readonly counted?: number
}

/** Judges one rule. What the engine refuses is the rule's error; anything else that is thrown ends the measuring. */
export const judge = async (input: JudgeInput, question: Question): Promise<Judged> => {
  const { rule } = question
  const { condition, counted, ...verdict } = await verdictOf(input, question)
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
    ...plainPlace(rule.place),
  }
  return {
    question,
    check,
    ...(condition === undefined ? {} : { condition }),
    ...(counted === undefined ? {} : { counted }),
  }
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
  const { parts } = input
  const repeats =
    parts !== undefined && wereUnique(parts, plan.columns)
      ? await repeatsOfParts(parts, plan.columns)
      : await countRepeats(input.subject, count, input.facts)
  if (typeof repeats === 'string') return failedToRun(repeats)
  const whole = wholeRowsOf(count, input.facts)
  const broken = plan.nullsFail && typeof whole === 'number' ? input.subject.rows - whole : 0
  const keys = plan.columns.map(it => it.sql).join(', ')
  const filled = wholeKey(plan.columns)
  const repeated = `select ${keys} from ${input.subject.table} where ${filled} group by ${keys} having count(*) > 1`
  const condition = `(${filled} and (${keys}) in (${repeated}))${plan.nullsFail ? ` or not (${filled})` : ''}`
  return { ...ofCount(input, question, repeats + broken, condition), counted: repeats }
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
  const { subject, parts } = input
  // A key into its own dataset is judged by the rows at hand, not by those that are served.
  const isSelf = plan.to === input.dataset
  const other = isSelf ? input.relation : await input.other(plan.to)
  const conditionIn = (one: MeasureSubject) => findOrphans(one, plan.columns, plan.to, plan.toColumns, other)
  const found = await conditionIn(subject)
  if (!found.ok) return failedToRun(found.reason)
  const countIn = async (one: MeasureSubject): Promise<number | string> => {
    const orphans = await conditionIn(one)
    return orphans.ok ? countRows(one, orphans.condition) : orphans.reason
  }
  const to = { dataset: plan.to, isSelf }
  const count =
    parts === undefined
      ? await countRows(subject, found.condition)
      : await orphansOfParts(parts, orphansKey(question), to, countIn)
  if (typeof count === 'string') return failedToRun(count)
  return { ...ofCount(input, question, count, found.condition), counted: count }
}

/** A relationship as the next measuring finds it again. */
export const orphansKey = ({ rule, columns }: Question): string => keyOf([rule.test, columns.map(it => it.type)])

const countRows = async ({ session, table }: MeasureSubject, condition: string): Promise<number> => {
  const [row] = await session.rows(`select count(*) as n from ${table} where ${condition}`)
  return numberOf(row?.n ?? 0)
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
