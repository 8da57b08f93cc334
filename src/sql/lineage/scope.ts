/** What names stand for in a query: tables under their aliases, columns of joins, names of the select list, parameters of lambdas. Pure. */
import { foldName } from '../tree.ts'
import { Flow, type Leaves } from './flow.ts'
import { either, placedAt, plain, stored, struct, type Value } from './value.ts'

export interface Column {
  readonly name: string
  readonly value: Value
}

export interface Source {
  /** Folded; the last of `parts`. */
  readonly alias: string
  /** Folded: catalogue, schema and table of what is read under its own name. */
  readonly parts: readonly string[]
  readonly columns: readonly Column[]
  /** By its name, folded. */
  column(folded: string): Column | undefined
  /** It has columns that nobody knows here: the name that it goes by, and all of it as one value. */
  readonly open?: { readonly table: string; readonly rest: Value }
}

/** Columns with a way to find them by their names as DuckDB compares them; of several with one name the first. */
export const searchable = (columns: readonly Column[]): Pick<Source, 'columns' | 'column'> => {
  let index: Map<string, Column> | undefined
  const indexed = (): Map<string, Column> => {
    const made = new Map<string, Column>()
    for (const column of columns) {
      const name = foldName(column.name)
      if (!made.has(name)) made.set(name, column)
    }
    return made
  }
  return {
    columns,
    column: folded => {
      index ??= indexed()
      return index.get(folded)
    },
  }
}

/** A column that a join made of two: of USING and NATURAL. */
export interface Merged {
  readonly name: string
  readonly value: Value
  readonly of: ReadonlySet<Source>
}

/** Rows of FROM: their columns, and what decides which rows there are. */
export interface Relation {
  readonly sources: readonly Source[]
  readonly merged: readonly Merged[]
  readonly rows: Flow
}

export const noRelation: Relation = { sources: [], merged: [], rows: Flow.none }

export interface Scope {
  readonly relation: Relation
  /** Names of the select list, folded. */
  readonly aliases?: ReadonlyMap<string, Value>
  /** ORDER BY looks at the select list first. */
  readonly aliasesFirst?: boolean
  /** Parameters of a lambda, folded. */
  readonly parameters?: ReadonlyMap<string, Value>
  /** Columns that a COLUMNS expression stands for at the moment. */
  readonly star?: { readonly at: number }
  /** Gathers the lists that a select list takes apart: they decide how many rows there are. */
  readonly unnested?: Flow[]
  readonly outer?: Scope
}

export const inLambda = (scope: Scope, parameters: ReadonlyMap<string, Value>): Scope => ({
  relation: noRelation,
  parameters,
  ...(scope.star === undefined ? {} : { star: scope.star }),
  outer: scope,
})

/** Columns under other names: those of `as t(a, b)`. */
export const renamed = (columns: readonly Column[], names: readonly string[]): readonly Column[] =>
  names.length === 0 ? columns : columns.map((column, index) => ({ ...column, name: names[index] ?? column.name }))

/** The value that a reference means; undefined where nothing has that name. Tables whose columns are not known may have any. */
export const resolve = (
  names: readonly string[],
  scope: Scope,
  leaves: Leaves,
  position: number | undefined,
): Value | undefined => {
  const folded = names.map(foldName)
  let opened: { readonly source: Source; readonly name: string }[] | undefined
  for (let at: Scope | undefined = scope; at !== undefined; at = at.outer) {
    const found = findIn(at, folded)
    if (found !== undefined) return placedAt(found, position)
    opened ??= openIn(at, folded)
  }
  if (opened === undefined) return undefined
  return plain(
    Flow.union(
      opened.map(({ source, name }) => stored(leaves, source.open?.table ?? '', [name], '').flow.placed(position)),
    ),
  )
}

const findIn = (scope: Scope, names: readonly string[]): Value | undefined => {
  const [first = ''] = names
  const parameter = scope.parameters?.get(first)
  if (parameter !== undefined) return inside(parameter, names.slice(1))
  const alias = scope.aliases?.get(first)
  if (alias !== undefined && scope.aliasesFirst === true && names.length === 1) return alias
  const found = findColumn(scope.relation, names)
  if (found !== undefined) return found
  if (alias !== undefined) return inside(alias, names.slice(1))
  const row = scope.relation.sources.find(it => it.alias === first && it.open === undefined)
  return row === undefined || names.length > 1 ? undefined : struct(row.columns)
}

