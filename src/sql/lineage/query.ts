/** What a query answers: its columns, and what decides which rows there are. Pure. */
import { aggregateFunctions } from '../aggregate-functions.ts'
import { nameOf } from '../functions.ts'
import { foldName, isNode, type JsonNode, nodeAt, nodesAt, textAt } from '../tree.ts'
import { positionOf } from './expression.ts'
import { Flow } from './flow.ts'
import { relationOf } from './from.ts'
import { isFollowed } from './kinds.ts'
import { type Column, noRelation, type Relation, renamed, type Scope, searchable } from './scope.ts'
import { expanded, starByName } from './star.ts'
import { either, plain, type Value } from './value.ts'
import type { Answer, Ctes, Walk } from './walk.ts'

export const noCtes: Ctes = { find: () => undefined }

export const answerOf = (walk: Walk, value: JsonNode, known: Ctes, outer: Scope | undefined): Answer => {
  const node = nodeAt(value, 'node') ?? value
  const ctes = withCtes(walk, node, known, outer)
  switch (node.type) {
    case 'SELECT_NODE':
      return selected(walk, node, ctes, outer)
    case 'SET_OPERATION_NODE':
      return combined(walk, node, ctes, outer)
    case 'RECURSIVE_CTE_NODE':
      return recursive(walk, node, [], ctes, outer)
    default:
      walk.wide(`a query of the kind ${textAt(node, 'type')}`, node)
      return { columns: [], rows: Flow.none }
  }
}

/** The names of one WITH in their order: each sees those before it, and what is outside. */
const withCtes = (walk: Walk, node: JsonNode, known: Ctes, outer: Scope | undefined): Ctes => {
  let visible = known
  for (const entry of nodesAt(nodeAt(node, 'cte_map'), 'map')) {
    const name = foldName(textAt(entry, 'key'))
    const inner = nodeAt(entry, 'value')
    const query = nodeAt(nodeAt(inner, 'query'), 'node') ?? nodeAt(inner, 'query')
    if (query === undefined) continue
    const aliases = textsAt(inner ?? {}, 'aliases')
    const before = visible
    // Also what nobody reads: its tables and columns have to be there all the same.
    const answer =
      query.type === 'RECURSIVE_CTE_NODE'
        ? recursive(walk, query, aliases, withCtes(walk, query, before, outer), outer)
        : walk.query(query, before, outer)
    const cte = { ...answer, columns: renamed(answer.columns, aliases) }
    visible = { find: wanted => (wanted === name ? cte : before.find(wanted)) }
  }
  return flattened(visible, known, node)
}

/** A chain of 500 names is looked up in one step. */
const flattened = (visible: Ctes, known: Ctes, node: JsonNode): Ctes => {
  const entries = nodesAt(nodeAt(node, 'cte_map'), 'map')
  if (entries.length < 8) return visible
  const found = new Map<string, Answer>()
  for (const entry of entries) {
    const name = foldName(textAt(entry, 'key'))
    const cte = visible.find(name)
    if (cte !== undefined) found.set(name, cte)
  }
  return { find: name => found.get(name) ?? known.find(name) }
}

export const textsAt = (node: JsonNode, key: string): string[] => {
  const value = node[key]
  return Array.isArray(value) ? value.map(String) : []
}

