/** One run from lease to publication: inputs, build, verdict, publish or quarantine. Nothing of an unfinished run is ever seen. */

import { auditInputs, type ResolvedInputs } from '../access/index.ts'
import { type Problem, problem, WeftError } from '../base/index.ts'
import type { Dataset, Mesh, Product } from '../domain/index.ts'
import type { Session } from '../engine/index.ts'
import { type Manifest, type Storage, verifyReferenced } from '../storage/index.ts'
import { type BuildInput, type BuiltDataset, buildDatasets } from './build.ts'
import { type BuildKeys, buildKeys } from './build-key.ts'
import type { RunContext, RunParts } from './parts.ts'
import { pipelineProblems } from './problems.ts'
import { mirrorPublications, portNamed, publish, stage } from './publish.ts'
import { type DatasetRun, hasLeftOut, noChecks, type Run, type RunState, type RunTrigger } from './run.ts'
import { failuresOf } from './run-failure.ts'
import { heldByPerson } from './run-hold.ts'
import { entityIds, type RunIds } from './run-ids.ts'
import { buildInput, fingerprintsOf, inputsOf } from './run-inputs.ts'
import { runLimits, runThreads } from './run-limits.ts'
import { endRun, insertRunInputs, insertSnapshots, queueRun, renewLease, takeLease } from './store.ts'
import { clearRun, partsPrefix } from './sweep.ts'
import { servedPorts, servesKeys, unchangedDatasets } from './up-to-date.ts'
import { checkProblems, countChecks, mayPublish } from './verdict.ts'

export interface RunRequest {
  readonly trigger: RunTrigger
  readonly planId?: string
  /** What is built even where nothing changed. */
  readonly again: BuildInput['again']
  /** Why it may not be built now, found before it started. */
  readonly heldBecause?: Problem
}

/** Runs one product and records how it ended. Throws only where the catalogue itself cannot be reached. */
export const runProduct = async (
  parts: RunParts,
  mesh: Mesh,
  product: Product,
  request: RunRequest,
  context: RunContext,
): Promise<Run> => {
  const { db } = parts.store
  const ids = await entityIds(parts, product)
  const startedAt = parts.effects.now()
  const runId = await queueRun(db, {
    id: parts.effects.id(),
    env: parts.env,
    productId: ids.product,
    product: product.subject,
    trigger: request.trigger,
    by: context.by,
    at: startedAt,
    ...(request.planId === undefined ? {} : { planId: request.planId }),
  })
  const report = (state: RunState, problems: readonly Problem[], datasets: readonly DatasetRun[]): Run => {
    const endedAt = parts.effects.now()
    return {
      id: runId,
      product: product.subject,
      trigger: request.trigger,
      state,
      startedAt: startedAt.toISOString(),
      endedAt: endedAt.toISOString(),
      durationMs: endedAt.getTime() - startedAt.getTime(),
      problems,
      datasets,
    }
  }
  const end = async (state: RunState, problems: readonly Problem[], datasets: readonly DatasetRun[]): Promise<Run> => {
    await endRun(db, runId, { state, at: parts.effects.now(), problems })
    return report(state, problems, datasets)
  }
  const held = request.heldBecause ?? (await heldByPerson(db, parts.env, product, startedAt))
  if (held !== undefined) return end('held', [held], allDatasets(product, 'held'))
  if (!(await takeLease(db, runId, parts.owner, startedAt, parts.limits.leaseMs))) {
    const busy = problem(pipelineProblems, 'run.busy', `${product.subject} is already being built`, {
      subject: product.subject,
    })
    return end('failed', [busy], allDatasets(product, 'failed'))
  }
  context.onStart?.(runId)
  const work = new ProductRun(parts, mesh, product, ids, runId, context, startedAt)
  try {
    const { state, problems, datasets } = await work.run(request.again)
    return report(state, problems, datasets)
  } catch (error) {
    const found = failuresOf(error, product, context.signal, work.timedOut, runLimits(parts, mesh, product), [
      parts.scratch,
      ...work.scratch,
    ])
    const [{ code }] = found
    const state = code === 'run.cancelled' ? 'cancelled' : code === 'run.held-by-person' ? 'held' : 'failed'
    const datasets = allDatasets(product, state === 'held' ? 'held' : 'failed')
    // A run that another process has taken over is that process's to end.
    if (code === 'run.lease-lost') work.isOthers = true
    else await endRun(db, runId, { state, at: parts.effects.now(), problems: found, owner: parts.owner })
    return report(state, found, datasets)
  } finally {
    await work.close()
  }
}

/** Scratch of the finished parts of a product's build, whichever run goes on with it. */
const partsOf = (productId: string): string => `${partsPrefix}${productId}`

const rejectsOf = ({ rejects }: Manifest, storage: Storage): Pick<DatasetRun, 'rejects'> =>
  rejects === undefined ? {} : { rejects: { rows: rejects.rows, uri: `${storage.url}/${rejects.uri}` } }

