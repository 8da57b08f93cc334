/** Walks a plan's steps in order, each recorded, so that an interrupted plan goes on where it stopped. */
import { closeTombstones, insertTombstones } from '../access/index.ts'
import { type Problem, problem, WeftError } from '../base/index.ts'
import { indexChanges } from '../catalog/index.ts'
import { type Mesh, productOf } from '../domain/index.ts'
import { replaceOwned } from '../lineage/index.ts'
import { insertHold, type Run, type RunContext, type RunParts, releaseHolds, runProducts } from '../pipelines/index.ts'
import { countGrown, type Db } from '../store/index.ts'
import { adopt } from './adopt.ts'
import type { CheckedMesh } from './check.ts'
import { ownedBy, writeLineage, writeUnknownLineage } from './lineage.ts'
import { type Plan, type Step, type StepKind, systemName } from './plan.ts'
import { plannerProblems } from './problems.ts'
import { currentRevisions } from './revision-store.ts'
import { revive } from './revivals.ts'
import { abandonOthers, insertPlan, movePlan, recordStep, stepStates, upsertRoots, writeEntities } from './store.ts'

export interface AppliedStep {
  readonly kind: StepKind
  readonly subject: string
  readonly state: 'done' | 'failed' | 'skipped' | 'pending'
  readonly durationMs: number
  readonly problem?: Problem
}

export interface Applied {
  readonly plan: string
  readonly steps: readonly AppliedStep[]
  readonly runs: readonly Run[]
}

/** Applies a plan. Throws `plan.stale`, `plan.in-use` or what blocks it before anything is done. */
export const applyPlan = async (
  parts: RunParts,
  checked: CheckedMesh,
  plan: Plan,
  context: RunContext,
  resume: boolean,
): Promise<Applied> => {
  const [blocked] = plan.blocked
  if (blocked !== undefined) throw new WeftError('blocked', blocked, { more: plan.blocked.slice(1) })
  const already = await begin(parts, checked, plan, context.by, resume)
  if (already) return { plan: plan.id, steps: plan.steps.map(step => skipped(step)), runs: [] }
  const walk = new Walk(parts, checked, plan, context)
  try {
    const steps = await walk.all()
    const isDone = steps.every(step => step.state === 'done' || step.state === 'skipped')
    await movePlan(parts.store.db, plan.id, ['applying'], isDone ? 'applied' : 'failed')
    await countTables(parts)
    return { plan: plan.id, steps, runs: walk.runs }
  } catch (error) {
    await movePlan(parts.store.db, plan.id, ['applying'], 'failed')
    throw error
  }
}

/** What a plan may fill at once. That they could not be counted makes later questions slower and nothing else. */
const countTables = async ({ store, effects }: RunParts): Promise<void> => {
  const tables = ['definition', 'entity', 'lineage_definition', 'lineage_edge', 'lineage_node', 'plan_step'] as const
  try {
    await countGrown(store.db, tables)
  } catch (error) {
    effects.log.warn('catalogue.not-counted', { code: error instanceof WeftError ? error.code : 'unknown' })
  }
}

const skipped = (step: Step): AppliedStep => ({
  kind: step.kind,
  subject: step.subject,
  state: 'skipped',
  durationMs: 0,
})

/** Claims the plan in one transaction: of two that begin at once only one finds it open. True where it was applied before. */
const begin = (parts: RunParts, checked: CheckedMesh, plan: Plan, by: string, resume: boolean): Promise<boolean> =>
  parts.store.transaction(async db => {
    const at = parts.effects.now()
    await insertPlan(db, plan, by, at)
    const row = await db.selectFrom('plan').select('state').where('id', '=', plan.id).executeTakeFirstOrThrow()
    if (row.state === 'applied' && !resume) {
      // The same plan again: nothing to do as long as nothing that it wrote was changed since.
      return true
    }
    if (row.state === 'open' || (row.state === 'stale' && !resume) || row.state === 'applied')
      await refuseStale(db, parts.env, plan)
    const from = resume
      ? (['open', 'applying', 'failed', 'stale'] as const)
      : parts.store.kind === 'embedded'
        ? // The embedded catalogue has one owner: whoever was applying is gone.
          (['open', 'failed', 'stale', 'applying'] as const)
        : (['open', 'failed', 'stale'] as const)
    if (!(await movePlan(db, plan.id, from, 'applying'))) {
      throw new WeftError(
        'blocked',
        problem(plannerProblems, 'plan.in-use', `plan ${plan.id} is being applied by another process`),
      )
    }
    await abandonOthers(db, parts.env, plan.id)
    await upsertRoots(db, parts.env, checked.mesh.roots, at)
    await writeUnknownLineage(db, parts.env, at, checked)
    return false
  })

