/** Ports that a plan takes out of the mesh: who stands in the way, what is left of them. Pure. */
import type { PortReader } from '../access/index.ts'
import { type Problem, problem } from '../base/index.ts'
import type { Mesh, PortLife } from '../domain/index.ts'
import { type Allowed, covers } from './blocked.ts'
import { appliedLife, successorMeant } from './deprecations.ts'
import { type AppliedEntity, type Difference, removedKeys } from './diff.ts'
import type { Change, Consequence, Step } from './plan.ts'
import { type ReadersOfPorts, readerWords, touchedReaders } from './port-readers.ts'
import { plannerProblems } from './problems.ts'

export interface Retirement {
  readonly port: string
  readonly life: PortLife
  /** Its product goes as a whole. */
  readonly isWithProduct: boolean
  readonly file: string
  readonly line: number
}

/** The ports that were applied and that the given roots do not have any more, or only as retired. */
export const retirements = (
  mesh: Mesh,
  desired: ReadonlyMap<string, unknown>,
  applied: ReadonlyMap<string, AppliedEntity>,
  givenRoots: ReadonlySet<string>,
  today: string,
): Retirement[] =>
  removedKeys(desired, applied, givenRoots).flatMap(key => {
    const entity = applied.get(key)
    if (entity?.kind !== 'outputPort') return []
    const port = entity.subject
    const before = appliedLife(mesh, applied, port, today)
    if (before === undefined) return []
    // A contract that stays to say that the port is retired says best why, and where to go.
    const contract = [...mesh.contracts.values()].find(it => it.subject === port && it.status === 'retired')
    const { successor, reason } = contract?.deprecation ?? {}
    const place = contract?.at(['status']) ?? entity
    return [
      {
        port,
        isWithProduct: !desired.has(`product ${entity.parent}`),
        life: {
          ...before,
          ...(successor === undefined ? {} : { successor: successorMeant(mesh, applied, successor) }),
          ...(reason === undefined ? {} : { reason }),
        },
        file: place.file,
        line: place.line,
      },
    ]
  })

/** A product reads what it declares: one that has read and declares it no longer has moved. */
const hasMoved = (it: PortReader): boolean => it.kind === 'product' && it.via.every(via => via === 'observed')

const isUnder = (subject: string, port: string): boolean =>
  subject === port || subject.startsWith(`${port}.`) || subject.startsWith(`${port}#`)

/** The port that a subject belongs to among those that go. */
export const retiredPortOf = (subject: string, going: readonly Retirement[]): string | undefined =>
  going.find(it => isUnder(subject, it.port))?.port

/** One that a plan may not retire: somebody reads it, or it was never said that it ends. */
export const retirementProblems = (
  going: readonly Retirement[],
  readers: ReadersOfPorts,
  allowed: Allowed,
  noticeDays: number,
): Problem[] =>
  going.flatMap(({ port, life, isWithProduct, file, line }) => {
    if (covers(allowed.removal, port) || covers(allowed.breaking, port)) return []
    const isDeprecated = life.status === 'deprecated'
    const isOver = isDeprecated && life.daysLeft !== undefined && life.daysLeft < 0
    // Who only read it was told the date; who declares it would be left with a product that cannot be built.
    const standing = (readers.get(port) ?? []).filter(
      it => !hasMoved(it) && (!isOver || it.via.some(via => via !== 'observed')),
    )
    const place = { file, line, column: 1 }
    if (standing.length > 0) {
      const named = standing.map(readerWords).join('; ')
      const first = isDeprecated ? `it can go when nobody has read it for ${noticeDays} days` : 'deprecate it first'
      const until =
        isOver || life.until === undefined || !isDeprecated ? '' : ` or, if nobody declares it, after ${life.until}`
      return [
        problem(plannerProblems, 'port.still-read', `${port} is still read by ${named}`, {
          place,
          subject: port,
          found: standing.map(it => it.name).join(', '),
          help: `${first}${until}; against its readers, by name: --allow-removal ${port}`,
        }),
      ]
    }
    if (isDeprecated || life.status === 'draft' || isWithProduct) return []
    return [
      problem(
        plannerProblems,
        'plan.removal',
        `${port}: output port is no longer in the files, and was never deprecated`,
        {
          place,
          subject: port,
          help: `allow it by name: --allow-removal ${port}`,
        },
      ),
    ]
  })

/** Readers whom no change of a definition shows: those with an agreement, and those who only read. */
export const retirementConsequences = (
  going: readonly Retirement[],
  readers: ReadersOfPorts,
  known: readonly Consequence[],
): Consequence[] =>
  going.flatMap(({ port }) =>
    touchedReaders(
      port,
      (readers.get(port) ?? []).filter(it => !hasMoved(it)),
    ).filter(it => !known.some(one => one.consumer.name === it.consumer.name && isUnder(one.subject, port))),
  )

/** The changes with what becomes of the ports in place of "no longer in the files". */
export const retirementChanges = (
  changes: readonly Change[],
  going: readonly Retirement[],
  keptDays: number,
): Change[] =>
  changes.map(change => {
    const one = going.find(it => it.port === change.subject && change.kind === 'outputPort')
    if (one === undefined) return change
    return { ...change, detail: `is retired; what it served is kept for ${keptDays} days, and can be brought back` }
  })

/** Splits what is removed with each port out of the step of its product. */
export const retireSteps = (difference: Difference, going: readonly Retirement[], keyOf: KeyOf): Step[] =>
  [...difference.byOwner].flatMap(([subject, { root, entities }]): Step[] => {
    const isGone = entities.some(it => it.subject === subject && it.change === 'removed' && it.kind !== 'pipeline')
    const stones = going.filter(it => it.port.startsWith(`${subject}.`))
    if (isGone)
      return [
        {
          kind: 'retire',
          subject,
          key: keyOf('retire', subject, entities),
          root,
          entities,
          tombstones: stones.map(stoneOf),
        },
      ]
    const ports = stones.map(stone => {
      const own = entities.filter(it => it.change === 'removed' && isUnder(it.subject, stone.port))
      const key = keyOf('retire', stone.port, own)
      return { kind: 'retire' as const, subject: stone.port, key, root, entities: own, tombstones: [stoneOf(stone)] }
    })
    const rest = entities.filter(it => it.change !== 'removed' || retiredPortOf(it.subject, stones) === undefined)
    if (rest.length === 0) return ports
    return [{ kind: 'define', subject, key: keyOf('define', subject, rest), root, entities: rest }, ...ports]
  })

type KeyOf = (kind: 'define' | 'retire', subject: string, entities: (Step & { kind: 'define' })['entities']) => string

const stoneOf = ({ port, life: { successor, reason } }: Retirement) => ({
  port,
  ...(successor === undefined ? {} : { successor }),
  ...(reason === undefined ? {} : { reason }),
})