const allDatasets = (product: Product, state: DatasetRun['state']): DatasetRun[] =>
  product.outputs.flatMap(port => port.datasets.map(dataset => ({ dataset: dataset.subject, state, checks: noChecks })))

const renewEveryMs = 500

/** The lifetime of a run: its engine session, its scratch folder, its lease. */
class ProductRun {
  timedOut = false
  /** Another process goes on with this run, in the same scratch folder. */
  isOthers = false
  /** Where it writes: on the disk of the domain's storage. */
  readonly scratch: string[] = []
  private session: Session | undefined
  private storage: Storage | undefined
  private readonly stop = new AbortController()
  private timer: NodeJS.Timeout | undefined
  private heartbeat: NodeJS.Timeout | undefined
  private readonly parts: RunParts
  private readonly mesh: Mesh
  private readonly product: Product
  private readonly ids: RunIds
  private readonly runId: string
  private readonly context: RunContext
  private readonly at: Date
  private readonly signal: AbortSignal
  private state: 'running' | 'checking' | 'publishing' = 'running'
  private renewedAtMs = 0

  constructor(
    parts: RunParts,
    mesh: Mesh,
    product: Product,
    ids: RunIds,
    runId: string,
    context: RunContext,
    at: Date,
  ) {
    this.parts = parts
    this.mesh = mesh
    this.product = product
    this.ids = ids
    this.runId = runId
    this.context = context
    this.at = at
    this.signal = AbortSignal.any([context.signal, this.stop.signal])
  }

  async run(
    again: BuildInput['again'],
  ): Promise<{ state: RunState; problems: readonly Problem[]; datasets: readonly DatasetRun[] }> {
    const { parts, product } = this
    const engine = await parts.engine()
    const inputs = await inputsOf(parts, this.mesh, product, this.signal)
    const keys = buildKeys(product, fingerprintsOf(product, inputs), engine, this.at, parts.keepRows)
    const served = await servedPorts(parts)
    const isServed = servesKeys(product, served, keys)
    if (again === 'none' && isServed) {
      await endRun(parts.store.db, this.runId, {
        state: 'unchanged',
        at: parts.effects.now(),
        problems: [],
        buildKey: keys.whole,
        owner: parts.owner,
      })
      return { state: 'unchanged', problems: [], datasets: unchangedDatasets(product, served) }
    }
    const previous = new Map(
      product.outputs.flatMap(port =>
        (served.get(port.subject)?.datasets ?? []).map(it => [it.dataset, it.snapshot] as const),
      ),
    )
    this.startClocks()
    const limits = runLimits(parts, this.mesh, product)
    const storage = await parts.storageOf(product.domain)
    this.storage = storage
    const scratch = await storage.scratch(this.runId)
    this.scratch.push(scratch)
    this.session = await engine.open({
      memory: limits.memory,
      threads: runThreads(parts, inputs),
      scratch,
      signal: this.signal,
    })
    await this.recordInputs(inputs)
    const built = await this.build(inputs, scratch, again)
    // A backfill leaves what lies outside of its range as it is: there may be something left to do.
    const isPart = typeof again === 'object' && !isServed
    const named = (key: string): string => (isPart ? `part of ${key}` : key)
    const ports = new Map([...keys.ports].map(([port, key]) => [port, named(key)]))
    return this.conclude(built, inputs, { whole: named(keys.whole), ports }, scratch, previous)
  }

  /** What the run reads stands in the catalogue and in the audit before it reads it. */
  private async recordInputs(inputs: ResolvedInputs): Promise<void> {
    const { parts, product } = this
    await parts.store.transaction(async db => {
      const read = inputs.ports.flatMap(port => port.datasets)
      await insertRunInputs(db, this.runId, read)
      await auditInputs(db, parts.effects, { env: parts.env, product: product.subject, run: this.runId, inputs })
    })
  }

  private async build(inputs: ResolvedInputs, scratch: string, again: BuildInput['again']): Promise<BuiltDataset[]> {
    const { session, parts, product } = this
    if (session === undefined) throw new Error('the session is opened before the build')
    return buildDatasets({
      ...(await buildInput(parts, this.mesh, product, { session, inputs, scratch, signal: this.signal })),
      again,
      kept: async () => this.storage?.scratch(partsOf(this.ids.product)) ?? scratch,
      fieldId: (dataset, column) => this.ids.fieldIds.get(`${dataset}.${column}`) ?? 0,
      nowMs: this.at.getTime(),
      onDataset: (dataset, activity, rows) => this.moved(dataset, activity, rows),
    })
  }

  private async moved(dataset: Dataset, activity: 'building' | 'checking', rows?: number): Promise<void> {
    this.context.progress({
      subject: dataset.subject,
      activity,
      state: 'moving',
      ...(rows === undefined ? {} : { done: rows, unit: 'rows' }),
    })
    this.state = activity === 'checking' ? 'checking' : 'running'
    // A product of many small datasets changes its state faster than anybody looks.
    if (this.parts.effects.now().getTime() - this.renewedAtMs >= renewEveryMs) await this.renew()
  }

