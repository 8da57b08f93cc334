/** Under which names a model sees datasets: siblings, `<input port>.<dataset>`, and the reader's name of what an input port covers. Pure. */
import { type Dataset, type Mesh, type OutputPort, outputPorts, type Product, sqlName } from '../../domain/index.ts'

export interface VisibleRelation {
  /** One part for a sibling, two for an input port's dataset or a named major's, three for a reader's name. */
  readonly name: readonly string[]
  readonly dataset: Dataset
  /** The input port that covers it; absent for siblings. */
  readonly via?: string
}

/** Everything that a model of this product and major may read. A sibling is that of the same major, else of the newest; `<product>_v2` names one. */
export const visibleRelations = (mesh: Mesh, product: Product, major: number): VisibleRelation[] => [
  ...siblings(product, major),
  ...product.inputs.flatMap(input => {
    const { target } = input
    if (target.kind === 'unknown') return []
    if (target.kind === 'source')
      return target.datasets.map(dataset => ({ name: [input.name, dataset.name], dataset, via: input.name }))
    const found = outputPorts(mesh).get(target.port)
    return found === undefined ? [] : covered(found.product, found.port, input.name)
  }),
  // An input port of that very name comes first.
  ...ofNamedMajor(product),
]

/** What a model may read of its own product. */
export const siblingRelations = (product: Product, major: number): VisibleRelation[] => [
  ...siblings(product, major),
  ...ofNamedMajor(product),
]

/** How one major is made from another where both have a dataset of that name: `shop_orders_v2.orders`. */
const ofNamedMajor = (product: Product): VisibleRelation[] =>
  product.outputs.flatMap(port =>
    port.datasets.flatMap(dataset => {
      const named = `${sqlName(product.slug)}_v${port.major}`
      return [
        { name: [named, dataset.name], dataset },
        { name: [sqlName(product.domain), named, dataset.name], dataset },
      ]
    }),
  )

const siblings = (product: Product, major: number): VisibleRelation[] => {
  const chosen = new Map<string, { readonly dataset: Dataset; readonly major: number }>()
  for (const port of product.outputs) {
    for (const dataset of port.datasets) {
      const before = chosen.get(dataset.name)
      const isBetter =
        before === undefined || (before.major !== major && (port.major === major || port.major > before.major))
      if (isBetter) chosen.set(dataset.name, { dataset, major: port.major })
    }
  }
  return [...chosen.values()].map(({ dataset }) => ({ name: [dataset.name], dataset }))
}

const covered = (of: Product, port: OutputPort, via: string): VisibleRelation[] => {
  const isNewest = (name: string): boolean =>
    of.outputs.every(it => it.major <= port.major || it.datasets.every(dataset => dataset.name !== name))
  return port.datasets.flatMap(dataset => {
    const domain = sqlName(of.domain)
    const product = sqlName(of.slug)
    return [
      { name: [via, dataset.name], dataset, via },
      { name: [domain, `${product}_v${port.major}`, dataset.name], dataset, via },
      ...(isNewest(dataset.name) ? [{ name: [domain, product, dataset.name], dataset, via }] : []),
    ]
  })
}

/** The relation that a name in a statement means; letters' case does not count, as in SQL. */
export const findVisible = (
  visible: readonly VisibleRelation[],
  parts: readonly string[],
): VisibleRelation | undefined => {
  const key = parts.join('.').toLowerCase()
  return visible.find(it => it.name.length === parts.length && it.name.join('.').toLowerCase() === key)
}
