/** What makes the same SELECT over the same data answer differently: the clock, chance, and an order that nobody said. Pure. */
import { type FunctionCall, momentFunctions, orderedAggregates, orderedWindows } from './functions.ts'
import { functionCalls, walk } from './references.ts'
import { type JsonNode, nodesAt, positionOf, type Select } from './tree.ts'

export const timeDependent = (select: Select): FunctionCall[] =>
  functionCalls(select).filter(call => momentFunctions.has(call.name))

export interface OrderDependence {
  readonly name: string
  readonly position?: number
  /** What to write instead. */
  readonly fix: string
}

/** Calls and clauses whose answer depends on the order in which rows happen to come. */
export const orderDependent = (select: Select): OrderDependence[] => [
  ...functionCalls(select).flatMap(call => {
    const fix = fixOf(call)
    if (fix === undefined) return []
    return [{ name: call.name, fix, ...(call.position === undefined ? {} : { position: call.position }) }]
  }),
  ...unorderedLimits(select),
]

const fixOf = (call: FunctionCall): string | undefined => {
  if (call.hasOrder) return undefined
  if (call.isWindow && orderedWindows.has(call.name))
    return `${call.name}() over (order by ...) says which row comes first`
  if (!call.isWindow && Object.hasOwn(orderedAggregates, call.name)) return orderedAggregates[call.name]
  return undefined
}

/** LIMIT, OFFSET and DISTINCT ON take whichever rows come first. */
const unorderedLimits = (select: Select): OrderDependence[] => {
  const found: OrderDependence[] = []
  walk(select.tree, new Set(), (node: JsonNode) => {
    const modifiers = nodesAt(node, 'modifiers')
    if (modifiers.some(it => it.type === 'ORDER_MODIFIER')) return
    for (const it of modifiers) {
      const isOn = it.type === 'DISTINCT_MODIFIER' && nodesAt(it, 'distinct_on_targets').length > 0
      if (it.type !== 'LIMIT_MODIFIER' && it.type !== 'LIMIT_PERCENT_MODIFIER' && !isOn) continue
      const position = positionOf(it)
      const name = isOn ? 'distinct on' : 'limit'
      found.push({
        name,
        fix: 'order by ... says which rows come first',
        ...(position === undefined ? {} : { position }),
      })
    }
  })
  return found
}
