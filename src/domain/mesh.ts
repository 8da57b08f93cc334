/** The checked mesh: the nouns with their links followed. Pure values; made by `mesh/`, read by everybody. */
import { oncePer, type Place } from '../base/index.ts'
import type { Rule } from './contract/rule.ts'
import type { Definition } from './definition.ts'

/** ODPS `status` of products and contracts; a word outside this list is kept as it is. */
export type Status = 'proposed' | 'draft' | 'active' | 'deprecated' | 'retired' | (string & {})

export interface Member {
  readonly username: string
  readonly name?: string
  readonly role?: string
}

export interface Team {
  readonly name: string
  readonly members: readonly Member[]
}

export interface Domain extends Definition {
  readonly name: string
  readonly parent?: string
  readonly purpose?: string
  readonly team?: Team
  /** URL of the domain's storage, variables filled in; absent: the mesh's template. */
  readonly storage?: string
  readonly limits: Readonly<Record<string, string | number>>
  readonly stage: 'guided' | 'trusted' | 'autonomous'
  readonly jurisdictions: readonly string[]
  /** True where no domain.yaml exists and the domain was made from the products that name it. */
  readonly implied: boolean
}

export interface Column {
  readonly name: string
  /** The contract's own `id` of the property, which a rename keeps. */
  readonly id?: string
  /** What people call it. */
  readonly businessName?: string
  /** Canonical engine-neutral type as DuckDB writes it: `DECIMAL(18,3)`, `VARCHAR`, `STRUCT(a INTEGER)`, `INTEGER[]`, `MAP(VARCHAR, INTEGER)`. */
  readonly type: string
  /** What a source calls it, where that is not its name. */
  readonly physicalName?: string
  /** The type with the names that a source uses inside of it, where they are others. */
  readonly sourceType?: string
  readonly logicalType: string
  readonly nullable: boolean
  readonly unique: boolean
  /** From 1; absent where it is no part of the primary key. */
  readonly primaryKeyPosition?: number
  readonly description?: string
  readonly classification?: string
  readonly tags: readonly string[]
  /** Ids of the terms that it links to. */
  readonly terms: readonly string[]
  readonly enum?: readonly (string | number | boolean)[]
  readonly place: Place
}

/** One table-like object of a port. */
export interface Dataset {
  /** `sales.shop-orders.orders.v2.order_lines`; of a source: `<product>.<input port>.<dataset>`. */
  readonly subject: string
  readonly name: string
  /** What people call it. */
  readonly businessName?: string
  readonly description?: string
  readonly columns: readonly Column[]
  readonly rules: readonly Rule[]
  /** Its own and its contract's. */
  readonly tags?: readonly string[]
  readonly place: Place
}

export interface Server {
  readonly name: string
  readonly type: string
  /** As written, variables filled in. Relative ones start at `base`. */
  readonly location: string
  readonly format?: string
  readonly options: Readonly<Record<string, unknown>>
  readonly place: Place
}

export interface Contract extends Definition {
  /** The standard's own id. */
  readonly id: string
  readonly name?: string
  readonly version: string
  readonly major: number
  readonly status: Status
  readonly datasets: readonly Dataset[]
  readonly servers: readonly Server[]
  readonly deprecation?: {
    readonly since?: string
    readonly until?: string
    readonly successor?: string
    readonly reason?: string
  }
}

export type PortKind = 'tables' | 'dashboard' | 'model' | 'api' | 'application'

export interface OutputPort {
  /** `sales.shop-orders.orders.v2`. */
  readonly subject: string
  readonly name: string
  readonly id?: string
  readonly major: number
  readonly version: string
  readonly kind: PortKind
  readonly contract?: Contract
  /** With the datasets' subjects set for this port. */
  readonly datasets: readonly Dataset[]
  readonly place: Place
}

/** What an input port reads: another product's port, or a source outside the mesh. */
export type InputTarget =
  | { readonly kind: 'port'; readonly port: string }
  | { readonly kind: 'source'; readonly contract: Contract; readonly datasets: readonly Dataset[] }
  /** Nothing that is known; `check` has said so. */
  | { readonly kind: 'unknown' }

export interface InputPort {
  /** `sales.shop-orders.order_files`. */
  readonly subject: string
  readonly name: string
  readonly target: InputTarget
  readonly place: Place
}

/** The SQL that makes a dataset. */
export interface Model {
  /** The dataset's subject. */
  readonly dataset: string
  readonly file: string
  readonly text: string
  readonly hash: string
}

export interface Partition {
  readonly column: string
  readonly grain: 'hour' | 'day' | 'month' | 'year' | 'value'
}