const findColumn = (relation: Relation, names: readonly string[]): Value | undefined =>
  findQualified(relation, names, isNamed) ?? findUnqualified(relation, names) ?? findQualified(relation, names, isEndOf)

const findQualified = (
  relation: Relation,
  names: readonly string[],
  isMeant: (source: Source, parts: readonly string[]) => boolean,
): Value | undefined => {
  for (let qualified = Math.min(3, names.length - 1); qualified > 0; qualified--) {
    const parts = names.slice(0, qualified)
    for (const source of relation.sources) {
      if (!isMeant(source, parts)) continue
      const column = source.column(names[qualified] ?? '')
      if (column !== undefined) return inside(column.value, names.slice(qualified + 1))
    }
  }
  return undefined
}

const findUnqualified = (relation: Relation, names: readonly string[]): Value | undefined => {
  const [first = ''] = names
  // The merge that came last stands for all before it.
  const merged = relation.merged.findLast(it => foldName(it.name) === first)
  if (merged !== undefined) return inside(merged.value, names.slice(1))
  for (const source of relation.sources) {
    const column = source.column(first)
    if (column !== undefined) return inside(column.value, names.slice(1))
  }
  return undefined
}

const isNamed = (source: Source, parts: readonly string[]): boolean => {
  if (parts.length === 1) return source.alias === parts[0]
  if (source.parts.length < parts.length) return false
  const from = source.parts.length - parts.length
  return parts.every((part, index) => source.parts[from + index] === part)
}

/** A reference may name a catalogue and a schema that FROM leaves out. */
const isEndOf = (source: Source, parts: readonly string[]): boolean =>
  source.parts.length > 0 &&
  source.parts.length < parts.length &&
  source.alias === parts.at(-1) &&
  source.parts.every((part, index) => part === parts[parts.length - source.parts.length + index])

/** A field of a value; of a value whose fields are not known, something made from it. */
export const inside = (value: Value, names: readonly string[]): Value => {
  const [first, ...rest] = names
  if (first === undefined) return value
  const field = value.field(first)
  return field === undefined ? plain(value.flow.by('transformation')) : inside(field, rest)
}

const openIn = (scope: Scope, names: readonly string[]): { source: Source; name: string }[] | undefined => {
  const open = scope.relation.sources.filter(it => it.open !== undefined)
  if (open.length === 0) return undefined
  for (let qualified = Math.min(3, names.length - 1); qualified > 0; qualified--) {
    const source = open.find(it => isNamed(it, names.slice(0, qualified)))
    if (source !== undefined) return [{ source, name: names[qualified] ?? '' }]
  }
  return open.map(source => ({ source, name: names[0] ?? '' }))
}

/** What `*` or `t.*` shows, in order; a merged column stands once, where it comes first. Without those for which `isLeftOut` holds. */
export const starOf = (
  relation: Relation,
  alias: string,
  isLeftOut: (source: Source, column: string) => boolean = () => false,
): readonly Column[] => {
  const shown = new Set<Merged>()
  const columns: Column[] = []
  for (const source of relation.sources) {
    if (alias !== '' && source.alias !== alias) continue
    for (const column of source.columns) {
      if (isLeftOut(source, column.name)) continue
      const merged =
        alias === '' && relation.merged.length > 0
          ? relation.merged.findLast(it => it.of.has(source) && foldName(it.name) === foldName(column.name))
          : undefined
      if (merged === undefined) columns.push(column)
      else if (!shown.has(merged)) {
        shown.add(merged)
        columns.push({ name: column.name, value: merged.value })
      }
    }
    if (source.open !== undefined) columns.push({ name: '*', value: source.open.rest })
  }
  return columns
}

/** A column of both sides of a join, by the kind of the join: where a side may be missing the other has the value. */
export const mergedColumn = (name: string, left: Relation, right: Relation, kind: string): Merged | undefined => {
  const folded = foldName(name)
  const side = (relation: Relation): { value: Value; of: Source[] } | undefined => {
    const before = relation.merged.findLast(it => foldName(it.name) === folded)
    if (before !== undefined) return { value: before.value, of: [...before.of] }
    for (const source of relation.sources) {
      const column = source.column(folded)
      if (column !== undefined) return { value: column.value, of: [source] }
    }
    return undefined
  }
  const [a, b] = [side(left), side(right)]
  if (a === undefined || b === undefined) return undefined
  const value = kind === 'RIGHT' ? b.value : kind === 'FULL' ? either([a.value, b.value]) : a.value
  return { name, value, of: new Set([...a.of, ...b.of]) }
}
