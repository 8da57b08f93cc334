/** Cancelling runs, also those of another process: whoever asks writes it to the run's row, and the process at work looks there. */
import { setTimeout } from 'node:timers/promises'
import { z } from 'zod'
import { type OperationContext, operation, problem, WeftError } from '../base/index.ts'
import { cancelQueued, cancelRequests, type OpenRun, openRuns, requestCancel } from './lease-store.ts'
import type { ProjectParts } from './operations.ts'
import type { RunParts } from './parts.ts'
import { pipelineProblems } from './problems.ts'
import { listRuns } from './store.ts'

/** The runs of this process that others may want ended. Has a lifetime: `close` ends the looking. */
export class Cancellations {
  private readonly parts: RunParts
  private readonly stops = new Map<string, AbortController>()
  private readonly withdrawn = new Map<string, AbortController>()
  private readonly timer: NodeJS.Timeout

  constructor(parts: RunParts) {
    this.parts = parts
    this.timer = setInterval(() => void this.look(), parts.limits.cancelPollMs)
    this.timer.unref()
  }

  watch(run: string, stop: AbortController): void {
    this.stops.set(run, stop)
    if (this.withdrawn.get(run)?.signal.aborted === true) stop.abort()
  }

  forget(run: string): void {
    this.stops.delete(run)
  }

  /** Aborted when the run is cancelled, also between two attempts. */
  signalOf(run: string): AbortSignal {
    const it = this.withdrawn.get(run) ?? new AbortController()
    this.withdrawn.set(run, it)
    return it.signal
  }

  close(): void {
    clearInterval(this.timer)
  }

  private async look(): Promise<void> {
    const ids = [...new Set([...this.stops.keys(), ...this.withdrawn.keys()])]
    if (ids.length === 0) return
    try {
      for (const { id, cancel_by } of await cancelRequests(this.parts.store.db, ids)) {
        if (this.stops.get(id)?.signal.aborted !== true)
          this.parts.effects.log.info('run.cancel', { run: id, by: cancel_by })
        this.stops.get(id)?.abort()
        this.withdrawn.get(id)?.abort()
      }
    } catch {
      // A catalogue that cannot be asked now is told by the run itself, whose lease goes with it.
    }
  }
}

/** A product by its subject or the end of it, with `_` for `-` as readers write it. */
export const isNamed = (product: string, word: string): boolean => {
  const [whole, wanted] = [product, word].map(it => it.toLowerCase().replaceAll('_', '-'))
  return whole === wanted || whole?.endsWith(`.${wanted}`) === true
}

export interface Cancelled {
  readonly id: string
  readonly product: string
  readonly state: string
}

const waitMsMax = 30_000
const pauseMs = 100
/** A queued run that its process has not ended by now has none. */
const orphanMs = 3_000

export const cancelRun = operation({
  name: 'run.cancel',
  effect: 'write',
  permission: 'product.run',
  summary: 'Ends a run that is queued or at work, in this or another process; nothing is left half done.',
  input: z.object({ what: z.string() }),
  async run(
    { parts, principal, signal }: OperationContext<ProjectParts>,
    { what },
  ): Promise<{ readonly runs: readonly Cancelled[] }> {
    const { store, env, effects } = await parts.runs()
    const found = (await openRuns(store.db, env)).filter(it => it.id === what || isNamed(it.product, what))
    if (found.length === 0) throw await notRunning(store.db, env, what)
    const ids = found.map(it => it.id)
    await requestCancel(store.db, ids, principal.name, effects.now())
    const startedMs = performance.now()
    for (;;) {
      const runs = await statesOf(store.db, env, found)
      const isOver = runs.every(it => !['queued', 'running', 'checking', 'publishing'].includes(it.state))
      if (isOver || signal.aborted || performance.now() - startedMs > waitMsMax) return { runs }
      if (performance.now() - startedMs > orphanMs) await cancelQueued(store.db, ids, effects.now())
      await setTimeout(pauseMs)
    }
  },
})

const statesOf = async (db: RunParts['store']['db'], env: string, runs: readonly OpenRun[]): Promise<Cancelled[]> => {
  const ids = runs.map(it => it.id)
  return db.selectFrom('run').select(['id', 'product', 'state']).where('env', '=', env).where('id', 'in', ids).execute()
}

const notRunning = async (db: RunParts['store']['db'], env: string, what: string): Promise<WeftError> => {
  const last = (await listRuns(db, env, { limit: 100 })).find(it => it.id === what || isNamed(it.product, what))
  return new WeftError(
    'usage',
    problem(pipelineProblems, 'run.not-running', `no run of "${what}" is on`, {
      found: last === undefined ? what : `run ${last.id}: ${last.state}`,
      help: 'weft runs',
    }),
  )
}
