/** Columns of tables, joins and stars under the names that they have behind FROM. Pure. */
import { foldName, isNode, type JsonNode, nodeAt, nodesAt, textAt } from '../tree.ts'
import type { Grain } from './grain.ts'
import type { Side, Tie } from './join.ts'
import { type Column, type Occurrence, plainColumn, type Scope, type Source } from './scope.ts'

export interface Rows {
  readonly columns: readonly Column[]
  /** There are more columns, nobody knows where. */
  readonly isOpen: boolean
  readonly tables: readonly Occurrence[]
}

export const knownRows = (columns: readonly Column[]): Rows => ({ columns, tables: [], isOpen: false })

export const namedSide = (rows: Rows, alias: string, columnNames: unknown): Side => {
  const names = Array.isArray(columnNames) ? columnNames.map(String) : []
  const columns = rows.columns.map((column, index) => ({ ...column, name: names[index] ?? column.name }))
  // Names by position say nothing where not every column is known.
  const isMoved = rows.isOpen && names.length > 0
  const source: Source = {
    alias: foldName(alias),
    columns: isMoved ? names.map(plainColumn) : columns,
    ...(rows.isOpen ? { isOpen: true } : {}),
  }
  return { sources: [source], tables: rows.tables }
}

export const isOpenStar = (item: JsonNode, scope: Scope): boolean =>
  item.columns === true || isNode(item.expr) || scope.sources.some(source => source.isOpen)

export const usingNames = (node: JsonNode, left: Side, right: Side): string[] => {
  if (node.ref_type !== 'NATURAL') return Array.isArray(node.using_columns) ? node.using_columns.map(String) : []
  const names = (side: Side): string[] => side.sources.flatMap(source => source.columns.map(it => foldName(it.name)))
  const others = new Set(names(right))
  return names(left).filter(it => others.has(it))
}

export const usingTie = (name: string, left: Side, right: Side, grain: Grain): Tie[] => {
  const find = (side: Side): Column | undefined =>
    side.sources.flatMap(source => source.columns).find(it => foldName(it.name) === foldName(name))
  const a = find(left)
  const b = find(right)
  if (a === undefined || b === undefined) return []
  return grain === 'value' && (a.family === undefined || a.family !== b.family) ? [] : [{ left: a, right: b }]
}

export const starColumns = (item: JsonNode, scope: Scope): Column[] => {
  if (item.columns === true || isNode(item.expr)) return []
  const relation = foldName(textAt(item, 'relation_name'))
  const listed = (key: string): Set<string> =>
    new Set(
      (Array.isArray(item[key]) ? item[key] : []).map(it => foldName(isNode(it) ? textAt(it, 'key') : String(it))),
    )
  const excluded = listed('exclude_list')
  const replaced = listed('replace_list')
  const seen = new Set<string>()
  const merged = scope.sources
    .filter(it => it.alias === '')
    .flatMap(it => it.columns.map(column => foldName(column.name)))
  const renamed = new Map(
    nodesAt(item, 'rename_list').map(it => [foldName(textAt(nodeAt(it, 'key') ?? {}, 'column')), textAt(it, 'value')]),
  )
  return scope.sources
    .filter(source => (relation === '' ? true : source.alias === relation))
    .flatMap(source => source.columns)
    .flatMap(column => {
      const name = foldName(column.name)
      if (excluded.has(name) || (relation === '' && merged.includes(name) && seen.has(name))) return []
      seen.add(name)
      const shown = renamed.get(name) ?? column.name
      return [replaced.has(name) ? plainColumn(shown) : { ...column, name: shown }]
    })
}
