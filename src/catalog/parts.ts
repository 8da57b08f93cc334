/** Parts that several pages have: ports, datasets, columns, contracts, promises, owners. Pure. */
import {
  type Column,
  type Contract,
  type Dataset,
  type Mesh,
  type OutputPort,
  type Product,
  readerParts,
  sqlName,
} from '../domain/index.ts'
import { itemWith, listAt, textAt, wordAt } from './document.ts'
import type { Observed } from './observed.ts'
import type { ColumnPart, ContractPart, DatasetPart, Health, Owner, PortPart, Promised } from './thing.ts'

/** The team of the product, its domain's owners, and where the product says to ask. */
export const ownerPart = (mesh: Mesh, domainId: string, product?: Product): Owner => {
  const domain = mesh.domains.get(domainId)
  const team = product?.team ?? domain?.team?.name
  return {
    ...(team === undefined ? {} : { team }),
    people: (domain?.team?.members ?? [])
      .filter(it => it.role === 'owner')
      .map(({ username, name }) => ({ username, ...(name === undefined ? {} : { name }) })),
    ask: listAt(product?.body, 'support').flatMap(it => {
      const [channel, url] = [textAt(it, 'channel'), textAt(it, 'url')]
      return channel === undefined ? [] : [{ channel, ...(url === undefined ? {} : { url }) }]
    }),
  }
}

/** How a dataset is named in a query: the bare name is the newest major's that has it. */
export const sqlOf = (product: Product, port: OutputPort, dataset: Dataset): string => {
  const newest = Math.max(
    ...product.outputs.filter(it => it.datasets.some(one => one.name === dataset.name)).map(it => it.major),
  )
  const slug = port.major === newest ? product.slug : `${sqlName(product.slug)}_v${port.major}`
  return readerParts(product.domain, slug, dataset.name).join('.')
}

export const contractPart = ({ id, version, status, deprecation }: Contract): ContractPart => ({
  id,
  version,
  status,
  ...(deprecation === undefined ? {} : { deprecation }),
})

/** What the contract promises; of one dataset where it is named. */
export const promisesOf = (contract: Contract | undefined, dataset?: string): Promised[] =>
  listAt(contract?.body, 'slaProperties').flatMap(it => {
    const [property, value, unit] = [textAt(it, 'property'), wordAt(it, 'value'), textAt(it, 'unit')]
    const [element, description] = [textAt(it, 'element'), textAt(it, 'description')]
    if (property === undefined || value === undefined) return []
    if (dataset !== undefined && element !== undefined && element.split('.')[0] !== dataset) return []
    return [
      {
        property,
        value: unit === undefined ? value : `${value} ${unit}`,
        ...(element === undefined ? {} : { element }),
        ...(description === undefined ? {} : { description }),
      },
    ]
  })

export const datasetPart = (
  product: Product,
  port: OutputPort,
  dataset: Dataset,
  { served }: Pick<Observed, 'served'>,
): DatasetPart => {
  const document = itemWith(listAt(port.contract?.body, 'schema'), 'name', dataset.name)
  const { subject, name, businessName, description, columns } = dataset
  const [grain, now] = [textAt(document, 'dataGranularityDescription'), served.get(subject)]
  return {
    subject,
    name,
    sql: sqlOf(product, port, dataset),
    columns: columns.length,
    ...(businessName === undefined ? {} : { title: businessName }),
    ...(grain === undefined ? {} : { grain }),
    ...(description === undefined ? {} : { description }),
    ...(now === undefined ? {} : { served: now }),
  }
}

export const portPart = (product: Product, port: OutputPort, observed: Observed): PortPart => ({
  subject: port.subject,
  version: port.version,
  type: port.kind,
  promises: promisesOf(port.contract),
  datasets: port.datasets.map(it => datasetPart(product, port, it, observed)),
  ...(port.contract === undefined ? {} : { contract: contractPart(port.contract) }),
})

export const columnPart = (column: Column): ColumnPart => {
  const { name, businessName, type, nullable, unique, description, classification, tags, terms } = column
  return {
    name,
    type,
    nullable,
    unique,
    primaryKey: column.primaryKeyPosition !== undefined,
    tags,
    terms,
    ...(businessName === undefined ? {} : { title: businessName }),
    ...(description === undefined ? {} : { description }),
    ...(classification === undefined ? {} : { classification }),
    ...(column.enum === undefined ? {} : { values: column.enum }),
  }
}

export const healthOf = (datasets: readonly Dataset[], { served, held, lastRun }: Observed): Health => {
  const there = datasets.filter(it => served.has(it.subject)).length
  return {
    state:
      held !== undefined
        ? 'held'
        : datasets.length === 0
          ? 'described'
          : there === datasets.length
            ? 'served'
            : there > 0
              ? 'partly served'
              : 'not published',
    ...(held === undefined ? {} : { held }),
    ...(lastRun === undefined ? {} : { lastRun }),
  }
}
