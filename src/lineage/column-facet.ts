/** Column lineage as a ColumnLineageDatasetFacet of OpenLineage, version 1-2-0. Pure. */
import { type How, type Input, isDirect, type Lineage } from '../sql/index.ts'

/** A column of a dataset, and every way in which it flows in. */
export interface FacetInput {
  readonly namespace: string
  readonly name: string
  /** The column; fields inside it behind points; `*` for whatever the dataset has. */
  readonly field: string
  readonly transformations: readonly {
    readonly type: 'DIRECT' | 'INDIRECT'
    readonly subtype: string
    /** The value does not show what it is made from. */
    readonly masking: boolean
  }[]
}

export interface ColumnLineageFacet {
  readonly _producer: string
  readonly _schemaURL: string
  readonly fields: Readonly<Record<string, { readonly inputFields: readonly FacetInput[] }>>
  /** What decides which rows there are: it counts for every column. */
  readonly dataset: readonly FacetInput[]
}

export interface FacetOptions {
  /** URI of what found the lineage out. */
  readonly producer: string
  /** What OpenLineage calls a table of the lineage. */
  dataset(table: string): { readonly namespace: string; readonly name: string }
  /** Names of the columns by place, where they are not those that the statement gives. */
  readonly names?: readonly string[]
}

export const columnLineageFacet = (lineage: Lineage, options: FacetOptions): ColumnLineageFacet => {
  const fields = new Map<string, Input[]>()
  for (const [index, column] of lineage.columns.entries()) {
    const name = options.names?.[index] ?? (column.name === '' ? `#${index + 1}` : column.name)
    // A facet has one entry for a name; two columns with the same one share it.
    fields.set(name, [...(fields.get(name) ?? []), ...column.inputs])
  }
  return {
    _producer: options.producer,
    _schemaURL:
      'https://openlineage.io/spec/facets/1-2-0/ColumnLineageDatasetFacet.json#/$defs/ColumnLineageDatasetFacet',
    fields: Object.fromEntries(
      [...fields].map(([name, inputs]) => [name, { inputFields: facetInputs(inputs, options) }]),
    ),
    dataset: facetInputs(lineage.rows, options),
  }
}

const subtypes: Readonly<Record<How, string>> = {
  identity: 'IDENTITY',
  transformation: 'TRANSFORMATION',
  'masked-transformation': 'TRANSFORMATION',
  aggregation: 'AGGREGATION',
  'masked-aggregation': 'AGGREGATION',
  join: 'JOIN',
  filter: 'FILTER',
  'group-by': 'GROUP_BY',
  sort: 'SORT',
  window: 'WINDOW',
  conditional: 'CONDITIONAL',
}

/** One for each column, in the order in which they were met. */
const facetInputs = (inputs: readonly Input[], { dataset }: FacetOptions): FacetInput[] => {
  const byColumn = new Map<string, { input: Input; hows: Set<How> }>()
  for (const input of inputs) {
    const key = [input.table, ...input.path].join('\0')
    const known = byColumn.get(key) ?? { input, hows: new Set() }
    byColumn.set(key, known)
    known.hows.add(input.how)
  }
  return [...byColumn.values()].map(({ input, hows }) => ({
    ...dataset(input.table),
    field: input.path.join('.') || '*',
    transformations: [...hows].map(how => ({
      type: isDirect(how) ? 'DIRECT' : 'INDIRECT',
      subtype: subtypes[how],
      masking: how.startsWith('masked-'),
    })),
  }))
}
