/** Holds that people, or a plan, have set. */
import { type Problem, problem } from '../base/index.ts'
import type { Product } from '../domain/index.ts'
import type { Db } from '../store/index.ts'
import { pipelineProblems } from './problems.ts'
import { activeHolds } from './publication-store.ts'

/** Why the product may not be built now; undefined where it may. */
export const heldByPerson = async (db: Db, env: string, product: Product, now: Date): Promise<Problem | undefined> => {
  const holds = await activeHolds(db, env, now)
  const port = product.outputs.find(it => holds.has(it.subject))
  const subject = holds.has(product.subject) ? product.subject : port?.subject
  if (subject === undefined) return undefined
  return problem(pipelineProblems, 'run.held-by-person', `${subject} is on hold: ${holds.get(subject)?.reason ?? ''}`, {
    subject,
    help: `weft release ${subject}`,
  })
}
