/** Models that something upstream has broken: what they make is held, and what the catalogue knows of them stays as it was. Pure. */
import { hasErrors, hashValue, sortProblems, WeftError } from '../base/index.ts'
import { type Mesh, productOf } from '../domain/index.ts'
import type { CheckedMesh } from './check.ts'
import { desiredEntities, type Entity, entityKey, type ModelBody, type ModelReads } from './desired.ts'
import type { AppliedEntity } from './diff.ts'
import type { Step } from './plan.ts'

/** The files as entities; models that something upstream has broken keep the reads that they were applied with. */
export const plannedEntities = (
  checked: CheckedMesh,
  applied: ReadonlyMap<string, AppliedEntity>,
): ReadonlyMap<string, Entity> =>
  desiredEntities(checked.mesh, readsOf(checked, brokenModels(checked.mesh, checked, applied), applied))

/** Models that bound when they were applied and do not now, though their own text is the same: something upstream changed under them. By dataset, with the reason. */
export const brokenModels = (
  mesh: Mesh,
  checked: CheckedMesh,
  applied: ReadonlyMap<string, AppliedEntity>,
): Map<string, string> => {
  const broken = new Map<string, string>()
  const models = new Map(
    [...mesh.products.values()].flatMap(product => product.models.map(model => [model.dataset, model] as const)),
  )
  for (const found of checked.bindProblems) {
    if (found.severity !== 'error' || found.subject === undefined) continue
    const before = applied.get(entityKey('model', found.subject))?.body as ModelBody | undefined // bodies of models are written by desired.ts only
    if (before !== undefined && before.text === models.get(found.subject)?.text)
      broken.set(found.subject, found.message)
  }
  return broken
}

/** Throws what is wrong with the files for another reason. */
export const refuseInvalid = (checked: CheckedMesh, broken: ReadonlyMap<string, string>): void => {
  const rest = [...checked.problems, ...checked.bindProblems.filter(found => !broken.has(found.subject ?? ''))]
  if (!hasErrors(rest)) return
  const [first, ...more] = sortProblems(rest)
  if (first !== undefined) throw new WeftError('invalid', first, { more })
}

export const readsOf = (
  checked: CheckedMesh,
  broken: ReadonlyMap<string, string>,
  applied: ReadonlyMap<string, AppliedEntity>,
): Map<string, readonly ModelReads[]> => {
  const reads = new Map(checked.reads)
  for (const dataset of broken.keys()) {
    const before = applied.get(entityKey('model', dataset))?.body as ModelBody | undefined // as above
    if (before !== undefined) reads.set(dataset, before.reads)
  }
  return reads
}

export const holdSteps = (
  broken: ReadonlyMap<string, string>,
  products: ReadonlySet<string>,
  applied: ReadonlyMap<string, AppliedEntity>,
): Step[] =>
  [...products].sort().flatMap(product => {
    if (!applied.has(entityKey('product', product))) return []
    const [, reason] = [...broken].find(([dataset]) => productOf(dataset) === product) ?? ['', '']
    return [
      { kind: 'hold' as const, subject: product, key: `hold ${product} ${hashValue(reason).slice(0, 16)}`, reason },
    ]
  })
