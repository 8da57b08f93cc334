/** A plan in words, from the same list of steps that apply walks. Pure. */
import type { Plan, Step } from './plan.ts'

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

/** The plan as a comment for a pull request. */
export const planMarkdown = (plan: Plan): string => {
  const { breaking, additive, data, metadata } = plan.summary
  const lines = [
    `## Plan ${plan.id} against ${plan.environment}`,
    '',
    `${breaking} breaking, ${additive} additive, ${data} data, ${metadata} metadata.`,
  ]
  if (plan.changes.length === 0 && plan.steps.length === 0)
    lines.push('', 'Nothing to do: the files and the catalogue say the same.')
  if (plan.changes.length > 0) {
    lines.push('', '| class | change | subject | what |', '|---|---|---|---|')
    for (const it of plan.changes) lines.push(`| ${it.class} | ${it.change} | \`${it.subject}\` | ${cell(it.detail)} |`)
  }
  if (plan.consequences.length > 0) {
    lines.push('', '### Whom it touches', '', '| consumer | owner | subject | columns | how |', '|---|---|---|---|---|')
    for (const it of plan.consequences) {
      lines.push(
        `| \`${it.consumer.name}\` | ${cell(it.owner)} | \`${it.subject}\` | ${it.columns.join(', ')} | ${it.how}, ${it.via} |`,
      )
    }
  }
  if (plan.blocked.length > 0) {
    lines.push('', '### Blocked', '')
    for (const it of plan.blocked)
      lines.push(`- **${it.code}** ${cell(it.message)}${it.help === undefined ? '' : ` (${it.help})`}`)
  }
  if (plan.steps.length > 0) {
    lines.push('', '### Steps', '')
    for (const step of plan.steps) lines.push(`1. ${explainStep(step)}`)
  }
  return `${lines.join('\n')}\n`
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')
