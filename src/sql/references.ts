/** What a SELECT names: tables, functions, columns. Names of common table expressions are followed through their scopes. Pure. */
import { type FunctionCall, functionOf } from './functions.ts'
import { isNode, type JsonNode, nodeAt, nodesAt, positionOf, type Select, textAt } from './tree.ts'

export interface TableReference {
  /** As written, one to three parts. */
  readonly parts: readonly string[]
  /** In characters from 0. */
  readonly position?: number
}

export interface ColumnReference {
  readonly parts: readonly string[]
  readonly position?: number
}

/** Every table that a SELECT reads, in the order of the text's tree; names that a common table expression in scope covers are not among them. */
export const tableReferences = (select: Select): TableReference[] => {
  const found: TableReference[] = []
  walk(select.tree, new Set(), (node, hidden) => {
    if (node.type !== 'BASE_TABLE') return
    const parts = [textAt(node, 'catalog_name'), textAt(node, 'schema_name'), textAt(node, 'table_name')].filter(
      it => it !== '',
    )
    if (parts.length === 1 && hidden.has((parts[0] ?? '').toLowerCase())) return
    found.push({ parts, ...placeOf(node) })
  })
  return found
}

export const functionCalls = (select: Select): FunctionCall[] => {
  const found: FunctionCall[] = []
  walk(select.tree, new Set(), node => {
    const call = functionOf(node)
    if (call !== undefined) found.push(call)
  })
  return found
}

export const columnReferences = (select: Select): ColumnReference[] => {
  const found: ColumnReference[] = []
  walk(select.tree, new Set(), node => {
    if (node.class !== 'COLUMN_REF' || !Array.isArray(node.column_names)) return
    found.push({ parts: node.column_names.map(String), ...placeOf(node) })
  })
  return found
}

const placeOf = (node: JsonNode): { readonly position?: number } => {
  const position = positionOf(node)
  return position === undefined ? {} : { position }
}

/** Visits every node, with the names of the common table expressions that are in scope there, in lower case. */
export const walk = (
  node: JsonNode,
  hidden: ReadonlySet<string>,
  visit: (node: JsonNode, hidden: ReadonlySet<string>) => void,
): void => {
  visit(node, hidden)
  const own = scopeOf(node, hidden, visit)
  for (const [key, value] of Object.entries(node)) {
    if (key === 'cte_map') continue
    for (const inner of Array.isArray(value) ? value : [value]) if (isNode(inner)) walk(inner, own, visit)
  }
}

/** The scope inside a query node: an expression sees those before it, a recursive one itself too. */
const scopeOf = (
  node: JsonNode,
  hidden: ReadonlySet<string>,
  visit: (node: JsonNode, hidden: ReadonlySet<string>) => void,
): ReadonlySet<string> => {
  const entries = nodesAt(nodeAt(node, 'cte_map'), 'map')
  const recursive = node.type === 'RECURSIVE_CTE_NODE' ? textAt(node, 'cte_name').toLowerCase() : ''
  if (entries.length === 0 && recursive === '') return hidden
  const scope = new Set(hidden)
  if (recursive !== '') scope.add(recursive)
  for (const entry of entries) {
    const name = textAt(entry, 'key').toLowerCase()
    const value = nodeAt(entry, 'value')
    if (value !== undefined) {
      const inner = nodeAt(nodeAt(value, 'query'), 'node')
      walk(value, inner?.type === 'RECURSIVE_CTE_NODE' ? new Set([...scope, name]) : new Set(scope), visit)
    }
    scope.add(name)
  }
  return scope
}
