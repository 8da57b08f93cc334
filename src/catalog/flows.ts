/** Where a thing comes from and where it goes, one step each way. Pure. */
import { datasets, type Mesh, ownerOf, productOf } from '../domain/index.ts'

/** What models read of other datasets, by the dataset that they make, as binding found it. */
export type Reads = ReadonlyMap<
  string,
  readonly { readonly dataset: string; readonly columns: readonly string[]; readonly how: string }[]
>

export interface Flow {
  readonly subject: string
  readonly kind: 'product' | 'source' | 'dataset'
  readonly owner?: string
  /** Columns that are read, where they are known; of a column, how it is used. */
  readonly columns?: readonly string[]
  readonly how?: readonly string[]
}

export interface Flows {
  readonly from: readonly Flow[]
  readonly to: readonly Flow[]
}

/** Of a product: what its input ports name, and who names its output ports. */
export const flowsOfProduct = (mesh: Mesh, subject: string): Flows => {
  const product = mesh.products.get(subject)
  const from = (product?.inputs ?? []).map(
    (input): Flow =>
      input.target.kind === 'port'
        ? flowOf(mesh, productOf(input.target.port))
        : { subject: input.subject, kind: 'source' },
  )
  const own = new Set(product?.outputs.map(port => port.subject))
  const to = [...mesh.products.values()]
    .filter(it => it.inputs.some(({ target }) => target.kind === 'port' && own.has(target.port)))
    .map(it => flowOf(mesh, it.subject))
  return { from: distinct(from), to: distinct(to) }
}

/** Of a dataset, or of one of its columns: what its model reads, and whose models read it. */
export const flowsOfDataset = (mesh: Mesh, reads: Reads, dataset: string, column?: string): Flows => {
  const known = datasets(mesh)
  const from = column === undefined ? byDataset(reads.get(dataset) ?? [], it => it.dataset) : []
  const to = byDataset(
    [...reads].flatMap(([model, all]) =>
      all.filter(it => it.dataset === dataset && isOf(it, column)).map(it => ({ ...it, model })),
    ),
    it => it.model,
  )
  const complete = (it: Flow): Flow => ({
    ...it,
    kind: known.has(it.subject) ? 'dataset' : 'source',
    ...owner(it.subject),
  })
  const owner = (subject: string) => (known.has(subject) ? { owner: ownerOf(mesh, productOf(subject)) } : {})
  const bare = ({ columns: _, ...it }: Flow): Flow => it
  return { from: from.map(complete), to: to.map(complete).map(column === undefined ? it => it : bare) }
}

type Read = { readonly dataset: string; readonly columns: readonly string[]; readonly how: string }

const isOf = (read: Read, column: string | undefined): boolean => column === undefined || read.columns.includes(column)

const byDataset = <T extends Read>(all: readonly T[], subjectOf: (read: T) => string): Flow[] => {
  const found = new Map<string, { columns: Set<string>; how: Set<string> }>()
  for (const read of all) {
    const one = found.get(subjectOf(read)) ?? { columns: new Set<string>(), how: new Set<string>() }
    found.set(subjectOf(read), one)
    for (const column of read.columns) one.columns.add(column)
    one.how.add(read.how)
  }
  return [...found]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([subject, { columns, how }]) => ({
      subject,
      kind: 'dataset',
      columns: [...columns].sort(),
      how: [...how].sort(),
    }))
}

const flowOf = (mesh: Mesh, product: string): Flow => ({
  subject: product,
  kind: 'product',
  owner: ownerOf(mesh, product),
})

const distinct = (flows: readonly Flow[]): Flow[] =>
  [...new Map(flows.map(it => [it.subject, it])).values()].sort((a, b) => (a.subject < b.subject ? -1 : 1))
