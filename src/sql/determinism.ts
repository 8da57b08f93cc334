/** What makes the same SELECT over the same data answer differently: the clock, chance, and an order that nobody said. Pure. */
import {
  type FunctionCall,
  functionOf,
  momentFunctions,
  momentWords,
  orderedAggregates,
  orderedWindows,
} from './functions.ts'
import { walk } from './references.ts'
import { foldName, type JsonNode, nodeAt, nodesAt, placeOf, type Select } from './tree.ts'

/** Calls whose answer is the moment or chance; `current_date` counts as one, also where a column has that name. */
export const timeDependent = (select: Select): FunctionCall[] => {
  const found: FunctionCall[] = []
  walk(select.tree, node => {
    const call = functionOf(node) ?? wordCall(node)
    if (call === undefined) return
    // age(x) counts from today, age(x, y) does not.
    if (momentFunctions.has(call.name) || (call.name === 'age' && call.argumentCount === 1)) found.push(call)
  })
  return found
}

const wordCall = (node: JsonNode): FunctionCall | undefined => {
  const names = node.class === 'COLUMN_REF' && Array.isArray(node.column_names) ? node.column_names : []
  const name = names.length === 1 ? foldName(String(names[0])) : ''
  if (!momentWords.has(name)) return undefined
  return {
    name,
    isWindow: false,
    isDistinct: false,
    hasOrder: false,
    argumentCount: 0,
    columns: [],
    keptColumns: [],
    ...placeOf(node),
  }
}

export interface OrderDependence {
  readonly name: string
  readonly position?: number
  /** What to write instead. */
  readonly fix: string
}

/** Calls and clauses whose answer depends on the order in which rows happen to come. */
export const orderDependent = (select: Select): OrderDependence[] => [
  ...unorderedCalls(select),
  ...unorderedClauses(select),
]

const unorderedCalls = (select: Select): OrderDependence[] => {
  const found: OrderDependence[] = []
  const sorted = new Set<JsonNode>()
  walk(select.tree, node => {
    const call = functionOf(node)
    if (call === undefined) return
    const [first] = nodesAt(node, 'children')
    // The parser itself writes list(x order by x) as list_sort(list(x)).
    if (first !== undefined && sorts.has(call.name)) sorted.add(first)
    const fix = sorted.has(node) ? undefined : fixOf(call)
    if (fix !== undefined) found.push({ name: call.name, fix, ...placeOf(node) })
  })
  return found
}

const sorts: ReadonlySet<string> = new Set(['list_sort', 'list_reverse_sort', 'array_sort', 'array_reverse_sort'])

const fixOf = (call: FunctionCall): string | undefined => {
  if (call.hasOrder) return undefined
  if (call.isWindow && orderedWindows.has(call.name))
    return `${call.name}() over (order by ...) says which row comes first`
  return Object.hasOwn(orderedAggregates, call.name) ? orderedAggregates[call.name] : undefined
}

/** LIMIT, OFFSET and DISTINCT ON take whichever rows come first, a sample takes any, and a positional join pairs them as they come. */
const unorderedClauses = (select: Select): OrderDependence[] => {
  const found: OrderDependence[] = []
  walk(select.tree, node => {
    if (nodeAt(node, 'sample') !== undefined)
      found.push({ name: 'sample', fix: 'where hash(key) % 10 = 0 takes the same rows every time', ...placeOf(node) })
    if (node.type === 'JOIN' && node.ref_type === 'POSITIONAL')
      found.push({
        name: 'positional join',
        fix: 'join ... using (key) says which rows belong together',
        ...placeOf(node),
      })
    const modifiers = nodesAt(node, 'modifiers')
    if (modifiers.some(it => it.type === 'ORDER_MODIFIER')) return
    for (const it of modifiers) {
      const name = unorderedName(it)
      if (name !== undefined) found.push({ name, fix: 'order by ... says which rows come first', ...placeOf(it) })
    }
  })
  return found
}

const unorderedName = (modifier: JsonNode): string | undefined => {
  if (modifier.type === 'LIMIT_MODIFIER' || modifier.type === 'LIMIT_PERCENT_MODIFIER') return 'limit'
  const isOn = modifier.type === 'DISTINCT_MODIFIER' && nodesAt(modifier, 'distinct_on_targets').length > 0
  return isOn ? 'distinct on' : undefined
}
