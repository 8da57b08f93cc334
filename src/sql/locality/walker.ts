/** Walks a query from its tables up, and restricts each divided table to the columns that stay with its rows' partition. Pure. */
import { aggregateFunctions } from '../aggregate-functions.ts'
import { nameOf } from '../functions.ts'
import { foldName, isNode, type JsonNode, nodeAt, nodesAt, placeOf, textAt } from '../tree.ts'
import { conjuncts, type Grain, reachOf } from './grain.ts'
import { equalTies, type JoinKind, joinKind, joinSides, nearTies, reaching, type Side, type Tie } from './join.ts'
import { isOpenStar, knownRows, namedSide, type Rows, starColumns, usingNames, usingTie } from './rows.ts'
import {
  type Column,
  columnOf,
  columnsFor,
  covers,
  joined,
  type Keys,
  keyColumns,
  type LocalTable,
  namesOf,
  type Occurrence,
  plainColumn,
  restrict,
  type Scope,
} from './scope.ts'

/** A common table expression is judged anew wherever it is read: its rows are others each time. */
interface Cte {
  readonly node: JsonNode
  readonly aliases: readonly string[]
  readonly ctes: Ctes
}
type Ctes = ReadonlyMap<string, Cte>

export interface Link {
  readonly of: Occurrence
  readonly column: string
  readonly outer: Keys
  /** How far before the outer row's partition the inner one may lie. */
  readonly reachMs: number
}

const queriesMax = 5_000

export class Walker {
  readonly occurrences: Occurrence[] = []
  readonly links: Link[] = []
  private readonly grain: Grain
  private readonly table: (parts: readonly string[]) => LocalTable | undefined
  private queries = 0

  constructor(grain: Grain, table: (parts: readonly string[]) => LocalTable | undefined) {
    this.grain = grain
    this.table = table
  }

  query(value: JsonNode, known: Ctes, outer: Scope | undefined): Rows {
    const node = nodeAt(value, 'node') ?? value
    const ctes = new Map(known)
    for (const entry of nodesAt(nodeAt(node, 'cte_map'), 'map')) {
      const inner = nodeAt(entry, 'value')
      const query = nodeAt(inner, 'query')
      if (query === undefined) continue
      const aliases = Array.isArray(inner?.aliases) ? inner.aliases.map(String) : []
      ctes.set(foldName(textAt(entry, 'key')), { node: query, aliases, ctes: new Map(ctes) })
    }
    if (++this.queries > queriesMax) return this.refuseAll(node, ctes, outer, 'the query is too large to be judged')
    if (node.type === 'SELECT_NODE') return this.select(node, ctes, outer)
    if (node.type === 'SET_OPERATION_NODE') return this.limited(node, this.setOperation(node, ctes, outer), outer)
    if (node.type === 'CTE_NODE') return this.query(nodeAt(node, 'child') ?? {}, this.withCte(node, ctes), outer)
    return this.refuseAll(node, ctes, outer, 'a recursive query reads rows of all partitions')
  }

  private withCte(node: JsonNode, ctes: Ctes): Ctes {
    const query = nodeAt(node, 'query')
    const aliases = Array.isArray(node.aliases) ? node.aliases.map(String) : []
    return query === undefined
      ? ctes
      : new Map([...ctes, [foldName(textAt(node, 'cte_name')), { node: query, aliases, ctes }]])
  }

  /** What has no rule of its own: every divided table inside is read as a whole. */
  private refuseAll(node: JsonNode, ctes: Ctes, outer: Scope | undefined, reason: string): Rows {
    const from = this.occurrences.length
    if (this.queries <= queriesMax) this.insideOf(node, ctes, outer)
    else this.occurrences.push({ name: 'the query', reachMs: 0, columns: new Set(), refused: { reason } })
    for (const one of this.occurrences.slice(from)) restrict(one, [], { reason, ...placeOf(node) })
    return { columns: [], tables: [], isOpen: true }
  }

