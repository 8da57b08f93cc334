/** Operations of this slice: mesh.check, mesh.status, plan.create, plan.show, plan.apply. */
import { tmpdir } from 'node:os'
import { z } from 'zod'
import {
  type Limits,
  type OperationContext,
  operation,
  type Problem,
  problem,
  sortProblems,
  WeftError,
} from '../base/index.ts'
import type { ProjectParts, RunParts } from '../pipelines/index.ts'
import type { Parse } from '../sql/index.ts'
import { loadApplied } from './applied-store.ts'
import { type Applied, applyPlan } from './apply.ts'
import { createBranchPlan } from './branch.ts'
import { plannedEntities } from './broken.ts'
import { type CheckedMesh, checkMesh, countMesh, type MeshCounts } from './check.ts'
import { type Comparison, compare } from './compare.ts'
import { createPlan } from './create.ts'
import { impactOperation } from './impact.ts'
import type { Plan } from './plan.ts'
import { plannerProblems } from './problems.ts'
import { findRevivals, withRevived } from './revivals.ts'
import { differingFile } from './same-files.ts'
import { sideOf, withScratch } from './sides.ts'
import { meshStatus, type Status } from './status.ts'
import { findPlan, insertPlan, interruptedPlan, planState } from './store.ts'
import { portVersions, versionWarnings } from './versions.ts'

/** What plans are given beyond what runs are. */
export interface PlanningParts extends ProjectParts {
  /** Of mesh.yaml, whatever is wrong elsewhere. */
  readonly settings: { readonly limits: Limits; readonly environment: string }
  readonly effects: RunParts['effects']
  readonly engine: RunParts['engine']
  /** Loaded and bound, with all problems; from files alone. */
  check(): Promise<CheckedMesh>
  /** The same, with what the catalogue knows of roots that were not given. */
  checkWithCatalogue(roots: readonly string[] | undefined): Promise<CheckedMesh>
  /** Undefined where nothing was ever applied. */
  catalogueIfThere(): Promise<RunParts | undefined>
  /** Keeps a plan as a file of the project; gives its path. */
  savePlan(plan: Plan): Promise<string>
  readPlanFile(path: string): Promise<Plan | undefined>
}

const allowing = {
  allowBreaking: z.array(z.string()).default([]),
  allowRemoval: z.array(z.string()).default([]),
  roots: z.array(z.string()).optional(),
}

export const checkOperation = operation({
  name: 'mesh.check',
  effect: 'local',
  permission: 'mesh.read',
  summary: 'Checks every definition and binds every model, without store and data.',
  input: z.object({}),
  async run({
    parts,
  }: OperationContext<PlanningParts>): Promise<{ counts: MeshCounts; problems: readonly Problem[]; files: number }> {
    const checked = await parts.check()
    return {
      counts: countMesh(checked.mesh),
      problems: sortProblems([...checked.problems, ...checked.bindProblems]),
      files: checked.files,
    }
  },
})

export const diffOperation = operation({
  name: 'contract.diff',
  effect: 'local',
  permission: 'mesh.read',
  summary: 'Compares two versions of a contract, model, product or mesh: what breaks whom, and which version follows.',
  input: z.object({ before: z.string(), after: z.string().default('.') }),
  async run({ parts }: OperationContext<PlanningParts>, input): Promise<Comparison> {
    return withScratch(tmpdir(), async scratch => {
      const { limits, environment } = parts.settings
      const options = { project: parts.project, environment, limits, scratch }
      const [before, after] = [await sideOf(input.before, options), await sideOf(input.after, options)]
      return compare(before, after, parserOf(parts, scratch))
    })
  },
})

export const statusOperation = operation({
  name: 'mesh.status',
  effect: 'read',
  permission: 'mesh.read',
  summary: 'Tells what is served, held and last ran.',
  input: z.object({}),
  async run({ parts }: OperationContext<PlanningParts>): Promise<Status> {
    return meshStatus(await parts.runs(), await parts.check())
  },
})

export const createPlanOperation = operation({
  name: 'plan.create',
  effect: 'write',
  permission: 'plan.create',
  summary: 'Tells what applying the files would do, and to whom, and keeps it as a plan.',
  input: z.object(allowing),
  async run(
    { parts, principal }: OperationContext<PlanningParts>,
    input,
  ): Promise<{ plan: Plan; file: string; warnings: readonly Problem[] }> {
    const checked = await parts.checkWithCatalogue(input.roots)
    const runParts = await parts.runs()
    const plan = await createPlan(runParts, checked, { breaking: input.allowBreaking, removal: input.allowRemoval })
    await runParts.store.transaction(db => insertPlan(db, plan, principal.name, runParts.effects.now()))
    return { plan, file: await parts.savePlan(plan), warnings: warningsOf(checked, plan) }
  },
})

export const branchPlanOperation = operation({
  name: 'plan.compare',
  effect: 'local',
  permission: 'mesh.read',
  summary: 'Tells what a branch changes, and for whom, against where it left another; from files and git alone.',
  input: z.object({ ...allowing, base: z.string() }),
  async run({ parts }: OperationContext<PlanningParts>, input): Promise<{ plan: Plan; warnings: readonly Problem[] }> {
    const { project, settings } = parts
    return withScratch(tmpdir(), async scratch => {
      const files = await parts.check()
      const { plan, warnings } = await createBranchPlan({
        ...{ project, scratch, files, ref: input.base, now: parts.effects.now(), ...settings },
        allowed: { breaking: input.allowBreaking, removal: input.allowRemoval },
        parse: parserOf(parts, scratch),
        check: (folder, roots, foreign) =>
          checkMesh({
            project: folder,
            environment: settings.environment,
            roots,
            foreign,
            engine: parts.engine,
            scratch,
          }),
      })
      return { plan, warnings: [...warningsOf(files, plan), ...warnings] }
    })
  },
})

