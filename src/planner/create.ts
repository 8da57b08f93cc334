/** Files and catalogue in, plan out. Loads what it needs, then decides. */
import { join } from 'node:path'
import {
  didYouMean,
  hashValue,
  noCache,
  openCache,
  type Problem,
  problem,
  sortProblems,
  WeftError,
} from '../base/index.ts'
import { type Mesh, type Product, productOf, storageUrl } from '../domain/index.ts'
import { policiesInForce } from '../governance/index.ts'
import { appliedHops, bothHops, hopsOf } from '../lineage/index.ts'
import { activeHolds, type RunParts, type ServedPort, servedPorts, servedPublications } from '../pipelines/index.ts'
import { adoptable, fieldIdsBeside } from './adopt.ts'
import { hasOtherRoots, highestFieldIds, loadApplied } from './applied-store.ts'
import { type Allowed, blockedBy, lostRoots } from './blocked.ts'
import { brokenModels, holdSteps, readsOf, refuseInvalid } from './broken.ts'
import { planBuilds } from './builds.ts'
import type { CheckedMesh } from './check.ts'
import { consequencesOf } from './consequences.ts'
import { desiredEntities, type Entity, entityKey } from './desired.ts'
import { type AppliedEntity, type Difference, diff, type ModelChange, removedKeys } from './diff.ts'
import { differingProducts } from './differing.ts'
import { ownedBy, readersOf } from './lineage.ts'
import { changedModels, modelChanges } from './model-changes.ts'
import type { Change, Consequence, Plan, Step, Verdict } from './plan.ts'
import { livesOf, refuseGoneButNamed } from './port-life.ts'
import { plannerProblems } from './problems.ts'
import { retireSteps } from './retirements.ts'
import { currentRevisions, removalCounts, revisionOf } from './revision-store.ts'
import { findRevivals, type Revival, revivedPorts, reviveSteps, withRevived } from './revivals.ts'
import { keyOf, releaseSteps, stillHeld, storageSteps, urlOf } from './steps.ts'
import { surroundings } from './surroundings.ts'
import { portVersions } from './versions.ts'

/** Makes a plan. Throws an `invalid` error where the files are wrong for another reason than a change that the plan itself tells of. */
export const createPlan = async (parts: RunParts, checked: CheckedMesh, allowed: Allowed): Promise<Plan> => {
  const { mesh } = checked
  const { db } = parts.store
  const givenRoots = new Set(mesh.roots.map(root => root.id))
  const named = [...allowed.breaking, ...allowed.removal]
  const chosen = await productsToCompare(parts, checked, givenRoots, named)
  const [applied, publications, holds] = [
    await loadApplied(db, parts.env, chosen),
    await servedPublications(db, parts.env),
    await activeHolds(db, parts.env, parts.effects.now()),
  ]
  const broken = brokenModels(mesh, checked, applied)
  await refuseGoneButNamed(parts, checked, applied, allowed)
  refuseInvalid(checked, broken)
  const reads = readsOf(checked, broken, applied)
  const products = chosen?.flatMap(subject => mesh.products.get(subject) ?? [])
  const desired = desiredEntities(mesh, reads, products)
  const revivals = await findRevivals(db, parts.env, desired, applied, givenRoots)
  const adopts = await adoptSteps(parts, mesh, new Set([...publications.keys(), ...revivedPorts(revivals)]))
  const served = await servedWith(parts, publications, adopts, revivals)
  refuseUnknownNames(named, applied, desired)
  const before = withRevived(applied, revivals)
  const newFieldId = await fieldIds(parts, mesh, adopts, products)
  const meanings = await meaningsOf(parts, desired, before)
  const difference = diff(desired, before, givenRoots, newFieldId, meanings)
  const life = await livesOf(parts, { mesh, reads, desired, applied: before, givenRoots, allowed })
  const changes = life.changes(revivals, difference.changes)
  const reached = await consequencesOf(changes, {
    limits: parts.limits,
    // What is applied reads until the plan is done, what the files add reads from then on.
    hops: bothHops(
      appliedHops(db, parts.env),
      hopsOf(() =>
        [...difference.byOwner.keys()].flatMap(subject => ownedBy(checked, subject).flatMap(it => it.edges)),
      ),
    ),
    reads: readersOf(parts),
    around: surroundings(applied, desired, model => meanings.get(model)?.columns, mesh),
  })
  const consequences = life.consequences(reached.consequences)
  const removed = removedKeys(desired, applied, givenRoots)
  const blocked = sortProblems([
    ...life.problems,
    ...blockedBy(life.others(changes), consequences, before, allowed, portVersions(changes, mesh)),
    ...lostRoots(applied, desired, removed, givenRoots, allowed, unchangedByRoot(mesh, products)),
    ...movedStorages(mesh, applied, publications, allowed),
  ])
  const brokenProducts = new Set([...broken.keys()].map(dataset => productOf(dataset)))
  const steps = [
    ...storageSteps(mesh, applied),
    ...reviveSteps(revivals),
    ...retireSteps(difference, life.going, keyOf),
    ...life.steps,
    ...releaseSteps(changes, holds, brokenProducts),
    ...adopts,
    ...holdSteps(broken, brokenProducts, applied),
    ...(await planBuilds(
      parts,
      mesh,
      served,
      new Set([
        ...brokenProducts,
        ...stillHeld(mesh, changes, holds),
        ...adopts.flatMap(it => (it.isHeld ? [it.product] : [])),
      ]),
      changes,
    )),
  ]
  return finish(parts.env, {
    changes,
    consequences,
    isCut: reached.isCut,
    blocked,
    steps,
    verdicts: verdictsOf(mesh, parts.effects.now().toISOString().slice(0, 10)),
    allowed,
    products: mesh.products.size,
    difference,
    revisions: keys => revisionsOf(parts, keys, applied, chosen),
  })
}