  private insideOf(node: JsonNode, ctes: Ctes, outer: Scope | undefined): void {
    for (const [key, value] of Object.entries(node)) {
      if (key === 'cte_map') continue
      for (const inner of Array.isArray(value) ? value.flat() : [value]) {
        if (!isNode(inner)) continue
        if (inner.type === 'BASE_TABLE') this.baseTable(inner, ctes, outer)
        else if (inner.type === 'SELECT_NODE' || inner.type === 'SET_OPERATION_NODE') this.query(inner, ctes, outer)
        else this.insideOf(inner, ctes, outer)
      }
    }
  }

  private select(node: JsonNode, ctes: Ctes, outer: Scope | undefined): Rows {
    const conditions = conjuncts(node.where_clause)
    const side = this.from(nodeAt(node, 'from_table'), ctes, outer, conditions)
    const scope: Scope = { sources: side.sources, ...(outer === undefined ? {} : { outer }) }
    const free = this.bind(side, conditions, scope)
    const items = nodesAt(node, 'select_list')
    const columns = items.flatMap(item => this.output(item, scope))
    const isOpen = items.some(item => item.class === 'STAR' && isOpenStar(item, scope))
    // Names of the select list can be used behind FROM; what FROM has comes first.
    const named: Scope = { ...scope, sources: [...scope.sources, { alias: '', columns }] }
    const windows: JsonNode[] = []
    for (const part of [node.where_clause, items, node.having, node.qualify, node.group_expressions, node.modifiers])
      this.expression(part, ctes, named, windows)
    this.grouped(node, items, { columns, isOpen }, named, free)
    const used = new Map<Occurrence, number>()
    for (const window of windows) this.window(window, named, free, used)
    if (node.sample !== null && node.sample !== undefined) this.refuse(free, 'a sample is drawn from all rows', node)
    return this.limited(node, { columns: usedFurther(columns, used), tables: free, isOpen }, named)
  }

  /** Ties to outer rows bind the tables inside: for each outer row only its own partition is read. */
  private bind(side: Side, conditions: readonly JsonNode[], scope: Scope): Occurrence[] {
    if (scope.outer === undefined) return [...side.tables]
    const bound = new Set<Occurrence>()
    const ties = [
      ...equalTies(conditions, scope, scope.outer, this.grain).map(it => ({ inner: it.left, outer: it.right })),
      ...nearTies(conditions, scope, scope.outer, this.grain).map(it => ({ inner: it.near, outer: it.to })),
    ]
    for (const { inner, outer: right } of ties) {
      if (right.keys.length === 0) continue
      for (const key of inner.keys) {
        if (!side.tables.includes(key.of)) continue
        this.links.push({ of: key.of, column: key.column, outer: right.keys, reachMs: key.usedMs })
        bound.add(key.of)
      }
    }
    return side.tables.filter(it => !bound.has(it))
  }

  private grouped(
    node: JsonNode,
    items: readonly JsonNode[],
    { columns, isOpen }: { readonly columns: readonly Column[]; readonly isOpen: boolean },
    scope: Scope,
    free: readonly Occurrence[],
  ): void {
    const groups = nodesAt(node, 'group_expressions')
    const isAll = node.aggregate_handling === 'FORCE_AGGREGATES'
    const sets = Array.isArray(node.group_sets) ? node.group_sets : []
    const aggregates = [items, node.qualify, node.modifiers].some(hasAggregate)
    if (!isAll && groups.length === 0 && sets.length === 0 && !isNode(node.having) && !aggregates) return
    const keysOfGroup = (group: JsonNode): Keys => {
      const position = group.class === 'CONSTANT' ? Number(nodeAt(group, 'value')?.value) : Number.NaN
      if (Number.isInteger(position)) return isOpen ? [] : (columns[position - 1]?.keys ?? [])
      return columnOf(group, scope, this.grain)?.column.keys ?? []
    }
    const keys = isAll ? columns.map(it => it.keys) : groups.map(keysOfGroup)
    const inAll = keys.filter((_, index) => isAll || sets.every(set => Array.isArray(set) && set.includes(index)))
    this.keep(
      free,
      inAll,
      'rows of all partitions are grouped together: group by the column that says the partition',
      node,
    )
  }

