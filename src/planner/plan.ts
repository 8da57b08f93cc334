/** A plan is data: a closed union of plain steps that `explain` and `apply` walk with the same exhaustive switch. */
import type { Problem } from '../base/index.ts'

export type EntityKind =
  | 'domain'
  | 'product'
  | 'inputPort'
  | 'outputPort'
  | 'contract'
  | 'dataset'
  | 'column'
  | 'model'
  | 'check'
  | 'promise'
  | 'pipeline'
  | 'policy'
  | 'term'
  | 'chapter'
  | 'agreement'

export type ChangeClass = 'breaking' | 'additive' | 'data' | 'metadata'

/** One difference between files and catalogue. */
export interface Change {
  readonly subject: string
  readonly kind: EntityKind
  readonly change: 'added' | 'removed' | 'changed' | 'renamed'
  /** For the readers of a port: loosening breaks them as removing and retyping do. */
  readonly class: ChangeClass
  readonly from?: string
  readonly to?: string
  readonly detail: string
  readonly file?: string
  readonly line?: number
}

export type Use = 'copied' | 'renamed' | 'computed' | 'aggregated' | 'filter' | 'join' | 'group' | 'sort' | 'whole'

/** Whom a change touches, and by which of its columns. */
export interface Consequence {
  readonly consumer: { readonly kind: 'product' | 'team' | 'person' | 'application'; readonly name: string }
  /** Of the consumer: its team, with the owners' names. */
  readonly owner: string
  /** What changes for it. */
  readonly subject: string
  readonly columns: readonly string[]
  readonly how: Use
  readonly via: 'declared' | 'derived' | 'observed' | 'agreement'
}

/** What a policy says of the plan: `enforced` are those of retention in force, which runs carry out; the others are checked in this version, and not enforced yet. */
export interface Verdict {
  readonly policy: string
  readonly outcome: 'observed' | 'enforced'
  readonly detail: string
}

/** A thing as the files have it, ready to be written to the catalogue. */
export interface EntityChange {
  readonly kind: EntityKind
  readonly subject: string
  /** Where it was before a rename. */
  readonly renamedFrom?: string
  readonly parent?: string
  readonly change: 'added' | 'changed' | 'removed'
  readonly hash?: string
  readonly body?: unknown
  readonly file?: string
  readonly line?: number
  /** Of columns: the id that manifests and Parquet files carry. */
  readonly fieldId?: number
}

export type Step =
  /** Writes what the files say of one domain, product or other definition to the catalogue, in one transaction. */
  | {
      readonly kind: 'define'
      readonly subject: string
      readonly key: string
      readonly root: string
      readonly entities: readonly EntityChange[]
    }
  /** Makes a domain's storage reachable. */
  | { readonly kind: 'provisionStorage'; readonly subject: string; readonly key: string; readonly url: string }
  /** Takes over what is found published beside the data. */
  | {
      readonly kind: 'adopt'
      readonly subject: string
      readonly key: string
      readonly product: string
      readonly publication: number
      /** Somebody had rolled the port back: it stays on hold. */
      readonly isHeld: boolean
      readonly snapshots: readonly {
        readonly dataset: string
        readonly snapshot: string
        readonly buildKey: string
        readonly rows: number
      }[]
    }
  /** Ends the hold of a port that the plan changes. */
  | { readonly kind: 'release'; readonly subject: string; readonly key: string }
  /** Runs the product's models, checks and, when all is well, publishes. */
  | { readonly kind: 'build'; readonly subject: string; readonly key: string; readonly reason: string }
  /** Keeps what a product serves, because its models no longer fit what they read. */
  | { readonly kind: 'hold'; readonly subject: string; readonly key: string; readonly reason: string }
  /** Takes a product or port out of the mesh. Its files stay in the domain's storage. */
  | {
      readonly kind: 'retire'
      readonly subject: string
      readonly key: string
      readonly root: string
      readonly entities: readonly EntityChange[]
    }

export type StepKind = Step['kind']

export interface Plan {
  /** A hash without instants: the same mesh and state give the same id. */
  readonly id: string
  readonly environment: string
  /** Hash of what was read. */
  readonly base: string
  readonly summary: {
    readonly breaking: number
    readonly additive: number
    readonly data: number
    readonly metadata: number
    readonly changed: number
    readonly none: number
  }
  readonly changes: readonly Change[]
  readonly steps: readonly Step[]
  readonly consequences: readonly Consequence[]
  readonly verdicts: readonly Verdict[]
  readonly blocked: readonly Problem[]
  /** The revision of everything that the plan looked at, by `kind subject`; 0: was not there. It is stale when one of these moved. */
  readonly reads: Readonly<Record<string, number>>
  /** An approval binds to this: a new plan with no larger consequences keeps it. */
  readonly consequencesHash: string
  /** What a person allowed by name. */
  readonly allowed: { readonly breaking: readonly string[]; readonly removal: readonly string[] }
}

/** Who sets the holds of products whose models do not bind any more; the next plan that finds them binding ends those. */
export const systemName = 'weft'

/** The product that a subject belongs to: `sales.shop-orders.orders.v2.order_lines#some_rows` -> `sales.shop-orders`. */
export const productOf = (subject: string): string => subject.split(/[.#]/).slice(0, 2).join('.')
