/** Operations of this slice: mesh.check, mesh.status, plan.create, plan.show, plan.apply. */
import { z } from 'zod'
import { type OperationContext, operation, type Problem, problem, sortProblems, WeftError } from '../base/index.ts'
import type { ProjectParts, RunParts } from '../pipelines/index.ts'
import { loadApplied } from './applied-store.ts'
import { type Applied, applyPlan } from './apply.ts'
import { type CheckedMesh, countMesh, type MeshCounts } from './check.ts'
import { createPlan, plannedEntities } from './create.ts'
import type { Plan } from './plan.ts'
import { plannerProblems } from './problems.ts'
import { differingFile } from './same-files.ts'
import { meshStatus, type Status } from './status.ts'
import { findPlan, insertPlan, interruptedPlan, planState } from './store.ts'

/** What plans are given beyond what runs are. */
export interface PlanningParts extends ProjectParts {
  /** Loaded and bound, with all problems; from files alone. */
  check(): Promise<CheckedMesh>
  /** The same, with what the catalogue knows of roots that were not given. */
  checkWithCatalogue(roots: readonly string[] | undefined): Promise<CheckedMesh>
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
    return { plan, file: await parts.savePlan(plan), warnings: warningsOf(checked) }
  },
})

const warningsOf = (checked: CheckedMesh): Problem[] =>
  sortProblems([...checked.problems, ...checked.bindProblems]).filter(it => it.severity === 'warning')

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
  const found = differingFile(plan, plannedEntities(checked, applied), applied)
  if (found !== undefined) throw new WeftError('blocked', found)
}

const findOrRead = async (parts: PlanningParts, word: string): Promise<Plan> => {
  const { store, env } = await parts.runs()
  const found = await findPlan(store.db, env, word)
  if (found !== undefined) return found.plan
  const read = await parts.readPlanFile(word)
  if (read !== undefined) return read
  throw unknownPlan(word)
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
      return { ...(await applyPlan(runParts, checked.mesh, before, context, true)), warnings: warningsOf(checked) }
    }
    const plan =
      input.plan === undefined
        ? await createPlan(runParts, checked, { breaking: input.allowBreaking, removal: input.allowRemoval })
        : await findOrRead(parts, input.plan)
    if (input.plan === undefined) await parts.savePlan(plan)
    else if (plan.blocked.length === 0 && (await planState(runParts.store.db, plan.id)) !== 'applied')
      await refuseOtherFiles(runParts, checked, plan)
    return { ...(await applyPlan(runParts, checked.mesh, plan, context, false)), warnings: warningsOf(checked) }
  },
})