const refuseStale = async (db: RunParts['store']['db'], env: string, plan: Plan): Promise<void> => {
  const keys = Object.keys(plan.reads)
  const now = await currentRevisions(db, env, keys)
  const moved = keys.filter(key => now.get(key) !== plan.reads[key])
  if (moved.length === 0) return
  throw new WeftError(
    'blocked',
    problem(
      plannerProblems,
      'plan.stale',
      `plan ${plan.id} was made from a state that has changed: ${moved.slice(0, 3).join(', ')}${moved.length > 3 ? ` and ${moved.length - 3} more` : ''}`,
      {
        help: 'make a new plan: weft plan',
      },
    ),
  )
}

/** One walk over the steps. Builds that follow one another run together, side by side where they may. */
class Walk {
  readonly runs: Run[] = []
  private readonly results: AppliedStep[] = []
  private readonly parts: RunParts
  private readonly checked: CheckedMesh
  private readonly mesh: Mesh
  private readonly plan: Plan
  private readonly context: RunContext

  constructor(parts: RunParts, checked: CheckedMesh, plan: Plan, context: RunContext) {
    this.parts = parts
    this.checked = checked
    this.mesh = checked.mesh
    this.plan = plan
    this.context = context
  }

  async all(): Promise<AppliedStep[]> {
    const states = await stepStates(this.parts.store.db, this.plan.id)
    const steps = this.plan.steps
    const builds: { step: Step & { kind: 'build' }; seq: number }[] = []
    for (const [seq, step] of steps.entries()) {
      if (states.get(seq)?.state === 'done') this.results[seq] = skipped(step)
      else if (this.context.signal.aborted) this.results[seq] = { ...skipped(step), state: 'pending' }
      else if (step.kind === 'build') builds.push({ step, seq })
      else if (!(await this.one(step, seq))) return this.pendingFrom(seq + 1)
    }
    await this.buildAll(builds)
    return this.pendingFrom(0)
  }

  private pendingFrom(first: number): AppliedStep[] {
    for (const [seq, step] of this.plan.steps.entries())
      if (seq >= first) this.results[seq] ??= { ...skipped(step), state: 'pending' }
    return this.results
  }

  /** Does one step that is no build; false where it failed. */
  private async one(step: Exclude<Step, { kind: 'build' }>, seq: number): Promise<boolean> {
    const { db } = this.parts.store
    const startedMs = performance.now()
    // What only writes the catalogue is recorded in the same transaction: begun and done are one.
    const isOne =
      step.kind === 'define' || step.kind === 'retire' || step.kind === 'deprecate' || step.kind === 'revive'
    if (!isOne) await recordStep(db, this.plan.id, seq, { state: 'running', at: this.parts.effects.now() })
    try {
      await this.act(step, seq)
      if (!isOne) await recordStep(db, this.plan.id, seq, { state: 'done', at: this.parts.effects.now() })
      this.results[seq] = { kind: step.kind, subject: step.subject, state: 'done', durationMs: since(startedMs) }
      this.context.progress({ subject: step.subject, activity: step.kind, state: 'done', durationMs: since(startedMs) })
      return true
    } catch (error) {
      if (!(error instanceof WeftError)) throw error
      const [first] = error.problems
      const found = first ?? problem(plannerProblems, 'plan.step-failed', error.message, { subject: step.subject })
      await recordStep(db, this.plan.id, seq, { state: 'failed', at: this.parts.effects.now(), problem: found })
      this.results[seq] = {
        kind: step.kind,
        subject: step.subject,
        state: 'failed',
        durationMs: since(startedMs),
        problem: found,
      }
      this.context.progress({ subject: step.subject, activity: step.kind, state: 'failed', detail: found.message })
      return false
    }
  }

