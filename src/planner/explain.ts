/** A plan in words, from the same list of steps that apply walks. Pure. */
import type { Step } from './plan.ts'

/** One line for what a step will do, with the real names that it touches. */
export const explainStep = (step: Step): string => {
  switch (step.kind) {
    case 'define':
      return `record ${step.subject}: ${countOf(step)}`
    case 'retire':
      return `take ${step.subject} out of the mesh; its files stay in the storage of its domain`
    case 'deprecate':
      return `record that ${step.subject} ends${step.until === undefined ? '' : ` on ${step.until}`}${step.successor === undefined ? '' : `, and that ${step.successor} is read instead`}`
    case 'revive':
      return `bring back ${step.subject}${step.publication === undefined ? '' : `: serve its publication ${step.publication} again: ${(step.snapshots ?? []).map(it => `${it.dataset} ${it.snapshot} (${it.rows} rows)`).join(', ')}`}`
    case 'provisionStorage':
      return `make the storage of ${step.subject} ready at ${step.url}`
    case 'adopt':
      return `serve publication ${step.publication} of ${step.subject} again, found beside the data: ${step.snapshots.map(it => `${it.dataset} ${it.snapshot} (${it.rows} rows)`).join(', ')}`
    case 'release':
      return `end the hold of ${step.subject}`
    case 'hold':
      return `keep what ${step.subject} serves: ${step.reason}`
    case 'build':
      return `build ${step.subject}: ${step.reason}`
    default:
      return step satisfies never
  }
}

const countOf = (step: Step & { kind: 'define' }): string => {
  const counts = new Map<string, number>()
  for (const it of step.entities) counts.set(it.change, (counts.get(it.change) ?? 0) + 1)
  return [...counts].map(([change, count]) => `${count} ${change}`).join(', ')
}
