/** Which columns of a SELECT's answer can have other values once its text has changed. Pure. */
import { aggregateFunctions } from '../aggregate-functions.ts'
import { foldName, isNode, type JsonNode, nodesAt, type Select, textAt } from '../tree.ts'
import { haveSameRows, meaningChanges } from './meaning.ts'
import { outputName } from './normal.ts'

/**
 * By name, as the later text has them; those that are gone are not among them. Undefined where any of them, or the rows, may be others: it tells
 * too many before it tells too few. None where both texts mean the same.
 */
export const changedColumns = (before: Select, after: Select): ReadonlySet<string> | undefined => {
  const changes = meaningChanges(before, after)
  const changed = new Set<string>()
  // A column that is gone may be one that others were made from, or that rows were told apart by.
  const gone = new Set<string>()
  for (const { what, change, column } of changes) {
    if (what !== 'column' || column === undefined) return undefined
    ;(change === 'removed' ? gone : changed).add(foldName(column))
  }
  if (changed.size + gone.size === 0) return changed
  if (!haveSameRows(before, after)) return undefined
  const all = new Set([...changed, ...gone])
  for (const { tree } of [before, after]) if (!isPlain(tree, all) || !decidesByNothing(tree, all)) return undefined
  const users = withUsers(after.tree, all)
  return new Set([...users].filter(it => !gone.has(it)))
}

/** Whether these columns are delivered under names of their own, by items that make no rows and melt none together. */
const isPlain = (tree: JsonNode, columns: ReadonlySet<string>): boolean => {
  const items = nodesAt(tree, 'select_list')
  const names = items.map((it, index) => foldName(outputName(it) || `#${index + 1}`))
  if (new Set(names).size < names.length) return false
  const isGrouped = nodesAt(tree, 'group_expressions').length > 0 || isNode(tree.having)
  return items.every((item, index) => {
    if (!columns.has(names[index] ?? '')) return true
    if (item.class === 'STAR' || (textAt(item, 'alias') === '' && item.class !== 'COLUMN_REF')) return false
    const called = functionsIn(item)
    if (['unnest', 'unlist'].some(it => called.has(it))) return false
    // The first aggregate of a query that groups by nothing makes one row of all.
    return isGrouped || ![...called].some(it => aggregateFunctions.has(it))
  })
}

/** Whether the values of these columns decide about no row: they are grouped, filtered, told apart and cut by nowhere. */
const decidesByNothing = (tree: JsonNode, columns: ReadonlySet<string>): boolean => {
  if (tree.type !== 'SELECT_NODE' || textAt(tree, 'aggregate_handling') === 'FORCE_AGGREGATES') return false
  if (nodesAt(tree, 'modifiers').some(it => it.type !== 'ORDER_MODIFIER')) return false
  const clauses = ['where_clause', 'group_expressions', 'having', 'qualify'].map(key => tree[key])
  const named = namesIn(clauses)
  return ![...columns].some(it => named.has(it))
}

/** With the columns that name one of them: a column may be made from another of the same answer. */
const withUsers = (tree: JsonNode, changed: ReadonlySet<string>): ReadonlySet<string> => {
  const items = nodesAt(tree, 'select_list').map(it => ({ name: foldName(outputName(it)), uses: namesIn(it) }))
  const all = new Set(changed)
  for (let size = -1; size < all.size; ) {
    size = all.size
    for (const { name, uses } of items) if ([...all].some(it => uses.has(it))) all.add(name)
  }
  return all
}

/** Names that may be columns, with what stands before them, which may be a structure: too many rather than too few. */
const namesIn = (value: unknown): Set<string> => {
  const found = new Set<string>()
  const visit = (it: unknown): void => {
    if (Array.isArray(it)) for (const one of it) visit(one)
    if (!isNode(it)) return
    if (it.class === 'COLUMN_REF' && Array.isArray(it.column_names))
      for (const name of it.column_names) found.add(foldName(String(name)))
    for (const one of Object.values(it)) visit(one)
  }
  visit(value)
  return found
}

/** Windows are none of them: they leave the rows as they are. Those of a query inside are: too many rather than too few. */
const functionsIn = (value: unknown): Set<string> => {
  const found = new Set<string>()
  const visit = (it: unknown): void => {
    if (Array.isArray(it)) for (const one of it) visit(one)
    if (!isNode(it)) return
    if (it.class === 'FUNCTION') found.add(textAt(it, 'function_name').toLowerCase())
    for (const one of Object.values(it)) visit(one)
  }
  visit(value)
  return found
}
