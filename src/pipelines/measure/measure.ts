/** Measures a dataset and judges its rules: load what footers and one pass over the rows tell, then decide. */
import { askAll } from './facts.ts'
import { failingKeys } from './failing.ts'
import { profileAsks, profileOf } from './profile.ts'
import { questionsOf } from './question.ts'
import type { Measured, MeasureInput, Metric, Profile } from './result.ts'
import { sampleOf } from './sample.ts'
import { openSubject } from './subject.ts'
import { type Judged, judge } from './verdict.ts'

/**
 * The verdict of every rule, in the order of the rules; with `profile` also metrics and the profile of every column.
 * A rule that cannot be evaluated is a verdict too. Throws where the relation cannot be read, the session ends, or memory does not suffice.
 */
export const measure = async (input: MeasureInput): Promise<Measured> => {
  const subject = await openSubject(input.session, input.dataset, input.relation)
  const questions = await questionsOf(subject, input.rules)
  const asked = new Set(questions.flatMap(question => question.asks))
  if (input.profile) for (const ask of profileAsks(subject)) asked.add(ask)
  const facts = await askAll(input.session, subject.table, asked, input.profile ? sampleOf(subject) : undefined)
  const judged: Judged[] = []
  for (const question of questions) {
    judged.push(await judge({ ...input, subject, facts }, question))
  }
  const { profile, metrics } = input.profile ? await profileOf(subject, facts) : onlyRows(subject.rows)
  return {
    measurement: { checks: judged.map(it => it.check), metrics, profile },
    failing: max => failingKeys(subject, input.columns, judged, max),
  }
}

const onlyRows = (rows: number): { readonly profile: Profile; readonly metrics: readonly Metric[] } => ({
  profile: { rows, columns: [] },
  metrics: [{ name: 'rows', value: rows }],
})
