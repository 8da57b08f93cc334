/** One session with the embedded catalogue, which runs in a worker. */
import { Worker } from 'node:worker_threads'
import { inPackage, problem, WeftError } from '../base/index.ts'
import { storeError } from './failures.ts'
import { storeProblems } from './problems.ts'
import type { WorkerReply, WorkerRequest, WorkerStart } from './worker.ts'

/** The worker's other end: one session, statements in turn. */
export class Session {
  readonly opened: Promise<void>
  private readonly worker: Worker
  private readonly waiting = new Map<
    number,
    { resolve: (reply: { rows: Record<string, unknown>[]; affected: number }) => void; reject: (error: Error) => void }
  >()
  private readonly statementTimeMs: number
  private next = 1
  private failure: Error | undefined
  private turn: Promise<void> = Promise.resolve()

  constructor(start: WorkerStart, statementTimeMs: number) {
    this.statementTimeMs = statementTimeMs
    this.worker = new Worker(inPackage('dist/store/worker.js'), {
      workerData: start,
      // Flags of the program, for instance that its text is a module, are not meant for this file.
      execArgv: [],
    })
    this.opened = this.expect(0).then(() => {})
    this.worker.on('message', (reply: WorkerReply) => {
      const one = this.waiting.get(reply.id)
      this.waiting.delete(reply.id)
      if (this.waiting.size === 0) this.worker.unref()
      if ('error' in reply) one?.reject(storeError(reply.error))
      else one?.resolve(reply)
    })
    this.worker.on('error', error =>
      this.fail(
        new WeftError(
          'unreachable',
          problem(storeProblems, 'store.unreachable', `the embedded catalogue cannot be opened: ${error.message}`),
          { cause: error },
        ),
      ),
    )
    this.worker.on('exit', () =>
      this.fail(
        new WeftError('unreachable', problem(storeProblems, 'store.unreachable', 'the embedded catalogue was closed')),
      ),
    )
  }

  private expect(id: number): Promise<{ rows: Record<string, unknown>[]; affected: number }> {
    if (this.failure !== undefined) return Promise.reject(this.failure)
    this.worker.ref()
    return new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject }))
  }

  private fail(error: Error): void {
    this.failure ??= error
    for (const one of this.waiting.values()) one.reject(error)
    this.waiting.clear()
  }

  private async send(
    request: Omit<WorkerRequest, 'id'>,
    limitMs = this.statementTimeMs,
  ): Promise<{ rows: Record<string, unknown>[]; affected: number }> {
    const id = this.next++
    const reply = this.expect(id)
    this.worker.postMessage({ id, ...request } satisfies WorkerRequest)
    const timer = setTimeout(() => {
      this.fail(
        new WeftError(
          'failed',
          problem(storeProblems, 'store.timeout', `a statement on the catalogue took longer than ${limitMs} ms`),
        ),
      )
      void this.worker.terminate()
    }, limitMs)
    return reply.finally(() => clearTimeout(timer))
  }

  query(sql: string, parameters: readonly unknown[]): Promise<{ rows: Record<string, unknown>[]; affected: number }> {
    return this.send({ sql, parameters })
  }

  /** `limitMs` absent: as long as any statement. */
  async script(sql: string, limitMs?: number): Promise<void> {
    await this.send({ sql }, limitMs)
  }

  /** Waits for its turn on the one session; the answer ends the turn. */
  async acquire(): Promise<() => void> {
    const before = this.turn
    let release = (): void => {}
    this.turn = new Promise(resolve => {
      release = resolve
    })
    await before
    return release
  }

  async close(): Promise<void> {
    if (this.failure === undefined) {
      const closed = this.expect(-1)
      this.worker.postMessage('close')
      await closed.catch(() => undefined)
    }
    this.failure ??= new Error('closed')
    await this.worker.terminate()
  }
}