/** What flows round a recursion is gathered until nothing new comes; what flows is finite, so that it ends. */
const recursive = (
  walk: Walk,
  node: JsonNode,
  aliases: readonly string[],
  known: Ctes,
  outer: Scope | undefined,
): Answer => {
  const name = foldName(textAt(node, 'cte_name'))
  const own = textsAt(node, 'aliases')
  const start = walk.query(nodeAt(node, 'left') ?? {}, known, outer)
  let columns = renamed(start.columns, own.length > 0 ? own : aliases).map(it => ({
    name: it.name,
    flow: it.value.flow,
  }))
  let { rows } = start
  for (;;) {
    const state: Answer = { columns: columns.map(it => ({ name: it.name, value: plain(it.flow) })), rows }
    const inner: Ctes = {
      find: wanted => (wanted === name || wanted === `recurring.${name}` ? state : known.find(wanted)),
    }
    const next = walk.query(nodeAt(node, 'right') ?? {}, inner, outer)
    const more = columns.map((it, index) => Flow.union([it.flow, next.columns[index]?.value.flow ?? Flow.none]))
    const allRows = Flow.union([rows, next.rows])
    const isDone = rows.covers(allRows) && columns.every((it, index) => it.flow.covers(more[index] ?? Flow.none))
    columns = columns.map((it, index) => ({ name: it.name, flow: more[index] ?? it.flow }))
    rows = allRows
    if (isDone) break
  }
  const values = columns.map(it => ({ name: it.name, value: plain(it.flow) }))
  // Without ALL rows that came before are left out; a key takes the place of the row that had it.
  const decides = node.union_all === true ? [] : columns.map(it => it.flow.by('group-by'))
  return { columns: values, rows: Flow.union([rows, ...decides]) }
}

const selected = (walk: Walk, node: JsonNode, ctes: Ctes, outer: Scope | undefined): Answer => {
  const from = nodeAt(node, 'from_table')
  const relation = from === undefined ? noRelation : relationOf(walk, from, ctes, outer)
  const scope: Scope = { relation, ...(outer === undefined ? {} : { outer }) }
  const unnested: Flow[] = []
  const named: Scope = { ...scope, unnested }
  const items = nodesAt(node, 'select_list')
  // A name of the select list can be used before it stands there, in WHERE for instance.
  const pending = new Map(
    items.flatMap((item, index) =>
      textAt(item, 'alias') === '' ? [] : [[foldName(textAt(item, 'alias')), index] as const],
    ),
  )
  const done = new Map<number, readonly Column[]>()
  const itemColumns = (index: number): readonly Column[] => {
    const known = done.get(index)
    if (known !== undefined) return known
    const item = items[index]
    if (item === undefined) return []
    // One that names itself means a column of a table.
    done.set(index, [])
    const columns = outputsOf(walk, item, ctes, { ...named, aliases: lazyAliases(pending, index, itemColumns) })
    done.set(index, columns)
    return columns
  }
  const columns = items.flatMap((_, index) => itemColumns(index))
  const all: Scope = { ...named, aliases: lazyAliases(pending, items.length, itemColumns) }
  const flowOf = (value: unknown, how: 'filter' | 'group-by' | 'sort', within: Scope): Flow[] =>
    isNode(value) ? [walk.expression(value, ctes, within).flow.by(how, positionOf(value))] : []
  const groups = nodesAt(node, 'group_expressions').flatMap(group => {
    const at = ordinalOf(group)
    return at === undefined ? flowOf(group, 'group-by', all) : [columns[at - 1]?.value.flow.by('group-by') ?? Flow.none]
  })
  // GROUP BY ALL groups by what is no aggregate: which those are follows from the values.
  const isAll = node.aggregate_handling === 'FORCE_AGGREGATES'
  const ungrouped = isAll ? items.flatMap((item, index) => (hasAggregate(item) ? [] : itemColumns(index))) : []
  const rows = Flow.union([
    relation.rows,
    ...flowOf(node.where_clause, 'filter', all),
    ...groups,
    ...ungrouped.map(it => it.value.flow.by('group-by')),
    ...flowOf(node.having, 'filter', all),
    ...flowOf(node.qualify, 'filter', all),
    ...unnested,
  ])
  return modified(walk, node, { columns, rows }, ctes, { ...all, aliasesFirst: true })
}

/** Names of the select list; each is analysed when it is first asked for. */
const lazyAliases = (
  pending: ReadonlyMap<string, number>,
  self: number,
  columnsOf: (index: number) => readonly Column[],
): ReadonlyMap<string, Value> => {
  const known = new Map<string, Value>()
  return {
    ...known,
    get: (name: string) => {
      const index = pending.get(name)
      return index === undefined || index === self ? undefined : columnsOf(index)[0]?.value
    },
  } as ReadonlyMap<string, Value> // only `get` is asked of it
}

