/** Which datasets a policy is about: what it applies to, and what each rule selects. Lists are or-ed, keys are and-ed. Pure. */
import {
  type Column,
  type Dataset,
  datasets,
  globOf,
  type Mesh,
  type OutputPort,
  type Product,
} from '../../domain/index.ts'
import type { PolicyDocument } from './documents.ts'

/** `{ tags, classifications, datasets, columns }` of a rule. */
export interface Selector {
  readonly tags?: readonly string[] | undefined
  readonly classifications?: readonly string[] | undefined
  readonly datasets?: readonly string[] | undefined
  readonly columns?: readonly string[] | undefined
}

export interface Selectable {
  readonly product: Product
  readonly port: OutputPort
  readonly dataset: Dataset
}

/** The datasets of output ports that a rule of a policy covers, in the order of the mesh. */
export const selectedDatasets = (mesh: Mesh, { appliesTo }: PolicyDocument, on: Selector | undefined): Selectable[] =>
  [...datasets(mesh).values()].filter(it => isInScope(mesh, appliesTo, it) && isSelected(on ?? {}, it))

const isInScope = (mesh: Mesh, scope: PolicyDocument['appliesTo'], it: Selectable): boolean => {
  const { product } = it
  const domain = mesh.domains.get(product.domain)
  return (
    matches(scope?.domains, [product.domain]) &&
    matches(scope?.products, [product.subject]) &&
    matches(scope?.types, product.kind === undefined ? [] : [product.kind]) &&
    matches(scope?.stages, domain === undefined ? [] : [domain.stage]) &&
    matches(scope?.status, [product.status]) &&
    matches(scope?.jurisdictions, domain?.jurisdictions ?? []) &&
    isSelected({ tags: scope?.tags, classifications: scope?.classifications }, it)
  )
}

/** What is said of columns is said of one and the same column. A tag of the product, the contract or the dataset is one of all columns. */
const isSelected = (on: Selector, { product, dataset }: Selectable): boolean => {
  if (!matches(on.datasets, [dataset.subject])) return false
  const tags = [...product.tags, ...(dataset.tags ?? [])]
  if (on.classifications === undefined && on.columns === undefined && matches(on.tags, tags)) return true
  return dataset.columns.some(
    column =>
      matches(on.tags, [...tags, ...column.tags]) &&
      matches(on.columns, [column.name]) &&
      isClassified(on.classifications, column),
  )
}

/** Ids are a hierarchy: `personal` has `personal.identifier` in it. */
const isClassified = (classifications: readonly string[] | undefined, { classification }: Column): boolean => {
  const words = classification?.split('.') ?? []
  return matches(
    classifications,
    words.map((_, index) => words.slice(0, index + 1).join('.')),
  )
}

const matches = (globs: readonly string[] | undefined, names: readonly string[]): boolean =>
  globs === undefined || globs.some(glob => names.some(name => globOf(glob).test(name)))
