/** Whether the files still say what a plan was made from: what is shown is what is run. Pure. */

import { type Problem, problem } from '../base/index.ts'
import { productOf } from '../domain/index.ts'
import { type Entity, entityKey } from './desired.ts'
import type { AppliedEntity } from './diff.ts'
import type { EntityChange, Plan } from './plan.ts'
import { plannerProblems } from './problems.ts'

/** The first thing that the files say otherwise than the plan, or than what was applied where the plan only builds; undefined where nothing does. */
export const differingFile = (
  plan: Plan,
  desired: ReadonlyMap<string, Entity>,
  applied: ReadonlyMap<string, AppliedEntity>,
): Problem | undefined => {
  const written = new Map<string, EntityChange>()
  const owners = new Set<string>()
  for (const step of plan.steps) {
    owners.add(step.subject)
    // The step of a port is one of its product's.
    if (step.kind === 'retire' || step.kind === 'revive') owners.add(productOf(step.subject))
    if (step.kind === 'define' || step.kind === 'retire')
      for (const it of step.entities) written.set(entityKey(it.kind, it.subject), it)
  }
  for (const [key, it] of written) {
    const now = desired.get(key)
    const isSame = it.change === 'removed' ? now === undefined : now?.hash === it.hash
    if (!isSame) return stale(plan, it.subject, now?.file ?? it.file, now?.line ?? it.line)
  }
  for (const [key, it] of desired) {
    if (!owners.has(it.owner) || written.has(key) || applied.get(key)?.hash === it.hash) continue
    return stale(plan, it.subject, it.file, it.line)
  }
  // What was applied and the files no longer have: a rule that was deleted since would otherwise pass for one that holds.
  for (const [key, it] of applied) {
    const product = it.subject.split(/[.#]/).slice(0, 2).join('.')
    if (!owners.has(product) && !owners.has(it.subject)) continue
    if (!desired.has(key) && !written.has(key) && !isRenamed(plan, it.subject))
      return stale(plan, it.subject, it.file, it.line)
  }
  return undefined
}

const isRenamed = (plan: Plan, subject: string): boolean =>
  plan.steps.some(step => step.kind === 'define' && step.entities.some(it => it.renamedFrom === subject))

const stale = (plan: Plan, subject: string, file: string | undefined, line: number | undefined): Problem =>
  problem(plannerProblems, 'plan.stale', `the files have changed since plan ${plan.id} was made: ${subject}`, {
    subject,
    help: 'make a new plan: weft plan',
    ...(file === undefined || file === '' ? {} : { place: { file, line: line ?? 1, column: 1 } }),
  })