const hasAggregate = (value: unknown): boolean => {
  if (Array.isArray(value)) return value.some(hasAggregate)
  if (!isNode(value) || value.class === 'SUBQUERY') return false
  if (value.class === 'FUNCTION' && aggregateFunctions.has(nameOf(value))) return true
  for (const key in value) if (typeof value[key] === 'object' && hasAggregate(value[key])) return true
  return false
}

const ordinalOf = (node: JsonNode): number | undefined => {
  const value = node.class === 'CONSTANT' ? nodeAt(node, 'value')?.value : undefined
  return typeof value === 'number' && Number.isInteger(value) ? value : undefined
}

/** One item is one column, or as many as its star, its COLUMNS or its structure has. */
const outputsOf = (walk: Walk, item: JsonNode, ctes: Ctes, scope: Scope): readonly Column[] => {
  if (item.class === 'STAR' && !isNode(item.over)) return aliased(item, item, expanded(walk, item, ctes, scope))
  const byName = starByName(walk, item, ctes, scope)
  if (byName !== undefined) return byName
  const star = starIn(item)
  if (star !== undefined) {
    const columns = expanded(walk, star, ctes, scope)
    return aliased(
      item,
      star,
      columns.map(({ name }, at) => ({ name, value: walk.expression(item, ctes, { ...scope, star: { at } }) })),
    )
  }
  const value = walk.expression(item, ctes, scope)
  if (item.class !== 'FUNCTION' || !/^un(nest|list)$/.test(textAt(item, 'function_name')))
    return [{ name: nameOfItem(item), value }]
  const [of] = nodesAt(item, 'children')
  const isList = of !== undefined && walk.expression(of, ctes, scope).isList
  return takenApart({ name: nameOfItem(item), value }, depthOf(item) - (isList ? 1 : 0), isList)
}

/** How many levels an UNNEST takes apart. */
const depthOf = (item: JsonNode): number => {
  for (const child of nodesAt(item, 'children')) {
    const name = foldName(textAt(child, 'alias'))
    if (name === 'recursive') return Number.POSITIVE_INFINITY
    const depth = nodeAt(child, 'value')?.value
    if (name === 'max_depth' && typeof depth === 'number') return depth
  }
  return 1
}

/** A structure becomes its fields, a list its item; lists inside of structures stay. */
const takenApart = (column: Column, depth: number, isOuter: boolean): readonly Column[] => {
  const { name, value } = column
  if (depth <= 0) return [column]
  if (value.isList) return isOuter ? takenApart({ name, value: value.item() }, depth - 1, true) : [column]
  return value.fields()?.flatMap(it => takenApart(it, depth - 1, false)) ?? [column]
}

const nameOfItem = (item: JsonNode): string =>
  textAt(item, 'alias') || (textsAt(item, 'column_names').at(-1) ?? textAt(item, 'function_name'))

/** `columns('a_(.*)') as '\1'`: the name of each is made from its own. */
const aliased = (item: JsonNode, star: JsonNode, columns: readonly Column[]): readonly Column[] => {
  const alias = textAt(item, 'alias')
  if (alias === '') return columns
  const expr = nodeAt(nodeAt(star, 'expr'), 'value')?.value
  return columns.map(({ name, value }) => ({ name: namedAfter(alias, name, expr), value }))
}

const namedAfter = (alias: string, name: string, pattern: unknown): string => {
  if (!alias.includes('\\')) return alias
  let groups: readonly string[] = [name]
  try {
    if (typeof pattern === 'string') groups = new RegExp(pattern, 'u').exec(name) ?? groups
  } catch {
    // What JavaScript cannot read names nothing.
  }
  return alias.replace(/\\(\d)/g, (_, digit) => (digit === '0' ? name : (groups[Number(digit)] ?? '')))
}

/** The COLUMNS inside of an expression for which the expression is made once for each column. */
const starIn = (value: unknown): JsonNode | undefined => {
  if (Array.isArray(value)) {
    for (const one of value) {
      const found = starIn(one)
      if (found !== undefined) return found
    }
    return undefined
  }
  if (!isNode(value) || value.class === 'SUBQUERY' || value.type === 'OPERATOR_UNPACK') return undefined
  if (value.class === 'STAR') return value.columns === true ? value : undefined
  for (const key in value) {
    const inner = value[key]
    const found = typeof inner === 'object' && inner !== null ? starIn(inner) : undefined
    if (found !== undefined) return found
  }
  return undefined
}

