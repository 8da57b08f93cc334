/** Readers' processes: one per statement, a few at once, and one started ahead of its statement. */
import { type ChildProcess, fork } from 'node:child_process'
import { inPackage } from '../../base/index.ts'
import { linkFiles, makeFolder, removeFolder } from './folder.ts'
import type { FromChild, ReadFailure, ToChild } from './protocol.ts'

const entry = inPackage('dist/access/sealed/child.js')

/** Answers of a process that ended before it answered. */
const lost: ReadFailure = { kind: 'failed', reason: 'lost', text: '' }

/** One process and its folder, for one statement. */
export class Reader {
  readonly folder: string
  private readonly child: ChildProcess
  private readonly exited: Promise<void>
  private readonly arrived: FromChild[] = []
  private waiting: ((message: FromChild) => void) | undefined
  private isGone = false

  private constructor(folder: string) {
    this.folder = folder
    this.child = fork(entry, [], {
      cwd: folder,
      env: {},
      execArgv: ['--max-old-space-size=512'],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    this.child.on('message', message => this.arrive(message as FromChild)) // only our own child speaks on this channel
    this.child.on('error', () => this.arrive(lost))
    this.exited = new Promise(resolve => {
      const gone = (): void => {
        this.isGone = true
        this.arrive(lost)
        resolve()
      }
      this.child.once('exit', gone)
      this.child.once('error', gone)
    })
  }

  static async start(scratch: string): Promise<Reader> {
    return new Reader(await makeFolder(scratch))
  }

  /** Links the files that the statement reads; paths by the old ones. */
  link(files: readonly string[], referenced: ReadonlySet<string>): Promise<Map<string, string>> {
    return linkFiles(this.folder, files, referenced)
  }

  send(message: ToChild): void {
    if (!this.isGone && this.child.connected) this.child.send(message, () => {})
  }

  /** The next thing that the process says; `failed` with reason `lost` where it ended. */
  next(): Promise<FromChild> {
    const first = this.arrived.shift()
    if (first !== undefined) return Promise.resolve(first)
    if (this.isGone) return Promise.resolve(lost)
    return new Promise(resolve => {
      this.waiting = resolve
    })
  }

  /** Whether a waiting process may keep the program from ending. */
  hold(isHeld: boolean): void {
    if (isHeld) {
      this.child.ref()
      this.child.channel?.ref()
    } else {
      this.child.unref()
      this.child.channel?.unref()
    }
  }

  /** Ends the process at once, wherever it is, and clears its folder. */
  async end(): Promise<void> {
    this.hold(true)
    if (!this.isGone) this.child.kill('SIGKILL')
    await this.exited
    await removeFolder(this.folder)
  }

  private arrive(message: FromChild): void {
    const take = this.waiting
    this.waiting = undefined
    if (take === undefined) this.arrived.push(message)
    else take(message)
  }
}

export interface ReaderPoolOptions {
  /** The folder in which readers' folders are made; on the file system of the data, links are free. */
  readonly scratch: string
  /** Statements at once; further ones wait. */
  readonly readersMax?: number
}

/** Gives out readers. */
export class ReaderPool {
  private readonly scratch: string
  private readonly readersMax: number
  private readonly active = new Set<Reader>()
  private readonly queue: (() => void)[] = []
  private spare: Promise<Reader> | undefined
  private taken = 0

  constructor(options: ReaderPoolOptions) {
    this.scratch = options.scratch
    this.readersMax = Math.max(1, options.readersMax ?? 4)
  }

  /** Starts a process ahead of its statement: starting takes longer than most statements. */
  warm(): void {
    if (this.spare !== undefined) return
    this.spare = Reader.start(this.scratch).then(reader => {
      reader.hold(false)
      return reader
    })
    // Whoever takes it is told; until then it is nobody's failure.
    this.spare.catch(() => {})
  }

  /** A process of the statement's own; waits while too many are at work. The signal ends the waiting. */
  async take(signal?: AbortSignal): Promise<Reader> {
    if (this.taken >= this.readersMax) await this.turn(signal)
    else this.taken++
    try {
      const spare = this.spare
      this.spare = undefined
      const reader = await (spare ?? Reader.start(this.scratch))
      reader.hold(true)
      this.active.add(reader)
      return reader
    } catch (error) {
      this.pass()
      throw error
    }
  }

  async give(reader: Reader): Promise<void> {
    if (!this.active.delete(reader)) return
    try {
      await reader.end()
    } finally {
      this.pass()
    }
  }

  /** Ends all processes. */
  async close(): Promise<void> {
    const spare = await this.spare?.catch(() => undefined)
    this.spare = undefined
    await Promise.all([spare?.end(), ...[...this.active].map(reader => this.give(reader))])
  }

  /** The place of whoever is done goes to the first who waits. */
  private pass(): void {
    const next = this.queue.shift()
    if (next === undefined) this.taken--
    else next()
  }

  private turn(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        const index = this.queue.indexOf(start)
        if (index >= 0) this.queue.splice(index, 1)
        reject(signal?.reason)
      }
      const start = (): void => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      this.queue.push(start)
    })
  }
}
