/** Whether the versions that authors wrote have moved as far as what changed asks. Pure. */
import { type Problem, problem } from '../base/index.ts'
import {
  isVersionEnough,
  type Mesh,
  outputPorts,
  type VersionVerdict,
  verdictOf,
  versionAfter,
} from '../domain/index.ts'
import { portOf } from './diff.ts'
import type { Change } from './plan.ts'
import { plannerProblems } from './problems.ts'

export interface PortVersion {
  readonly port: string
  /** As it was applied. */
  readonly from: string
  readonly to: string
  readonly verdict: VersionVerdict
  /** The lowest version that would do. */
  readonly proposed: string
  readonly isEnough: boolean
}

/** Of every port whose contract changed and that was there before. */
export const portVersions = (changes: readonly Change[], mesh: Mesh): PortVersion[] => {
  const byPort = new Map<string, (Change & { reader: NonNullable<Change['reader']> })[]>()
  for (const it of changes) {
    if (it.reader === undefined) continue
    const port = portOf(it.subject)
    byPort.set(port, [...(byPort.get(port) ?? []), { ...it, reader: it.reader }])
  }
  const ports = outputPorts(mesh)
  return [...byPort].flatMap(([port, own]) => {
    const to = ports.get(port)?.port.version
    if (to === undefined) return []
    const from = own.find(it => it.rule === 'contract.version')?.from ?? to
    const verdict = verdictOf(own)
    const proposed = versionAfter(from, verdict)
    if (proposed === undefined) return []
    return [{ port, from, to, verdict, proposed, isEnough: isVersionEnough(from, to, verdict) }]
  })
}

/** Ports that offer more under a version that does not say so. What breaks readers is blocked elsewhere; a patch may go without. */
export const versionWarnings = (versions: readonly PortVersion[], mesh: Mesh): Problem[] => {
  const ports = outputPorts(mesh)
  return versions
    .filter(it => it.verdict === 'minor' && !it.isEnough)
    .map(({ port, from, to, proposed }) =>
      problem(plannerProblems, 'contract.version-too-low', `${port} offers more than before and is still ${to}`, {
        place: ports.get(port)?.port.contract?.at(['version']),
        subject: port,
        found: to,
        expected: `${proposed} would do`,
        help: `write version: ${proposed} in the contract and at the port (it was ${from})`,
      }),
    )
}
