/** How many snapshots of a dataset are kept, as policies in force say it. Pure. */
import picomatch from 'picomatch'
import { parseDuration } from '../../base/index.ts'
import type { Mesh } from '../../domain/index.ts'
import { type PolicyDocument, policyDocument } from './documents.ts'

/** A snapshot stays where any of these wants it. */
export interface Keep {
  /** The newest so many. */
  readonly count?: number
  /** What was served within this time. */
  readonly ageMs?: number
}

/** The rules that hold for each dataset. Policies that only observe or warn, or hold from a later day, delete nothing. */
export const snapshotRetention = (mesh: Mesh, today: string): ((dataset: string) => readonly Keep[]) => {
  const rules = mesh.others.flatMap(it => {
    const policy = it.kind === 'policy' ? policyDocument.safeParse(it.body).data : undefined
    return policy === undefined || !isInForce(policy, today) ? [] : rulesOf(policy)
  })
  return dataset => rules.filter(rule => rule.covers(dataset)).map(rule => rule.keep)
}

const isInForce = (policy: PolicyDocument, today: string): boolean =>
  policy.type === 'retention' &&
  policy.mode === 'enforce' &&
  (policy.enforceOn === undefined || policy.enforceOn <= today)

const rulesOf = (policy: PolicyDocument) => {
  const { domains, products } = policy.appliesTo ?? {}
  return policy.rules.flatMap(rule => {
    const { keepSnapshots, on } = rule as { keepSnapshots?: number | string; on?: { datasets?: string[] } } // the schema of the document has checked the rules of its type
    const keep = keepOf(keepSnapshots)
    if (keep === undefined) return []
    const covers = (dataset: string): boolean => {
      const [domain = '', product = ''] = dataset.split('.')
      return matches(on?.datasets, dataset) && matches(domains, domain) && matches(products, `${domain}.${product}`)
    }
    return [{ keep, covers }]
  })
}

const keepOf = (written: number | string | undefined): Keep | undefined => {
  if (typeof written === 'number') return { count: written }
  const ageMs = written === undefined ? undefined : parseDuration(written)
  return ageMs === undefined ? undefined : { ageMs }
}

const matches = (globs: readonly string[] | undefined, subject: string): boolean =>
  globs === undefined || globs.some(glob => picomatch.isMatch(subject, glob))
