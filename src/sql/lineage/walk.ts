/** What the parts of the analysis need of each other, and what they find out on the way. */
import type { JsonNode } from '../tree.ts'
import type { Flow, Leaves } from './flow.ts'
import type { Column, Scope, Source } from './scope.ts'
import type { Value } from './value.ts'

/** What a query answers: its columns, and what decides which rows there are. */
export interface Answer {
  readonly columns: readonly Column[]
  readonly rows: Flow
}

/** Common table expressions that a query can see; of one WITH only those before it. */
export interface Ctes {
  find(name: string): Answer | undefined
}

export interface Wide {
  readonly reason: string
  readonly position?: number
}

export interface Walk {
  readonly leaves: Leaves
  query(node: JsonNode, ctes: Ctes, outer: Scope | undefined): Answer
  expression(node: JsonNode, ctes: Ctes, scope: Scope): Value
  table(parts: readonly string[]): Omit<Source, 'alias'>
  /** Columns that the text names, whether what they hold flows on or not: without them it could not be bound. */
  named(value: Value): void
  /** What cannot be known is told, not left out. */
  wide(reason: string, node: JsonNode): void
}
