/** What a branch changes, seen from where it began: a plan for reviewers, made from files and git alone. It is shown and never applied. */
import { mkdtemp } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { hashValue, type Limits, type Problem, problem, sortProblems, WeftError } from '../base/index.ts'
import { type Mesh, productOf } from '../domain/index.ts'
import { hopsOf } from '../lineage/index.ts'
import { type BranchPoint, branchPoint, gitTree, writeTree } from '../mesh/index.ts'
import type { Parse } from '../sql/index.ts'
import { type Allowed, blockedBy, lostRoots } from './blocked.ts'
import { brokenModels, holdSteps, readsOf, refuseInvalid } from './broken.ts'
import type { CheckedMesh } from './check.ts'
import { asApplied } from './compare.ts'
import { consequencesOf } from './consequences.ts'
import { planHash } from './create.ts'
import { desiredEntities, type Entity } from './desired.ts'
import { type AppliedEntity, diff, portOf, removedKeys } from './diff.ts'
import type { Foreign } from './foreign.ts'
import { ownedBy } from './lineage.ts'
import { changedModels, modelChanges } from './model-changes.ts'
import type { Change, Plan } from './plan.ts'
import { livesInFiles } from './port-life.ts'
import { plannerProblems } from './problems.ts'
import { surroundings } from './surroundings.ts'
import { portVersions } from './versions.ts'

export interface BranchRequest {
  readonly project: string
  readonly ref: string
  readonly environment: string
  readonly limits: Limits
  readonly now: Date
  readonly allowed: Allowed
  /** A folder for what is taken out of git; whoever gives it removes it. */
  readonly scratch: string
  readonly parse: Parse
  /** The files as they are. */
  readonly files: CheckedMesh
  /** The same roots of another folder, bound; others are known by `foreign`. */
  check(folder: string, roots: readonly string[], foreign: Foreign): Promise<CheckedMesh>
}

/** Throws a usage error where git has no such commit, and `invalid` where the files are wrong for another reason than what they change. */
export const createBranchPlan = async (
  request: BranchRequest,
): Promise<{ readonly plan: Plan; readonly warnings: readonly Problem[] }> => {
  const { project, ref, environment, limits, allowed, files } = request
  const point = await branchPoint(project, ref)
  if (point === undefined)
    throw new WeftError(
      'usage',
      problem(plannerProblems, 'plan.unknown-base', `git has no commit called "${ref}"`, {
        found: ref,
        expected: 'a branch, tag or commit of the repository that the project lies in',
      }),
    )
  const roots = ownRoots(files.mesh, project)
  const before = await checkedAt(request, point.base, roots)
  const applied = appliedOf(before, roots)
  const broken = brokenModels(files.mesh, files, applied)
  refuseInvalid(files, broken)
  const reads = readsOf(files, broken, applied)
  const desired = entitiesOf(files, roots, reads)
  const meanings = await modelChanges(request.parse, changedModels(desired, applied))
  const difference = diff(desired, applied, roots, () => 0, meanings)
  const life = livesInFiles(
    { mesh: files.mesh, reads, desired, applied, givenRoots: roots, allowed },
    request.now,
    limits,
  )
  const changes = life.changes([], difference.changes)
  const known = [...applied.values()].filter(it => it.kind === 'product' || it.kind === 'agreement')
  const edges = () =>
    [
      ...known.flatMap(it => ownedBy(before, it.subject)),
      ...[...difference.byOwner.keys()].flatMap(subject => ownedBy(files, subject)),
    ].flatMap(it => it.edges)
  const { consequences: reached, isCut } = await consequencesOf(changes, {
    limits,
    hops: hopsOf(edges),
    // Who has really read is known to a catalogue, and a branch has none.
    reads: async () => [],
    around: surroundings(applied, desired, model => meanings.get(model)?.columns),
  })
  const consequences = life.consequences(reached)
  const versions = portVersions(changes, files.mesh)
  const there = await meanwhile(request, point, roots, before, changes, versions)
  const blocked = sortProblems([
    ...life.problems,
    ...blockedBy(life.others(changes), consequences, applied, allowed, versions),
    ...lostRoots(applied, desired, removedKeys(desired, applied, roots), roots, allowed),
    ...there.filter(it => it.severity === 'error'),
  ])
  const steps = holdSteps(broken, new Set([...broken.keys()].map(it => productOf(it))), applied)
  const count = (name: Change['class']): number => changes.filter(it => it.class === name).length
  const products = new Set(changes.map(it => productOf(it.subject)))
  const plan = {
    environment,
    base: hashValue([point.base, [...applied.values()].map(it => it.hash)]),
    branch: { ref, ...point },
    summary: {
      breaking: count('breaking'),
      additive: count('additive'),
      data: count('data'),
      metadata: count('metadata'),
      changed: products.size,
      none: Math.max(0, files.mesh.products.size - products.size),
    },
    changes,
    steps,
    consequences,
    ...(isCut ? { consequencesCut: true as const } : {}),
    verdicts: [],
    blocked,
    reads: {},
    consequencesHash: hashValue(consequences),
    allowed,
  }
  return { plan: { id: planHash(plan), ...plan }, warnings: there.filter(it => it.severity === 'warning') }
}