  private async conclude(
    built: readonly BuiltDataset[],
    inputs: ResolvedInputs,
    keys: BuildKeys,
    scratch: string,
    previous: ReadonlyMap<string, string>,
  ): Promise<{ state: RunState; problems: readonly Problem[]; datasets: readonly DatasetRun[] }> {
    const { parts, product, session, storage } = this
    if (session === undefined || storage === undefined) throw new Error('the session is opened before the build')
    const checks = built.flatMap(one => one.measured.measurement.checks)
    const good = mayPublish(countChecks(checks))
    this.state = 'publishing'
    await this.renew()
    this.context.signal.throwIfAborted()
    const staged = await stage({
      parts,
      product,
      storage,
      session,
      engine: await parts.engine(),
      runId: this.runId,
      scratch,
      at: this.at,
      buildKeys: keys,
      built,
      state: good ? 'published' : 'quarantined',
      timeDependent: new Set(built.filter(one => one.isTimeDependent).map(one => one.dataset.subject)),
      datasetIds: this.ids.datasets,
      inputs: inputs.ports.flatMap(port =>
        port.datasets.map(({ dataset, snapshot, fingerprint }) => ({ dataset, snapshot, fingerprint })),
      ),
      previous,
    })
    for (const { manifest } of [...inputs.ports.flatMap(it => it.datasets), ...staged]) await verifyReferenced(manifest)
    // Two datasets that read one source tell the same of it.
    const problems = [...new Set(built.flatMap(one => one.problems)), ...checkProblems(checks)]
    const ending = {
      state: good ? ('succeeded' as const) : ('quarantined' as const),
      at: parts.effects.now(),
      problems,
      buildKey: keys.whole,
      owner: parts.owner,
    }
    if (good) {
      await publish(
        parts,
        product,
        staged,
        { id: this.runId, by: this.context.by, at: ending.at },
        this.ids.ports,
        db => endRun(db, this.runId, ending),
      )
      await this.mirror()
    } else {
      await parts.store.transaction(async db => {
        await insertSnapshots(db, parts.env, staged)
        await endRun(db, this.runId, ending)
      })
    }
    await storage.removeScratch(partsOf(this.ids.product))
    return {
      state: ending.state,
      problems,
      datasets: built.map((one, index) => ({
        dataset: one.dataset.subject,
        state: good ? ('published' as const) : ('quarantined' as const),
        rows: one.rows,
        bytes: staged[index]?.manifest.bytes ?? 0,
        partitions: one.partitions,
        ...(staged[index] === undefined ? {} : rejectsOf(staged[index].manifest, storage)),
        ...(one.leftOut.some(hasLeftOut) ? { leftOut: one.leftOut.filter(hasLeftOut) } : {}),
        checks: countChecks(one.measured.measurement.checks),
        ...(staged[index] === undefined ? {} : { snapshot: staged[index].manifest.id }),
        ...(previous.get(one.dataset.subject) === undefined
          ? {}
          : { previous: previous.get(one.dataset.subject) ?? '' }),
      })),
    }
  }

  /** The copy beside the data is for the day when the catalogue is gone. What is published stays published where it cannot be written now; the next run tries again. */
  private async mirror(): Promise<void> {
    const { parts, mesh } = this
    try {
      await mirrorPublications(parts, subject => portNamed(mesh, subject))
    } catch (error) {
      const code = error instanceof WeftError ? error.code : 'unknown'
      parts.effects.log.error('publication.not-mirrored', { product: this.product.subject, run: this.runId, code })
    }
  }

  private startClocks(): void {
    const { parts } = this
    const limits = runLimits(parts, this.mesh, this.product)
    this.timer = setTimeout(() => {
      this.timedOut = true
      this.stop.abort()
    }, limits.timeMs)
    this.heartbeat = setInterval(() => {
      this.renew().catch(() => this.stop.abort())
    }, parts.limits.leaseMs / 3)
    this.timer.unref()
    this.heartbeat.unref()
  }

  private async renew(): Promise<void> {
    const { parts } = this
    this.renewedAtMs = parts.effects.now().getTime()
    const until = new Date(this.renewedAtMs + parts.limits.leaseMs)
    if (await renewLease(parts.store.db, this.runId, parts.owner, this.state, until)) return
    throw new WeftError(
      'failed',
      problem(
        pipelineProblems,
        'run.lease-lost',
        `the run of ${this.product.subject} was taken over by another process`,
      ),
    )
  }

  async close(): Promise<void> {
    clearTimeout(this.timer)
    clearInterval(this.heartbeat)
    await this.session?.close()
    if (this.isOthers || this.storage === undefined) return
    try {
      await clearRun(this.parts, this.storage, this.runId)
    } catch (error) {
      // The run has ended as it has; the next process that opens the catalogue clears up.
      if (!(error instanceof WeftError)) throw error
      this.parts.effects.log.warn('run.not-cleared', { run: this.runId, code: error.code })
    }
  }
}
