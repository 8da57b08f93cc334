/** The shape of a command: the parser, `--help` and the reference docs are made from the list of these. */
import type { OperationContext, Problem } from '../base/index.ts'
import type { Platform } from '../platform.ts'
import type { Terminal } from './terminal.ts'

export interface Option {
  /** As commander reads it: `--limit <n>`. */
  readonly flags: string
  readonly what: string
  /** May be given more than once. */
  readonly isList?: boolean
}

export interface Argument {
  /** `<sql>`, `[plan]`, `[selector...]`. */
  readonly name: string
  readonly what: string
}

export type Values = Readonly<Record<string, unknown>>

export interface Command {
  readonly name: string
  readonly summary: string
  /** What a person should know before the first use, in a few lines. */
  readonly about?: string
  readonly arguments?: readonly Argument[]
  readonly options?: readonly Option[]
  readonly examples: readonly string[]
  /** What it does is done to its end though nobody reads what it says any more. */
  readonly isDoneUnheard?: boolean
  /** Gives the exit code. */
  run(cli: Cli, values: Values): Promise<number>
}

/** What commands are given: the terminal, and a platform that is opened when it is asked for. */
export interface Cli {
  readonly terminal: Terminal
  readonly isJson: boolean
  readonly isJsonLines: boolean
  /** Nobody can be asked. */
  readonly isUnattended: boolean
  readonly isVerbose: boolean
  readonly yes: boolean
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal
  /** The project's folder; throws a usage error where there is none. */
  project(): Promise<string>
  platform(options?: { readonly warm?: boolean }): Promise<Platform>
  /** Prints the one document of `--json`; `ok` is false where a problem is an error. */
  document(name: string, body: object, problems?: readonly Problem[]): void
  /** One line of `--jsonl`. */
  event(event: string, body: object): void
  /** Problems for people, on stderr, with code frames. */
  problems(problems: readonly Problem[]): Promise<void>
  ask(question: string): Promise<boolean>
  /** What a person types; the default where that is nothing. */
  askText(question: string, otherwise?: string): Promise<string>
}

/** The texts of an argument or option. */
export const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : [])

export const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

/** What operations are called with that need no project. */
export const localContext = (): OperationContext<undefined> => ({
  parts: undefined,
  principal: { kind: 'operator', name: 'operator' },
  purpose: 'operations',
  signal: new AbortController().signal,
  progress: () => {},
})