/** Roots that git has: those that lie in the project. What is elsewhere is the same on both sides. */
const ownRoots = (mesh: Mesh, project: string): ReadonlySet<string> =>
  new Set(mesh.roots.filter(it => !relative(project, it.path).startsWith('..')).map(it => it.id))

const checkedAt = async (
  { project, scratch, limits, files, check }: BranchRequest,
  commit: string,
  roots: ReadonlySet<string>,
): Promise<CheckedMesh> => {
  const tree = await gitTree(project, commit)
  const folder = await mkdtemp(join(scratch, 'commit-'))
  // A folder that the commit does not have yet holds nothing.
  if (tree !== undefined) await writeTree(project, tree, folder, limits)
  const { domains, products } = files.mesh
  return check(folder, [...roots], {
    domains: [...domains.values()].filter(it => !roots.has(it.root)),
    products: [...products.values()].filter(it => !roots.has(it.root)),
  })
}

const entitiesOf = (
  { mesh }: CheckedMesh,
  roots: ReadonlySet<string>,
  reads: CheckedMesh['reads'],
): Map<string, Entity> => new Map([...desiredEntities(mesh, reads)].filter(([, it]) => roots.has(it.root)))

const appliedOf = (checked: CheckedMesh, roots: ReadonlySet<string>): Map<string, AppliedEntity> =>
  new Map([...entitiesOf(checked, roots, checked.reads)].map(([key, it]) => [key, asApplied(it)]))

/** What the other branch has changed since they parted, where both touch the same: errors where it is the very thing, else warnings. */
const meanwhile = async (
  request: BranchRequest,
  { tip, base }: BranchPoint,
  roots: ReadonlySet<string>,
  before: CheckedMesh,
  changes: readonly Change[],
  versions: ReturnType<typeof portVersions>,
): Promise<Problem[]> => {
  if (tip === base) return []
  const { ref, parse } = request
  const there = await checkedAt(request, tip, roots)
  const [old, now] = [appliedOf(before, roots), entitiesOf(there, roots, there.reads)]
  const theirs = diff(now, old, roots, () => 0, await modelChanges(parse, changedModels(now, old))).changes
  const theirVersions = new Map(portVersions(theirs, there.mesh).map(it => [it.port, it]))
  const same = changes.flatMap(own => {
    const other = theirs.find(it => it.subject === own.subject && it.kind === own.kind)
    const isAlike = other?.change === own.change && other.detail === own.detail
    if (other === undefined || isAlike || own.rule === 'contract.version') return []
    return [
      problem(plannerProblems, 'plan.changed-there-too', `${own.subject} was changed on ${ref} too: ${other.detail}`, {
        ...placeOf(own),
        subject: own.subject,
        found: own.detail,
        help: `bring ${ref} into this branch, and decide which of the two holds`,
      }),
    ]
  })
  const taken = versions.flatMap(({ port, to, from }) => {
    const other = theirVersions.get(port)
    if (other === undefined || other.to !== to || to === from) return []
    return [
      problem(plannerProblems, 'plan.version-taken', `${port} is ${to} on ${ref} already, with other changes`, {
        ...placeOf(changes.find(it => portOf(it.subject) === port)),
        subject: port,
        found: to,
        help: `bring ${ref} into this branch, and write the next version`,
      }),
    ]
  })
  const told = new Set([...same, ...taken].map(it => productOf(it.subject ?? '')))
  const own = new Set(changes.map(it => productOf(it.subject)))
  const products = new Set(theirs.map(it => productOf(it.subject)).filter(it => own.has(it) && !told.has(it)))
  const others = [...products].sort().map(product => {
    const some = theirs.filter(it => productOf(it.subject) === product)
    const [first] = some
    const rest = some.length === 1 ? '' : ` and ${some.length - 1} more`
    return problem(plannerProblems, 'plan.product-changed-there', `${product} was changed on ${ref} too`, {
      subject: product,
      found: `${first?.subject}: ${first?.detail}${rest}`,
      help: `bring ${ref} into this branch to see both at once`,
    })
  })
  return [...same, ...taken, ...others]
}

const placeOf = (change: Change | undefined): { place?: { file: string; line: number; column: number } } =>
  change?.file === undefined ? {} : { place: { file: change.file, line: change.line ?? 1, column: 1 } }
