/** What a plan says of ports that are deprecated: a change with its countdown, whom it reaches, a step that records it. Pure. */
import { canonicalJson, hashValue } from '../base/index.ts'
import {
  type Deprecation,
  lifeOf,
  type Mesh,
  type PortLife,
  portLife,
  portMeant,
  writtenStatus,
} from '../domain/index.ts'
import type { AppliedEntity } from './diff.ts'
import type { Change, Consequence, Step } from './plan.ts'
import { type ReadersOfPorts, touchedReaders } from './port-readers.ts'

export interface Deprecated {
  readonly changes: readonly Change[]
  readonly consequences: readonly Consequence[]
  readonly steps: readonly (Step & { kind: 'deprecate' })[]
}

/** Of ports that were applied before without a deprecation, or with other dates or another successor; of what is not in `applied`, nothing is said. */
export const deprecations = (
  mesh: Mesh,
  applied: ReadonlyMap<string, AppliedEntity>,
  givenRoots: ReadonlySet<string>,
  readers: ReadersOfPorts,
  today: string,
): Deprecated => {
  const changes: Change[] = []
  const consequences: Consequence[] = []
  const steps: (Step & { kind: 'deprecate' })[] = []
  for (const product of mesh.products.values()) {
    if (!givenRoots.has(product.root)) continue
    for (const port of product.outputs) {
      const before = appliedLife(mesh, applied, port.subject, today)
      if (before === undefined) continue
      const life = portLife(mesh, product, port, today)
      if (life.status !== 'deprecated') continue
      if (canonicalJson(said(before)) === canonicalJson(said(life))) continue
      const { file, line } = port.contract?.at(['status']) ?? port.place
      const common = { subject: port.subject, kind: 'outputPort' as const, file, line }
      changes.push({
        ...common,
        change: 'deprecated',
        class: 'metadata',
        from: before.status,
        to: 'deprecated',
        detail: life.words ?? 'is deprecated',
      })
      consequences.push(...touchedReaders(port.subject, readers.get(port.subject) ?? []))
      const { until, successor, reason } = life
      const about = {
        ...(until === undefined ? {} : { until }),
        ...(successor === undefined ? {} : { successor }),
        ...(reason === undefined ? {} : { reason }),
      }
      const key = `deprecate ${port.subject} ${hashValue([before.status, about]).slice(0, 16)}`
      steps.push({ kind: 'deprecate', subject: port.subject, key, ...about })
    }
  }
  return { changes, consequences, steps }
}

const said = ({ status, since, until, successor, reason }: PortLife) => ({ status, since, until, successor, reason })

/** The port that a contract's word for its successor means, in the files or as it was applied; else the word, which is a URL. */
export const successorMeant = (mesh: Mesh, applied: ReadonlyMap<string, AppliedEntity>, word: string): string =>
  portMeant(mesh, word) ??
  [...applied.values()].find(it => it.kind === 'outputPort' && bodyOf(it).contract === word)?.subject ??
  word

/** The life of a port as it was applied; undefined where it was not. */
export const appliedLife = (
  mesh: Mesh,
  applied: ReadonlyMap<string, AppliedEntity>,
  port: string,
  today: string,
): PortLife | undefined => {
  const entity = applied.get(`outputPort ${port}`)
  if (entity === undefined) return undefined
  const contract = bodyOf(applied.get(`contract ${port}`))
  const product = bodyOf(applied.get(`product ${entity.parent}`))
  return lifeOf(
    {
      major: bodyOf(entity).major ?? 0,
      contractStatus: writtenStatus(contract.document),
      productStatus: product.status ?? 'active',
      deprecation: contract.deprecation,
    },
    today,
    word => successorMeant(mesh, applied, word),
  )
}

interface Body {
  readonly major?: number
  readonly contract?: string
  readonly status?: string
  readonly document?: unknown
  readonly deprecation?: Deprecation
}

const bodyOf = (entity: AppliedEntity | undefined): Body => (entity?.body ?? {}) as Body // bodies are written by desired.ts only
