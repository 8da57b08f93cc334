/** Calls in a SELECT, and which of them answer differently from run to run. Pure. */
import { foldName, isNode, type JsonNode, nodeAt, nodesAt, placeOf, textAt } from './tree.ts'

export interface FunctionCall {
  /** In lower case. */
  readonly name: string
  readonly position?: number
  readonly isWindow: boolean
  readonly isDistinct: boolean
  /** Rows are ordered inside the call. */
  readonly hasOrder: boolean
  readonly argumentCount: number
  /** Column references among the arguments, however deep. */
  readonly columns: readonly (readonly string[])[]
  /** Those of them that come in with their own type, not cast to another. */
  readonly keptColumns: readonly (readonly string[])[]
}

/** Operators are calls too in the engine's tree; they are not among them. */
export const functionOf = (node: JsonNode): FunctionCall | undefined => {
  const isWindow = node.class === 'WINDOW'
  if (!isWindow && node.class !== 'FUNCTION') return undefined
  if (node.is_operator === true) return undefined
  const orders = isWindow ? nodesAt(node, 'orders') : nodesAt(nodeAt(node, 'order_bys'), 'orders')
  const children = nodesAt(node, 'children')
  return {
    name: nameOf(node),
    isWindow,
    isDistinct: node.distinct === true,
    hasOrder: orders.length > 0 || nodesAt(node, 'arg_orders').length > 0,
    argumentCount: children.length,
    columns: columnsIn(children),
    keptColumns: columnsIn(children, true),
    ...placeOf(node),
  }
}

/** The name of a FUNCTION or WINDOW node, operators included. */
export const nameOf = (node: JsonNode): string =>
  foldName(textAt(node, 'function_name') || textAt(node, 'type').replace('WINDOW_', ''))

/** Column references inside a value of the tree, however deep; `keepsType` passes over those that are cast. */
export const columnsIn = (value: unknown, keepsType = false): string[][] => {
  const found: string[][] = []
  collect(value, keepsType, found)
  return found
}

const collect = (value: unknown, keepsType: boolean, found: string[][]): void => {
  if (Array.isArray(value)) for (const one of value) collect(one, keepsType, found)
  else if (isNode(value)) {
    if (keepsType && value.class === 'CAST') return
    if (value.class === 'COLUMN_REF' && Array.isArray(value.column_names)) found.push(value.column_names.map(String))
    else for (const key in value) collect(value[key], keepsType, found)
  }
}

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/))

/** Functions whose answer is the moment, chance or the session. */
export const momentFunctions = words(`
  ago clock_timestamp current_date current_localtime current_localtimestamp current_time current_timestamp currval
  gen_random_uuid get_current_time get_current_timestamp localtime localtimestamp nextval now random setseed
  statement_timestamp today transaction_timestamp txid_current uuid uuidv4 uuidv7
`)

/** Words of standard SQL that are calls without brackets, unless a column has that name. */
export const momentWords = words('current_date current_time current_timestamp localtime localtimestamp')

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
  json_group_object: 'json_group_object(k, v order by ...) says the order',
  reservoir_quantile: 'quantile_cont(x, ...) is exact',
  approx_quantile: 'quantile_cont(x, ...) is exact',
  approx_top_k: 'count(*) with group by, order by and limit is exact',
}

/** Windows that number or pick rows by their order. */
export const orderedWindows = words(
  'row_number rank dense_rank percent_rank cume_dist ntile lead lag first_value last_value nth_value',
)

/** Whether a text may call one of them; a comment that names one counts too, which costs a build and never a wrong answer. */
export const momentPattern = new RegExp(`\\b(${[...momentFunctions].join('|')})\\b`, 'i')
