/** What a reader is told when a statement is refused or fails. Never more than the statement itself and the class of an error. Pure. */
import { type Problem, problem, WeftError } from '../base/index.ts'
import { placeInText } from '../sql/index.ts'
import { accessProblems } from './problems.ts'
import type { ReadFailure } from './sealed/protocol.ts'

type Code = keyof typeof accessProblems & string

/** The statement or its options are wrong. */
export const refused = (
  code: Code,
  message: string,
  detail: Pick<Problem, 'found' | 'expected' | 'help'> & Partial<Spot> = {},
): WeftError => new WeftError('usage', { ...problem(accessProblems, code, message), ...detail })

export interface Spot {
  readonly line: number
  readonly column: number
}

/** A place in the statement has a line and a column, and no file. */
export const spot = (sql: string, position: number | undefined): Partial<Spot> =>
  position === undefined ? {} : placeInText(sql, position)

/** What a process says that ended before it answered. */
export const lost: ReadFailure = { kind: 'failed', reason: 'lost', text: '' }

export const interrupted = (): WeftError =>
  new WeftError('interrupted', problem(accessProblems, 'query.interrupted', 'the query was interrupted'))

export const outOfTime = (ms: number): WeftError =>
  failed('query.out-of-time', `the statement took longer than limits.queryTimeMs, which is ${ms} ms`)

const failed = (code: Code, message: string): WeftError =>
  new WeftError('failed', problem(accessProblems, code, message))

export const failureOf = (failure: ReadFailure, sql: string): WeftError => {
  switch (failure.reason) {
    case 'statement':
      return refused('query.bad-statement', failure.text, spot(sql, failure.position))
    case 'memory':
      return failed('query.out-of-memory', 'the statement needed more memory than limits.queryMemory')
    case 'disk':
      return failed('query.failed', 'the disk is full')
    case 'lost':
      return failed('query.reader-lost', 'the process that ran the statement is gone')
    case 'runtime':
      return failed('query.failed', failure.text)
    default:
      return failure.reason satisfies never
  }
}
