/** What a query's names stand for while its locality is judged: tables as often as they are read, columns, and which of them say a row's partition. Pure. */
import { foldName, type JsonNode } from '../tree.ts'
import { canBeKey, castType, type Grain, keptInside } from './grain.ts'

/** How much of a table one partition may read: the same partition, or those up to so many milliseconds before it as well. */
export interface LocalTable {
  readonly mode: 'same' | 'whole'
  readonly reachMs?: number
  readonly columns: readonly { readonly name: string; readonly type: string }[]
}

export interface Refused {
  readonly reason: string
  readonly position?: number
}

/** One place in the text where a table is read that is divided. */
export interface Occurrence {
  /** As written, folded. */
  readonly name: string
  readonly reachMs: number
  /** Columns that may still be the one by which it is divided. */
  columns: ReadonlySet<string>
  /** What left no column. */
  refused?: Refused
}

/** A column of an occurrence that has the partition of the row at hand. */
export interface Key {
  readonly of: Occurrence
  readonly column: string
  /** How far before the row's partition rows of the occurrence are read for it, in milliseconds. */
  readonly usedMs: number
}

/** Values of one family are equal where their texts are; across families the engine casts, and `01` is 1. */
export type Family = 'text' | 'whole' | 'date' | 'moment'

export const familyOf = (type: string): Family | undefined => {
  if (type === 'VARCHAR') return 'text'
  if (/INT$|^INTEGER$/.test(type)) return 'whole'
  if (type === 'DATE') return 'date'
  return type.startsWith('TIMESTAMP') ? 'moment' : undefined
}

export type Keys = readonly Key[]

export interface Column {
  readonly name: string
  readonly keys: Keys
  /** Keys that it has where it is not NULL. */
  readonly keysUnlessNull: Keys
  /** Of its type; undefined where nobody knows it. */
  readonly family?: Family | undefined
  /** Some of its rows come from tables that are not divided. */
  readonly isPartial: boolean
}

export interface Source {
  readonly alias: string
  readonly columns: readonly Column[]
  /** It has columns that nobody knows here. */
  readonly isOpen?: boolean
}

export interface Scope {
  readonly sources: readonly Source[]
  readonly outer?: Scope
}

export const plainColumn = (name: string): Column => ({ name, keys: [], keysUnlessNull: [], isPartial: false })

export const isSameKey = (a: Key, b: Key): boolean => a.of === b.of && a.column === b.column

/** Where both have a key, the one that is used further counts. */
export const joined = (a: Keys, b: Keys): Keys => [
  ...a.map(one => {
    const other = b.find(it => isSameKey(it, one))
    return other !== undefined && other.usedMs > one.usedMs ? other : one
  }),
  ...b.filter(one => !a.some(it => isSameKey(it, one))),
]

export const columnsFor = (of: Occurrence, keys: Keys): string[] =>
  keys.filter(key => key.of === of).map(key => key.column)

export const covers = (keys: Keys, tables: readonly Occurrence[]): boolean =>
  tables.every(table => keys.some(key => key.of === table))

/** Leaves only these columns; the first reason that leaves none is kept. */
export const restrict = (of: Occurrence, columns: readonly string[], refused: Refused): void => {
  if (of.columns.size === 0) return
  of.columns = new Set([...of.columns].filter(it => columns.includes(it)))
  if (of.columns.size === 0) of.refused = refused
}

/** The column that a reference means, and whether it is one of an outer query. */
export const resolve = (
  names: readonly string[],
  scope: Scope,
): { readonly column: Column; readonly isOuter: boolean } | undefined => {
  const folded = names.map(foldName)
  for (let at: Scope | undefined = scope; at !== undefined; at = at.outer) {
    const column = findIn(at.sources, folded)
    if (column !== undefined) return { column, isOuter: at !== scope }
    // It may be one of the columns that are not known.
    if (at.sources.some(source => source.isOpen)) return undefined
  }
  return undefined
}

const findIn = (sources: readonly Source[], names: readonly string[]): Column | undefined => {
  const last = names.at(-1) ?? ''
  if (names.length === 1) {
    for (const source of sources) {
      const found = source.columns.find(column => foldName(column.name) === last)
      if (found !== undefined) return found
    }
    return undefined
  }
  const table = names.slice(0, -1).join('.')
  const source = sources.find(it => it.alias === table || it.alias === names.at(-2))
  return source?.columns.find(column => foldName(column.name) === last)
}

export const namesOf = (node: JsonNode): string[] =>
  Array.isArray(node.column_names) ? node.column_names.map(String) : []

/** The column that an expression is, under casts and cuts that keep its partition. */
export const columnOf = (
  node: JsonNode,
  scope: Scope,
  grain: Grain,
): { readonly column: Column; readonly isOuter: boolean } | undefined => {
  if (node.class === 'COLUMN_REF') return resolve(namesOf(node), scope)
  if (node.type === 'OPERATOR_COALESCE' && Array.isArray(node.children)) return coalesced(node, scope, grain)
  const inside = keptInside(node, grain)
  const found = inside === undefined ? undefined : columnOf(inside, scope, grain)
  if (found === undefined || node.class !== 'CAST') return found
  const family = familyOf(castType(node))
  return { ...found, column: { ...found.column, family } }
}

/** A column that may be NULL, and another that says the same partition where it is. */
const coalesced = (node: JsonNode, scope: Scope, grain: Grain): ReturnType<typeof columnOf> => {
  const found = (node.children as JsonNode[]).map(child => columnOf(child, scope, grain)) // children of an operator are nodes
  const [first] = found
  if (first === undefined || found.some(it => it === undefined)) return undefined
  // One of them must have a value wherever there is a row.
  const keys = first.column.keysUnlessNull.filter(
    key =>
      found.every(it => it?.column.keysUnlessNull.some(one => isSameKey(one, key))) &&
      found.some(it => it?.column.keys.some(one => isSameKey(one, key))),
  )
  return {
    column: { name: '', keys, keysUnlessNull: keys, isPartial: found.some(it => it?.column.isPartial) },
    isOuter: false,
  }
}

export const keyColumns = (
  of: Occurrence,
  columns: LocalTable['columns'],
  grain: Grain,
): { readonly source: readonly Column[]; readonly names: readonly string[] } => {
  const names = columns.filter(it => canBeKey(it.type, grain)).map(it => it.name)
  return {
    names,
    source: columns.map(({ name, type }) => {
      const keys = names.includes(name) ? [{ of, column: name, usedMs: 0 }] : []
      return { name, keys, keysUnlessNull: keys, family: familyOf(type), isPartial: false }
    }),
  }
}
