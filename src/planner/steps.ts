/** The steps that follow from domains and from holds, and the keys of those that define and retire. Pure. */
import { hashValue } from '../base/index.ts'
import { type Mesh, type Product, productOf, storageUrl } from '../domain/index.ts'
import type { activeHolds } from '../pipelines/index.ts'
import { entityKey } from './desired.ts'
import type { AppliedEntity } from './diff.ts'
import { type Change, type EntityChange, type Step, systemName } from './plan.ts'

export const storageSteps = (mesh: Mesh, applied: ReadonlyMap<string, AppliedEntity>): Step[] => {
  const withData = new Set(
    [...mesh.products.values()]
      .filter(product => product.outputs.some(port => port.datasets.length > 0))
      .map(product => product.domain),
  )
  return [...withData].sort().flatMap(domain => {
    const url = storageUrl(mesh, domain)
    if (urlOf(applied.get(entityKey('domain', domain))) === url) return []
    return [{ kind: 'provisionStorage' as const, subject: domain, key: `provisionStorage ${domain} ${url}`, url }]
  })
}

/** Bodies of domains are written by desired.ts only. */
export const urlOf = (domain: { readonly body: unknown } | undefined): string | undefined =>
  (domain?.body as { storageUrl?: string } | undefined)?.storageUrl // as the comment says

/** Another key for other contents, so that a plan which is made again finds its steps. */
export const keyOf = (kind: 'define' | 'retire', subject: string, entities: readonly EntityChange[]): string =>
  `${kind} ${subject} ${hashValue(entities.map(it => [it.kind, it.subject, it.change, it.hash, it.fieldId])).slice(0, 16)}`

type Holds = Awaited<ReturnType<typeof activeHolds>>

const changesProduct = (changes: readonly Change[], product: string): boolean =>
  changes.some(
    change => change.class !== 'metadata' && (change.subject === product || change.subject.startsWith(`${product}.`)),
  )

/** A hold ends with a plan that changes the product. */
export const releaseSteps = (changes: readonly Change[], holds: Holds, broken: ReadonlySet<string>): Step[] =>
  [...holds.keys()].sort().flatMap(subject => {
    const product = productOf(subject)
    if (broken.has(product)) return []
    return changesProduct(changes, product) || holds.get(subject)?.by === systemName
      ? [
          {
            kind: 'release' as const,
            subject,
            key: `release ${subject} ${holds.get(subject)?.since.toISOString() ?? ''}`,
          },
        ]
      : []
  })

export const stillHeld = (mesh: Mesh, changes: readonly Change[], holds: Holds): string[] =>
  [...mesh.products.values()]
    .filter((product: Product) => isHeld(product, holds) && !changesProduct(changes, product.subject))
    .map(product => product.subject)

const isHeld = (product: Product, holds: Holds): boolean =>
  [product.subject, ...product.outputs.map(port => port.subject)].some(
    subject => holds.has(subject) && holds.get(subject)?.by !== systemName,
  )
