/** Rows of FROM: tables, joins, functions, lists of values, and rows turned into columns. Pure. */
import { columnsIn, nameOf } from '../functions.ts'
import { foldName, isNode, type JsonNode, nodeAt, nodesAt, textAt } from '../tree.ts'
import { positionOf } from './expression.ts'
import { Flow } from './flow.ts'
import { isFollowed } from './kinds.ts'
import {
  type Column,
  mergedColumn,
  noRelation,
  type Relation,
  renamed,
  type Scope,
  searchable,
  starOf,
} from './scope.ts'
import { expanded } from './star.ts'
import { either, influenced, nothing, placedAt, plain, used, type Value } from './value.ts'
import type { Ctes, Walk } from './walk.ts'

export const relationOf = (walk: Walk, node: JsonNode, ctes: Ctes, outer: Scope | undefined): Relation => {
  switch (node.type) {
    case 'EMPTY':
      return noRelation
    case 'BASE_TABLE':
      return tableOf(walk, node, ctes)
    case 'SUBQUERY': {
      const answer = walk.query(nodeAt(node, 'subquery') ?? {}, ctes, outer)
      return named(node, answer.columns, answer.rows)
    }
    case 'JOIN':
      return joined(walk, node, ctes, outer)
    case 'EXPRESSION_LIST':
      return valuesOf(walk, node, ctes, outer)
    case 'TABLE_FUNCTION':
      return functionRows(walk, node, ctes, outer)
    case 'PIVOT':
      return nodesOrTexts(node, 'unpivot_names').length > 0
        ? unpivoted(walk, node, ctes, outer)
        : pivoted(walk, node, ctes, outer)
    default:
      walk.wide(`a table of the kind ${textAt(node, 'type')}`, node)
      return noRelation
  }
}

const nodesOrTexts = (node: JsonNode, key: string): unknown[] => {
  const value = node[key]
  return Array.isArray(value) ? value : []
}

const textsAt = (node: JsonNode, key: string): string[] => nodesOrTexts(node, key).map(String)

const named = (node: JsonNode, columns: readonly Column[], rows: Flow, alias = textAt(node, 'alias')): Relation => ({
  sources: [{ alias: foldName(alias), parts: [], ...searchable(renamed(columns, textsAt(node, 'column_name_alias'))) }],
  merged: [],
  rows,
})

const tableOf = (walk: Walk, node: JsonNode, ctes: Ctes): Relation => {
  const parts = [textAt(node, 'catalog_name'), textAt(node, 'schema_name'), textAt(node, 'table_name')].filter(
    it => it !== '',
  )
  const alias = textAt(node, 'alias') || (parts.at(-1) ?? '')
  const cte = parts.length < 3 ? ctes.find(foldName(parts.join('.'))) : undefined
  if (cte !== undefined) {
    const { columns, rows } = cte
    return named(node, columns, rows, alias)
  }
  const source = walk.table(parts)
  if (source.open !== undefined) walk.wide(`nothing is known of the table ${parts.join('.')}`, node)
  const names = textsAt(node, 'column_name_alias')
  const columns = names.length === 0 ? source : searchable(renamed(source.columns, names))
  return { sources: [{ ...source, ...columns, alias: foldName(alias) }], merged: [], rows: Flow.none }
}

