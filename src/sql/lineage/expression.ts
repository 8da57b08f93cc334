/** What flows into an expression. Pure. */
import { aggregateFunctions } from '../aggregate-functions.ts'
import { allowedFunctions } from '../allowed-functions.ts'
import { momentWords, nameOf } from '../functions.ts'
import { foldName, isNode, type JsonNode, nodeAt, nodesAt, textAt } from '../tree.ts'
import { Flow, type How } from './flow.ts'
import { isFollowed } from './kinds.ts'
import { inLambda, inside, resolve, type Scope, starOf } from './scope.ts'
import { expanded } from './star.ts'
import { either, influenced, list, nothing, placedAt, plain, struct, used, type Value } from './value.ts'
import type { Ctes, Walk } from './walk.ts'

export const positionOf = (node: JsonNode): number | undefined =>
  typeof node.position === 'number' ? node.position : undefined

const namesIn = (node: JsonNode): string[] => (Array.isArray(node.column_names) ? node.column_names.map(String) : [])

/** Functions whose answer does not show what it is made from. */
const maskingFunctions = new Set([
  'md5',
  'md5_number',
  'sha1',
  'sha256',
  'hash',
  'md5_number_lower',
  'md5_number_upper',
])

/** Calls without brackets, where no column has that name: of the moment, or of who asks. */
const sessionWords = new Set([
  ...momentWords,
  'current_catalog',
  'current_role',
  'current_schema',
  'current_user',
  'session_user',
  'user',
])

/** The value of an expression. What a subquery inside of it decides goes with the value. */
export const expressionValue = (walk: Walk, node: JsonNode, ctes: Ctes, scope: Scope): Value => {
  const of = (one: JsonNode | undefined): Value => (one === undefined ? nothing : walk.expression(one, ctes, scope))
  const all = (nodes: readonly JsonNode[]): Value[] => nodes.map(of)
  const changed = (nodes: readonly JsonNode[], how: How = 'transformation'): Value =>
    plain(Flow.union(all(nodes).map(it => it.flow.by(how, positionOf(node)))))
  switch (node.class) {
    case 'CONSTANT':
      return nothing
    case 'COLUMN_REF':
      return referenced(walk, node, scope)
    case 'POSITIONAL_REFERENCE': {
      const column = starOf(scope.relation, '')[Number(node.index) - 1]
      return column === undefined ? nothing : placedAt(column.value, positionOf(node))
    }
    case 'CAST':
      return used(of(nodeAt(node, 'child')), 'transformation')
    case 'COLLATE':
      return of(nodeAt(node, 'child'))
    case 'COMPARISON':
      return changed([node.left, node.right].filter(isNode))
    case 'BETWEEN':
      return changed([node.input, node.lower, node.upper].filter(isNode))
    case 'CONJUNCTION':
      return changed(nodesAt(node, 'children'))
    case 'CASE':
      return caseOf(walk, node, ctes, scope)
    case 'OPERATOR':
      return operated(walk, node, ctes, scope)
    case 'FUNCTION':
      return called(walk, node, ctes, scope)
    case 'WINDOW':
      return windowed(walk, node, ctes, scope)
    case 'SUBQUERY':
      return subqueried(walk, node, ctes, scope)
    case 'LAMBDA':
      // Where no function takes a lambda, the arrow is that of JSON: `j -> 'x'`.
      return changed([node.lhs, node.expr].filter(isNode))
    case 'STAR': {
      // One column after the other where the expression is made once for each, else all of them at once.
      const columns = expanded(walk, node, ctes, scope)
      const one =
        scope.star === undefined || node.columns !== true
          ? undefined
          : columns[columns.length === 1 ? 0 : scope.star.at]
      return one?.value ?? plain(Flow.union(columns.map(it => it.value.flow)))
    }
    default:
      return unknown(walk, node, ctes, scope)
  }
}

const referenced = (walk: Walk, node: JsonNode, scope: Scope): Value => {
  const names = namesIn(node)
  const found = resolve(names, scope, walk.leaves, positionOf(node))
  if (found === undefined && names.length === 1 && sessionWords.has(foldName(names[0] ?? ''))) return nothing
  if (found === undefined) walk.wide(`nothing is called ${names.join('.')} here`, node)
  else walk.named(found)
  return found ?? nothing
}

