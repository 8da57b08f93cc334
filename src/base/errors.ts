/** The one class that Weft throws, and the one table from its kind to an exit code. */
import type { Problem } from './problem.ts'

/**
 * Why an operation could not go on.
 * failed: while running; checks: data checks failed and nothing bad was published; blocked: policy, approval, breaking change, stale plan;
 * usage: wrong arguments; invalid: definitions; unreachable: store, storage or server; forbidden: not allowed; interrupted: by the person.
 */
export type ErrorKind =
  | 'failed'
  | 'checks'
  | 'blocked'
  | 'usage'
  | 'invalid'
  | 'unreachable'
  | 'forbidden'
  | 'interrupted'

export const exitCodes: Readonly<Record<ErrorKind, number>> = {
  failed: 1,
  checks: 3,
  blocked: 4,
  usage: 64,
  invalid: 65,
  unreachable: 69,
  forbidden: 77,
  interrupted: 130,
}

/** An expected failure: it says what is wrong in words for a person, with a stable code. Anything else that is thrown is our bug. */
export class WeftError extends Error {
  override readonly name = 'WeftError'
  readonly kind: ErrorKind
  readonly code: string
  readonly problems: readonly Problem[]

  constructor(kind: ErrorKind, first: Problem, options: { more?: readonly Problem[]; cause?: unknown } = {}) {
    super(first.message, options.cause === undefined ? undefined : { cause: options.cause })
    this.kind = kind
    this.code = first.code
    this.problems = [first, ...(options.more ?? [])]
  }
}

/** Holds where the code's own reasoning says so; a failure is a bug of Weft and says that. */
export function assert(claim: unknown, what: string): asserts claim {
  if (!claim) throw new Error(`Weft has a bug: ${what} does not hold.`)
}
