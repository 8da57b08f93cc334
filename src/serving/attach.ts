/** Asks the process that holds the catalogue. */
import { connect } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { type OperationContext, type Problem, problem, WeftError } from '../base/index.ts'
import { cancelLine, type Reply, readLines, replyBytesMax } from './frames.ts'
import { readHolder } from './holder.ts'
import { ownerGone } from './owner.ts'
import { servingProblems } from './problems.ts'

export interface Question {
  /** `.weft/<env>`. */
  readonly state: string
  readonly version: string
  readonly operation: string
  readonly input: unknown
  /** `weft status (process 4711)`. */
  readonly asker: string
  readonly context: OperationContext<unknown>
}

/** absent: nobody listens (yet, or any more); later: not now, because of what the owner is at; lost: it took the question and is gone, `hasWritten` where rows came before. */
export type Outcome =
  | { readonly kind: 'answer'; readonly value: unknown }
  | { readonly kind: 'absent'; readonly by?: string }
  | { readonly kind: 'later'; readonly by: string }
  | { readonly kind: 'lost'; readonly hasWritten: boolean }

/** Hands an operation on and streams back what comes of it. Throws what the operation threw. Aborting the signal ends the operation there. */
export const askOwner = (question: Question): Promise<Outcome> => {
  const { state, version, operation, input, asker, context } = question
  const holder = readHolder(state)
  if (holder === undefined) return Promise.resolve({ kind: 'absent' })
  const by = `${holder.command} (process ${holder.pid})`
  // Another version may mean other things by the same words.
  if (holder.version !== version) return Promise.resolve({ kind: 'absent', by: `${by} of version ${holder.version}` })
  return new Promise((resolve, reject) => {
    const socket = connect(holder.socket)
    let isConnected = false
    let hasWritten = false
    let answer = ''
    const cancel = (): void => void socket.write(`${cancelLine}\n`)
    const end = (settle: () => void): void => {
      context.signal.removeEventListener('abort', cancel)
      socket.destroy()
      settle()
    }
    socket.on('connect', () => {
      isConnected = true
      const { principal, purpose } = context
      socket.write(`${JSON.stringify({ token: holder.token, operation, principal, purpose, asker, input })}\n`)
      if (context.signal.aborted) cancel()
      else context.signal.addEventListener('abort', cancel, { once: true })
    })
    // What is wrong shows in how it closes.
    socket.on('error', () => {})
    socket.on('close', () => end(() => resolve(isConnected ? { kind: 'lost', hasWritten } : { kind: 'absent', by })))
    const take = (line: string): void => {
      const reply = JSON.parse(line) as Reply // the other side is the same version of this program: owner.ts writes it
      if (reply.kind === 'progress') context.progress(reply.event)
      else if (reply.kind === 'output') write(Buffer.from(reply.base64, 'base64'))
      else if (reply.kind === 'part') answer += reply.text
      else end(() => settle(reply, answer, resolve, reject))
    }
    const write = (bytes: Buffer): void => {
      hasWritten = true
      const output = context.output ?? process.stdout
      if (output.write(bytes) || output.destroyed) return
      socket.pause()
      output.once('drain', () => socket.resume())
    }
    readLines(socket, replyBytesMax, take, () => end(() => resolve({ kind: 'lost', hasWritten })))
  })
}

const settle = (
  reply: Extract<Reply, { kind: 'answer' | 'later' | 'failed' | 'bug' }>,
  answer: string,
  resolve: (outcome: Outcome) => void,
  reject: (error: Error) => void,
): void => {
  switch (reply.kind) {
    case 'answer':
      resolve({ kind: 'answer', value: JSON.parse(answer) })
      break
    case 'later':
      resolve({ kind: 'later', by: reply.by })
      break
    case 'failed': {
      const [first, ...more] = JSON.parse(answer) as Problem[] // as above
      reject(first === undefined ? ownerGone() : new WeftError(reply.error, first, { more }))
      break
    }
    case 'bug':
      reject(new Error(reply.message))
      break
    default:
      reply satisfies never
  }
}

export interface Ways<T> {
  /** Whether another process holds the catalogue now. */
  readonly isHeld: () => boolean
  /** Does it here; throws `store.locked` where another process was faster, before anything was done. */
  readonly here: () => Promise<T>
  readonly question: Question
  /** Asking again cannot do it twice. */
  readonly isRepeatable: boolean
  readonly waitMs: number
}

const pauseMs = 50
/** A wait as short as a command takes to end is not worth a word. */
const quietMs = 1000

/** Does an operation here, or in the process that holds the catalogue; waits where that can be neither yet. */
export const hereOrThere = async <T>(ways: Ways<T>): Promise<T> => {
  const { question, waitMs } = ways
  const { signal, progress } = question.context
  const startedMs = performance.now()
  let isTold = false
  for (;;) {
    if (!ways.isHeld()) {
      try {
        return await ways.here()
      } catch (error) {
        if (!(error instanceof WeftError && error.code === 'store.locked')) throw error
      }
    }
    const outcome = await askOwner(question)
    if (outcome.kind === 'answer') return outcome.value as T // the answer of this very operation, by the same version
    if (outcome.kind === 'lost') {
      if (ways.isRepeatable && !outcome.hasWritten) continue
      throw ownerGone()
    }
    const by = outcome.by ?? 'another process'
    const waitedMs = performance.now() - startedMs
    if (waitedMs > waitMs) throw busy(by, waitMs)
    if (waitedMs > quietMs && !isTold) {
      isTold = true
      progress({ subject: question.asker, activity: 'waits', state: 'skipped', detail: `waits for ${by}` })
    }
    await setTimeout(pauseMs, undefined, { signal })
  }
}

const busy = (by: string, waitMs: number): WeftError =>
  new WeftError(
    'unreachable',
    problem(servingProblems, 'owner.busy', `the catalogue is held by ${by}`, {
      found: by,
      expected: `that it is free within ${waitMs / 1000} s`,
    }),
  )