/** Whatever is inside flows in, and that more may is told. */
const unknown = (walk: Walk, node: JsonNode, ctes: Ctes, scope: Scope): Value => {
  walk.wide(`an expression of the kind ${textAt(node, 'class') || textAt(node, 'type')}`, node)
  return plain(Flow.union(insideOf(walk, node, ctes, scope)))
}

const insideOf = (walk: Walk, node: JsonNode, ctes: Ctes, scope: Scope): Flow[] =>
  Object.values(node).flatMap(value =>
    (Array.isArray(value) ? value.flat() : [value]).filter(isNode).flatMap(one => {
      if (typeof one.class === 'string') return [walk.expression(one, ctes, scope).flow.by('transformation')]
      return /_NODE$/.test(textAt(one, 'type'))
        ? [...walk.query(one, ctes, scope).columns.map(it => it.value.flow.by('transformation'))]
        : insideOf(walk, one, ctes, scope)
    }),
  )

const caseOf = (walk: Walk, node: JsonNode, ctes: Ctes, scope: Scope): Value => {
  const checks = nodesAt(node, 'case_checks')
  const conditions = checks.flatMap(check => {
    const when = nodeAt(check, 'when_expr')
    return when === undefined ? [] : [walk.expression(when, ctes, scope).flow.by('conditional', positionOf(when))]
  })
  const branches = [...checks.map(check => nodeAt(check, 'then_expr')), nodeAt(node, 'else_expr')]
  const values = branches.filter(isNode).map(it => walk.expression(it, ctes, scope))
  return influenced(used(either(values), 'transformation'), Flow.union(conditions))
}

const operated = (walk: Walk, node: JsonNode, ctes: Ctes, scope: Scope): Value => {
  const children = nodesAt(node, 'children')
  const values = (): Value[] => children.map(it => walk.expression(it, ctes, scope))
  const [first, second] = children
  switch (node.type) {
    case 'ARRAY_EXTRACT':
    case 'STRUCT_EXTRACT':
      return extracted(walk, first, second, ctes, scope)
    case 'ARRAY_SLICE': {
      const [of = nothing, ...bounds] = values()
      return influenced(used(of, 'transformation'), Flow.union(bounds.map(it => it.flow.by('conditional'))))
    }
    case 'ARRAY_CONSTRUCTOR':
      return used(list(either(values())), 'transformation')
    case 'OPERATOR_COALESCE':
    case 'OPERATOR_TRY':
      return used(either(values()), 'transformation')
    case 'OPERATOR_UNPACK': {
      const columns = first === undefined ? [] : expanded(walk, first, ctes, scope)
      return plain(Flow.union(columns.map(it => it.value.flow)))
    }
    case 'GROUPING_FUNCTION':
      return plain(Flow.union(values().map(it => it.flow.by('group-by', positionOf(node)))))
    default:
      return plain(Flow.union(values().map(it => it.flow.by('transformation'))))
  }
}

/** `s.x`, `s['x']`, `l[1]`, `m['k']`: a field where it is named by a literal, else an item, which the key decides. */
const extracted = (
  walk: Walk,
  of: JsonNode | undefined,
  key: JsonNode | undefined,
  ctes: Ctes,
  scope: Scope,
): Value => {
  if (of === undefined) return nothing
  const value = walk.expression(of, ctes, scope)
  const literal = key?.class === 'CONSTANT' ? nodeAt(key, 'value')?.value : undefined
  if (typeof literal === 'string' && !value.isList) return inside(value, [literal])
  if (typeof literal === 'number' && !value.isList) {
    const field = value.fields()?.[literal - 1]
    if (field !== undefined) return field.value
  }
  const by = key === undefined ? Flow.none : walk.expression(key, ctes, scope).flow.by('conditional')
  return influenced(used(value.item(), 'transformation'), by)
}

const called = (walk: Walk, node: JsonNode, ctes: Ctes, scope: Scope): Value => {
  const name = nameOf(node)
  const children = [...chained(node), ...nodesAt(node, 'children')]
  const own = shaped(walk, name, children, ctes, scope)
  if (own !== undefined) return own
  const values = children.map(it => walk.expression(it, ctes, scope))
  if (aggregateFunctions.has(name)) return aggregated(walk, node, values, ctes, scope)
  // A macro may read tables, a setting or a sequence is no argument.
  if (node.is_operator !== true && !allowedFunctions.has(name)) walk.wide(`what the function ${name} reads`, node)
  const how = maskingFunctions.has(name) ? 'masked-transformation' : 'transformation'
  return plain(Flow.union(values.map(it => it.flow.by(how))))
}