/** The engine is opened for models only. */
const parserOf =
  ({ engine, settings }: PlanningParts, scratch: string): Parse =>
  async texts => {
    const session = await (await engine()).open({ memory: settings.limits.runMemory, threads: 1, scratch })
    try {
      return await session.parse(texts)
    } finally {
      await session.close()
    }
  }

const warningsOf = (checked: CheckedMesh, plan: Plan): Problem[] => {
  const { mesh, problems, bindProblems } = checked
  const versions = versionWarnings(portVersions(plan.changes, mesh), mesh)
  return sortProblems([...problems, ...bindProblems, ...versions]).filter(it => it.severity === 'warning')
}

const unknownPlan = (id: string): WeftError =>
  new WeftError(
    'usage',
    problem(plannerProblems, 'plan.unknown', `no plan is called "${id}"`, { found: id, help: 'weft plan makes one' }),
  )

export const showPlan = operation({
  name: 'plan.show',
  effect: 'read',
  permission: 'plan.read',
  summary: 'Shows a plan that was made before.',
  input: z.object({ plan: z.string() }),
  async run({ parts }: OperationContext<PlanningParts>, input): Promise<{ plan: Plan }> {
    return { plan: await findOrRead(parts, input.plan) }
  },
})

/** A plan is applied to the files that it was made from, or not at all. */
const refuseOtherFiles = async (parts: RunParts, checked: CheckedMesh, plan: Plan): Promise<void> => {
  const applied = await loadApplied(parts.store.db, parts.env)
  const desired = plannedEntities(checked, applied)
  const roots = new Set(checked.mesh.roots.map(root => root.id))
  // What the plan brings back is there again before its files are looked at.
  const back = plan.steps.some(step => step.kind === 'revive')
    ? await findRevivals(parts.store.db, parts.env, desired, applied, roots)
    : []
  const found = differingFile(plan, desired, withRevived(applied, back))
  if (found !== undefined) throw new WeftError('blocked', found)
}

/** Who has begun to read a port since the plan that retires it stands against it as well. */
const refuseNewReaders = async (parts: RunParts, checked: CheckedMesh, plan: Plan): Promise<void> => {
  if (!plan.steps.some(step => step.kind === 'retire')) return
  const [first, ...more] = (await createPlan(parts, checked, plan.allowed)).blocked
  if (first !== undefined) throw new WeftError('blocked', first, { more })
}

const findOrRead = async (parts: PlanningParts, word: string): Promise<Plan> => {
  const { store, env } = await parts.runs()
  const found = (await findPlan(store.db, env, word))?.plan ?? (await parts.readPlanFile(word))
  if (found !== undefined) return found
  throw unknownPlan(word)
}

const appliable = (plan: Plan): Plan => {
  if (plan.branch === undefined) return plan
  throw new WeftError(
    'usage',
    problem(plannerProblems, 'plan.of-a-branch', `plan ${plan.id} was made against ${plan.branch.ref}`, {
      help: 'weft plan makes one against the environment',
    }),
  )
}

export const applyOperation = operation({
  name: 'plan.apply',
  effect: 'write',
  permission: 'plan.apply',
  summary: 'Applies a plan, a new one or one that was made before, or goes on with an interrupted one.',
  isLong: true,
  input: z.object({ ...allowing, plan: z.string().optional(), resume: z.boolean().default(false) }),
  async run(
    { parts, principal, signal, progress }: OperationContext<PlanningParts>,
    input,
  ): Promise<Applied & { readonly warnings: readonly Problem[] }> {
    const checked = await parts.checkWithCatalogue(input.roots)
    const runParts = await parts.runs()
    const context = { signal, progress, by: principal.name }
    const before = input.resume ? await interruptedPlan(runParts.store.db, runParts.env) : undefined
    if (before !== undefined) {
      await refuseOtherFiles(runParts, checked, before)
      await refuseNewReaders(runParts, checked, before)
      return {
        ...(await applyPlan(runParts, checked, before, context, true)),
        warnings: warningsOf(checked, before),
      }
    }
    const plan =
      input.plan === undefined
        ? await createPlan(runParts, checked, { breaking: input.allowBreaking, removal: input.allowRemoval })
        : appliable(await findOrRead(parts, input.plan))
    if (input.plan === undefined) await parts.savePlan(plan)
    else if (plan.blocked.length === 0 && (await planState(runParts.store.db, plan.id)) !== 'applied') {
      await refuseOtherFiles(runParts, checked, plan)
      await refuseNewReaders(runParts, checked, plan)
    }
    return { ...(await applyPlan(runParts, checked, plan, context, false)), warnings: warningsOf(checked, plan) }
  },
})

export const plannerOperations = [
  checkOperation,
  diffOperation,
  createPlanOperation,
  branchPlanOperation,
  showPlan,
  applyOperation,
  statusOperation,
  impactOperation,
] as const
