/** One operation of the platform. Command line, REST, MCP, SDK, audit and reference docs are made from the list of these. */
import type { Writable } from 'node:stream'
import type { z } from 'zod'

/** Who acts. On a laptop the operator: the system's user, who may do everything. */
export interface Principal {
  readonly kind: 'operator' | 'person' | 'product'
  readonly name: string
}

export interface OperationContext<Parts> {
  readonly parts: Parts
  readonly principal: Principal
  readonly purpose: string
  /** Ends the operation; nothing is left half done. */
  readonly signal: AbortSignal
  /** What happens meanwhile, for whoever watches; dropping it changes nothing. */
  readonly progress: (event: ProgressEvent) => void
  /** Where bytes go that an operation writes as they come, such as rows; absent: stdout. */
  readonly output?: Writable
}

/** A thing that is being worked on. `total` and `done` count rows, files or products, as `unit` says. */
export interface ProgressEvent {
  readonly subject: string
  readonly activity: string
  readonly state: 'started' | 'moving' | 'done' | 'failed' | 'skipped'
  readonly done?: number
  readonly total?: number
  readonly unit?: string
  readonly durationMs?: number
  readonly detail?: string
}

export interface Operation<Parts, Input extends z.ZodType, Output> {
  readonly name: string
  /** read: changes nothing; write: changes the catalogue or data; local: touches files of the project only. */
  readonly effect: 'read' | 'write' | 'local'
  readonly permission: string
  readonly summary: string
  /** May take minutes. On an embedded catalogue such operations take turns. */
  readonly isLong?: true
  readonly input: Input
  run(context: OperationContext<Parts>, input: z.output<Input>): Promise<Output>
}

/** Declares an operation with its types inferred. */
export const operation = <Parts, Input extends z.ZodType, Output>(
  it: Operation<Parts, Input, Output>,
): Operation<Parts, Input, Output> => it