const joined = (walk: Walk, node: JsonNode, ctes: Ctes, outer: Scope | undefined): Relation => {
  const kind = textAt(node, 'join_type')
  if (!isFollowed('JoinType', kind)) walk.wide(`a join of the kind ${kind}`, node)
  const how = textAt(node, 'ref_type')
  if (!isFollowed('JoinRefType', how)) walk.wide(`a join of the kind ${how}`, node)
  const left = relationOf(walk, nodeAt(node, 'left') ?? {}, ctes, outer)
  // What stands to the right may look at what stands to the left.
  const lateral: Scope = { relation: left, ...(outer === undefined ? {} : { outer }) }
  const right = relationOf(walk, nodeAt(node, 'right') ?? {}, ctes, lateral)
  const position = positionOf(node)
  const using = how === 'NATURAL' ? commonNames(left, right) : textsAt(node, 'using_columns')
  const both: Relation = {
    sources: [...left.sources, ...right.sources],
    merged: [...left.merged, ...right.merged],
    rows: Flow.union([left.rows, right.rows]),
  }
  const condition = nodeAt(node, 'condition')
  const scope: Scope = { relation: both, ...(outer === undefined ? {} : { outer }) }
  const compared = using.flatMap(name => mergedColumn(name, left, right, 'FULL')?.value ?? [])
  for (const value of compared) walk.named(placedAt(value, position))
  const decides = [
    ...(condition === undefined
      ? []
      : [walk.expression(condition, ctes, scope).flow.by('join', positionOf(condition))]),
    ...compared.map(it => it.flow.by('join', position)),
  ]
  const rows = Flow.union([both.rows, ...decides])
  if (kind === 'SEMI' || kind === 'ANTI') return { ...left, rows }
  const merged = using.flatMap(name => mergedColumn(name, left, right, kind) ?? [])
  return { ...both, merged: [...both.merged, ...merged], rows }
}

const commonNames = (left: Relation, right: Relation): string[] => {
  const of = new Set(starOf(right, '').map(it => foldName(it.name)))
  return starOf(left, '').flatMap(it => (of.has(foldName(it.name)) ? [it.name] : []))
}

const valuesOf = (walk: Walk, node: JsonNode, ctes: Ctes, outer: Scope | undefined): Relation => {
  const scope = outer ?? { relation: noRelation }
  const lines = nodesOrTexts(node, 'values').map(line => (Array.isArray(line) ? line.filter(isNode) : []))
  const columns = (lines[0] ?? []).map((_, index) => ({
    name: `col${index}`,
    value: either(
      lines.flatMap(line => (line[index] === undefined ? [] : [walk.expression(line[index], ctes, scope)])),
    ),
  }))
  return named(node, columns, Flow.none)
}

/** Functions that make rows from their arguments alone. */
const generators = new Set([
  'range',
  'generate_series',
  'repeat',
  'repeat_row',
  'generate_subscripts',
  'json_each',
  'json_tree',
])

const functionRows = (walk: Walk, node: JsonNode, ctes: Ctes, outer: Scope | undefined): Relation => {
  const call = nodeAt(node, 'function') ?? {}
  const name = nameOf(call)
  const scope = outer ?? { relation: noRelation }
  const values = nodesAt(call, 'children').map(it => walk.expression(it, ctes, scope))
  const flow = Flow.union(values.map(it => it.flow))
  const alias = textAt(node, 'alias') || name
  const ordinality = node.with_ordinality === 'WITH_ORDINALITY' ? [{ name: 'ordinality', value: nothing }] : []
  if (name === 'unnest' || name === 'unlist') {
    const item = (values[0] ?? nothing).item()
    return named(node, [{ name, value: item }, ...ordinality], flow.by('join', positionOf(node)), alias)
  }
  const made = plain(flow.by('transformation'))
  if (generators.has(name)) {
    const columns = /^json_/.test(name) ? jsonColumns : [name]
    return named(
      node,
      [...columns.map(it => ({ name: it, value: made })), ...ordinality],
      flow.by('join', positionOf(node)),
      alias,
    )
  }
  walk.wide(`what the table function ${name} reads`, node)
  const columns = textsAt(node, 'column_name_alias').map(it => ({ name: it, value: made }))
  const open = {
    table: `${name}()`,
    rest: plain(Flow.union([made.flow, Flow.ofLeaf(walk.leaves.number(`${name}()`, []))])),
  }
  return {
    sources: [{ alias: foldName(alias), parts: [], ...searchable(columns), open }],
    merged: [],
    rows: flow.by('join'),
  }
}

const jsonColumns = ['key', 'value', 'type', 'atom', 'id', 'parent', 'fullkey', 'path']

const literalText = (value: unknown): string => {
  const inner = isNode(value) ? value.value : value
  return isNode(inner) ? literalText(inner) : String(inner)
}

