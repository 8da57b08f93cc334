/** Runs for people: one line each, and under those that published nothing the reason. */
import { exitCodes } from '../base/index.ts'
import type { Run } from '../pipelines/index.ts'
import { worstOf } from '../pipelines/index.ts'
import { count, duration, several, type Terminal } from './terminal.ts'

const words: Readonly<Record<string, readonly [string, 'green' | 'red' | 'yellow' | 'dim']>> = {
  succeeded: ['published', 'green'],
  unchanged: ['unchanged', 'dim'],
  quarantined: ['quarantined', 'red'],
  held: ['held', 'yellow'],
  failed: ['failed', 'red'],
  cancelled: ['cancelled', 'yellow'],
}

/** 0, 1 failed, 3 quarantined, 4 held by a person or a plan, 130 cancelled. */
export const runsCode = (runs: readonly Run[]): number => {
  const worst = worstOf(runs)
  return worst === 'succeeded'
    ? 0
    : worst === 'quarantined'
      ? exitCodes.checks
      : worst === 'held'
        ? exitCodes.blocked
        : worst === 'cancelled'
          ? exitCodes.interrupted
          : exitCodes.failed
}

/** Where a person has seen each line as it came, only those that published nothing are told again, with the reason. */
export const printRuns = (
  { print, style }: Terminal,
  runs: readonly Run[],
  options: { readonly onlyBad: boolean },
): void => {
  for (const run of runs) {
    for (const line of leftOutLines(run)) print(line)
    if (options.onlyBad && (run.state === 'succeeded' || run.state === 'unchanged')) continue
    const [word, colour] = words[run.state] ?? [run.state, 'dim']
    const rows = run.datasets.reduce((sum, it) => sum + (it.rows ?? 0), 0)
    const took = run.durationMs === null ? '' : duration(run.durationMs)
    print(
      `${style(word.padEnd(11), colour)} ${run.product.padEnd(30)} ${(rows === 0 ? '' : `${count(rows)} rows`).padEnd(16)} ${took}`.trimEnd(),
    )
    // The rest is told with its lines, below.
    for (const it of run.problems.filter(one => one.code.startsWith('run.held')).slice(0, 3))
      print(`            ${it.message}`)
  }
}

/** What policies have kept out of the new snapshots. */
export const leftOutLines = (run: Run): string[] =>
  run.datasets.flatMap(({ dataset, leftOut }) =>
    (leftOut ?? []).map(
      ({ policy, by, before, rows, partitions }) =>
        `left out    ${dataset}: ${several(rows, 'row')}${partitions === 0 ? '' : ` and ${several(partitions, 'whole partition')}`} with ${by} before ${before} (policy ${policy})`,
    ),
  )

/** `7 published, 1 quarantined, 2 held in 3.2 s`. */
export const runsSummary = (runs: readonly Run[], ms: number): string => {
  const counts = new Map<string, number>()
  for (const run of runs) {
    const word = words[run.state]?.[0] ?? run.state
    counts.set(word, (counts.get(word) ?? 0) + 1)
  }
  const parts = [...counts].map(([word, value]) => `${value} ${word}`)
  return parts.length === 0
    ? `nothing to build, ${duration(ms)}`
    : `${parts.join(', ')} of ${several(runs.length, 'product')} in ${duration(ms)}`
}