/** The columns of a dataset that keeps history: a row holds from the first moment on, and no longer at the second, which is NULL while it holds. */
export const validity = { from: 'valid_from', to: 'valid_to' } as const // the names are types, too

export interface DatasetPipeline {
  readonly materialization: 'full' | 'partitioned' | 'history' | 'referenced'
  readonly partition?: Partition
  readonly inputs: Readonly<Record<string, 'same' | 'whole' | { readonly lookback: string }>>
  /** Lines of sources that may be no rows: `20`, or `0.5%` of all lines. */
  readonly rejectsAtMost?: string
  /** A partition whose end is so many milliseconds past takes no more rows. */
  readonly closedAfterMs?: number
}

export interface Product extends Definition {
  readonly slug: string
  readonly name: string
  readonly id: string
  readonly domain: string
  readonly version: string
  readonly status: Status
  readonly kind: 'sourceAligned' | 'aggregate' | 'consumerAligned' | undefined
  readonly purpose?: string
  readonly tags: readonly string[]
  readonly team?: string
  readonly inputs: readonly InputPort[]
  readonly outputs: readonly OutputPort[]
  readonly models: readonly Model[]
  /** By dataset subject. */
  readonly datasets: Readonly<Record<string, DatasetPipeline>>
  readonly limits: { readonly memory?: number; readonly runTimeMs?: number; readonly retries?: number }
  readonly schedule?: unknown
}

/** Term, Chapter, Policy, AccessAgreement: parsed and checked, kept whole. */
export interface OtherDefinition extends Definition {
  readonly kind: 'term' | 'chapter' | 'policy' | 'agreement'
  readonly name: string
}

export interface Root {
  readonly id: string
  /** Absolute. */
  readonly path: string
}

/** Another system, as mesh.yaml names it; the value of its secret is asked for when it is used. */
export interface Connection {
  readonly type: 'postgres' | 's3' | 'trino' | 'http'
  readonly host?: string | undefined
  readonly port?: number | undefined
  readonly database?: string | undefined
  readonly user?: string | undefined
  readonly endpoint?: string | undefined
  readonly region?: string | undefined
  readonly secret?: string | undefined
  /** Globs of domains that may use it; absent: all. */
  readonly domains?: readonly string[] | undefined
}

export interface Mesh {
  readonly id: string
  readonly name: string
  readonly roots: readonly Root[]
  readonly environment: string
  /** URL template of storage for domains without their own; `{domain}` stands for the id. */
  readonly storage: string
  readonly limits: Readonly<Record<string, string | number>>
  readonly connections: Readonly<Record<string, Connection>>
  /** By id. */
  readonly domains: ReadonlyMap<string, Domain>
  /** By subject. */
  readonly products: ReadonlyMap<string, Product>
  /** By the standard's own id. */
  readonly contracts: ReadonlyMap<string, Contract>
  readonly others: readonly OtherDefinition[]
  readonly definition?: Definition
}

/** Where a domain's files lie: its own storage has a folder for each environment, since two environments would publish under the same names. */
export const storageUrl = (mesh: Mesh, domain: string): string => {
  const own = mesh.domains.get(domain)?.storage
  if (own !== undefined) return `${own.replace(/\/+$/, '')}/${mesh.environment}`
  return mesh.storage
    .replaceAll('{domain}', domain)
    .replaceAll('<domain>', domain)
    .replaceAll('{environment}', mesh.environment)
    .replaceAll('<env>', mesh.environment)
}

interface PortOfProduct {
  readonly product: Product
  readonly port: OutputPort
}

/** Every output port with its product, by the port's subject. */
export const outputPorts = oncePer(
  (mesh: Mesh): ReadonlyMap<string, PortOfProduct> =>
    new Map(
      [...mesh.products.values()].flatMap(product => product.outputs.map(port => [port.subject, { product, port }])),
    ),
)

/** Every dataset of an output port, by its subject. */
export const datasets = oncePer(
  (mesh: Mesh): ReadonlyMap<string, PortOfProduct & { readonly dataset: Dataset }> =>
    new Map(
      [...outputPorts(mesh).values()].flatMap(({ product, port }) =>
        port.datasets.map(dataset => [dataset.subject, { product, port, dataset }]),
      ),
    ),
)

/** `growth (ria@shop.example)`: the team that answers for a product, with its owners. */
export const ownerOf = (mesh: Mesh, subject: string): string => {
  const product = mesh.products.get(subject)
  const domain = product === undefined ? undefined : mesh.domains.get(product.domain)
  const team = product?.team ?? domain?.team?.name
  const owners = (domain?.team?.members ?? []).filter(member => member.role === 'owner').map(member => member.username)
  if (team === undefined) return owners.join(', ') || 'nobody'
  return owners.length === 0 ? team : `${team} (${owners.join(', ')})`
}
