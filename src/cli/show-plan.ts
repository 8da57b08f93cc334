/** A plan for people: what it does to others first, steps only when asked for. */
import type { Change, Plan } from '../planner/index.ts'
import { explainStep } from '../planner/index.ts'
import { printable, several, type Terminal } from './terminal.ts'
import { touchedLines } from './touched.ts'

const signs = { added: '+', removed: '-', changed: '~', renamed: '~', deprecated: '!' } as const
const shownMax = 12

export const printPlan = (terminal: Terminal, plan: Plan, options: { readonly steps: boolean }): void => {
  const { print, style } = terminal
  print(`${style(`Plan ${plan.id}`, 'bold')} against ${plan.branch?.ref ?? plan.environment}`)
  if (plan.changes.length === 0 && plan.steps.length === 0) {
    print('  Nothing to do: files, catalogue and data say the same.')
    return
  }
  for (const [kind, title, colour] of classes) {
    const changes = plan.changes.filter(it => it.class === kind && it.change !== 'deprecated')
    if (changes.length === 0) continue
    print()
    print(`  ${style(`${title} (${changes.length})`, colour)}`)
    for (const line of changeLines(terminal, plan, changes, kind === 'breaking')) print(line)
  }
  const ending = plan.changes.filter(it => it.change === 'deprecated')
  if (ending.length > 0) {
    print()
    print(`  ${style(`Deprecated (${ending.length})`, 'yellow')}`)
    for (const line of changeLines(terminal, plan, ending, true)) print(line)
  }
  const others = plan.consequences.filter(it => changeOf(plan, it.subject) === undefined)
  const touched = touchedLines(terminal, others, new Set(others.map(it => it.subject)).size > 1)
  if (touched.length > 0) {
    print()
    print(`  ${style(`Also touched (${touched.length})`, 'cyan')}`)
    for (const line of touched.slice(0, shownMax)) print(`  > ${line}`)
    if (touched.length > shownMax) print(`    and ${touched.length - shownMax} more; --json has all`)
  }
  if (plan.consequencesCut === true) {
    print()
    print(`  ${style('More is touched than a plan names', 'yellow')}: the limit consequencesMax`)
  }
  const builds = plan.steps.filter(it => it.kind === 'build')
  const rest = plan.steps.filter(
    it =>
      it.kind === 'adopt' ||
      it.kind === 'hold' ||
      it.kind === 'release' ||
      it.kind === 'retire' ||
      it.kind === 'revive',
  )
  if (builds.length > 0) {
    print()
    print(`  ${style(`Builds (${builds.length})`, 'cyan')}`)
    for (const it of builds.slice(0, shownMax)) print(`  > ${it.subject}  ${style(it.reason, 'dim')}`)
    if (builds.length > shownMax) print(`    and ${builds.length - shownMax} more`)
  }
  if (rest.length > 0) {
    print()
    for (const it of rest) print(`  ! ${printable(explainStep(it))}`)
  }
  printVerdicts(terminal, plan)
  if (options.steps) {
    print()
    print(`  ${style('Steps', 'bold')}`)
    plan.steps.forEach((it, index) => {
      print(`  ${String(index + 1).padStart(3)}. ${printable(explainStep(it))}`)
    })
  }
  print()
  print(summaryOf(plan))
}

const classes = [
  ['breaking', 'Breaking for readers', 'red'],
  ['additive', 'Additive', 'green'],
  ['data', 'Data', 'yellow'],
  ['metadata', 'Words only', 'dim'],
] as const

/** What breaks or ends that a consequence is told below: the thing itself, else the nearest that it is a part of. */
const changeOf = (plan: Plan, subject: string): string | undefined =>
  plan.changes
    .filter(it => it.class === 'breaking' || it.change === 'deprecated')
    .map(it => it.subject)
    .filter(it => it === subject || subject.startsWith(`${it}.`))
    .sort((a, b) => b.length - a.length)[0]

const changeLines = (terminal: Terminal, plan: Plan, changes: readonly Change[], isBreaking: boolean): string[] => {
  const lines: string[] = []
  for (const it of changes.slice(0, isBreaking ? changes.length : shownMax)) {
    lines.push(`  ${signs[it.change]} ${printable(it.subject)}  ${terminal.style(printable(it.detail), 'dim')}`)
    if (!isBreaking) continue
    const hit = plan.consequences.filter(one => changeOf(plan, one.subject) === it.subject)
    for (const line of touchedLines(terminal, hit)) lines.push(`      used by ${line}`)
  }
  if (!isBreaking && changes.length > shownMax) lines.push(`    and ${changes.length - shownMax} more; --json has all`)
  return lines
}

const printVerdicts = ({ print, style }: Terminal, plan: Plan): void => {
  if (plan.verdicts.length === 0) return
  print()
  const show = (outcome: Plan['verdicts'][number]['outcome'], words: string): void => {
    const named = plan.verdicts.filter(it => it.outcome === outcome).map(it => it.policy.replace('policy/', ''))
    if (named.length > 0)
      print(`  Policy   ${several(named.length, 'policy', 'policies')} ${words}: ${named.join(', ')}`)
  }
  show('enforced', 'in force')
  show('observed', `checked, ${style('not enforced yet', 'yellow')}`)
}

const summaryOf = (plan: Plan): string => {
  const { breaking, additive, data, metadata } = plan.summary
  const parts = [
    [breaking, 'breaking'],
    [additive, 'additive'],
    [data, 'data'],
    [metadata, 'words only'],
  ] as const
  const counted = parts.flatMap(([value, word]) => (value > 0 ? [`${value} ${word}`] : []))
  return `${counted.length === 0 ? 'no change of definitions' : counted.join(', ')}; ${several(plan.steps.length, 'step')}`
}
