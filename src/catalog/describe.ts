/** Makes the page of a thing from the mesh and from what was observed of it. Pure. */
import { datasets, type Mesh, type OutputPort, outputPorts, type Product, productOf } from '../domain/index.ts'
import { listAt, textAt, textsAt } from './document.ts'
import { flowsOfDataset, flowsOfProduct, type Reads } from './flows.ts'
import type { Observed } from './observed.ts'
import { columnPart, contractPart, datasetPart, healthOf, ownerPart, portPart, promisesOf, sqlOf } from './parts.ts'
import type { Meaning } from './resolve.ts'
import type {
  ColumnThing,
  DatasetThing,
  DomainThing,
  InputPortThing,
  OtherThing,
  PortThing,
  ProductThing,
  Thing,
} from './thing.ts'

export interface Known {
  readonly mesh: Mesh
  readonly reads: Reads
  readonly observed: Observed
}

/** The product whose observed state a page needs; undefined for what belongs to none. */
export const productOfThing = (mesh: Mesh, { thing }: Meaning): Product | undefined =>
  thing.subject.includes('/') || thing.kind === 'domain' ? undefined : mesh.products.get(productOf(thing.subject))

export const describeThing = (known: Known, meaning: Meaning): Thing => {
  const { mesh } = known
  const { subject, kind } = meaning.thing
  switch (kind) {
    case 'domain':
      return { ...domainThing(mesh, subject), also: meaning.also }
    case 'product':
      return { ...productThing(known, found(mesh.products.get(subject))), also: meaning.also }
    case 'outputPort': {
      const { product, port } = found(outputPorts(mesh).get(subject))
      return { ...portThing(known, product, port), also: meaning.also }
    }
    case 'dataset':
      return { ...datasetThing(known, subject), also: meaning.also }
    case 'column':
      return { ...columnThing(known, subject), also: meaning.also }
    case 'inputPort':
      return { ...inputPortThing(known, subject), also: meaning.also }
    default:
      return { ...otherThing(mesh, subject, kind), also: meaning.also }
  }
}

/** A meaning names what is in the mesh. */
const found = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error('Weft has a bug: a resolved name is not in the mesh.')
  return value
}

type Page<T extends Thing> = Omit<T, 'also'>

const words = (body: unknown) => {
  const [purpose, usage, limitations] = ['purpose', 'usage', 'limitations'].map(it => textAt(body, 'description', it))
  return {
    ...(purpose === undefined ? {} : { purpose }),
    ...(usage === undefined ? {} : { usage }),
    ...(limitations === undefined ? {} : { limitations }),
  }
}

const domainThing = (mesh: Mesh, subject: string): Page<DomainThing> => {
  const domain = found(mesh.domains.get(subject))
  const { name, parent, stage, body, file } = domain
  return {
    kind: 'domain',
    subject,
    name: subject,
    ...(name === subject ? {} : { title: name }),
    ...words(body),
    ...(parent === undefined ? {} : { parent }),
    children: [...mesh.domains.values()].filter(it => it.parent === subject).map(it => it.subject),
    stage,
    scope: textsAt(body, 'scope'),
    responsibilities: listAt(body, 'responsibilities').flatMap(it => textAt(it, 'text') ?? []),
    tags: textsAt(body, 'tags'),
    owner: ownerPart(mesh, subject),
    products: [...mesh.products.values()]
      .filter(it => it.domain === subject)
      .map(it => ({
        subject: it.subject,
        title: it.name,
        status: it.status,
        ...(it.purpose === undefined ? {} : { purpose: it.purpose }),
      })),
    file,
    line: domain.at([]).line,
  }
}

const productThing = ({ mesh, observed }: Known, product: Product): Page<ProductThing> => ({
  kind: 'product',
  subject: product.subject,
  name: product.slug,
  ...(product.name === product.slug ? {} : { title: product.name }),
  ...words(product.body),
  ...(product.purpose === undefined ? {} : { purpose: product.purpose }),
  version: product.version,
  status: product.status,
  ...(product.kind === undefined ? {} : { type: product.kind }),
  tags: product.tags,
  owner: ownerPart(mesh, product.domain, product),
  health: healthOf(
    product.outputs.flatMap(it => it.datasets),
    observed,
  ),
  // The newest first: that is what people should begin with.
  ports: [...product.outputs]
    .sort((a, b) => (a.name === b.name ? b.major - a.major : a.name < b.name ? -1 : 1))
    .map(port => portPart(product, port, observed)),
  flows: flowsOfProduct(mesh, product.subject),
  file: product.file,
  line: product.at([]).line,
})