const pivoted = (walk: Walk, node: JsonNode, ctes: Ctes, outer: Scope | undefined): Relation => {
  const source = relationOf(walk, nodeAt(node, 'source') ?? {}, ctes, outer)
  const scope: Scope = { relation: source, ...(outer === undefined ? {} : { outer }) }
  const aggregates = nodesAt(node, 'aggregates')
  const pivots = nodesAt(node, 'pivots')
  const by = Flow.union(
    pivots.flatMap(it => nodesAt(it, 'pivot_expressions').map(one => walk.expression(one, ctes, scope).flow)),
  ).by('conditional', positionOf(node))
  const groups = new Set(textsAt(node, 'groups').map(foldName))
  const consumed = new Set(
    columnsIn([aggregates, pivots.map(it => it.pivot_expressions)]).map(names => foldName(names.at(-1) ?? '')),
  )
  const isKept = (name: string): boolean =>
    groups.size > 0 ? groups.has(foldName(name)) : !consumed.has(foldName(name))
  const kept = starOf(source, '').filter(it => isKept(it.name))
  const made = aggregates.map(it => ({
    name:
      textAt(it, 'alias') ||
      `${nameOf(it)}(${columnsIn(nodesAt(it, 'children'))
        .map(names => names.join('.'))
        .join(', ')})`,
    isNamed: textAt(it, 'alias') !== '',
    value: influenced(walk.expression(it, ctes, scope), by),
  }))
  const cells = pivots.map(pivot => nodesAt(pivot, 'entries').map(entry => entryName(entry)))
  const columns = combinations(cells).flatMap(name =>
    made.map(it => ({ name: made.length > 1 || it.isNamed ? `${name}_${it.name}` : name, value: it.value })),
  )
  const rows = Flow.union([source.rows, ...kept.map(it => it.value.flow.by('group-by'))])
  return named(node, [...kept, ...columns], rows)
}

const entryName = (entry: JsonNode): string =>
  textAt(entry, 'alias') || nodesOrTexts(entry, 'values').map(literalText).join('_')

const combinations = (cells: readonly (readonly string[])[]): string[] =>
  cells.reduce<string[]>(
    (all, names) => (all.length === 0 ? [...names] : all.flatMap(one => names.map(name => `${one}_${name}`))),
    [],
  )

const unpivoted = (walk: Walk, node: JsonNode, ctes: Ctes, outer: Scope | undefined): Relation => {
  const source = relationOf(walk, nodeAt(node, 'source') ?? {}, ctes, outer)
  const scope: Scope = { relation: source, ...(outer === undefined ? {} : { outer }) }
  const all = starOf(source, '')
  const valueNames = textsAt(node, 'unpivot_names')
  const [pivot = {}] = nodesAt(node, 'pivots')
  const nameNames = textsAt(pivot, 'unpivot_names')
  const groups: Column[][] = nodesAt(pivot, 'entries').flatMap(entry => {
    const star = nodeAt(entry, 'star_expr')
    if (star === undefined) {
      const names = nodesOrTexts(entry, 'values').map(it => foldName(literalText(it)))
      return [names.flatMap(name => all.find(it => foldName(it.name) === name) ?? [])]
    }
    if (star.class === 'STAR') return expanded(walk, star, ctes, scope).map(it => [it])
    const names = columnsIn(star).map(it => it.at(-1) ?? '')
    return [[{ name: names[0] ?? '', value: walk.expression(star, ctes, scope) }]]
  })
  const taken = new Set(groups.flat().map(it => foldName(it.name)))
  const values: Value[] = valueNames.map((_, index) =>
    either(groups.flatMap(group => (group[index] === undefined ? [] : [used(group[index].value, 'identity')]))),
  )
  const columns = [
    ...all.filter(it => !taken.has(foldName(it.name))),
    ...nameNames.map(name => ({ name, value: nothing })),
    ...valueNames.map((name, index) => ({ name, value: values[index] ?? nothing })),
  ]
  const filled = node.include_nulls === true ? [] : values.map(it => it.flow.by('filter', positionOf(node)))
  return named(node, columns, Flow.union([source.rows, ...filled]))
}
