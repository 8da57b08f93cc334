/** A reader's statement in its process, from the waiting for one to the audit of its end. */
import type { Limits, WeftError } from '../base/index.ts'
import type { Batch, ColumnType } from '../engine/index.ts'
import type { Parse } from '../sql/index.ts'
import type { Db } from '../store/index.ts'
import { finishRead } from './audit.ts'
import { failureOf, interrupted, lost, outOfTime } from './failures.ts'
import type { Reader, ReaderPool } from './sealed/pool.ts'
import type { FromChild, ReadJob } from './sealed/protocol.ts'

interface RunningParts {
  readonly db: Db
  readonly limits: Pick<Limits, 'queryTimeMs'>
  readonly pool: ReaderPool
}

interface RunningRequest {
  readonly sql: string
  readonly signal: AbortSignal
}

export class RunningStatement {
  private readonly parts: RunningParts
  private readonly request: RunningRequest
  private readonly startedMs = performance.now()
  private readonly stopping = new AbortController()
  private readonly timer: NodeJS.Timeout
  private stoppedBy: 'time' | 'person' | undefined
  private reader: Reader | undefined
  private given: Promise<void> | undefined
  private ended: Promise<void> | undefined
  private audit: string | undefined
  private rows = 0
  private readonly onAbort = (): void => this.stop('person')

  private constructor(parts: RunningParts, request: RunningRequest) {
    this.parts = parts
    this.request = request
    this.timer = setTimeout(() => this.stop('time'), parts.limits.queryTimeMs)
    if (request.signal.aborted) this.stop('person')
    request.signal.addEventListener('abort', this.onAbort, { once: true })
  }

  /** Waits for a process of the statement's own. The time limit counts from here. */
  static async take(parts: RunningParts, request: RunningRequest): Promise<RunningStatement> {
    const statement = new RunningStatement(parts, request)
    try {
      statement.refuseStopped()
      statement.reader = await parts.pool.take(statement.stopping.signal)
      statement.refuseStopped()
      return statement
    } catch (error) {
      await statement.end('failed')
      throw statement.reasonOf(error)
    }
  }

  /** The folder that the process may read and write. */
  get folder(): string {
    return this.held().folder
  }

  link(files: readonly string[], referenced: ReadonlySet<string>): Promise<Map<string, string>> {
    return this.held().link(files, referenced)
  }

  /** The engine's tree of one text, made in the process: a text that ends the parser ends nothing else. */
  readonly parse: Parse = async ([sql = '']) => {
    this.held().send({ kind: 'parse', sql })
    const answer = await this.next()
    if (answer.kind !== 'parsed') throw this.failure(answer)
    return [answer.result]
  }

  /** From now on the end is written to this row of the audit. */
  accepted(audit: string): void {
    this.audit = audit
  }

  /** Sends the statement; gives its columns, before any row was read. */
  start(job: () => Promise<ReadJob>): Promise<readonly ColumnType[]> {
    return this.guarded(async () => {
      this.held().send({ kind: 'read', ...(await job()) })
      const answer = await this.next()
      if (answer.kind !== 'columns') throw this.failure(answer)
      return answer.columns
    })
  }

  /** `verify` is asked when all rows are read, and throws where they cannot be trusted. */
  async *batches(verify: () => Promise<void>): AsyncGenerator<Batch> {
    try {
      for (;;) {
        const answer = await this.guarded(async () => {
          const next = await this.next()
          if (next.kind !== 'end' && next.kind !== 'frame') throw this.failure(next)
          if (next.kind === 'end') await verify()
          return next
        })
        if (answer.kind === 'end') break
        this.held().send({ kind: 'ack' })
        for (const batch of answer.batches) {
          this.rows += batch.rows
          yield batch
        }
      }
      await this.end('done')
    } finally {
      await this.end('ended early')
    }
  }

  /** Waits for an answer that goes to a file; `keep` takes the file before the folder goes. */
  finish(keep: () => Promise<void>): Promise<number> {
    return this.guarded(async () => {
      const answer = await this.next()
      if (answer.kind !== 'end') throw this.failure(answer)
      await keep()
      this.rows = answer.rows
      await this.end('done')
      return answer.rows
    })
  }

  /** Ends the process and writes the outcome; only the first outcome counts. */
  end(outcome: string): Promise<void> {
    this.ended ??= this.finishWith(outcome)
    return this.ended
  }

  /** Throws where the statement was stopped meanwhile. */
  refuseStopped(): void {
    const reason = this.stopReason()
    if (reason !== undefined) throw reason
  }

  /** Why it failed: whatever is thrown after a stop comes of the stop. */
  reasonOf(error: unknown): unknown {
    return this.stopReason() ?? error
  }

  private stopReason(): WeftError | undefined {
    if (this.stoppedBy === undefined) return undefined
    return this.stoppedBy === 'person' ? interrupted() : outOfTime(this.parts.limits.queryTimeMs)
  }

  private stop(by: 'time' | 'person'): void {
    this.stoppedBy ??= by
    this.stopping.abort()
    // Ending the process is the only way to end whatever its threads are at. Whoever waits for it is told by `next`, and of a failure here by `end`.
    const ended = this.audit === undefined ? this.release() : this.end(this.outcomeOf(this.stopReason()))
    ended.catch(() => {})
  }

  private release(): Promise<void> {
    if (this.reader === undefined) return Promise.resolve()
    this.given ??= this.parts.pool.give(this.reader)
    return this.given
  }

  private async finishWith(outcome: string): Promise<void> {
    clearTimeout(this.timer)
    this.request.signal.removeEventListener('abort', this.onAbort)
    await this.release()
    if (this.audit === undefined) return
    const durationMs = performance.now() - this.startedMs
    await finishRead(this.parts.db, this.audit, { outcome, rows: this.rows, durationMs })
  }

  private held(): Reader {
    if (this.reader === undefined) throw this.reasonOf(failureOf(lost, this.request.sql))
    return this.reader
  }

  private next(): Promise<FromChild> {
    return this.held().next()
  }

  private async guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (thrown) {
      const error = this.reasonOf(thrown)
      await this.end(this.outcomeOf(error))
      throw error
    }
  }

  private outcomeOf(error: unknown): string {
    if (this.stoppedBy === 'person') return 'cancelled'
    return error instanceof Error && 'code' in error ? `failed: ${String(error.code)}` : 'failed'
  }

  /** An answer that was not expected is as good as none. */
  private failure(answer: FromChild): WeftError {
    return failureOf(answer.kind === 'failed' ? answer : lost, this.request.sql)
  }
}
