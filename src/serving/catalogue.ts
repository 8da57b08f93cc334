/** The catalogue as several terminals share it: whoever opens the embedded one first works for the others. A PostgreSQL is everybody's own to open. */
import { join } from 'node:path'
import type { z } from 'zod'
import {
  type Effects,
  freeSpace,
  isAlmostFull,
  isDiskFull,
  type Limits,
  type Operation,
  type OperationContext,
  problem,
  WeftError,
} from '../base/index.ts'
import { lockHolder, openStore, type Store, storeProblems } from '../store/index.ts'
import { hereOrThere } from './attach.ts'
import type { Request } from './frames.ts'
import { Owner } from './owner.ts'
import { servingProblems } from './problems.ts'

export interface CatalogueOptions {
  /** A PostgreSQL URL; absent, the catalogue lies in the state folder. */
  readonly url: string | undefined
  /** `.weft/<env>`; made when it is first needed. */
  readonly state: string
  readonly makeState: () => void
  readonly limits: Limits
  readonly effects: Effects
  /** `weft run`. */
  readonly command: string
  readonly version: string
  /** Ends also what is done for others. */
  readonly signal: AbortSignal
  readonly isLong: (operation: string) => boolean | undefined
  /** Does for another terminal what it asks. */
  readonly serve: (request: Request, context: Omit<OperationContext<undefined>, 'parts'>) => Promise<unknown>
}

export class Catalogue {
  private readonly options: CatalogueOptions
  private readonly asker: string
  private store: Promise<Store> | undefined
  private owner: Owner | undefined

  constructor(options: CatalogueOptions) {
    this.options = options
    this.asker = `${options.command} (process ${process.pid})`
  }

  /** Throws `store.locked` where another process holds it. */
  open(): Promise<Store> {
    this.store ??= this.openStore().catch(error => {
      // Whoever was faster may be gone when it is tried again.
      this.store = undefined
      throw error
    })
    return this.store
  }

  /** Does an operation: here, or in the process that holds the embedded catalogue. Throws a usage error for what it cannot be given. */
  ask<Parts, Input extends z.ZodType, Output>(
    operation: Operation<Parts, Input, Output>,
    input: z.input<Input>,
    context: OperationContext<Parts>,
  ): Promise<Output> {
    const { name, effect, isLong } = operation
    const { url, state, version, limits } = this.options
    const parsed = inputOf(operation, input)
    const here = (): Promise<Output> =>
      operation.run(context, parsed).catch(error => {
        throw isDiskFull(error) ? diskFull(state, error) : error
      })
    if (effect === 'local' || url !== undefined) return here()
    const { asker } = this
    const waits = (by: string): void =>
      context.progress({ subject: asker, activity: 'waits', state: 'skipped', detail: `waits for ${by}` })
    return hereOrThere<Output>({
      isHeld: () => this.isHeldElsewhere(),
      here: async () => {
        if (isLong !== true) return here()
        await this.open()
        return this.owner === undefined ? here() : this.owner.inTurn(asker, context.signal, waits, here)
      },
      question: { state, version, operation: name, input, asker, context },
      isRepeatable: effect === 'read',
      waitMs: limits.ownerWaitMs,
    })
  }

  isHeldElsewhere(): boolean {
    if (this.options.url !== undefined || this.store !== undefined) return false
    const pid = lockHolder(this.lockPath)
    return pid !== undefined && pid !== process.pid
  }

  /** What other terminals have asked for and still wait for: closing finishes it first. */
  get waiting(): readonly string[] {
    return this.owner?.waiting ?? []
  }

  /** Takes on no more for others, and finishes what was taken on. */
  async leave(): Promise<void> {
    await this.owner?.close(this.options.signal)
  }

  async close(): Promise<void> {
    const store = await this.store?.catch(() => undefined)
    await store?.close()
  }

  private get lockPath(): string {
    return join(this.options.state, 'lock')
  }

  private async openStore(): Promise<Store> {
    const { url, state, limits, makeState } = this.options
    if (url !== undefined) return openStore({ where: url, lockPath: `${url}.lock`, limits })
    // The lock lies beside what it locks, wherever the project is.
    makeState()
    const where = join(state, 'catalogue')
    try {
      return await openStore({ where, lockPath: this.lockPath, limits, onLocked: () => this.listen() })
    } catch (error) {
      await this.owner?.close(AbortSignal.abort())
      this.owner = undefined
      const isUnreachable = error instanceof WeftError && error.code === 'store.unreachable'
      throw isDiskFull(error) || (isUnreachable && isAlmostFull(state)) ? diskFull(state, error) : error
    }
  }

  /** Others find the process that holds the catalogue before it is open. */
  private listen(): void {
    const { state, command, version, effects, limits, isLong, serve } = this.options
    const { messageBytesMax } = limits
    try {
      this.owner = Owner.open({ state, command, version, now: effects.now(), messageBytesMax, isLong, run: serve })
    } catch (error) {
      // Without a socket others wait for the lock; that is no reason not to work.
      effects.log.warn('owner.not-listening', { reason: error instanceof Error ? error.message : 'unknown' })
    }
  }
}

const diskFull = (state: string, cause: unknown): WeftError =>
  new WeftError(
    'failed',
    problem(storeProblems, 'store.disk-full', 'the disk of the catalogue is full', { found: freeSpace(state) }),
    { cause },
  )

const inputOf = <Parts, Input extends z.ZodType, Output>(
  { name, input }: Operation<Parts, Input, Output>,
  given: z.input<Input>,
): z.output<Input> => {
  const parsed = input.safeParse(given)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const where = issue?.path.join('.') ?? ''
  throw new WeftError(
    'usage',
    problem(servingProblems, 'operation.wrong-input', `${name} cannot be asked so${where === '' ? '' : `: ${where}`}`, {
      expected: issue?.message ?? '',
    }),
  )
}