/**
 * The products that files and catalogue do not say the same of: of all others there is nothing to tell. Undefined means all: with other roots
 * beside these, with permissions, which may name anything, and where a contract is missed, whose readers are told from the catalogue.
 */
const productsToCompare = async (
  { store: { db }, env }: RunParts,
  checked: CheckedMesh,
  givenRoots: ReadonlySet<string>,
  named: readonly string[],
): Promise<readonly string[] | undefined> => {
  const isMissed = checked.problems.some(it => it.code === 'mesh.unknown-contract')
  if (named.length > 0 || isMissed || (await hasOtherRoots(db, env, givenRoots))) return undefined
  const cache = checked.cache === undefined ? noCache : openCache(join(checked.cache, 'applied'), env)
  const differing = await differingProducts(db, env, checked.mesh, checked.reads, cache)
  cache.save()
  return [...new Set([...differing, ...productsWithErrors(checked)])]
}

/** How many products of each root are in none of what was loaded. */
const unchangedByRoot = (mesh: Mesh, products: readonly Product[] | undefined): Map<string, number> => {
  const counts = new Map<string, number>()
  if (products === undefined) return counts
  const chosen = new Set(products)
  for (const product of mesh.products.values())
    if (!chosen.has(product)) counts.set(product.root, (counts.get(product.root) ?? 0) + 1)
  return counts
}

/** Their models' definitions as they were applied tell what was broken by whom. */
const productsWithErrors = (checked: CheckedMesh): string[] =>
  checked.bindProblems.flatMap(it =>
    it.severity === 'error' && it.subject !== undefined ? [productOf(it.subject)] : [],
  )

/** How models changed that were there before; the engine is opened only where there are any. */
const meaningsOf = async (
  parts: RunParts,
  desired: ReadonlyMap<string, Entity>,
  applied: ReadonlyMap<string, AppliedEntity>,
): Promise<Map<string, ModelChange>> => {
  const pairs = changedModels(desired, applied)
  if (pairs.length === 0) return new Map()
  const engine = await parts.engine()
  const session = await engine.open({ memory: parts.limits.runMemory, threads: 1, scratch: parts.scratch })
  try {
    return await modelChanges(texts => session.parse(texts), pairs)
  } finally {
    await session.close()
  }
}

