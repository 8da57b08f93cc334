/** Runs several products: each after what it reads, independent ones side by side, and nothing downstream of what was not published. */
import { type Problem, problem } from '../base/index.ts'
import { type Mesh, outputPorts, type Product } from '../domain/index.ts'
import { runWithAttempts } from './attempts.ts'
import type { BuildInput } from './build.ts'
import { Cancellations } from './cancel.ts'
import type { RunContext, RunParts } from './parts.ts'
import { pipelineProblems } from './problems.ts'
import { expireOld, removeExpired } from './retention.ts'
import { type Run, type RunTrigger, stopsDownstream } from './run.ts'
import { entityIdsOf } from './run-ids.ts'
import { insertUnchangedRuns } from './store.ts'
import { upToDateProducts } from './up-to-date.ts'

/** The products that a product's input ports read. */
export const upstreamOf = (mesh: Mesh, product: Product): string[] => {
  const ports = outputPorts(mesh)
  const found = product.inputs.flatMap(({ target }) =>
    target.kind === 'port' ? [ports.get(target.port)?.product.subject] : [],
  )
  return [...new Set(found.filter(subject => subject !== undefined && subject !== product.subject))] as string[] // undefined is filtered out
}

/** Products in an order in which each comes after what it reads; where products read one another in a circle, by name. */
export const buildOrder = (mesh: Mesh, chosen: ReadonlySet<string>): string[] => {
  const ordered: string[] = []
  const state = new Map<string, 'open' | 'done'>()
  const visit = (subject: string): void => {
    if (state.has(subject)) return
    state.set(subject, 'open')
    const product = mesh.products.get(subject)
    if (product !== undefined) for (const upstream of upstreamOf(mesh, product).sort()) visit(upstream)
    state.set(subject, 'done')
    if (chosen.has(subject)) ordered.push(subject)
  }
  for (const subject of [...chosen].sort()) visit(subject)
  return ordered
}

export interface ScheduleRequest {
  readonly products: readonly string[]
  readonly trigger: RunTrigger
  readonly planId?: string
  /** What is built even where nothing changed: nothing, everything, or partitions of a range. */
  readonly again: BuildInput['again']
  /** Told of each run as it ends, in the order of ending. */
  readonly onRun?: (run: Run) => Promise<void>
}

/** Runs the products; resolves when all have ended. Products without a model (dashboards, those that are described only) are passed over. */
export const runProducts = async (
  parts: RunParts,
  mesh: Mesh,
  request: ScheduleRequest,
  context: RunContext,
): Promise<Run[]> => {
  const chosen = new Set(request.products.filter(subject => isBuilt(mesh.products.get(subject))))
  const ordered = buildOrder(mesh, chosen)
  const runs = request.again !== 'none' ? [] : await recordUnchanged(parts, mesh, ordered, request, context)
  const ended = new Map<string, Run>(runs.map(run => [run.product, run]))
  for (const run of runs) await request.onRun?.(run)
  const waiting = ordered.filter(subject => !ended.has(subject))
  const active = new Map<string, Promise<void>>()
  const isReady = (subject: string): boolean => {
    const product = mesh.products.get(subject)
    const before = product === undefined ? [] : upstreamOf(mesh, product)
    // In a circle of products somebody must begin: what stands before in the order is waited for, what stands behind is not.
    return before.every(
      it => !chosen.has(it) || ended.has(it) || (!active.has(it) && waiting.indexOf(it) > waiting.indexOf(subject)),
    )
  }
  const start = (subject: string): void => {
    const product = mesh.products.get(subject)
    if (product === undefined) return
    const work = runOne(parts, mesh, product, request, context, ended, cancellations).then(async run => {
      ended.set(subject, run)
      runs.push(run)
      await request.onRun?.(run)
    })
    active.set(
      subject,
      work.finally(() => active.delete(subject)),
    )
  }
  const cancellations = new Cancellations(parts)
  try {
    while (waiting.length > 0 || active.size > 0) {
      for (const subject of waiting.filter(isReady)) {
        if (active.size >= Math.max(1, parts.limits.runsAtOnce)) break
        waiting.splice(waiting.indexOf(subject), 1)
        start(subject)
      }
      if (active.size > 0) await Promise.race(active.values())
    }
  } finally {
    cancellations.close()
  }
  await retire(parts, mesh, runs)
  return runs
}