/** `t.a.upper()` is a call of `upper` with the column `t.a`; where that stands the tree has the function's schema. */
const chained = (node: JsonNode): JsonNode[] => {
  const names = [textAt(node, 'catalog'), textAt(node, 'schema')].filter(it => it !== '')
  if (names.length === 0 || foldName(names.at(-1) ?? '') === 'main') return []
  return [{ class: 'COLUMN_REF', type: 'COLUMN_REF', column_names: names, position: node.position }]
}

/** Aggregates that take what they aggregate from WITHIN GROUP (ORDER BY ...), with the arguments that they have then. */
const orderedSets: Readonly<Record<string, number>> = { mode: 0, quantile_cont: 1, quantile_disc: 1 }

const aggregated = (walk: Walk, node: JsonNode, values: readonly Value[], ctes: Ctes, scope: Scope): Value => {
  const name = nameOf(node)
  const how = /^count/.test(name) || name === 'approx_count_distinct' ? 'masked-aggregation' : 'aggregation'
  const filter = nodeAt(node, 'filter')
  const orders = nodesAt(nodeAt(node, 'order_bys'), 'orders')
  const isWithin = orders.length > 0 && orderedSets[name] === values.length
  const more = [
    ...(filter === undefined ? [] : [walk.expression(filter, ctes, scope).flow.by('filter', positionOf(filter))]),
    ...orders.map(it => sortedBy(walk, it, isWithin ? how : 'sort', ctes, scope)),
  ]
  const [first = nothing] = values
  const isGathered = /^(list|array_agg)$/.test(name)
  const keepsShape = /^(any_value|arbitrary|first|last|min|max|mode|arg_min|arg_max|argmin|argmax|min_by|max_by)$/.test(
    name,
  )
  if (isGathered) return influenced(used(list(first), how), Flow.union(more))
  if (keepsShape)
    return influenced(used(first, how), Flow.union([...more, ...values.slice(1).map(it => it.flow.by(how))]))
  return plain(Flow.union([...values.map(it => it.flow.by(how)), ...more]))
}

const sortedBy = (walk: Walk, order: JsonNode, how: How, ctes: Ctes, scope: Scope): Flow => {
  const by = nodeAt(order, 'expression')
  return by === undefined ? Flow.none : walk.expression(by, ctes, scope).flow.by(how, positionOf(by))
}

/** Functions that make structures and lists, or take them apart; undefined for any other. */
const shaped = (
  walk: Walk,
  name: string,
  children: readonly JsonNode[],
  ctes: Ctes,
  scope: Scope,
): Value | undefined => {
  const at = (index: number): Value => {
    const child = children[index]
    return child === undefined ? nothing : walk.expression(child, ctes, scope)
  }
  const all = (): Value[] => children.map((_, index) => at(index))
  const [, second] = children
  switch (name) {
    case 'struct_pack':
      return struct(
        children.map((child, index) => ({ name: textAt(child, 'alias') || lastName(child), value: at(index) })),
      )
    case 'row':
      return struct(all().map(value => ({ name: '', value })))
    case 'struct_insert':
    case 'struct_update': {
      const members = new Map((at(0).fields() ?? []).map(it => [foldName(it.name), it]))
      for (const [index, child] of children.entries())
        if (index > 0) {
          const named = textAt(child, 'alias') || lastName(child)
          members.set(foldName(named), { name: named, value: at(index) })
        }
      return at(0).fields() === undefined ? undefined : struct([...members.values()])
    }
    case 'struct_extract':
    case 'struct_extract_at':
    case 'array_extract':
    case 'list_extract':
    case 'list_element':
    case 'map_extract':
    case 'map_extract_value':
    case 'element_at':
      return extracted(walk, children[0], second, ctes, scope)
    case 'list_value':
    case 'list_pack':
    case 'array_value':
      return list(either(all()))
    case 'unnest':
    case 'unlist':
      return unnested(scope, at(0))
    case 'list_transform':
    case 'list_apply':
    case 'apply':
    case 'array_transform':
    case 'array_apply':
      return second?.class === 'LAMBDA'
        ? list(lambda(walk, second, [at(0).item()], ctes, scope), at(0).flow.by('conditional'))
        : undefined
    case 'list_filter':
    case 'filter':
    case 'array_filter': {
      if (second?.class !== 'LAMBDA') return undefined
      const kept = lambda(walk, second, [at(0).item()], ctes, scope).flow
      return influenced(at(0), kept.by('filter'))
    }
    case 'list_reduce':
    case 'reduce':
    case 'array_reduce': {
      if (second?.class !== 'LAMBDA') return undefined
      const start = children[2] === undefined ? at(0).item() : either([at(0).item(), at(2)])
      const made = lambda(walk, second, [start, at(0).item()], ctes, scope).flow
      return plain(Flow.union([made, start.flow]).by('transformation'))
    }
    default:
      return undefined
  }
}