  /** One of the keys must go with every row; each table is restricted to the columns that do. */
  private keep(free: readonly Occurrence[], keys: readonly Keys[], reason: string, node: JsonNode): void {
    for (const one of free)
      restrict(
        one,
        keys.flatMap(it => columnsFor(one, it)),
        { reason, ...placeOf(node) },
      )
  }

  private refuse(free: readonly Occurrence[], reason: string, node: JsonNode): void {
    for (const one of free) restrict(one, [], { reason, ...placeOf(node) })
  }

  /** Notes how far before its partition each table is read. */
  private window(node: JsonNode, scope: Scope, free: readonly Occurrence[], used: Map<Occurrence, number>): void {
    const keysIn = (nodes: readonly JsonNode[]): Keys[] =>
      nodes.map(it => columnOf(it, scope, this.grain)?.column.keys ?? [])
    const partitions = keysIn(nodesAt(node, 'partitions'))
    const [order] = nodesAt(node, 'orders')
    const by = nodeAt(order, 'expression')
    const isUpward = order?.type === 'ORDER_DEFAULT' || order?.type === 'ASCENDING'
    const looksBack =
      isUpward &&
      node.start === 'EXPR_PRECEDING_RANGE' &&
      (node.end === 'CURRENT_ROW_RANGE' || node.end === 'EXPR_PRECEDING_RANGE')
    // Only what looks at the frame reads no further: lag and the ranks pass over it.
    const looksAtFrame = node.type === 'WINDOW_AGGREGATE' || framed.has(nameOf(node))
    const reach = looksBack && looksAtFrame ? reachOf(nodeAt(node, 'start_expr')) : undefined
    const reached = reach === undefined || by === undefined ? [] : reaching(keysIn([by])[0] ?? [], reach)
    const reason = 'a window reaches over all partitions: partition it by the column that says the partition'
    for (const one of free) {
      const own = partitions.flatMap(keys => columnsFor(one, keys))
      const further = reached.filter(key => key.of === one)
      restrict(one, own.length > 0 ? own : further.map(key => key.column), { reason, ...placeOf(node) })
      if (own.length === 0) for (const { usedMs } of further) used.set(one, Math.max(used.get(one) ?? 0, usedMs))
    }
  }

  private limited(node: JsonNode, rows: Rows, scope: Scope | undefined): Rows {
    for (const modifier of nodesAt(node, 'modifiers')) {
      if (modifier.type === 'DISTINCT_MODIFIER') {
        const targets = nodesAt(modifier, 'distinct_on_targets')
        const keys = targets.map(it =>
          scope === undefined ? [] : (columnOf(it, scope, this.grain)?.column.keys ?? []),
        )
        const reason = 'duplicates are looked for over all partitions: select the column that says the partition'
        this.keep(rows.tables, targets.length > 0 ? keys : rows.columns.map(it => it.keys), reason, node)
      } else if (modifier.type === 'LIMIT_MODIFIER' || modifier.type === 'LIMIT_PERCENT_MODIFIER')
        this.refuse(rows.tables, 'LIMIT counts rows of all partitions', node)
    }
    return rows
  }

  private output(item: JsonNode, scope: Scope): Column[] {
    if (item.class === 'STAR') return starColumns(item, scope)
    const found = columnOf(item, scope, this.grain)
    const name = textAt(item, 'alias') || (namesOf(item).at(-1) ?? '')
    return [found === undefined ? plainColumn(name) : { ...found.column, name }]
  }

