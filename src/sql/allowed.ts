/** What a SELECT of a reader or a model may consist of: a closed list. A node or function that is not on it is refused, also one that a newer engine brings. Pure. */
import { didYouMean } from '../base/index.ts'
import { allowedFunctions, allowedTableFunctions } from './allowed-functions.ts'
import { functionOf } from './functions.ts'
import { walk } from './references.ts'
import { type JsonNode, nodeAt, positionOf, type Select, textAt } from './tree.ts'

export interface Refusal {
  readonly message: string
  readonly found: string
  readonly position?: number
  readonly help?: string
}

const queryNodes = new Set(['SELECT_NODE', 'SET_OPERATION_NODE', 'RECURSIVE_CTE_NODE', 'CTE_NODE'])
const tableNodes = new Set([
  'BASE_TABLE',
  'JOIN',
  'SUBQUERY',
  'TABLE_FUNCTION',
  'EXPRESSION_LIST',
  'PIVOT',
  'EMPTY_FROM',
  'EMPTY',
  'COLUMN_DATA',
])
const expressionClasses = new Set([
  'BETWEEN',
  'CASE',
  'CAST',
  'COLLATE',
  'COLUMN_REF',
  'COMPARISON',
  'CONJUNCTION',
  'CONSTANT',
  'DEFAULT',
  'FUNCTION',
  'LAMBDA',
  'LAMBDA_REF',
  'OPERATOR',
  'PARAMETER',
  'POSITIONAL_REFERENCE',
  'STAR',
  'SUBQUERY',
  'TYPE',
  'WINDOW',
])

/** Everything that is not on the list, in the order of the tree; empty where all is. */
export const allowedRead = (select: Select): Refusal[] => {
  const refused: Refusal[] = []
  walk(select.tree, new Set(), node => {
    const found = refusalOf(node)
    if (found !== undefined) refused.push(found)
  })
  return refused
}

const refusalOf = (node: JsonNode): Refusal | undefined => {
  const { class: kind, type } = node
  if (typeof kind === 'string') {
    if (!expressionClasses.has(kind)) return refusal(node, `${kind.toLowerCase()} is not allowed`, kind)
    return kind === 'FUNCTION' || kind === 'WINDOW' ? functionRefusal(node, allowedFunctions) : undefined
  }
  if (typeof type !== 'string') return undefined
  if (type.endsWith('_NODE') && !queryNodes.has(type)) return refusal(node, `${words(type)} is not allowed`, type)
  if (!('sample' in node) && !('alias' in node)) return undefined
  if (type === 'TABLE_FUNCTION') {
    const call = nodeAt(node, 'function')
    return call === undefined ? refusal(node, 'the table function is not allowed', type) : tableFunctionRefusal(call)
  }
  if (type === 'BASE_TABLE') return tableRefusal(node)
  // Other nodes with a type (modifiers, orders, casts' types) are parts of those that were looked at.
  return 'alias' in node && 'sample' in node && !tableNodes.has(type)
    ? refusal(node, `${words(type)} is not allowed`, type)
    : undefined
}

const words = (type: string): string => type.toLowerCase().replaceAll('_', ' ')

const refusal = (node: JsonNode, message: string, found: string, help?: string): Refusal => {
  const position = positionOf(node)
  return {
    message,
    found,
    ...(position === undefined ? {} : { position }),
    ...(help === undefined ? {} : { help }),
  }
}

const functionRefusal = (node: JsonNode, allowed: ReadonlySet<string>): Refusal | undefined => {
  if (node.is_operator === true) return undefined
  const call = functionOf(node)
  const schema = textAt(node, 'schema')
  const catalog = textAt(node, 'catalog')
  if (call === undefined) return undefined
  if ((schema !== '' && schema !== 'main') || (catalog !== '' && catalog !== 'system'))
    return refusal(
      node,
      `the function ${[catalog, schema, call.name].filter(it => it !== '').join('.')} is not allowed`,
      call.name,
    )
  if (allowed.has(call.name)) return undefined
  return refusal(node, `the function ${call.name} is not allowed`, call.name, didYouMean(call.name, allowed))
}

const tableFunctionRefusal = (call: JsonNode): Refusal | undefined => {
  const name = textAt(call, 'function_name').toLowerCase()
  if (allowedTableFunctions.has(name) && textAt(call, 'schema') === '' && textAt(call, 'catalog') === '')
    return undefined
  return refusal(call, `the table function ${name} is not allowed: a statement reads datasets and nothing else`, name)
}

/** A path as a table, or the engine's own tables. */
const tableRefusal = (node: JsonNode): Refusal | undefined => {
  const name = textAt(node, 'table_name')
  const schema = textAt(node, 'schema_name').toLowerCase()
  if (/[/\\:*?]|\.(csv|tsv|json|ndjson|parquet|db|duckdb|gz|zst|txt)$/i.test(name))
    return refusal(node, 'a file is no dataset', name)
  if (schema === 'information_schema' || schema === 'pg_catalog' || /^(sqlite_|duckdb_|pg_)/i.test(name))
    return refusal(node, `${schema === '' ? name : `${schema}.${name}`} belongs to the engine, not to the mesh`, name)
  return undefined
}