/** A permission for something that is not there was meant for something else. */
const refuseUnknownNames = (
  names: readonly string[],
  applied: ReadonlyMap<string, AppliedEntity>,
  desired: ReadonlyMap<string, Entity>,
): void => {
  if (names.length === 0) return
  const known = new Set([...applied.values(), ...desired.values()].map(it => it.subject))
  const wrong = names.find(name => !known.has(name))
  if (wrong === undefined) return
  throw new WeftError(
    'usage',
    problem(plannerProblems, 'plan.unknown-permission', `nothing is called "${wrong}"`, {
      found: wrong,
      help: didYouMean(wrong, known),
      expected: 'a subject such as sales.shop-orders.orders.v2',
    }),
  )
}

type Publications = Awaited<ReturnType<typeof servedPublications>>
type Adopt = Step & { kind: 'adopt' }

const adoptSteps = async (parts: RunParts, mesh: Mesh, published: ReadonlySet<string>): Promise<Adopt[]> => {
  const steps: Adopt[] = []
  for (const product of mesh.products.values()) {
    for (const port of product.outputs) {
      if (port.datasets.length === 0 || published.has(port.subject)) continue
      const step = await adoptable(parts, product, port)
      if (step !== undefined) steps.push(step)
    }
  }
  return steps
}

/** What is served, and what would be after adopting and bringing back. */
const servedWith = async (
  parts: RunParts,
  publications: Publications,
  adopts: readonly Adopt[],
  revivals: readonly Revival[],
): Promise<Map<string, ServedPort>> => {
  const served = await servedPorts(parts, publications)
  for (const it of revivals) if (it.served !== undefined) served.set(it.subject, it.served)
  for (const step of adopts) {
    served.set(step.subject, {
      seq: step.publication,
      datasets: step.snapshots.map(({ dataset, snapshot, buildKey }) => ({ dataset, snapshot, buildKey })),
    })
  }
  return served
}

/** New columns take the next id of their dataset; where a port is adopted, its columns keep the ids of their files. */
const fieldIds = async (
  parts: RunParts,
  mesh: Mesh,
  adopts: readonly Adopt[],
  products: readonly Product[] | undefined,
): Promise<(dataset: string, column: string) => number> => {
  const datasets = products?.flatMap(it => it.outputs.flatMap(port => port.datasets.map(dataset => dataset.subject)))
  const asked = datasets !== undefined && datasets.length > 500 ? undefined : datasets
  const highest =
    asked?.length === 0 ? new Map<string, number>() : await highestFieldIds(parts.store.db, parts.env, asked)
  const known = new Map<string, number>()
  for (const step of adopts) {
    const product = mesh.products.get(step.product)
    const port = product?.outputs.find(it => it.subject === step.subject)
    if (product === undefined || port === undefined) continue
    for (const dataset of port.datasets) {
      const beside = await fieldIdsBeside(parts, product, port, dataset.name)
      for (const [column, id] of beside.byColumn) known.set(`${dataset.subject}.${column}`, id)
      highest.set(dataset.subject, Math.max(highest.get(dataset.subject) ?? 0, beside.highest))
    }
  }
  return (dataset, column) => {
    const kept = known.get(`${dataset}.${column}`)
    if (kept !== undefined) return kept
    const next = (highest.get(dataset) ?? 0) + 1
    highest.set(dataset, next)
    return next
  }
}

/** What is served lies where it was written: another address would make all of it unreadable. */
const movedStorages = (
  mesh: Mesh,
  applied: ReadonlyMap<string, AppliedEntity>,
  publications: Publications,
  allowed: Allowed,
): Problem[] =>
  [...mesh.domains.keys()].flatMap(domain => {
    const before = urlOf(applied.get(entityKey('domain', domain)))
    const url = storageUrl(mesh, domain)
    const isServed = [...publications.keys()].some(port => port.startsWith(`${domain}.`))
    if (before === undefined || before === url || !isServed || allowed.breaking.includes(domain)) return []
    return [
      problem(
        plannerProblems,
        'plan.storage-moved',
        `the storage of ${domain} has another address, and what it serves lies at the old one`,
        {
          found: url,
          expected: before,
          subject: domain,
          place: mesh.domains.get(domain)?.at(['storage']),
          help: `copy the files first, then allow it by name: --allow-breaking ${domain}`,
        },
      ),
    ]
  })

