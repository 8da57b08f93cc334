/** What a SELECT names: tables, functions, columns. Names of common table expressions are followed through their scopes. Pure. */
import { type FunctionCall, functionOf } from './functions.ts'
import { foldName, isNode, type JsonNode, nodeAt, nodesAt, placeOf, type Select, textAt } from './tree.ts'

export interface TableReference {
  /** As written, one to three parts. */
  readonly parts: readonly string[]
  /** In characters from 0. */
  readonly position?: number
}

/** Names of common table expressions that are in scope, folded. `recurring.t` stands there as two parts with a zero between. */
type Scope = ReadonlySet<string>

type Visit = (node: JsonNode, scope: Scope) => void

const scopeKey = (parts: readonly string[]): string => parts.map(foldName).join('\0')

/**
 * Every table that a SELECT reads, in the order of the text's tree; names that a common table expression in scope covers are not among them.
 * What an expression that nobody uses reads is among them.
 */
export const tableReferences = (select: Select): TableReference[] => {
  const found: TableReference[] = []
  walk(select.tree, (node, scope) => {
    if (node.type !== 'BASE_TABLE') return
    const names = [textAt(node, 'catalog_name'), textAt(node, 'schema_name'), textAt(node, 'table_name')]
    const parts = names.filter(it => it !== '')
    if (!scope.has(scopeKey(parts))) found.push({ parts, ...placeOf(node) })
  })
  return found
}

export const functionCalls = (select: Select): FunctionCall[] => {
  const found: FunctionCall[] = []
  walk(select.tree, node => {
    const call = functionOf(node)
    if (call !== undefined) found.push(call)
  })
  return found
}

/** Visits every node, each before what is inside it. */
export const walk = (tree: JsonNode, visit: Visit): void => walkIn(tree, new Set(), visit)

const walkIn = (node: JsonNode, scope: Scope, visit: Visit): void => {
  visit(node, scope)
  const inner = scopeInside(node, scope, visit)
  for (const key in node) {
    if (key === 'cte_map') continue
    walkValue(node[key], inner, visit)
  }
}

const walkValue = (value: unknown, scope: Scope, visit: Visit): void => {
  if (Array.isArray(value)) for (const one of value) walkValue(one, scope, visit)
  else if (isNode(value)) walkIn(value, scope, visit)
}

/** The scope inside a query node: an expression sees those before it, a recursive one itself too. */
const scopeInside = (node: JsonNode, scope: Scope, visit: Visit): Scope => {
  const entries = nodesAt(nodeAt(node, 'cte_map'), 'map')
  const recursive = node.type === 'RECURSIVE_CTE_NODE' ? textAt(node, 'cte_name') : ''
  if (entries.length === 0 && recursive === '') return scope
  const inside = new Set(scope)
  if (recursive !== '') inside.add(scopeKey([recursive])).add(scopeKey(['recurring', recursive]))
  for (const entry of entries) {
    const value = nodeAt(entry, 'value')
    if (value !== undefined) walkIn(value, new Set(inside), visit)
    inside.add(scopeKey([textAt(entry, 'key')]))
  }
  return inside
}
