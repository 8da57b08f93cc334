/** The mesh as a flat list of entities: what the catalogue is compared with. Pure. */
import { hashValue, type Place } from '../base/index.ts'
import {
  type Column,
  type ColumnDocument,
  type Contract,
  type ContractDocument,
  type Dataset,
  type DatasetDocument,
  type Domain,
  type Mesh,
  type Model,
  type OutputPort,
  type Product,
  storageUrl,
} from '../domain/index.ts'
import type { EntityKind } from './plan.ts'

/** One thing as the files have it. `owner` is the subject of the define step that it belongs to. */
export interface Entity {
  readonly kind: EntityKind
  readonly subject: string
  readonly parent?: string
  readonly owner: string
  readonly root: string
  readonly hash: string
  readonly body: unknown
  readonly file: string
  readonly line: number
}

/** What a model reads of other datasets, as binding found it; part of the model's body, so that consequences can be told later. */
export interface ModelReads {
  readonly dataset: string
  readonly columns: readonly string[]
  readonly how: string
}

export interface ColumnBody {
  readonly name: string
  readonly id?: string
  readonly businessName?: string
  readonly type: string
  readonly nullable: boolean
  readonly unique: boolean
  readonly enum?: readonly unknown[]
  readonly description?: string
  readonly classification?: string
  readonly tags: readonly string[]
  readonly terms: readonly string[]
  readonly position: number
  /** The column as its contract has it. */
  readonly document?: ColumnDocument
}

export interface ModelBody {
  readonly text: string
  readonly reads: readonly ModelReads[]
}

/** `kind subject`: how entities are told apart. */
export const entityKey = (kind: EntityKind, subject: string): string => `${kind} ${subject}`

/** All entities of a mesh, or those of some of its products and all that belongs to none, by `kind subject`. `reads` tells what each model reads, by the model's dataset. */
export const desiredEntities = (
  mesh: Mesh,
  reads: ReadonlyMap<string, readonly ModelReads[]>,
  products: Iterable<Product> = mesh.products.values(),
): Map<string, Entity> => {
  const all = new Map<string, Entity>()
  const add = (entity: Described): void => {
    all.set(entityKey(entity.kind, entity.subject), withHash(entity))
  }
  for (const domain of mesh.domains.values()) addDomain(domain, storageUrl(mesh, domain.subject), add)
  for (const product of products) addProduct(product, reads, add)
  for (const other of mesh.others) {
    const { subject, root, body } = other
    add({ kind: other.kind, subject, owner: subject, root, body, place: other.at([]) })
  }
  return all
}

/** An entity before its hash; its line is looked up where somebody asks for it. */
type Described = Omit<Entity, 'hash' | 'file' | 'line'> & { readonly place: Place }
type Add = (entity: Described) => void

const withHash = ({ kind, subject, parent, owner, root, body, place }: Described): Entity => ({
  kind,
  subject,
  owner,
  root,
  hash: hashValue(body),
  body,
  file: place.file,
  get line() {
    return place.line
  },
  ...(parent === undefined ? {} : { parent }),
})

const addDomain = (domain: Domain, url: string, add: Add): void => {
  const { subject, root, name, parent, purpose, team, storage, limits, stage, jurisdictions, body } = domain
  add({
    kind: 'domain',
    subject,
    owner: subject,
    root,
    place: domain.at([]),
    body: { name, parent, purpose, team, storage, limits, stage, jurisdictions, storageUrl: url, document: body },
  })
}

const addProduct = (product: Product, reads: ReadonlyMap<string, readonly ModelReads[]>, add: Add): void => {
  const { subject, root } = product
  const common = { owner: subject, root }
  const { slug, name, version, status, kind, purpose, tags, team, limits, schedule, datasets } = product
  add({
    ...common,
    kind: 'product',
    subject,
    parent: product.domain,
    place: product.at([]),
    body: { slug, name, version, status, kind, purpose, tags, team, domain: product.domain },
  })
  add({
    ...common,
    kind: 'pipeline',
    subject,
    parent: subject,
    place: product.at([]),
    body: { limits, schedule, datasets },
  })
  for (const input of product.inputs) {
    const target =
      input.target.kind === 'port'
        ? { port: input.target.port }
        : input.target.kind === 'source'
          ? { source: input.target.contract.id, document: input.target.contract.body }
          : {}
    add({
      ...common,
      kind: 'inputPort',
      subject: input.subject,
      parent: subject,
      body: { name: input.name, ...target },
      place: input.place,
    })
  }
  for (const port of product.outputs) addPort(product, port, add)
  for (const model of product.models) addModel(product, model, reads.get(model.dataset) ?? [], add)
}