  private async act(step: Exclude<Step, { kind: 'build' }>, seq: number): Promise<void> {
    const { parts, plan } = this
    const at = parts.effects.now()
    switch (step.kind) {
      case 'define':
      case 'retire':
        return parts.store.transaction(async db => {
          const context = { env: plan.environment, planId: plan.id, at, id: () => parts.effects.id() }
          if (step.kind === 'retire') {
            const { by } = this.context
            await insertTombstones(
              db,
              plan.environment,
              plan.id,
              step.tombstones.map(it => ({ ...it, at, by })),
            )
          }
          await writeEntities(db, context, step.root, step.entities)
          // A port that begins anew under a name is no longer the retired one.
          const begun = step.entities.filter(it => it.kind === 'outputPort' && it.change === 'added')
          await closeTombstones(
            db,
            plan.environment,
            begun.map(it => it.subject),
            at,
          )
          await writeLineage(db, plan.environment, at, this.checked, step)
          await indexChanges(db, plan.environment, step.entities)
          await recordStep(db, plan.id, seq, { state: 'done', at })
        })
      case 'revive':
        return parts.store.transaction(async db => {
          const revived = await revive(db, step, { env: plan.environment, planId: plan.id, at })
          await replaceOwned(db, plan.environment, at, ownedBy(this.checked, productOf(step.subject)))
          await indexChanges(db, plan.environment, revived)
          await recordStep(db, plan.id, seq, { state: 'done', at })
        })
      case 'deprecate':
        return parts.store.transaction(async db => {
          await this.deprecated(db, step, at)
          await recordStep(db, plan.id, seq, { state: 'done', at })
        })
      case 'provisionStorage':
        await parts.storageOf(step.subject)
        return
      case 'adopt': {
        const product = this.mesh.products.get(step.product)
        const port = product?.outputs.find(it => it.subject === step.subject)
        if (product !== undefined && port !== undefined) await adopt(parts, step, product, port, this.context.by)
        return
      }
      case 'release':
        await releaseHolds(parts.store.db, plan.environment, step.subject, at)
        return
      case 'hold':
        return this.hold(step, at)
      default:
        return step satisfies never
    }
  }

  /** As an event, which whoever follows the port is told of. */
  private async deprecated(db: Db, step: Step & { kind: 'deprecate' }, at: Date): Promise<void> {
    const { parts, plan, context } = this
    const { until, successor, reason } = step
    const readers = plan.consequences.filter(it => it.subject === step.subject).map(it => it.consumer)
    const port = await db
      .selectFrom('entity')
      .select('id')
      .where('env', '=', plan.environment)
      .where('kind', '=', 'outputPort')
      .where('subject', '=', step.subject)
      .where('removed_at', 'is', null)
      .executeTakeFirst()
    await db
      .insertInto('event')
      .values({
        id: parts.effects.id(),
        env: plan.environment,
        at,
        kind: 'port.deprecated',
        subject_id: port?.id ?? null,
        principal: context.by,
        body: JSON.stringify({ port: step.subject, until, successor, reason, readers }),
      })
      .execute()
  }

  private async hold(step: Step & { kind: 'hold' }, at: Date): Promise<void> {
    const { parts, plan } = this
    await parts.store.transaction(async db => {
      await releaseHolds(db, plan.environment, step.subject, at)
      const entity = await db
        .selectFrom('entity')
        .select('id')
        .where('env', '=', plan.environment)
        .where('subject', '=', step.subject)
        .where('removed_at', 'is', null)
        .where('kind', 'in', ['product', 'outputPort'])
        .executeTakeFirst()
      if (entity === undefined) return
      await insertHold(db, {
        id: parts.effects.id(),
        env: plan.environment,
        entity_id: entity.id,
        subject: step.subject,
        reason: step.reason,
        by: systemName,
        since: at,
      })
    })
  }

  private async buildAll(builds: readonly { step: Step & { kind: 'build' }; seq: number }[]): Promise<void> {
    if (builds.length === 0) return
    const { parts, plan } = this
    const { db } = parts.store
    const seqOf = new Map(builds.map(({ step, seq }) => [step.subject, seq]))
    for (const { seq } of builds) await recordStep(db, plan.id, seq, { state: 'running', at: parts.effects.now() })
    const onRun = async (run: Run): Promise<void> => {
      const seq = seqOf.get(run.product)
      if (seq === undefined) return
      const isGood = run.state === 'succeeded' || run.state === 'unchanged'
      const [first] = run.problems
      await recordStep(db, plan.id, seq, {
        state: isGood ? 'done' : 'failed',
        at: parts.effects.now(),
        ...(isGood || first === undefined ? {} : { problem: first }),
      })
      this.results[seq] = {
        kind: 'build',
        subject: run.product,
        state: isGood ? 'done' : 'failed',
        durationMs: run.durationMs ?? 0,
        ...(isGood || first === undefined ? {} : { problem: first }),
      }
    }
    const request = {
      products: builds.map(({ step }) => step.subject),
      trigger: 'plan' as const,
      planId: plan.id,
      again: 'none' as const,
      onRun,
    }
    this.runs.push(...(await runProducts(parts, this.mesh, request, this.context)))
  }
}

const since = (startedMs: number): number => Math.round(performance.now() - startedMs)
