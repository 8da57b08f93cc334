/** Which columns of a SELECT's answer can have other values once its text has changed. Pure. */
import { foldName, isNode, type JsonNode, nodesAt, type Select, textAt } from '../tree.ts'
import { meaningChanges } from './meaning.ts'
import { outputName } from './normal.ts'

/**
 * By name, as the later text has them; those that are gone are not among them. Undefined where any of them, or the rows, may be others: it tells
 * too many before it tells too few. None where both texts mean the same.
 */
export const changedColumns = (before: Select, after: Select): ReadonlySet<string> | undefined => {
  const changes = meaningChanges(before, after)
  const changed = new Set<string>()
  for (const { what, change, column } of changes) {
    if (what !== 'column' || column === undefined) return undefined
    if (change !== 'removed') changed.add(foldName(column))
  }
  // A column that is gone may be one that others were made from, or that rows were told apart by.
  const gone = new Set(changes.flatMap(it => (it.change === 'removed' && it.column !== undefined ? [it.column] : [])))
  if (changed.size + gone.size === 0) return changed
  for (const { tree } of [before, after])
    if (!decidesByNothing(tree, new Set([...changed, ...gone].map(foldName)))) return undefined
  return withUsers(after.tree, changed)
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

/** Names of columns, without what stands before them: too many rather than too few. */
const namesIn = (value: unknown): Set<string> => {
  const found = new Set<string>()
  const visit = (it: unknown): void => {
    if (Array.isArray(it)) for (const one of it) visit(one)
    if (!isNode(it)) return
    if (it.class === 'COLUMN_REF' && Array.isArray(it.column_names)) found.add(foldName(String(it.column_names.at(-1))))
    for (const one of Object.values(it)) visit(one)
  }
  visit(value)
  return found
}
