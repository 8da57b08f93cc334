/** Measures a dataset and judges its rules: load what footers and one pass over the rows tell, then decide. */
import type { Ask } from './ask.ts'
import { type Estimated, partEstimates, stillStands, wholeAsks, wholeEstimates } from './estimate.ts'
import { askAll, type Facts } from './facts.ts'
import { failingKeys } from './failing.ts'
import { countWhere } from './keys.ts'
import { keyOf, type Memory, storableAnswer } from './memory.ts'
import { askParts, columnsKey, type OpenParts, openParts, repeatsKey, wereUnique } from './parts.ts'
import { profileAsks, profileOf } from './profile.ts'
import { type Question, questionsOf } from './question.ts'
import type { Measured, MeasureInput, Metric, Profile } from './result.ts'
import { conditionOf } from './rule-plan.ts'
import { type MeasureSubject, openSubject } from './subject.ts'
import { type Judged, judge, orphansKey } from './verdict.ts'

/**
 * The verdict of every rule, in the order of the rules; with `profile` also metrics and the profile of every column.
 * With `parts` only what has changed is read, as far as it has to be, for the same verdicts.
 * A rule that cannot be evaluated is a verdict too. Throws where the relation cannot be read, the session ends, or memory does not suffice.
 */
export const measure = async (input: MeasureInput): Promise<Measured> => {
  const subject = await openSubject(input.session, input.dataset, input.relation)
  const parts = await openParts(input, subject)
  const questions = await questionsOf(subject, input.rules)
  const asks = [...questions.flatMap(it => it.asks), ...(input.profile ? profileAsks(subject) : [])]
  const kept = parts?.memory.estimates
  const isMerged = parts !== undefined && stillStands(kept, parts, subject.rows)
  const whole = input.profile && !isMerged ? wholeAsks(subject) : { asks: [], keep: {} }
  const exact = questions.flatMap(({ count }) =>
    count?.isExact === true && !wereUnique(parts, count.columns) ? [count.distinct] : [],
  )
  const facts = await askFacts(subject, parts, asks, [...whole.asks, ...exact], whole.keep)
  const judged: Judged[] = []
  for (const question of questions) judged.push(await judge({ ...input, subject, facts, parts }, question))
  const estimated = !input.profile
    ? undefined
    : isMerged
      ? await partEstimates(subject, parts, kept)
      : await wholeEstimates(subject, facts)
  const { profile, metrics } =
    estimated === undefined ? onlyRows(subject.rows) : profileOf(subject, facts, estimated.columns)
  return {
    measurement: { checks: judged.map(it => it.check), metrics, profile },
    memory: memoryOf(subject, asks, facts, judged, estimated),
    failing: max => failingKeys(subject, input.columns, judged, max),
  }
}

const onlyRows = (rows: number): { readonly profile: Profile; readonly metrics: readonly Metric[] } => ({
  profile: { rows, columns: [] },
  metrics: [{ name: 'rows', value: rows }],
})

/** Answers about all rows: from the parts where they are known, else from one pass. */
const askFacts = async (
  subject: MeasureSubject,
  parts: OpenParts | undefined,
  asks: readonly Ask[],
  more: readonly string[],
  keep: Readonly<Record<string, string>>,
): Promise<Facts> => {
  const unique = [...new Map(asks.map(ask => [ask.sql, ask])).values()]
  const known = parts === undefined ? () => undefined : await askParts(parts, unique)
  const rest = unique.map(it => it.sql).filter(sql => known(sql) === undefined)
  const facts = await askAll(subject.session, subject.table, new Set([...rest, ...more]), keep)
  return sql => known(sql) ?? facts(sql)
}

const memoryOf = (
  subject: MeasureSubject,
  asks: readonly Ask[],
  facts: Facts,
  judged: readonly Judged[],
  estimated: Estimated | undefined,
): Memory => {
  const answers: Memory['facts'] = {}
  for (const { sql, merge } of asks) {
    const fact = facts(sql)
    const answer = fact.ok && merge !== 'whole' ? storableAnswer(fact.value) : undefined
    if (answer !== undefined) answers[keyOf(sql)] = answer
  }
  const counted = (kind: Question['plan']['kind'], key: (question: Question) => string): Record<string, number> =>
    Object.fromEntries(
      judged.flatMap(({ question, counted: count }) =>
        question.plan.kind === kind && count !== undefined ? [[key(question), count]] : [],
      ),
    )
  return {
    version: 1,
    rows: subject.rows,
    columns: columnsKey(subject),
    facts: { ...answers, ...answeredByFooters(judged) },
    repeats: counted('duplicates', it => repeatsKey(it.columns)),
    orphans: counted('foreignKey', orphansKey),
    ...(estimated?.memory === undefined ? {} : { estimates: estimated.memory }),
  }
}

/** What footers have answered this time may have to be asked the next time. */
const answeredByFooters = (judged: readonly Judged[]): Memory['facts'] =>
  Object.fromEntries(
    judged.flatMap(({ question: { plan, asks, count }, check }) => {
      if (count?.wholeRows !== undefined) return [[keyOf(count.whole), count.wholeRows]]
      if ((plan.kind !== 'rows' && plan.kind !== 'nulls') || asks.length > 0 || check.rowsFailed === undefined)
        return []
      return [[keyOf(countWhere(conditionOf(plan))), check.rowsFailed]]
    }),
  )