const lastName = (node: JsonNode): string => namesIn(node).at(-1) ?? ''

/** A list taken apart makes rows; a structure only columns. */
const unnested = (scope: Scope, of: Value): Value => {
  if (!of.isList && of.fields() !== undefined) return of
  let at: Scope | undefined = scope
  while (at !== undefined && at.unnested === undefined) at = at.outer
  at?.unnested?.push(of.flow.by('join'))
  return of.item()
}

/** The body's value for parameters that stand for these; one more is an index. */
const lambda = (walk: Walk, node: JsonNode, values: readonly Value[], ctes: Ctes, scope: Scope): Value => {
  const lhs = nodeAt(node, 'lhs')
  const names =
    lhs?.class === 'FUNCTION' ? nodesAt(lhs, 'children').map(lastName) : lhs === undefined ? [] : [lastName(lhs)]
  const parameters = new Map(names.map((name, index) => [foldName(name), values[index] ?? nothing]))
  const body = nodeAt(node, 'expr')
  return body === undefined ? nothing : walk.expression(body, ctes, inLambda(scope, parameters))
}

const windowed = (walk: Walk, node: JsonNode, ctes: Ctes, scope: Scope): Value => {
  const flowOf = (one: unknown, how: How): Flow[] =>
    isNode(one) ? [walk.expression(one, ctes, scope).flow.by(how, positionOf(one))] : []
  const isAggregate = node.type === 'WINDOW_AGGREGATE'
  const isCount = isAggregate && /^count/.test(nameOf(node))
  const how = isCount ? 'masked-aggregation' : isAggregate ? 'aggregation' : 'transformation'
  const orders = [...nodesAt(node, 'orders'), ...nodesAt(node, 'arg_orders')].map(it => it.expression)
  const values = nodesAt(node, 'children').map(it => walk.expression(it, ctes, scope))
  const around = [
    ...nodesAt(node, 'partitions').flatMap(it => flowOf(it, 'window')),
    ...orders.flatMap(it => flowOf(it, 'window')),
    ...[node.start_expr, node.end_expr, node.offset_expr].flatMap(it => flowOf(it, 'window')),
    ...flowOf(node.filter_expr, 'filter'),
    ...flowOf(node.default_expr, 'transformation'),
  ]
  const [first = nothing, ...rest] = values
  return influenced(used(first, how), Flow.union([...rest.map(it => it.flow.by(how)), ...around]))
}

const subqueried = (walk: Walk, node: JsonNode, ctes: Ctes, scope: Scope): Value => {
  const answer = walk.query(nodeAt(node, 'subquery') ?? {}, ctes, scope)
  const kind = textAt(node, 'subquery_type')
  if (!isFollowed('SubqueryType', kind)) walk.wide(`a subquery of the kind ${kind}`, node)
  if (kind === 'EXISTS') return plain(answer.rows)
  const [first] = answer.columns
  const value = first?.value ?? nothing
  if (kind === 'SCALAR') return influenced(value, answer.rows)
  const child = nodeAt(node, 'child')
  const compared = [
    ...(child === undefined ? [] : [walk.expression(child, ctes, scope)]),
    ...answer.columns.map(it => it.value),
  ]
  return plain(Flow.union([...compared.map(it => it.flow.by('transformation')), answer.rows]))
}