  private setOperation(node: JsonNode, ctes: Ctes, outer: Scope | undefined): Rows {
    const left = this.query(nodeAt(node, 'left') ?? {}, ctes, outer)
    const right = this.query(nodeAt(node, 'right') ?? {}, ctes, outer)
    const kind = textAt(node, 'setop_type')
    const byName = kind === 'UNION_BY_NAME'
    const isOpen = left.isOpen || right.isOpen
    const other = (column: Column, index: number): Column | undefined =>
      byName ? right.columns.find(it => foldName(it.name) === foldName(column.name)) : right.columns[index]
    const known = isOpen && !byName ? [] : left.columns
    const columns = known.map((column, index) => {
      const second = other(column, index)
      return {
        name: column.name,
        keys: joined(column.keys, second?.keys ?? []),
        keysUnlessNull: [],
        family: column.family === second?.family ? column.family : undefined,
        isPartial:
          column.isPartial ||
          second?.isPartial === true ||
          column.keys.length === 0 ||
          (second?.keys.length ?? 0) === 0,
      }
    })
    const tables = [...left.tables, ...right.tables]
    const keepsDuplicates = node.setop_all === true && (kind === 'UNION' || byName)
    if (!keepsDuplicates) {
      const keys = columns.map(it => it.keys).filter(it => covers(it, tables) && tables.length > 0)
      this.keep(
        tables,
        keys,
        'rows of all partitions are compared: select the column that says the partition on both sides',
        node,
      )
    }
    return { columns, tables, isOpen }
  }

  private from(
    node: JsonNode | undefined,
    ctes: Ctes,
    outer: Scope | undefined,
    conditions: readonly JsonNode[],
  ): Side {
    if (node === undefined || node.type === 'EMPTY') return { sources: [], tables: [] }
    if (node.type === 'BASE_TABLE') return this.baseTable(node, ctes, outer)
    if (node.type === 'JOIN') return this.join(node, ctes, outer, conditions)
    if (node.type === 'SUBQUERY') {
      const rows = this.query(nodeAt(node, 'subquery') ?? {}, ctes, outer)
      return namedSide(rows, textAt(node, 'alias'), node.column_name_alias)
    }
    if (node.type === 'TABLE_FUNCTION' || node.type === 'EXPRESSION_LIST') {
      this.expression(node, ctes, outer ?? { sources: [] }, [])
      const names = Array.isArray(node.column_name_alias) ? node.column_name_alias.map(String) : []
      const source = { alias: foldName(textAt(node, 'alias')), columns: names.map(plainColumn), isOpen: true }
      return { sources: [source], tables: [] }
    }
    this.refuseAll(node, ctes, outer, 'rows of all partitions are turned into columns')
    return { sources: [{ alias: foldName(textAt(node, 'alias')), columns: [], isOpen: true }], tables: [] }
  }

  private baseTable(node: JsonNode, ctes: Ctes, outer: Scope | undefined): Side {
    const parts = [textAt(node, 'catalog_name'), textAt(node, 'schema_name'), textAt(node, 'table_name')].filter(
      it => it !== '',
    )
    const name = foldName(parts.join('.'))
    const alias = textAt(node, 'alias') || (parts.at(-1) ?? '')
    const cte = parts.length === 1 ? ctes.get(name) : undefined
    if (cte !== undefined) {
      const rows = this.query(cte.node, cte.ctes, outer)
      const inside = namedSide(rows, '', cte.aliases).sources[0]?.columns ?? []
      const side = namedSide({ ...rows, columns: inside }, alias, node.column_name_alias)
      const sampled = node.sample !== null && node.sample !== undefined
      if (sampled) this.refuse(rows.tables, 'a sample is drawn from all rows', node)
      return side
    }
    const table = this.table(parts)
    if (table === undefined) return { sources: [{ alias: foldName(alias), columns: [], isOpen: true }], tables: [] }
    if (table.mode === 'whole')
      return namedSide(knownRows(table.columns.map(it => plainColumn(it.name))), alias, node.column_name_alias)
    const one: Occurrence = { name, reachMs: table.reachMs ?? 0, columns: new Set() }
    const { source, names } = keyColumns(one, table.columns, this.grain)
    one.columns = new Set(names)
    this.occurrences.push(one)
    if (node.sample !== null && node.sample !== undefined) this.refuse([one], 'a sample is drawn from all rows', node)
    return namedSide({ ...knownRows(source), tables: [one] }, alias, node.column_name_alias)
  }

