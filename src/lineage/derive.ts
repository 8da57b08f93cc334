/** Edges of a model, from its column lineage. Pure. */
import { type Lineage, placeInText } from '../sql/index.ts'
import { type FlowHow, rolledUp, type Via } from './how.ts'
import { columnKey, datasetKey, type Level, type NodeKey } from './node.ts'

export interface Edge {
  readonly from: NodeKey
  readonly to: NodeKey
  readonly level: Level
  readonly how: FlowHow
  readonly via: Via
  /** In the owner's file. */
  readonly line?: number
  readonly column?: number
}

/** What cannot be known of a model, and where: more may flow in than its edges say. */
export interface Unknown {
  readonly reason: string
  readonly line?: number
  readonly column?: number
}

/** All that one owner says: it is replaced as a whole. */
export interface Owned {
  readonly owner: NodeKey
  /** Of a model's text; empty where there is none. */
  readonly hash: string
  readonly file: string
  readonly wide: readonly Unknown[]
  readonly edges: readonly Edge[]
  /** What there is of it, whether anything flows there or not: `count(*)` is made from no column, and can be asked for. */
  readonly things?: readonly NodeKey[]
}

export interface DerivedModel {
  /** The dataset that it makes. */
  readonly dataset: string
  readonly hash: string
  readonly file: string
  readonly text: string
  readonly lineage: Lineage
}

/** `columns` are those of the dataset: what a model makes beyond them is not published. */
export const derivedEdges = (model: DerivedModel, columns: readonly string[]): Owned => {
  const { dataset, hash, file, text, lineage } = model
  const names = new Map(columns.map(name => [name.toLowerCase(), name]))
  const place = (position: number | undefined) => (position === undefined ? {} : placeInText(text, position))
  const edges = new Map<string, Edge>()
  const found = new Map<string, Set<FlowHow>>(lineage.tables.map(table => [table, new Set()]))
  const add = (
    { table, path, how, position }: { table: string; path: readonly string[]; how: FlowHow; position?: number },
    to: NodeKey,
  ): void => {
    const [column] = path
    const from = column === undefined ? datasetKey(table) : columnKey(table, column)
    const hows = found.get(table) ?? new Set()
    found.set(table, hows.add(how))
    const key = `${from.subject} ${to.subject} ${how}`
    // Several fields of a column, or the same column in several places: the first place is told.
    if (!edges.has(key)) edges.set(key, { from, to, level: 'column', how, via: 'derived', ...place(position) })
  }
  for (const { name, inputs } of lineage.columns) {
    const published = names.get(name.toLowerCase())
    for (const input of inputs) if (published !== undefined) add(input, columnKey(dataset, published))
  }
  for (const input of lineage.rows) add(input, datasetKey(dataset))
  const datasetEdges = [...found].map(
    ([table, hows]): Edge => ({
      from: datasetKey(table),
      to: datasetKey(dataset),
      level: 'dataset',
      how: rolledUp(hows),
      via: 'derived',
    }),
  )
  const wide = lineage.wide.map(({ reason, position }) => ({ reason, ...place(position) }))
  return { owner: datasetKey(dataset), hash, file, wide, edges: [...datasetEdges, ...edges.values()] }
}