/** What the new snapshots have made old. That some of it could not go now is no reason to call the runs failed: the next one tries again. */
const retire = async (parts: RunParts, mesh: Mesh, runs: readonly Run[]): Promise<void> => {
  let expired = 0
  for (const run of runs) {
    const product = mesh.products.get(run.product)
    if (product !== undefined && (run.state === 'succeeded' || run.state === 'quarantined'))
      expired += await expireOld(parts, product)
  }
  if (expired > 0) await removeExpired(parts)
}

/** Products that have nothing to do are recorded together, before anything else begins. */
const recordUnchanged = async (
  parts: RunParts,
  mesh: Mesh,
  ordered: readonly string[],
  request: ScheduleRequest,
  context: RunContext,
): Promise<Run[]> => {
  const { db } = parts.store
  const found = await upToDateProducts(parts, mesh, ordered, product => upstreamOf(mesh, product))
  const productIds = await entityIdsOf(db, parts.env, [...found.keys()])
  const at = parts.effects.now()
  const rows = [...found].map(([product, { key }]) => ({
    id: parts.effects.id(),
    env: parts.env,
    productId: productIds.get(product) ?? '',
    product,
    trigger: request.trigger,
    by: context.by,
    at,
    buildKey: key,
    ...(request.planId === undefined ? {} : { planId: request.planId }),
  }))
  await insertUnchangedRuns(db, rows)
  return rows.map(({ id, product, trigger }) => {
    const datasets = found.get(product)?.datasets ?? []
    const done = datasets.reduce((sum, it) => sum + (it.rows ?? 0), 0)
    context.progress({ subject: product, activity: 'build', state: 'skipped', detail: 'unchanged', done, unit: 'rows' })
    const instant = at.toISOString()
    return {
      id,
      product,
      trigger,
      state: 'unchanged',
      startedAt: instant,
      endedAt: instant,
      durationMs: 0,
      problems: [],
      datasets,
    }
  })
}

const isBuilt = (product: Product | undefined): boolean => (product?.models.length ?? 0) > 0

const runOne = async (
  parts: RunParts,
  mesh: Mesh,
  product: Product,
  request: ScheduleRequest,
  context: RunContext,
  ended: ReadonlyMap<string, Run>,
  cancellations: Cancellations,
): Promise<Run> => {
  const startedMs = performance.now()
  context.progress({ subject: product.subject, activity: 'build', state: 'started' })
  const heldBecause = context.signal.aborted ? undefined : stoppedUpstream(mesh, product, ended)
  const run = await runWithAttempts(
    parts,
    mesh,
    product,
    {
      trigger: request.trigger,
      again: request.again,
      ...(request.planId === undefined ? {} : { planId: request.planId }),
      ...(heldBecause === undefined ? {} : { heldBecause }),
    },
    context,
    cancellations,
  )
  const rows = run.datasets.reduce((sum, dataset) => sum + (dataset.rows ?? 0), 0)
  context.progress({
    subject: product.subject,
    activity: 'build',
    state:
      run.state === 'succeeded' ? 'done' : run.state === 'unchanged' || run.state === 'held' ? 'skipped' : 'failed',
    detail: run.state,
    durationMs: Math.round(performance.now() - startedMs),
    done: rows,
    unit: 'rows',
  })
  return run
}

const stoppedUpstream = (mesh: Mesh, product: Product, ended: ReadonlyMap<string, Run>): Problem | undefined => {
  for (const upstream of upstreamOf(mesh, product)) {
    const run = ended.get(upstream)
    if (run !== undefined && stopsDownstream(run.state)) {
      return problem(pipelineProblems, 'run.held-upstream', `${product.subject} waits: ${upstream} was ${run.state}`, {
        subject: product.subject,
        help: `mend ${upstream}, then run again`,
      })
    }
  }
  return undefined
}