/** Retention is carried out by runs; of all other policies a plan says that they are checked and no more. */
const verdictsOf = (mesh: Mesh, today: string): Verdict[] => {
  const inForce = policiesInForce(mesh, today)
  return mesh.others
    .filter(it => it.kind === 'policy' && (it.body as { mode?: string }).mode !== 'off') // a policy's document is an object
    .map(
      ({ subject }): Verdict =>
        inForce.has(subject)
          ? { policy: subject, outcome: 'enforced', detail: 'runs remove what it does not keep' }
          : { policy: subject, outcome: 'observed', detail: 'not enforced yet' },
    )
    .sort((a, b) => a.policy.localeCompare(b.policy))
}

/** A plan's id from the rest of it. */
export const planHash = (plan: Omit<Plan, 'id'> & { readonly id?: string }): string => {
  const { id: _, ...rest } = plan
  return hashValue(rest).slice(0, 12)
}

/** What was loaded tells it for its products; of others it is asked. */
const revisionsOf = async (
  { store, env }: RunParts,
  keys: readonly string[],
  applied: ReadonlyMap<string, AppliedEntity>,
  chosen: readonly string[] | undefined,
): Promise<ReadonlyMap<string, number>> => {
  if (keys.length === 0) return new Map()
  const loaded = new Set(chosen)
  const isOutside = (key: string): boolean =>
    chosen !== undefined && !applied.has(key) && !loaded.has(productOf(key.slice(key.indexOf(' ') + 1)))
  const removals = await removalCounts(store.db, env)
  const outside = await currentRevisions(store.db, env, keys.filter(isOutside))
  return new Map(keys.map(key => [key, outside.get(key) ?? revisionOf(applied.get(key)?.revision, removals.get(key))]))
}

interface Parts {
  readonly changes: readonly Change[]
  readonly consequences: readonly Consequence[]
  readonly isCut: boolean
  readonly blocked: readonly Problem[]
  readonly steps: readonly Step[]
  readonly verdicts: readonly Verdict[]
  readonly allowed: Allowed
  /** How many the files have. */
  readonly products: number
  readonly difference: Difference
  readonly revisions: (keys: readonly string[]) => Promise<ReadonlyMap<string, number>>
}

const finish = async (environment: string, it: Parts): Promise<Plan> => {
  const { changes, consequences, blocked, steps, verdicts, allowed, difference } = it
  const touched = new Set<string>()
  for (const { entities } of difference.byOwner.values()) {
    for (const entity of entities) touched.add(entityKey(entity.kind, entity.renamedFrom ?? entity.subject))
  }
  for (const { consumer } of consequences)
    if (consumer.kind === 'product') touched.add(entityKey('product', consumer.name))
  for (const step of steps)
    if (step.kind === 'build' || step.kind === 'hold') touched.add(entityKey('product', step.subject))
    else if (step.kind === 'revive') touched.add(entityKey(step.what, step.subject))
  const keys = [...touched].sort()
  const revisions = await it.revisions(keys)
  const reads = Object.fromEntries(keys.map(key => [key, revisions.get(key) ?? 0]))
  const count = (name: Change['class']): number => changes.filter(change => change.class === name).length
  const consequencesHash = hashValue(consequences)
  const plan = {
    environment,
    base: hashValue(reads),
    summary: {
      breaking: count('breaking'),
      additive: count('additive'),
      data: count('data'),
      metadata: count('metadata'),
      changed: new Set(changes.map(change => productOf(change.subject))).size,
      none: Math.max(0, it.products - new Set(changes.map(change => productOf(change.subject))).size),
    },
    changes,
    steps,
    consequences,
    ...(it.isCut ? { consequencesCut: true as const } : {}),
    verdicts,
    blocked,
    reads,
    consequencesHash,
    allowed,
  }
  return { id: planHash(plan), ...plan }
}
