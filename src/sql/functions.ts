/** Calls in a SELECT, and which of them answer differently from run to run. Pure. */
import { isNode, type JsonNode, nodeAt, nodesAt, positionOf, textAt } from './tree.ts'

export interface FunctionCall {
  /** In lower case. */
  readonly name: string
  readonly position?: number
  readonly isWindow: boolean
  readonly isDistinct: boolean
  /** Rows are ordered inside the call. */
  readonly hasOrder: boolean
  /** Column references among the arguments, however deep. */
  readonly columns: readonly (readonly string[])[]
}

/** Operators are calls too in the engine's tree; they are not among them. */
export const functionOf = (node: JsonNode): FunctionCall | undefined => {
  const isWindow = node.class === 'WINDOW'
  if (!isWindow && node.class !== 'FUNCTION') return undefined
  if (node.is_operator === true) return undefined
  const name = (textAt(node, 'function_name') || textAt(node, 'type').replace('WINDOW_', '')).toLowerCase()
  const orders = isWindow ? nodesAt(node, 'orders') : nodesAt(nodeAt(node, 'order_bys'), 'orders')
  const position = positionOf(node)
  return {
    name,
    isWindow,
    isDistinct: node.distinct === true,
    hasOrder: orders.length > 0 || nodesAt(node, 'arg_orders').length > 0,
    columns: nodesAt(node, 'children').flatMap(columnsIn),
    ...(position === undefined ? {} : { position }),
  }
}

const columnsIn = (node: JsonNode): string[][] => {
  if (node.class === 'COLUMN_REF' && Array.isArray(node.column_names)) return [node.column_names.map(String)]
  return Object.values(node).flatMap(value =>
    (Array.isArray(value) ? value : [value]).flatMap(inner => (isNode(inner) ? columnsIn(inner) : [])),
  )
}

/** Functions whose answer is the moment, chance or the session. */
export const momentFunctions: ReadonlySet<string> = new Set(
  'now current_date current_timestamp current_time get_current_time get_current_timestamp localtime localtimestamp current_localtime current_localtimestamp today transaction_timestamp ago random uuid gen_random_uuid uuidv4 uuidv7 setseed nextval currval txid_current'.split(
    ' ',
  ),
)

/** Aggregates that take whichever row comes first or last, or keep the order of rows, with what answers the same every time. */
export const orderedAggregates: Readonly<Record<string, string>> = {
  any_value: 'min(x) or max(x) gives the same answer every time',
  arbitrary: 'min(x) or max(x) gives the same answer every time',
  first: 'first(x order by ...) or arg_min(x, ...) says which one',
  last: 'last(x order by ...) or arg_max(x, ...) says which one',
  list: 'list(x order by ...) says the order',
  array_agg: 'array_agg(x order by ...) says the order',
  string_agg: "string_agg(x, ',' order by x) says the order",
  group_concat: "group_concat(x, ',' order by x) says the order",
  listagg: "listagg(x, ',' order by x) says the order",
  json_group_array: 'json_group_array(x order by ...) says the order',
  reservoir_quantile: 'quantile_cont(x, ...) is exact',
  approx_quantile: 'quantile_cont(x, ...) is exact',
}

/** Windows that number or pick rows by their order. */
export const orderedWindows: ReadonlySet<string> = new Set(
  'row_number rank dense_rank percent_rank cume_dist ntile lead lag first_value last_value nth_value first last'.split(
    ' ',
  ),
)