  private join(node: JsonNode, ctes: Ctes, outer: Scope | undefined, conditions: readonly JsonNode[]): Side {
    const kind: JoinKind = joinKind(node)
    // Conditions of WHERE hold for the rows of an inner join; beside an outer one they come too late.
    // An ASOF join finds its row before WHERE sees it.
    const isAsof = node.ref_type === 'ASOF'
    const passed = kind === 'inner' && !isAsof ? [...conditions, ...conjuncts(node.condition)] : []
    const left = this.from(nodeAt(node, 'left'), ctes, outer, passed)
    const lateral: Scope = { sources: left.sources, ...(outer === undefined ? {} : { outer }) }
    const right = this.from(nodeAt(node, 'right'), ctes, lateral, passed)
    const own = conjuncts(node.condition)
    const all = kind === 'inner' && !isAsof ? [...own, ...conditions] : own
    const using = usingNames(node, left, right)
    const a: Scope = { sources: left.sources }
    const b: Scope = { sources: right.sources }
    const ties: Tie[] = [
      ...equalTies(all, a, b, this.grain),
      ...nearTies(all, b, a, this.grain).map(it => ({ left: it.to, right: it.near, near: 'right' as const })), // one of two words
      ...nearTies(all, a, b, this.grain).map(it => ({ left: it.near, right: it.to, near: 'left' as const })), // one of two words
      ...using.flatMap(name => usingTie(name, left, right, this.grain)),
    ]
    const side = joinSides(kind, left, right, ties, using, placeOf(node))
    this.expression(node.condition, ctes, { sources: side.sources, ...(outer === undefined ? {} : { outer }) }, [])
    return side
  }

  /** Finds the windows of an expression, and judges its subqueries. */
  private expression(value: unknown, ctes: Ctes, scope: Scope, windows: JsonNode[]): void {
    if (Array.isArray(value)) {
      for (const inner of value) this.expression(inner, ctes, scope, windows)
      return
    }
    if (!isNode(value)) return
    if (value.class === 'WINDOW') windows.push(value)
    if (value.class === 'SUBQUERY') {
      const rows = this.query(nodeAt(value, 'subquery') ?? {}, ctes, scope)
      this.refuse(
        rows.tables,
        'a subquery reads rows of all partitions: tie it to the partition of the outer row',
        value,
      )
      this.expression(value.child, ctes, scope, windows)
      return
    }
    for (const inner of Object.values(value))
      if (typeof inner === 'object') this.expression(inner, ctes, scope, windows)
  }
}

const framed = new Set(['first_value', 'last_value', 'nth_value', 'first', 'last'])

const usedFurther = (columns: readonly Column[], used: ReadonlyMap<Occurrence, number>): readonly Column[] => {
  if (used.size === 0) return columns
  const further = (keys: Keys): Keys =>
    keys.map(key => ({ ...key, usedMs: Math.max(key.usedMs, used.get(key.of) ?? 0) }))
  return columns.map(column => ({
    ...column,
    keys: further(column.keys),
    keysUnlessNull: further(column.keysUnlessNull),
  }))
}

const hasAggregate = (value: unknown): boolean => {
  if (Array.isArray(value)) return value.some(hasAggregate)
  if (!isNode(value) || value.class === 'SUBQUERY') return false
  if (value.class === 'FUNCTION' && aggregateFunctions.has(nameOf(value))) return true
  return Object.values(value).some(inner => typeof inner === 'object' && hasAggregate(inner))
}
