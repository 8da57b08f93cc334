/** Which rows a join brings together, as far as their partitions go. Pure. */
import { type JsonNode, nodeAt, nodesAt, textAt } from '../tree.ts'
import { type Grain, reachOf } from './grain.ts'
import {
  type Column,
  columnOf,
  columnsFor,
  covers,
  isSameKey,
  joined,
  type Keys,
  type Occurrence,
  type Refused,
  restrict,
  type Scope,
  type Source,
} from './scope.ts'

export interface Side {
  readonly sources: readonly Source[]
  /** Divided tables whose rows no outer query has bound to a partition. */
  readonly tables: readonly Occurrence[]
}

export type JoinKind = 'inner' | 'left' | 'right' | 'full' | 'semi' | 'anti' | 'positional'

export const joinKind = (node: JsonNode): JoinKind => {
  if (node.ref_type === 'POSITIONAL') return 'positional'
  const kinds: Readonly<Record<string, JoinKind>> = {
    INNER: 'inner',
    LEFT: 'left',
    RIGHT: 'right',
    OUTER: 'full',
    FULL: 'full',
    SEMI: 'semi',
    ANTI: 'anti',
  }
  return kinds[textAt(node, 'join_type')] ?? 'positional'
}

/** A condition that says that both columns are of the same partition; or that the near one lies before the other by no more than its table's reach. */
export interface Tie {
  readonly left: Column
  readonly right: Column
  readonly near?: 'left' | 'right'
}

/** Ties by equality: the left column is one of `inner`, the right one of `other`, which `inner` hides where both have a name. */
export const equalTies = (conditions: readonly JsonNode[], inner: Scope, other: Scope, grain: Grain): Tie[] =>
  conditions.flatMap(condition => {
    if (condition.type !== 'COMPARE_EQUAL' && condition.type !== 'COMPARE_NOT_DISTINCT_FROM') return []
    const a = nodeAt(condition, 'left')
    const b = nodeAt(condition, 'right')
    if (a === undefined || b === undefined) return []
    const inside = (node: JsonNode) => columnOf(node, { sources: inner.sources }, grain)
    return [[a, b] as const, [b, a] as const].flatMap(([one, two]) => {
      const left = inside(one)
      const right = inside(two) === undefined ? columnOf(two, other, grain) : undefined
      if (left === undefined || right === undefined) return []
      const isOneFamily = left.column.family !== undefined && left.column.family === right.column.family
      return grain === 'value' && !isOneFamily ? [] : [{ left: left.column, right: right.column }]
    })
  })

interface Bound {
  readonly near: Column
  readonly to: Column
  readonly reachMs?: number
}

/** `b.day between a.day - interval 6 day and a.day`, also as two comparisons: the near column is one of `near`, the other one of `to`. */
export const nearTies = (
  conditions: readonly JsonNode[],
  near: Scope,
  to: Scope,
  grain: Grain,
): { readonly near: Column; readonly to: Column }[] => {
  const least: Bound[] = []
  const most: Bound[] = []
  const bound = (into: Bound[], a: JsonNode | undefined, b: JsonNode | undefined, isLeast: boolean): void => {
    const back = isLeast && b?.class === 'FUNCTION' && textAt(b, 'function_name') === '-' ? nodesAt(b, 'children') : []
    const reachMs = back.length === 2 ? reachOf(back[1]) : undefined
    const target = reachMs === undefined ? b : back[0]
    const one = a === undefined ? undefined : columnOf(a, { sources: near.sources }, grain)
    const two = target === undefined ? undefined : columnOf(target, to, grain)
    if (one === undefined || two === undefined) return
    into.push({ near: one.column, to: two.column, ...(isLeast ? { reachMs: reachMs ?? 0 } : {}) })
  }
  for (const condition of conditions) {
    const a = nodeAt(condition, 'left')
    const b = nodeAt(condition, 'right')
    const { type } = condition
    if (type === 'COMPARE_BETWEEN') {
      bound(least, nodeAt(condition, 'input'), nodeAt(condition, 'lower'), true)
      bound(most, nodeAt(condition, 'input'), nodeAt(condition, 'upper'), false)
    } else if (type === 'COMPARE_GREATERTHANOREQUALTO' || type === 'COMPARE_GREATERTHAN') {
      bound(least, a, b, true)
      bound(most, b, a, false)
    } else if (type === 'COMPARE_LESSTHANOREQUALTO' || type === 'COMPARE_LESSTHAN') {
      bound(most, a, b, false)
      bound(least, b, a, true)
    }
  }
  return least.flatMap(low =>
    most
      .filter(high => high.near === low.near && high.to === low.to)
      .flatMap(() => {
        const keys = reaching(low.near.keys, low.reachMs ?? 0)
        return keys.length === 0 ? [] : [{ near: { ...low.near, keys }, to: low.to }]
      }),
  )
}

