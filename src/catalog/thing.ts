/** One thing of a mesh as people ask for it: what it is, whether it is good now, how to have it, who answers, where it comes from and goes. */
import type { Flows } from './flows.ts'
import type { Observed, Served } from './observed.ts'
import type { Named, ThingKind } from './resolve.ts'

export interface Owner {
  readonly team?: string
  /** Who has the role of an owner. */
  readonly people: readonly { readonly username: string; readonly name?: string }[]
  /** Where to ask. */
  readonly ask: readonly { readonly channel: string; readonly url?: string }[]
}

/** What every page begins with. */
interface Common {
  readonly kind: ThingKind
  readonly subject: string
  readonly name: string
  /** What people call it, where that is another word. */
  readonly title?: string
  readonly purpose?: string
  readonly usage?: string
  readonly limitations?: string
  readonly tags: readonly string[]
  readonly owner?: Owner
  readonly file: string
  readonly line: number
  /** Other things of that name. */
  readonly also: readonly Named[]
}

export interface Promised {
  readonly property: string
  /** `within 2 d`, `10 y`, `99.5 percent`. */
  readonly value: string
  readonly element?: string
  readonly description?: string
}

export interface ContractPart {
  readonly id: string
  readonly version: string
  readonly status: string
  readonly deprecation?: {
    readonly since?: string
    readonly until?: string
    readonly successor?: string
    readonly reason?: string
  }
}

export interface ColumnPart {
  readonly name: string
  readonly title?: string
  readonly type: string
  readonly nullable: boolean
  readonly unique: boolean
  readonly primaryKey: boolean
  readonly description?: string
  readonly classification?: string
  readonly tags: readonly string[]
  readonly terms: readonly string[]
  readonly values?: readonly (string | number | boolean)[]
}

export interface DatasetPart {
  readonly subject: string
  readonly name: string
  readonly title?: string
  /** Its name in a query. */
  readonly sql: string
  /** What one row is. */
  readonly grain?: string
  readonly description?: string
  readonly columns: number
  readonly served?: Served
}

export interface PortPart {
  readonly subject: string
  readonly version: string
  readonly type: string
  readonly contract?: ContractPart
  readonly promises: readonly Promised[]
  readonly datasets: readonly DatasetPart[]
}

/** Whether it can be read now, and what stands against it. */
export interface Health {
  readonly state: 'served' | 'partly served' | 'held' | 'not published' | 'described'
  readonly held?: Observed['held']
  readonly lastRun?: Observed['lastRun']
}

export interface DomainThing extends Common {
  readonly kind: 'domain'
  readonly parent?: string
  readonly children: readonly string[]
  readonly stage: string
  readonly scope: readonly string[]
  readonly responsibilities: readonly string[]
  readonly products: readonly {
    readonly subject: string
    readonly title: string
    readonly status: string
    readonly purpose?: string
  }[]
}

export interface ProductThing extends Common {
  readonly kind: 'product'
  readonly version: string
  readonly status: string
  readonly type?: string
  readonly health: Health
  readonly ports: readonly PortPart[]
  readonly flows: Flows
}

export interface PortThing extends Common {
  readonly kind: 'outputPort'
  readonly product: string
  readonly health: Health
  readonly port: PortPart
  readonly flows: Flows
}

export interface DatasetThing extends Common {
  readonly kind: 'dataset'
  readonly product: string
  readonly port: string
  readonly contract?: ContractPart
  readonly promises: readonly Promised[]
  readonly health: Health
  readonly dataset: DatasetPart
  readonly columns: readonly ColumnPart[]
  readonly checks: number
  readonly flows: Flows
}

export interface ColumnThing extends Common {
  readonly kind: 'column'
  readonly product: string
  readonly dataset: string
  readonly sql: string
  readonly contract?: ContractPart
  readonly column: ColumnPart
  readonly checks: readonly string[]
  readonly flows: Flows
}

export interface InputPortThing extends Common {
  readonly kind: 'inputPort'
  readonly product: string
  /** The port that it reads, or what it is outside of the mesh. */
  readonly reads:
    | { readonly port: string }
    | { readonly source: string; readonly datasets: readonly string[] }
    | 'unknown'
}

/** Term, policy, chapter, agreement: the document, and for terms the columns that mean it. */
export interface OtherThing extends Common {
  readonly kind: 'term' | 'policy' | 'chapter' | 'agreement'
  readonly document: unknown
  readonly columns: readonly string[]
}

export type Thing = DomainThing | ProductThing | PortThing | DatasetThing | ColumnThing | InputPortThing | OtherThing
