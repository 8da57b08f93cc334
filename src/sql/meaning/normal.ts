/** A query's tree without what is no part of its meaning: places, the names that tables go by inside, aliases that name nothing. Pure. */
import { canonicalJson } from '../../base/index.ts'
import { foldName, isNode, type JsonNode, nodeAt, nodesAt, textAt } from '../tree.ts'

/** What names before a column mean: the source's own name, by alias. `only` is the one source that a block reads. */
export interface Names {
  readonly sources: ReadonlyMap<string, string>
  readonly only?: string
  readonly outer?: Names
}

export interface SourceNode {
  readonly name: string
  readonly node: JsonNode
}

const isJoin = (node: JsonNode): boolean => node.type === 'JOIN'

/** The tables, calls and queries that a FROM joins, from left to right, each under a name of its own. */
export const sourcesOf = (from: JsonNode | undefined): SourceNode[] => {
  const found: SourceNode[] = []
  const count = new Map<string, number>()
  const add = (node: JsonNode): void => {
    if (isJoin(node)) {
      for (const side of ['left', 'right']) {
        const inner = nodeAt(node, side)
        if (inner !== undefined) add(inner)
      }
      return
    }
    if (node.type === 'EMPTY') return
    const own = ownName(node)
    const nth = (count.get(own) ?? 0) + 1
    count.set(own, nth)
    found.push({ name: nth === 1 ? own : `${own}#${nth}`, node })
  }
  if (from !== undefined) add(from)
  return found
}

const ownName = (node: JsonNode): string => {
  switch (node.type) {
    case 'BASE_TABLE':
      return ['catalog_name', 'schema_name', 'table_name']
        .map(key => foldName(textAt(node, key)))
        .filter(it => it !== '')
        .join('.')
    case 'TABLE_FUNCTION':
      return `${textAt(nodeAt(node, 'function') ?? {}, 'function_name')}()`
    default:
      return `(${String(node.type).toLowerCase().replaceAll('_', ' ')})`
  }
}

/** What the sources of a block may be called inside of it. */
export const namesOf = (sources: readonly SourceNode[], outer: Names | undefined): Names => {
  const named = sources.map(({ name, node }) => {
    const alias = foldName(textAt(node, 'alias'))
    return [alias === '' ? foldName(textAt(node, 'table_name')) || name : alias, name] as const
  })
  const [first, second] = sources
  const isOnly = first !== undefined && second === undefined
  return {
    sources: new Map(named),
    ...(isOnly ? { only: first.name } : {}),
    ...(outer === undefined ? {} : { outer }),
  }
}

const silent: ReadonlySet<string> = new Set(['position', 'query_location', 'alias'])

/** The same for expressions that mean the same by their tree alone, whatever they are called. Queries inside are walked with names of their own. */
export const normalNode = (node: JsonNode, names: Names): JsonNode => {
  if (node.class === 'COLUMN_REF') return { class: 'COLUMN_REF', column_names: columnName(node, names) }
  if (node.class === 'CONJUNCTION') {
    const parts = partsOf(node, String(node.type)).map(it => normalNode(it, names))
    return { class: 'CONJUNCTION', type: node.type, children: sorted(parts) }
  }
  const inner = node.type === 'SELECT_NODE' ? namesOf(sourcesOf(nodeAt(node, 'from_table')), names) : names
  const copy: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(node)) {
    // Names of what a query delivers are part of it, here by their items.
    if (silent.has(key) && !(key === 'alias' && isTold(node))) continue
    if (key === 'select_list')
      copy[key] = nodesAt(node, key).map(it => ({ as: outputName(it), ...normalNode(it, inner) }))
    else if (key === 'group_expressions') copy[key] = groupsOf(node).map(it => normalNode(it, inner))
    else copy[key] = normalValue(value, inner)
  }
  return copy
}

/** What `and` or `or` joins, at any depth: their order and brackets are nothing. */
export const partsOf = (node: JsonNode | undefined, type: string): JsonNode[] => {
  if (node === undefined) return []
  return node.type === type ? nodesAt(node, 'children').flatMap(it => partsOf(it, type)) : [node]
}

const sorted = (nodes: readonly JsonNode[]): JsonNode[] =>
  nodes
    .map(it => [canonicalJson(it), it] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, it]) => it)

/** `group by 1` is the first column. */
export const groupsOf = (node: JsonNode): JsonNode[] => {
  const items = nodesAt(node, 'select_list')
  return nodesAt(node, 'group_expressions').map(it => {
    const value = it.class === 'CONSTANT' ? nodeAt(it, 'value')?.value : undefined
    return (typeof value === 'number' ? items[value - 1] : undefined) ?? it
  })
}

/** A table's own columns get new names by an alias with a list; then the alias says something. */
const isTold = (node: JsonNode): boolean => Array.isArray(node.column_name_alias) && node.column_name_alias.length > 0

const normalValue = (value: unknown, names: Names): unknown => {
  if (Array.isArray(value)) return value.map(it => normalValue(it, names))
  if (!isNode(value)) return value
  const alias = textAt(value, 'alias')
  const normal = normalNode(value, names)
  return alias === '' || isSource(value) ? normal : { ...normal, alias }
}

/** What stands in a FROM: its alias is a name for the query alone. That of an argument is a field or a parameter, that of a pivot's value a column. */
const isSource = (node: JsonNode): boolean => node.class === undefined && node.type !== undefined

const columnName = (node: JsonNode, names: Names): string[] => {
  const parts = Array.isArray(node.column_names) ? node.column_names.map(it => foldName(String(it))) : []
  const [first = '', ...rest] = parts
  if (rest.length === 0) return parts
  for (let scope: Names | undefined = names; scope !== undefined; scope = scope.outer) {
    const source = scope.sources.get(first)
    if (source === undefined) continue
    return source === scope.only && scope === names ? rest : [source, ...rest]
  }
  return parts
}

/** The name that an item of a select list delivers; that of its call, or none, where it has no other. */
export const outputName = (item: JsonNode): string => {
  const alias = textAt(item, 'alias')
  if (alias !== '') return foldName(alias)
  const names = item.column_names
  return foldName(Array.isArray(names) ? String(names.at(-1)) : textAt(item, 'function_name'))
}