/** The keys of tables that may be read so much further back, with what they are used for then. */
export const reaching = (keys: Keys, reachMs: number): Keys =>
  keys
    .map(key => ({ ...key, usedMs: key.usedMs + reachMs }))
    .filter(key => key.of.reachMs > 0 && key.usedMs <= key.of.reachMs)

/** Restricts the tables of both sides to the columns that keep their partitions together, and gives what is visible behind the join. */
export const joinSides = (
  kind: JoinKind,
  left: Side,
  right: Side,
  ties: readonly Tie[],
  using: readonly string[],
  position: { readonly position?: number },
): Side => {
  refuseLoose(kind, left, right, ties, position)
  const merged = ties.map(it => ({
    keys: joined(it.left.keys, it.right.keys),
    near: it.near,
  }))
  const tied = (column: Column, side: 'left' | 'right'): Keys =>
    merged.reduce(
      (keys, it) =>
        it.keys.some(key => column.keys.some(own => isSameKey(own, key))) && it.near !== side
          ? joined(keys, it.keys)
          : keys,
      column.keys,
    )
  const withTies = (sources: readonly Source[], isNullable: boolean, side: 'left' | 'right'): Source[] =>
    sources.map(source => ({
      ...source,
      columns: source.columns.map(column => {
        const keys = tied(column, side)
        return { ...column, keys: isNullable ? [] : keys, keysUnlessNull: joined(column.keysUnlessNull, keys) }
      }),
    }))
  if (kind === 'semi' || kind === 'anti') return { sources: withTies(left.sources, false, 'left'), tables: left.tables }
  const sources = [
    ...withTies(left.sources, kind === 'right' || kind === 'full', 'left'),
    ...withTies(right.sources, kind === 'left' || kind === 'full', 'right'),
  ]
  return { sources: [...usingSource(using, left, right, tied), ...sources], tables: [...left.tables, ...right.tables] }
}

/** The one column that USING makes of two. */
const usingSource = (
  using: readonly string[],
  left: Side,
  right: Side,
  tied: (column: Column, side: 'left' | 'right') => Keys,
): Source[] => {
  if (using.length === 0) return []
  const find = (side: Side, name: string): Column | undefined =>
    side.sources.flatMap(source => source.columns).find(it => it.name.toLowerCase() === name.toLowerCase())
  const columns = using.map(name => {
    const a = find(left, name)
    const b = find(right, name)
    const keys = joined(a === undefined ? [] : tied(a, 'left'), b === undefined ? [] : tied(b, 'right'))
    const family = a?.family === b?.family ? a?.family : undefined
    return { name, keys, keysUnlessNull: keys, family, isPartial: a?.isPartial === true || b?.isPartial === true }
  })
  return [{ alias: '', columns }]
}

const refuseLoose = (
  kind: JoinKind,
  left: Side,
  right: Side,
  ties: readonly Tie[],
  position: { readonly position?: number },
): void => {
  const all = [...left.tables, ...right.tables]
  const refuse = (tables: readonly Occurrence[], reason: string): void => {
    for (const table of tables) restrict(table, [], { reason, ...position } satisfies Refused)
  }
  if (kind === 'positional') refuse(all, 'rows are joined by their position')
  else if (left.tables.length > 0 && right.tables.length > 0) {
    const whole = ties.map(it => joined(it.left.keys, it.right.keys)).filter(keys => covers(keys, all))
    for (const table of all) {
      const columns = whole.flatMap(keys => columnsFor(table, keys))
      const others = all.filter(it => it !== table).map(it => it.name)
      const reason = `${table.name} is joined with ${others.join(', ')} without saying that both are of the same partition`
      restrict(table, columns, { reason, ...position })
    }
  } else if (left.tables.length > 0 && (kind === 'right' || kind === 'full'))
    refuse(left.tables, 'a row of the whole table on the right is kept or not by what all partitions hold')
  else if (right.tables.length > 0 && kind !== 'inner' && kind !== 'right')
    refuse(right.tables, 'a row of the whole table on the left is kept or not by what all partitions hold')
}
