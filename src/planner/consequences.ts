/** Whom the changes of a plan touch: the readers of what changes, by column where binding shows them, with their owners. Pure. */
import { type Mesh, ownerOf } from '../domain/index.ts'
import type { ModelBody, ModelReads } from './desired.ts'
import type { AppliedEntity } from './diff.ts'
import type { Change, Consequence, Use } from './plan.ts'

/** A product that reads a dataset, and what it reads of it. */
export interface Reader {
  readonly product: string
  readonly owner: string
  readonly reads: ModelReads
}

/** The readers of each dataset (models, by derived reads) and of each port (declared input ports). */
export interface Readers {
  readonly ofDataset: ReadonlyMap<string, readonly Reader[]>
  readonly ofPort: ReadonlyMap<string, readonly { readonly product: string; readonly owner: string }[]>
}

const uses: ReadonlySet<string> = new Set([
  'copied',
  'renamed',
  'computed',
  'aggregated',
  'filter',
  'join',
  'group',
  'sort',
  'whole',
])

const asUse = (how: string): Use => (uses.has(how) ? (how as Use) : 'whole') // the set holds exactly the members of Use

/**
 * Readers as the catalogue and the files know them together: what is applied reads until the plan is done, what the files add reads from then on.
 * `ownerOf` gives a product's team with its owners.
 */
export const collectReaders = (
  mesh: Mesh,
  applied: ReadonlyMap<string, AppliedEntity>,
  desiredReads: ReadonlyMap<string, readonly ModelReads[]>,
): Readers => {
  const owners = new Map([...mesh.products.values()].map(product => [product.subject, ownerOf(mesh, product.subject)]))
  const ofDataset = new Map<string, Map<string, Reader>>()
  const ofPort = new Map<string, Map<string, { product: string; owner: string }>>()
  const productOfDataset = (dataset: string): string => dataset.split('.').slice(0, 2).join('.')
  const addReads = (model: string, reads: readonly ModelReads[]): void => {
    const product = productOfDataset(model)
    for (const one of reads) {
      if (productOfDataset(one.dataset) === product) continue
      const readers = ofDataset.get(one.dataset) ?? new Map<string, Reader>()
      ofDataset.set(one.dataset, readers)
      readers.set(`${product} ${one.how} ${one.columns.join()}`, {
        product,
        owner: owners.get(product) ?? ownerApplied(applied, product),
        reads: one,
      })
    }
  }
  for (const entity of applied.values()) {
    if (entity.kind === 'model') addReads(entity.subject, (entity.body as ModelBody).reads) // bodies of models are written by desired.ts only
    if (entity.kind === 'inputPort') {
      const { port } = entity.body as { port?: string } // written by desired.ts only
      if (port !== undefined && entity.parent !== undefined)
        addPort(port, entity.parent, owners.get(entity.parent) ?? ownerApplied(applied, entity.parent))
    }
  }
  for (const [model, reads] of desiredReads) addReads(model, reads)
  for (const product of mesh.products.values()) {
    for (const input of product.inputs) {
      if (input.target.kind === 'port') addPort(input.target.port, product.subject, owners.get(product.subject) ?? '')
    }
  }
  return {
    ofDataset: new Map([...ofDataset].map(([dataset, readers]) => [dataset, [...readers.values()]])),
    ofPort: new Map([...ofPort].map(([port, readers]) => [port, [...readers.values()]])),
  }

  function addPort(port: string, product: string, owner: string): void {
    const readers = ofPort.get(port) ?? new Map<string, { product: string; owner: string }>()
    ofPort.set(port, readers)
    readers.set(product, { product, owner })
  }
}

const ownerApplied = (applied: ReadonlyMap<string, AppliedEntity>, product: string): string => {
  const body = applied.get(`product ${product}`)?.body as { team?: string } | undefined // written by desired.ts only
  return body?.team ?? 'nobody'
}

/** The consequences of the changes that readers feel: breaking ones and those of data. */
export const consequencesOf = (changes: readonly Change[], readers: Readers): Consequence[] => {
  const found = new Map<string, Consequence>()
  const add = (consequence: Consequence): void => {
    const { consumer, subject, how, via } = consequence
    const key = `${consumer.name} ${subject} ${how} ${via}`
    const known = found.get(key)
    const columns = known === undefined ? consequence.columns : [...new Set([...known.columns, ...consequence.columns])]
    found.set(key, { ...consequence, columns: [...columns].sort() })
  }
  for (const change of changes) {
    if (change.class !== 'breaking' && !(change.class === 'data' && change.kind === 'model')) continue
    if (change.kind === 'column') addColumn(change, readers, add)
    else if (change.kind === 'dataset' || change.kind === 'model') addDataset(change.subject, readers, add)
    else if (change.kind === 'outputPort') addPort(change.subject, readers, add)
    else if (change.kind === 'product') addProduct(change.subject, readers, add)
  }
  return [...found.values()].sort(
    (a, b) =>
      a.subject.localeCompare(b.subject) ||
      a.consumer.name.localeCompare(b.consumer.name) ||
      a.how.localeCompare(b.how),
  )
}

type Add = (consequence: Consequence) => void

const parentOf = (subject: string): string => subject.slice(0, subject.lastIndexOf('.'))
const lastOf = (subject: string): string => subject.slice(subject.lastIndexOf('.') + 1)

const addColumn = (change: Change, readers: Readers, add: Add): void => {
  const dataset = parentOf(change.subject)
  const column = change.change === 'renamed' && change.from !== undefined ? change.from : lastOf(change.subject)
  for (const { product, owner, reads } of readers.ofDataset.get(dataset) ?? []) {
    const whole = reads.how === 'whole' || reads.columns.includes('*')
    if (!whole && !reads.columns.includes(column)) continue
    add({
      consumer: { kind: 'product', name: product },
      owner,
      subject: change.subject,
      columns: [column],
      how: asUse(reads.how),
      via: 'derived',
    })
  }
  addDeclaredOnly(parentOf(dataset), change.subject, readers, add)
}

const addDataset = (dataset: string, readers: Readers, add: Add): void => {
  for (const { product, owner, reads } of readers.ofDataset.get(dataset) ?? []) {
    add({
      consumer: { kind: 'product', name: product },
      owner,
      subject: dataset,
      columns: reads.columns,
      how: asUse(reads.how),
      via: 'derived',
    })
  }
  addDeclaredOnly(parentOf(dataset), dataset, readers, add)
}

/** Products that declare the port and have no model that could show what they read: a dashboard, for instance. */
const addDeclaredOnly = (port: string, subject: string, readers: Readers, add: Add): void => {
  const withModels = new Set([...readers.ofDataset.values()].flat().map(reader => reader.product))
  for (const { product, owner } of readers.ofPort.get(port) ?? []) {
    if (withModels.has(product)) continue
    add({ consumer: { kind: 'product', name: product }, owner, subject, columns: [], how: 'whole', via: 'declared' })
  }
}

const addPort = (port: string, readers: Readers, add: Add): void => {
  for (const [dataset] of readers.ofDataset) if (dataset.startsWith(`${port}.`)) addDataset(dataset, readers, add)
  for (const { product, owner } of readers.ofPort.get(port) ?? []) {
    add({
      consumer: { kind: 'product', name: product },
      owner,
      subject: port,
      columns: [],
      how: 'whole',
      via: 'declared',
    })
  }
}

const addProduct = (product: string, readers: Readers, add: Add): void => {
  for (const port of readers.ofPort.keys()) if (port.startsWith(`${product}.`)) addPort(port, readers, add)
}
