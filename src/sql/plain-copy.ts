/** Whether a SELECT gives the rows of one table as they are: some or all columns under their own names, and nothing else. Pure. */

import type { JsonNode, Select } from './tree.ts'
import { isNode, nodeAt, nodesAt } from './tree.ts'

export type PlainCopy =
  | { readonly ok: true; readonly table: readonly string[] }
  | { readonly ok: false; readonly reason: string; readonly position?: number }

/** What is not known to be harmless makes it no copy. */
export const plainCopy = ({ tree }: Select): PlainCopy => {
  if (tree.type !== 'SELECT_NODE') return refused('it is not one SELECT', tree)
  const table = nodeAt(tree, 'from_table')
  if (table?.type !== 'BASE_TABLE') return refused('it reads something else than one table', table ?? tree)
  const other = surplus(tree, ['select_list', 'from_table']) ?? surplus(table, ['alias', ...tableNames])
  if (other !== undefined) return refused(`it has ${words[other] ?? other.replaceAll('_', ' ')}`, tree)
  for (const item of nodesAt(tree, 'select_list')) {
    if (item.class === 'STAR' && surplus(item, ['relation_name']) === undefined) continue
    const names = item.class === 'COLUMN_REF' && Array.isArray(item.column_names) ? item.column_names.map(String) : []
    const isSame = item.alias === '' || item.alias === names.at(-1)
    // Else it is a field of a structure.
    const isColumn = names.length > 0 && isOf(table, names.slice(0, -1))
    if (!isColumn || !isSame) return refused('a column is computed, left out or named anew', item)
  }
  return { ok: true, table: tableNames.map(key => String(table[key] ?? '')).filter(it => it !== '') }
}

/** Whether names before a column's are those of the table: its alias, or the end of its name. */
const isOf = (table: JsonNode, before: readonly string[]): boolean => {
  const own = table.alias === '' ? tableNames.map(key => String(table[key] ?? '')) : [String(table.alias)]
  const end = before.length === 0 ? [] : own.slice(-before.length)
  return end.join('\0').toLowerCase() === before.join('\0').toLowerCase()
}

const tableNames = ['catalog_name', 'schema_name', 'table_name'] as const // the parts of a name, in order

const words: Readonly<Record<string, string>> = {
  modifiers: 'DISTINCT, ORDER BY or LIMIT',
  cte_map: 'a WITH',
  where_clause: 'a WHERE',
  group_expressions: 'a GROUP BY',
  having: 'a HAVING',
  qualify: 'a QUALIFY',
  sample: 'a sample',
}

/** A key that says more than these and what every node says. */
const surplus = (node: JsonNode, known: readonly string[]): string | undefined =>
  Object.keys(node).find(
    key => !['class', 'type', 'position', 'aggregate_handling', ...known].includes(key) && !isEmpty(node[key]),
  ) ??
  (node.aggregate_handling === undefined || node.aggregate_handling === 'STANDARD_HANDLING'
    ? undefined
    : 'group_expressions')

const isEmpty = (value: unknown): boolean =>
  value === null ||
  value === undefined ||
  value === '' ||
  value === false ||
  (Array.isArray(value) && value.length === 0) ||
  (isNode(value) && Object.values(value).every(isEmpty))

const refused = (reason: string, { position }: JsonNode): PlainCopy => ({
  ok: false,
  reason,
  ...(typeof position === 'number' ? { position } : {}),
})
