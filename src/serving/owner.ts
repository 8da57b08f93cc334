/** The process that holds the embedded catalogue works for other terminals too: it answers their operations on a local socket. */
import { chmodSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { Writable } from 'node:stream'
import { assert, type OperationContext, problem, WeftError } from '../base/index.ts'
import { cancelLine, isSameToken, partLength, type Reply, type Request, readLines, requestShape } from './frames.ts'
import { type Holder, removeHolder, socketPath, writeHolder } from './holder.ts'
import { servingProblems } from './problems.ts'

export interface OwnerOptions {
  /** `.weft/<env>`. */
  readonly state: string
  /** What this process was called for: `weft run`. */
  readonly command: string
  readonly version: string
  readonly now: Date
  readonly messageBytesMax: number
  /** Whether an operation may take minutes; undefined where there is none of that name. */
  readonly isLong: (operation: string) => boolean | undefined
  readonly run: (request: Request, context: Omit<OperationContext<undefined>, 'parts'>) => Promise<unknown>
}

interface Guest {
  readonly asker: string
  readonly stop: AbortController
  readonly done: Promise<void>
}

/** Progress that a slow reader has not taken is dropped beyond this. */
const progressBytesMax = 1024 * 1024

export class Owner {
  private readonly options: OwnerOptions
  private readonly server: Server
  private readonly socket: string
  private readonly holder: Holder
  private readonly guests = new Set<Guest>()
  private readonly sockets = new Set<Socket>()
  /** Long operations take turns: what they are, in order. */
  private readonly turns: string[] = []
  private last: Promise<void> = Promise.resolve()
  private isClosing = false
  private isStopped = false

  /** To be called by whoever holds the lock of the catalogue: a socket that lies there is nobody's. */
  static open(options: OwnerOptions): Owner {
    return new Owner(options)
  }

  private constructor(options: OwnerOptions) {
    this.options = options
    this.socket = socketPath(options.state)
    rmSync(this.socket, { force: true })
    this.server = createServer(socket => this.welcome(socket))
    // Where nobody can listen, others wait for the lock as if there were no socket.
    this.server.on('error', () => undefined)
    this.server.on('listening', () => chmodSync(this.socket, 0o600))
    this.server.listen(this.socket)
    this.server.unref()
    const { command, version, now } = options
    this.holder = writeHolder(options.state, {
      pid: process.pid,
      version,
      socket: this.socket,
      command,
      startedAt: now.toISOString(),
    })
  }

  /** Does a long operation when those before it are done. `waits` is told once where there are any. */
  async inTurn<T>(what: string, signal: AbortSignal, waits: (by: string) => void, work: () => Promise<T>): Promise<T> {
    const before = this.last
    let release = (): void => {}
    this.last = new Promise(resolve => {
      release = resolve
    })
    const [ahead] = this.turns
    this.turns.push(what)
    try {
      if (ahead !== undefined) waits(ahead)
      await orAborted(before, signal)
      return await work()
    } finally {
      this.turns.splice(this.turns.indexOf(what), 1)
      // Whoever gave up waiting must not let the next one overtake those ahead.
      void before.then(release)
    }
  }

  /** What others have asked for and still wait for. */
  get waiting(): readonly string[] {
    return [...this.guests].map(it => it.asker)
  }

  /** Takes no more, finishes what was taken on (`signal` ends it early), and leaves nothing behind. */
  async close(signal: AbortSignal): Promise<void> {
    this.isClosing = true
    this.server.close()
    const stop = (): void => {
      this.isStopped = true
      for (const guest of this.guests) guest.stop.abort()
    }
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
    while (this.guests.size > 0) await Promise.all([...this.guests].map(it => it.done))
    signal.removeEventListener('abort', stop)
    for (const socket of this.sockets) socket.destroySoon()
    removeHolder(this.options.state)
    rmSync(this.socket, { force: true })
  }

  private welcome(socket: Socket): void {
    this.sockets.add(socket)
    const stop = new AbortController()
    let isAsked = false
    socket.on('error', () => stop.abort())
    socket.on('close', () => {
      this.sockets.delete(socket)
      stop.abort()
    })
    const refuse = (): void => {
      const tooLarge = problem(
        servingProblems,
        'owner.message-too-large',
        'the question is too large to be handed on',
        {
          expected: `at most ${this.options.messageBytesMax} bytes`,
        },
      )
      void sendFailure(socket, new WeftError('usage', tooLarge)).then(() => socket.destroySoon())
    }
    const take = (line: string): void => {
      if (isAsked) {
        if (line === cancelLine) stop.abort()
        return
      }
      isAsked = true
      const request = parseRequest(line)
      // A stranger is told nothing.
      if (request === undefined || !isSameToken(request.token, this.holder.token)) {
        socket.destroy()
        return
      }
      const done = this.serve(socket, request, stop).finally(() => {
        this.guests.delete(guest)
        socket.end()
      })
      const guest: Guest = { asker: request.asker, stop, done }
      this.guests.add(guest)
    }
    readLines(socket, this.options.messageBytesMax, take, refuse)
  }

  private async serve(socket: Socket, request: Request, stop: AbortController): Promise<void> {
    const { isLong, run, command } = this.options
    const takesLong = isLong(request.operation)
    // A short command would stay for as long as the other's run takes: the other waits for the lock instead.
    if (this.isClosing || (takesLong === true && this.turns.length === 0))
      return send(socket, { kind: 'later', by: `${command} (process ${process.pid})` })
    const progress: OperationContext<undefined>['progress'] = event => {
      if (socket.writableLength < progressBytesMax) send(socket, { kind: 'progress', event })
    }
    const { principal, purpose, asker } = request
    const work = (): Promise<unknown> =>
      run(request, { principal, purpose, signal: stop.signal, progress, output: outputTo(socket) })
    const waits = (by: string): void =>
      progress({ subject: asker, activity: 'waits', state: 'skipped', detail: `waits for ${by}` })
    try {
      assert(takesLong !== undefined, `there is an operation ${request.operation}`)
      const answer = takesLong ? await this.inTurn(asker, stop.signal, waits, work) : await work()
      if (this.isStopped) throw ownerGone()
      await sendParts(socket, answer)
      send(socket, { kind: 'answer' })
    } catch (error) {
      await sendFailure(socket, this.isStopped ? ownerGone() : error)
    }
  }
}

export const ownerGone = (): WeftError =>
  new WeftError(
    'unreachable',
    problem(servingProblems, 'owner.gone', 'the process that holds the catalogue has ended before it answered'),
  )

const sendFailure = async (socket: Socket, error: unknown): Promise<void> => {
  if (error instanceof WeftError) {
    await sendParts(socket, error.problems)
    send(socket, { kind: 'failed', error: error.kind })
  } else send(socket, { kind: 'bug', message: error instanceof Error ? error.message : String(error) })
}

const sendParts = async (socket: Socket, value: unknown): Promise<void> => {
  const text = JSON.stringify(value) ?? 'null'
  for (let at = 0; at < text.length; at += partLength)
    await sent(socket, { kind: 'part', text: text.slice(at, at + partLength) })
}

const parseRequest = (line: string): Request | undefined => {
  try {
    return requestShape.safeParse(JSON.parse(line)).data
  } catch {
    return undefined
  }
}

const send = (socket: Socket, reply: Reply): void => {
  if (!socket.destroyed) socket.write(`${JSON.stringify(reply)}\n`)
}

/** Resolves when the reader has room again, or is gone. */
const sent = (socket: Socket, reply: Reply): Promise<void> =>
  new Promise(resolve => {
    if (socket.destroyed) return resolve()
    socket.write(`${JSON.stringify(reply)}\n`, () => resolve())
  })

/** Bytes of an answer that is written as it comes; no faster than the other side reads. */
const outputTo = (socket: Socket): Writable =>
  new Writable({
    write(chunk: Buffer, _encoding, done) {
      const parts: Promise<void>[] = []
      for (let at = 0; at < chunk.length; at += partLength)
        parts.push(sent(socket, { kind: 'output', base64: chunk.subarray(at, at + partLength).toString('base64') }))
      void Promise.all(parts).then(() => done())
    },
  })

const orAborted = async (work: Promise<void>, signal: AbortSignal): Promise<void> => {
  signal.throwIfAborted()
  let stop = (): void => {}
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
  })
  await Promise.race([work, aborted]).finally(() => signal.removeEventListener('abort', stop))
}
