/** What a plan says and does about the life of ports: deprecated ones, retired ones, those that come back. */
import { type Limits, type Problem, WeftError } from '../base/index.ts'
import { type Mesh, outputPorts } from '../domain/index.ts'
import type { RunParts } from '../pipelines/index.ts'
import type { Allowed } from './blocked.ts'
import type { CheckedMesh } from './check.ts'
import { deprecations } from './deprecations.ts'
import type { Entity } from './desired.ts'
import type { AppliedEntity } from './diff.ts'
import type { Change, Consequence, Step } from './plan.ts'
import { type ReadersOfPorts, readersInFiles, readersOfPorts, readingAfter } from './port-readers.ts'
import {
  type Retirement,
  retiredPortOf,
  retirementChanges,
  retirementConsequences,
  retirementProblems,
  retirements,
} from './retirements.ts'
import type { Revival } from './revivals.ts'

export interface Lives {
  readonly going: readonly Retirement[]
  readonly problems: readonly Problem[]
  readonly steps: readonly Step[]
  changes(revivals: readonly Revival[], changes: readonly Change[]): Change[]
  consequences(known: readonly Consequence[]): Consequence[]
  /** The changes that are judged as any other: all but the retirement of ports and of what belongs to them. */
  others(changes: readonly Change[]): Change[]
}

export interface LifeInput {
  readonly mesh: Mesh
  /** What models read, as it is planned. */
  readonly reads: CheckedMesh['reads']
  readonly desired: ReadonlyMap<string, Entity>
  /** With what comes back. */
  readonly applied: ReadonlyMap<string, AppliedEntity>
  readonly givenRoots: ReadonlySet<string>
  readonly allowed: Allowed
}

const dayMs = 86_400_000

/** With those who have really read. */
export const livesOf = async (parts: RunParts, input: LifeInput): Promise<Lives> => {
  const now = parts.effects.now()
  const going = goingOf(input, now)
  return lives(input, now, going, await readersOfEnding(parts, input, going), parts.limits)
}

/** From files alone: who declares it, whose models read it, who has an agreement. */
export const livesInFiles = (input: LifeInput, now: Date, limits: LifeLimits): Lives => {
  const { mesh, reads, applied, givenRoots } = input
  const readers = readersInFiles(mesh, readingAfter({ mesh, reads }, applied, givenRoots), now)
  return lives(input, now, goingOf(input, now), readers, limits)
}

type LifeLimits = Pick<Limits, 'noticePeriodMs' | 'retiredKeptMs'>

const dayOf = (now: Date): string => now.toISOString().slice(0, 10)

const goingOf = ({ mesh, desired, applied, givenRoots }: LifeInput, now: Date): Retirement[] =>
  retirements(mesh, desired, applied, givenRoots, dayOf(now))

const lives = (
  { mesh, desired, applied, givenRoots, allowed }: LifeInput,
  now: Date,
  going: readonly Retirement[],
  readers: ReadersOfPorts,
  limits: LifeLimits,
): Lives => {
  const deprecated = deprecations(mesh, applied, givenRoots, readers, dayOf(now))
  const days = (ms: number): number => Math.round(ms / dayMs)
  return {
    going,
    problems: retirementProblems(going, readers, allowed, days(limits.noticePeriodMs)),
    steps: deprecated.steps,
    changes: (revivals, changes) => [
      ...retirementChanges(changes, going, days(limits.retiredKeptMs)),
      ...revivals.map(it => revivedChange(it, desired)),
      ...deprecated.changes,
    ],
    consequences: known =>
      [...known, ...deprecated.consequences, ...retirementConsequences(going, readers, known)].sort(
        (a, b) => a.subject.localeCompare(b.subject) || a.consumer.name.localeCompare(b.consumer.name),
      ),
    others: changes =>
      changes.filter(it =>
        it.change === 'removed' && it.kind !== 'product' ? retiredPortOf(it.subject, going) === undefined : true,
      ),
  }
}

/** Most plans end nothing, and ask for no readers. */
const readersOfEnding = async (
  parts: RunParts,
  { mesh, reads, desired, applied, givenRoots }: LifeInput,
  going: readonly Retirement[],
): Promise<ReadersOfPorts> => {
  const isDeprecated = (port: string | undefined): boolean => {
    const body = desired.get(`contract ${port}`)?.body as { status?: string } | undefined // bodies are written by desired.ts only
    return body?.status === 'deprecated'
  }
  if (going.length === 0 && ![...desired.values()].some(it => it.kind === 'contract' && isDeprecated(it.subject)))
    return new Map()
  const ending = [...applied.values()].filter(
    it => it.kind === 'dataset' && (retiredPortOf(it.subject, going) !== undefined || isDeprecated(it.parent)),
  )
  const after = readingAfter({ mesh, reads }, applied, givenRoots)
  return readersOfPorts(
    parts,
    mesh,
    after,
    ending.map(it => it.subject),
  )
}

/**
 * A port whose contract is gone from the files while others of them name it: told as a retirement that its readers stand against, and not
 * as a word that leads nowhere. Throws `port.still-read`; returns where the owner has allowed it, and the files have to be mended.
 */
export const refuseGoneButNamed = async (
  parts: RunParts,
  { mesh, problems }: Pick<CheckedMesh, 'mesh' | 'problems'>,
  applied: ReadonlyMap<string, AppliedEntity>,
  allowed: Allowed,
): Promise<void> => {
  const unknown = problems.filter(it => it.code === 'mesh.unknown-contract')
  if (unknown.length === 0) return
  const live = outputPorts(mesh)
  const roots = new Set(mesh.roots.map(root => root.id))
  const gone = [...applied.values()].filter(it => {
    const { contract } = it.body as { contract?: string } // bodies are written by desired.ts only
    return it.kind === 'outputPort' && !live.has(it.subject) && unknown.some(one => one.found === contract)
  })
  if (gone.length === 0) return
  const left = new Map([...applied].filter(([, it]) => it.kind !== 'outputPort' || live.has(it.subject)))
  const today = parts.effects.now().toISOString().slice(0, 10)
  const going = retirements(mesh, left, applied, roots, today).filter(it => gone.some(one => one.subject === it.port))
  const read = [...applied.values()].filter(
    it => it.kind === 'dataset' && retiredPortOf(it.subject, going) !== undefined,
  )
  const readers = await readersOfPorts(
    parts,
    mesh,
    [...applied.values()],
    read.map(it => it.subject),
  )
  const days = Math.round(parts.limits.noticePeriodMs / dayMs)
  const [first, ...more] = retirementProblems(going, readers, allowed, days)
  if (first?.code === 'port.still-read') throw new WeftError('blocked', first, { more: [...more, ...unknown] })
}

const revivedChange = ({ kind, subject, served }: Revival, desired: ReadonlyMap<string, Entity>): Change => {
  const { file = '', line = 1 } = desired.get(`${kind} ${subject}`) ?? {}
  const rows = served?.datasets.reduce((sum, it) => sum + (it.rows ?? 0), 0)
  const what =
    served === undefined
      ? ''
      : `: publication ${served.seq} of ${served.at.toISOString().slice(0, 10)} is served again (${rows} rows)`
  return { subject, kind, change: 'added', class: 'additive', detail: `brought back${what}`, file, line }
}
