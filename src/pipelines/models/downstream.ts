/** Whom a change of a source's column reaches: datasets, ports and products downstream, with their owners. What cannot be told apart counts as reached. */
import type { Touched } from '../../base/index.ts'
import { type Dataset, type Mesh, ownerOf, type Product, productOf } from '../../domain/index.ts'
import type { Session } from '../../engine/index.ts'
import { parseSelects } from '../../sql/index.ts'
import { findVisible, visibleRelations } from './names.ts'
import { type Read, readsOf } from './reads.ts'

/** By the model's dataset; undefined for one that cannot be parsed, which may read anything. */
export type ReadsOfModels = ReadonlyMap<string, readonly Read[] | undefined>

/** What the models of a mesh read, from their text alone. */
export const readsOfModels = async (mesh: Mesh, session: Pick<Session, 'parse'>): Promise<ReadsOfModels> => {
  const jobs = [...mesh.products.values()].flatMap(product =>
    product.models.flatMap(model => {
      const port = product.outputs.find(it => it.datasets.some(dataset => dataset.subject === model.dataset))
      return port === undefined ? [] : [{ product, port, model }]
    }),
  )
  const parsed = await parseSelects(
    texts => session.parse(texts),
    jobs.map(({ model }) => model.text),
  )
  return new Map(
    jobs.map(({ product, port, model }, index) => {
      const select = parsed[index]
      if (select?.ok !== true) return [model.dataset, undefined]
      const visible = visibleRelations(mesh, product, port.major)
      return [model.dataset, readsOf(select, parts => findVisible(visible, parts)?.dataset)]
    }),
  )
}

interface Reader {
  readonly product: Product
  /** The source's dataset as this product names it. */
  readonly source: string
}

/** Every product that reads the dataset of a source where it lies: several may read one contract. */
const readersOf = (mesh: Mesh, source: Dataset): Reader[] => {
  const inputs = [...mesh.products.values()].flatMap(product =>
    product.inputs.flatMap(({ target }) => (target.kind === 'source' ? [{ product, target }] : [])),
  )
  const contract = inputs.find(({ target }) => target.datasets.some(it => it.subject === source.subject))?.target
    .contract
  return inputs
    .filter(({ target }) => target.contract.subject === contract?.subject)
    .flatMap(({ product, target }) =>
      target.datasets.filter(it => it.name === source.name).map(it => ({ product, source: it.subject })),
    )
}

/** Datasets that a model makes from the column, and all that are made from those, nearest first, each with the reason. */
const datasetsFrom = (
  readers: readonly Reader[],
  column: string,
  reads: ReadsOfModels,
  portsRead: ReadonlyMap<string, ReadonlySet<string>>,
): Map<string, string> => {
  const found = new Map<string, string>()
  for (const { product, source } of readers) {
    for (const { dataset } of product.models) {
      const own = reads.get(dataset)
      if (own === undefined) {
        found.set(dataset, `may read ${column}`)
        continue
      }
      const uses = own.filter(it => it.dataset === source && (it.columns.includes(column) || it.columns.length === 0))
      const words = uses.map(it => it.how).sort()
      if (words.length > 0) found.set(dataset, `reads ${column} (${words.join(', ')})`)
    }
  }
  for (const from of found.keys()) {
    for (const [dataset, own] of reads) {
      if (found.has(dataset)) continue
      const mayRead = own === undefined && portsRead.get(productOf(dataset))?.has(portOf(from)) === true
      if (mayRead || own?.some(it => it.dataset === from) === true) found.set(dataset, `is made from ${from}`)
    }
  }
  return found
}

const portOf = (dataset: string): string => dataset.slice(0, dataset.lastIndexOf('.'))

/** Nearest first: datasets, then the ports that serve them, then the products other than this one that make or read those. */
export const touchedBy = (
  mesh: Mesh,
  product: Product,
  source: Dataset,
  column: string,
  reads: ReadsOfModels,
): Touched[] => {
  const portsRead = new Map(
    [...mesh.products.values()].map(it => [
      it.subject,
      new Set(it.inputs.flatMap(({ target }) => (target.kind === 'port' ? [target.port] : []))),
    ]),
  )
  const datasets = datasetsFrom(readersOf(mesh, source), column, reads, portsRead)
  const served = new Map<string, string[]>()
  for (const dataset of datasets.keys()) {
    const port = portOf(dataset)
    served.set(port, [...(served.get(port) ?? []), dataset])
  }
  const consumers = [...mesh.products.values()].flatMap((it): Touched[] => {
    const read = [...(portsRead.get(it.subject) ?? [])].filter(port => served.has(port))
    const made = [...datasets.keys()].filter(dataset => productOf(dataset) === it.subject)
    if (it.subject === product.subject || (read.length === 0 && made.length === 0)) return []
    // One without a model, such as a dashboard, says no more than which ports it reads.
    if (made.length === 0 && it.models.length > 0) return []
    const how = made.length === 0 ? `reads ${read.join(', ')}` : `makes ${made.join(', ')}`
    return [{ kind: 'product', name: it.subject, owner: ownerOf(mesh, it.subject), how }]
  })
  return [
    ...[...datasets].map(
      ([name, how]): Touched => ({ kind: 'dataset', name, owner: ownerOf(mesh, productOf(name)), how }),
    ),
    ...[...served].map(([name, all]): Touched => {
      const how = `serves ${all.map(dataset => dataset.slice(name.length + 1)).join(', ')}`
      return { kind: 'port', name, owner: ownerOf(mesh, productOf(name)), how }
    }),
    ...consumers,
  ]
}
