/** A statement that the engine refuses before it runs. */
import { problem, WeftError } from '../base/index.ts'
import { engineProblems } from './problems.ts'

/** The engine's refusal of a statement, with the place in the text where it tells one (characters from 0). */
export class StatementError extends WeftError {
  readonly position: number | undefined
  /** The first line of the engine's message. */
  readonly engineMessage: string
  /** `Binder Error`, `Catalog Error`, `Parser Error`. */
  readonly errorClass: string

  constructor(errorClass: string, engineMessage: string, position: number | undefined, cause: unknown) {
    super('failed', problem(engineProblems, 'engine.sql', `${errorClass}: ${engineMessage}`), { cause })
    this.errorClass = errorClass
    this.engineMessage = engineMessage
    this.position = position
  }
}
