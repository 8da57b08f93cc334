/** One product's run as people live with it: waits while another process builds the product, is logged step by step, can be cancelled, and is tried again where that may help. */
import { setTimeout } from 'node:timers/promises'
import { problem } from '../base/index.ts'
import type { Mesh, Product } from '../domain/index.ts'
import type { Cancellations } from './cancel.ts'
import { liveRunOf, requeueRun } from './lease-store.ts'
import type { RunContext, RunParts } from './parts.ts'
import { pipelineProblems } from './problems.ts'
import type { Run } from './run.ts'
import { type RunRequest, runProduct } from './run-product.ts'
import { endRun } from './store.ts'

/** What may be otherwise in a moment: disks, networks, servers. Checks, models and limits are not among them. */
const passing: readonly string[] = [
  'engine.io',
  'source.unreadable',
  'storage.unreachable',
  'store.conflict',
  'store.timeout',
  'store.unreachable',
]

export const mayPass = (run: Run): boolean =>
  run.state === 'failed' && run.problems.length > 0 && run.problems.every(it => passing.includes(it.code))

export const runWithAttempts = async (
  parts: RunParts,
  mesh: Mesh,
  product: Product,
  request: RunRequest,
  context: RunContext,
  cancellations: Cancellations,
): Promise<Run> => {
  const attemptsMax = 1 + (product.limits.retries ?? 0)
  for (let attempt = 1; ; attempt++) {
    if (request.heldBecause === undefined) await waitForOthers(parts, product, context)
    const run = await attemptOnce(parts, mesh, product, request, context, cancellations, attempt)
    if (attempt >= attemptsMax || !mayPass(run) || context.signal.aborted)
      return attempt === 1 ? run : { ...run, attempts: attempt }
    await requeueRun(parts.store.db, run.id)
    const pauseMs = parts.limits.retryPauseMs * 2 ** (attempt - 1)
    const [first] = run.problems
    context.progress({
      subject: product.subject,
      activity: `waits ${Math.round(pauseMs / 1000)} s to try again: ${first?.code ?? ''}`,
      state: 'moving',
    })
    const withdrawn = cancellations.signalOf(run.id)
    await setTimeout(pauseMs, undefined, { signal: AbortSignal.any([context.signal, withdrawn]) }).catch(() => {})
    if (withdrawn.aborted) return cancelled(parts, product, run)
  }
}

/** Cancelled between two attempts. */
const cancelled = async (parts: RunParts, product: Product, run: Run): Promise<Run> => {
  const { subject } = product
  const problems = [problem(pipelineProblems, 'run.cancelled', `the run of ${subject} was cancelled`, { subject })]
  await endRun(parts.store.db, run.id, { state: 'cancelled', at: parts.effects.now(), problems })
  return { ...run, state: 'cancelled', problems }
}

const attemptOnce = async (
  parts: RunParts,
  mesh: Mesh,
  product: Product,
  request: RunRequest,
  context: RunContext,
  cancellations: Cancellations,
  attempt: number,
): Promise<Run> => {
  const { log } = parts.effects
  const startedMs = performance.now()
  const stop = new AbortController()
  let id = ''
  const run = await runProduct(parts, mesh, product, request, {
    ...context,
    signal: AbortSignal.any([context.signal, stop.signal]),
    onStart: runId => {
      id = runId
      cancellations.watch(runId, stop)
      const { trigger } = request
      log.info('run.started', { product: product.subject, run: id, trigger, by: context.by, attempt })
      context.onStart?.(runId)
    },
    progress: event => {
      context.progress(event)
      const { subject, activity, done: rows } = event
      log.info('run.step', { product: product.subject, run: id, dataset: subject, activity, rows })
    },
  }).finally(() => cancellations.forget(id))
  for (const it of run.problems)
    log.warn('run.problem', {
      product: product.subject,
      run: run.id,
      code: it.code,
      subject: it.subject,
      message: it.message,
      touches: it.touches?.map(one => `${one.name} of ${one.owner}`).join(', '),
    })
  for (const { dataset, leftOut } of run.datasets)
    for (const it of leftOut ?? [])
      log.info('run.rows-left-out', { product: product.subject, run: run.id, dataset, ...it })
  const rows = run.datasets.reduce((sum, it) => sum + (it.rows ?? 0), 0)
  const durationMs = Math.round(performance.now() - startedMs)
  log.info('run.ended', { product: product.subject, run: run.id, state: run.state, durationMs, rows })
  return run
}

const pollMs = 500

/** On a server another process may be at the product. Beyond the time that a run may take it is told as busy. */
const waitForOthers = async (parts: RunParts, product: Product, context: RunContext): Promise<void> => {
  const { store, env, effects, limits } = parts
  if (store.kind === 'embedded') return
  const startedMs = performance.now()
  while (!context.signal.aborted && performance.now() - startedMs < limits.runTimeMs) {
    const other = await liveRunOf(store.db, env, product.subject, effects.now(), limits.leaseMs)
    if (other === undefined) return
    const activity = `waits for run ${other.id} of ${other.owner.split(':').slice(0, 2).join(', process ')}`
    context.progress({ subject: product.subject, activity, state: 'moving' })
    await setTimeout(pollMs, undefined, { signal: context.signal }).catch(() => {})
  }
}