const addPort = (product: Product, port: OutputPort, add: Add): void => {
  const common = { owner: product.subject, root: product.root }
  const { subject, version, kind, major } = port
  add({
    ...common,
    kind: 'outputPort',
    subject,
    parent: product.subject,
    body: { name: port.name, version, major, kind, contract: port.contract?.id },
    place: port.place,
  })
  if (port.contract !== undefined) addContract(product, port.contract, subject, add)
  for (const dataset of port.datasets) addDataset(product, port, dataset, add)
}

const addContract = (product: Product, contract: Contract, port: string, add: Add): void => {
  const { id, name, version, status, deprecation, body } = contract
  // Schema and quality are entities of their own: here is the rest, so that a new column is not also a changed contract.
  const { schema: _schema, ...rest } =
    typeof body === 'object' && body !== null ? { schema: undefined, ...body } : { schema: undefined }
  add({
    kind: 'contract',
    subject: port,
    parent: port,
    owner: product.subject,
    root: product.root,
    place: contract.at([]),
    body: { id, name, version, status, deprecation, document: rest },
  })
}

const addDataset = (product: Product, port: OutputPort, dataset: Dataset, add: Add): void => {
  const common = { owner: product.subject, root: product.root }
  const { subject, name, businessName, description, tags, columns } = dataset
  const { properties = [], ...document } = documentOf(port, name)
  const primaryKey = columns
    .filter(column => column.primaryKeyPosition !== undefined)
    .sort((a, b) => (a.primaryKeyPosition ?? 0) - (b.primaryKeyPosition ?? 0))
    .map(column => column.name)
  add({
    ...common,
    kind: 'dataset',
    subject,
    parent: port.subject,
    body: { name, businessName, description, tags, primaryKey, document },
    place: dataset.place,
  })
  columns.forEach((column, position) => {
    add({
      ...common,
      kind: 'column',
      subject: `${subject}.${column.name}`,
      parent: subject,
      body: columnBody(column, position, properties[position]),
      place: column.place,
    })
  })
  for (const rule of dataset.rules) {
    const { id, severity, dimension, test } = rule
    add({
      ...common,
      kind: 'check',
      subject: `${subject}#${id}`,
      parent: subject,
      body: { severity, dimension, description: rule.description, test },
      place: rule.place,
    })
  }
}

/** A dataset as the contract has it. */
const documentOf = (port: OutputPort, name: string): Partial<DatasetDocument> => {
  const document = port.contract?.body as ContractDocument | undefined // the body of a contract is its document
  return document?.schema?.find(it => it.name === name) ?? {}
}

const columnBody = (column: Column, position: number, document: ColumnDocument | undefined): ColumnBody => {
  const { name, id, businessName, type, nullable, unique, description, classification, tags, terms } = column
  return {
    name,
    type,
    nullable,
    unique,
    tags,
    terms,
    position,
    ...(id === undefined ? {} : { id }),
    ...(businessName === undefined ? {} : { businessName }),
    ...(column.enum === undefined ? {} : { enum: column.enum }),
    ...(description === undefined ? {} : { description }),
    ...(classification === undefined ? {} : { classification }),
    ...(document === undefined ? {} : { document }),
  }
}

const addModel = (product: Product, model: Model, reads: readonly ModelReads[], add: Add): void => {
  const body: ModelBody = { text: model.text, reads }
  add({
    kind: 'model',
    subject: model.dataset,
    parent: model.dataset,
    owner: product.subject,
    root: product.root,
    place: { file: model.file, line: 1, column: 1 },
    body,
  })
}