/** DISTINCT, ORDER BY and LIMIT. */
const modified = (walk: Walk, node: JsonNode, answer: Answer, ctes: Ctes, scope: Scope | undefined): Answer => {
  const flows: Flow[] = [answer.rows]
  const within = scope ?? { relation: noRelation }
  for (const modifier of nodesAt(node, 'modifiers')) {
    const kind = textAt(modifier, 'type')
    if (!isFollowed('ResultModifierType', kind)) walk.wide(`a modifier of the kind ${kind}`, modifier)
    if (modifier.type === 'DISTINCT_MODIFIER') {
      const targets = nodesAt(modifier, 'distinct_on_targets')
      const on = targets.map(it => targetFlow(walk, it, answer, ctes, within))
      const compared = targets.length === 0 ? answer.columns.map(it => it.value.flow) : on
      flows.push(...compared.map(it => it.by('group-by')))
    } else if (modifier.type === 'ORDER_MODIFIER') {
      for (const order of nodesAt(modifier, 'orders')) {
        const by = nodeAt(order, 'expression')
        if (by !== undefined) flows.push(targetFlow(walk, by, answer, ctes, within).by('sort', positionOf(by)))
      }
    } else {
      for (const key of ['limit', 'offset']) {
        const count = nodeAt(modifier, key)
        if (count !== undefined) flows.push(walk.expression(count, ctes, within).flow.by('filter', positionOf(count)))
      }
    }
  }
  return { columns: answer.columns, rows: Flow.union(flows) }
}

/** What ORDER BY and DISTINCT ON name: a column of the answer by its number, all of them, or an expression. */
const targetFlow = (walk: Walk, node: JsonNode, answer: Answer, ctes: Ctes, scope: Scope): Flow => {
  const at = ordinalOf(node)
  if (at !== undefined) return answer.columns[at - 1]?.value.flow ?? Flow.none
  if (node.class === 'STAR') return Flow.union(answer.columns.map(it => it.value.flow))
  return walk.expression(node, ctes, scope).flow
}

const combined = (walk: Walk, node: JsonNode, ctes: Ctes, outer: Scope | undefined): Answer => {
  const left = walk.query(nodeAt(node, 'left') ?? {}, ctes, outer)
  const right = walk.query(nodeAt(node, 'right') ?? {}, ctes, outer)
  const kind = textAt(node, 'setop_type')
  if (!isFollowed('SetOperationType', kind)) walk.wide(`a set operation of the kind ${kind}`, node)
  const rows: Flow[] = [left.rows, right.rows]
  const isUnion = kind === 'UNION' || kind === 'UNION_BY_NAME'
  const columns = isUnion ? unionColumns(left, right, kind === 'UNION_BY_NAME') : left.columns
  if (!isUnion) for (const it of [...left.columns, ...right.columns]) rows.push(it.value.flow.by('filter'))
  else if (node.setop_all !== true) for (const it of columns) rows.push(it.value.flow.by('group-by'))
  // INTERSECT may show a row of either side: they are equal.
  const answer = { columns, rows: Flow.union(rows) }
  const relation: Relation = { ...noRelation, sources: [{ alias: '', parts: [], ...searchable(columns) }] }
  return modified(walk, node, answer, ctes, { relation, ...(outer === undefined ? {} : { outer }) })
}

const unionColumns = (left: Answer, right: Answer, isByName: boolean): readonly Column[] => {
  if (!isByName)
    return left.columns.map(({ name, value }, index) => {
      const other = right.columns[index]
      return { name, value: other === undefined ? value : either([value, other.value]) }
    })
  const names = new Set(left.columns.map(it => foldName(it.name)))
  const both = left.columns.map(({ name, value }) => {
    const other = right.columns.find(it => foldName(it.name) === foldName(name))
    return { name, value: other === undefined ? value : either([value, other.value]) }
  })
  return [...both, ...right.columns.filter(it => !names.has(foldName(it.name)))]
}
