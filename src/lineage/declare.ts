/** Edges that files declare: input ports, agreements, and columns whose contract says what they are made from. Pure. */
import { oncePer } from '../base/index.ts'
import {
  type Contract,
  datasets,
  type Mesh,
  type OtherDefinition,
  outputPorts,
  type Product,
  productOf,
} from '../domain/index.ts'
import type { Edge, Owned } from './derive.ts'
import { rolledUp } from './how.ts'
import { columnKey, datasetKey, type NodeKey } from './node.ts'

const product = (subject: string): NodeKey => ({ kind: 'product', subject })

/**
 * What a product declares, and which products its models read: `derived` are the edges of these.
 * A product without models stands for itself among datasets: a dashboard that reads a port.
 */
export const declaredEdges = (mesh: Mesh, it: Product, derived: readonly Edge[]): Owned => {
  const edges: Edge[] = []
  const owner = product(it.subject)
  const ports = outputPorts(mesh)
  for (const { subject, target, place } of it.inputs) {
    if (target.kind !== 'port' || !ports.has(target.port)) continue
    const from: NodeKey = { kind: 'outputPort', subject: target.port }
    const common = { how: 'whole', via: 'declared', line: place.line, column: place.column } as const
    edges.push({ from, to: { kind: 'inputPort', subject }, level: 'product', ...common })
    if (it.models.length === 0) edges.push({ from, to: owner, level: 'dataset', ...common })
    if (productOf(target.port) !== it.subject)
      edges.push({ from: product(productOf(target.port)), to: owner, level: 'product', ...common })
  }
  if (it.models.length === 0)
    for (const { subject } of it.outputs.flatMap(port => port.datasets))
      edges.push({ from: owner, to: datasetKey(subject), level: 'dataset', how: 'whole', via: 'declared' })
  const things = it.outputs.flatMap(port =>
    port.datasets.flatMap(({ subject, columns }) => columns.map(one => columnKey(subject, one.name))),
  )
  return {
    owner,
    hash: '',
    file: it.file,
    wide: [],
    things,
    edges: [...edges, ...productEdges(it.subject, derived), ...declaredColumns(mesh, it)],
  }
}

/** Each product that the models read, once. */
const productEdges = (subject: string, derived: readonly Edge[]): Edge[] => {
  const byProduct = new Map<string, Set<Edge['how']>>()
  for (const { from, how } of derived) {
    const other = productOf(from.subject)
    if (other === subject || !isPublished(from)) continue
    byProduct.set(other, (byProduct.get(other) ?? new Set()).add(how))
  }
  return [...byProduct].map(([other, hows]) => ({
    from: product(other),
    to: product(subject),
    level: 'product',
    how: rolledUp(hows),
    via: 'derived',
  }))
}

const isPublished = ({ kind, subject }: NodeKey): boolean =>
  kind === 'dataset' || (kind === 'column' && datasetKey(subject.slice(0, subject.lastIndexOf('.'))).kind === 'dataset')

/** `transformSourceObjects` of a contract's columns: subjects or readers' names of datasets or columns; anything else is outside of the mesh. */
const declaredColumns = (mesh: Mesh, it: Product): Edge[] =>
  it.outputs.flatMap(port =>
    port.contract === undefined
      ? []
      : sourceObjects(port.contract).flatMap(({ dataset, column, source }) =>
          port.datasets.some(one => one.name === dataset)
            ? [
                {
                  from: nodeCalled(mesh, source),
                  to: columnKey(`${port.subject}.${dataset}`, column),
                  level: 'column' as const,
                  how: 'transformation' as const,
                  via: 'declared' as const,
                },
              ]
            : [],
        ),
  )

/** A name as it is compared. */
const word = (text: string): string => text.replaceAll('-', '_').toLowerCase()

const nodeCalled = (mesh: Mesh, name: string): NodeKey =>
  namesOf(mesh).get(word(name)) ?? { kind: 'external', subject: name }

/** Found once for all products of a mesh, and not before somebody asks: hardly any contract says what a column is made from. */
const namesOf = oncePer((mesh: Mesh): ReadonlyMap<string, NodeKey> => {
  const known = new Map<string, NodeKey>()
  const bare = new Set<string>()
  // A bare name is the newest major that has the dataset.
  for (const { product: of, port, dataset } of [...datasets(mesh).values()].sort(
    (x, y) => y.port.major - x.port.major,
  )) {
    const reader = `${of.domain}.${of.slug}.${dataset.name}`
    const names = [dataset.subject, `${of.domain}.${of.slug}_v${port.major}.${dataset.name}`]
    if (!bare.has(word(reader))) names.push(reader)
    bare.add(word(reader))
    for (const name of names) {
      known.set(word(name), datasetKey(dataset.subject))
      for (const column of dataset.columns)
        known.set(word(`${name}.${column.name}`), columnKey(dataset.subject, column.name))
    }
  }
  return known
})

interface SourceObject {
  readonly dataset: string
  readonly column: string
  readonly source: string
}

interface ContractBody {
  readonly schema?: readonly {
    readonly name: string
    readonly properties?: readonly { readonly name: string; readonly transformSourceObjects?: readonly string[] }[]
  }[]
}

const sourceObjects = (contract: Contract): SourceObject[] => {
  const body = contract.body as ContractBody // checked against the schema of its kind when it was read
  return (body.schema ?? []).flatMap(dataset =>
    (dataset.properties ?? []).flatMap(column =>
      (column.transformSourceObjects ?? []).map(source => ({ dataset: dataset.name, column: column.name, source })),
    ),
  )
}

interface AgreementBody {
  readonly status?: string
  readonly provider: { readonly dataProductId: string }
  readonly consumer: { readonly dataProductId?: string }
}

/** Between the two products of an agreement that is in force; none where it names no product of the mesh. */
export const agreedEdges = (mesh: Mesh, agreement: OtherDefinition): Owned => {
  const { status, provider, consumer } = agreement.body as AgreementBody // checked against the schema of its kind when it was read
  const find = (id: string | undefined): Product | undefined =>
    id === undefined ? undefined : (mesh.products.get(id) ?? [...mesh.products.values()].find(it => it.id === id))
  const [from, to] = [find(provider.dataProductId), find(consumer.dataProductId)]
  const isInForce = status === undefined || status === 'approved' || status === 'active'
  const edge: Edge[] =
    from === undefined || to === undefined || !isInForce
      ? []
      : [
          {
            from: product(from.subject),
            to: product(to.subject),
            level: 'product',
            how: 'whole',
            via: 'agreement',
          },
        ]
  return {
    owner: { kind: 'agreement', subject: agreement.subject },
    hash: '',
    file: agreement.file,
    wide: [],
    edges: edge,
  }
}