const portThing = ({ mesh, observed }: Known, product: Product, port: OutputPort): Page<PortThing> => {
  const document = listAt(product.body, 'outputPorts').find(
    it => textAt(it, 'name') === port.name && textAt(it, 'version') === port.version,
  )
  const title = port.contract?.name
  const described = words(port.contract?.body)
  const purpose = textAt(document, 'description') ?? described.purpose
  return {
    kind: 'outputPort',
    subject: port.subject,
    name: port.name,
    ...(title === undefined || title === port.name ? {} : { title }),
    ...described,
    ...(purpose === undefined ? {} : { purpose }),
    tags: [...new Set([...textsAt(document, 'tags'), ...textsAt(port.contract?.body, 'tags')])],
    owner: ownerPart(mesh, product.domain, product),
    product: product.subject,
    health: healthOf(port.datasets, observed),
    port: portPart(product, port, observed),
    flows: {
      from: flowsOfProduct(mesh, product.subject).from,
      to: [...mesh.products.values()]
        .filter(it => it.inputs.some(({ target }) => target.kind === 'port' && target.port === port.subject))
        .map(it => ({ subject: it.subject, kind: 'product' as const })),
    },
    file: port.place.file,
    line: port.place.line,
  }
}

const datasetThing = ({ mesh, reads, observed }: Known, subject: string): Page<DatasetThing> => {
  const { product, port, dataset } = found(datasets(mesh).get(subject))
  const { contract } = port
  return {
    kind: 'dataset',
    subject,
    name: dataset.name,
    ...(dataset.businessName === undefined ? {} : { title: dataset.businessName }),
    ...(dataset.description === undefined ? {} : { purpose: dataset.description }),
    ...limitsOf(contract?.body),
    tags: dataset.tags ?? [],
    owner: ownerPart(mesh, product.domain, product),
    product: product.subject,
    port: port.subject,
    ...(contract === undefined ? {} : { contract: contractPart(contract) }),
    promises: promisesOf(contract, dataset.name),
    health: healthOf([dataset], observed),
    dataset: datasetPart(product, port, dataset, observed),
    columns: dataset.columns.map(columnPart),
    checks: dataset.rules.length,
    flows: flowsOfDataset(mesh, reads, subject),
    file: dataset.place.file,
    line: dataset.place.line,
  }
}

/** What the contract says of use and limits holds for each of its datasets. */
const limitsOf = (body: unknown) => {
  const { purpose: _, ...rest } = words(body)
  return rest
}

const columnThing = ({ mesh, reads }: Known, subject: string): Page<ColumnThing> => {
  const parent = subject.slice(0, subject.lastIndexOf('.'))
  const { product, port, dataset } = found(datasets(mesh).get(parent))
  const column = found(dataset.columns.find(it => `${parent}.${it.name}` === subject))
  return {
    kind: 'column',
    subject,
    name: column.name,
    ...(column.businessName === undefined ? {} : { title: column.businessName }),
    ...(column.description === undefined ? {} : { purpose: column.description }),
    tags: column.tags,
    owner: ownerPart(mesh, product.domain, product),
    product: product.subject,
    dataset: parent,
    sql: sqlOf(product, port, dataset),
    ...(port.contract === undefined ? {} : { contract: contractPart(port.contract) }),
    column: columnPart(column),
    checks: dataset.rules.filter(({ test }) => isAbout(test, column.name)).map(it => it.id),
    flows: flowsOfDataset(mesh, reads, parent, column.name),
    file: column.place.file,
    line: column.place.line,
  }
}

const isAbout = (test: object, column: string): boolean =>
  textAt(test, 'column') === column || textsAt(test, 'columns').includes(column)

const inputPortThing = ({ mesh }: Known, subject: string): Page<InputPortThing> => {
  const product = found(mesh.products.get(productOf(subject)))
  const { name, target, place } = found(product.inputs.find(it => it.subject === subject))
  return {
    kind: 'inputPort',
    subject,
    name,
    ...(target.kind === 'source' ? words(target.contract.body) : {}),
    tags: [],
    owner: ownerPart(mesh, product.domain, product),
    product: product.subject,
    reads:
      target.kind === 'port'
        ? { port: target.port }
        : target.kind === 'source'
          ? { source: target.contract.id, datasets: target.datasets.map(it => it.name) }
          : 'unknown',
    file: place.file,
    line: place.line,
  }
}

const otherThing = (mesh: Mesh, subject: string, kind: OtherThing['kind']): Page<OtherThing> => {
  const other = found(mesh.others.find(it => it.subject === subject))
  const id = subject.slice(subject.indexOf('/') + 1)
  return {
    kind,
    subject,
    name: id,
    ...(other.name === id ? {} : { title: other.name }),
    ...words(other.body),
    tags: textsAt(other.body, 'tags'),
    document: other.body,
    columns:
      kind === 'term'
        ? [...datasets(mesh).values()].flatMap(({ dataset }) =>
            dataset.columns.filter(it => it.terms.includes(id)).map(it => `${dataset.subject}.${it.name}`),
          )
        : [],
    file: other.file,
    line: other.at([]).line,
  }
}
