/** What a SELECT reads of the datasets that it names: columns, and how each is used. Follows scopes and aliases; where a name cannot be told apart it counts for every table that has it. Pure. */
import type { Dataset } from '../../domain/index.ts'

export type Use = 'copied' | 'renamed' | 'computed' | 'aggregated' | 'filter' | 'join' | 'group' | 'sort' | 'whole'

export interface Read {
  /** The dataset's subject. */
  readonly dataset: string
  readonly columns: readonly string[]
  readonly how: Use
}

/** A node of the engine's tree. */
type Node = Readonly<Record<string, unknown>>

interface Table {
  /** Absent for a common table expression or a subquery. */
  readonly dataset?: Dataset
}

/** Names that can stand before a column, innermost scope first. */
interface Scope {
  readonly tables: ReadonlyMap<string, Table>
  readonly outer?: Scope
}

/** `find` tells the dataset that a table's name means; names of common table expressions never reach it. */
export const readsOf = (tree: unknown, find: (parts: readonly string[]) => Dataset | undefined): Read[] => {
  const found = new Map<string, { dataset: string; how: Use; columns: Set<string> }>()
  const add = (dataset: Dataset, how: Use, column?: string): void => {
    const key = `${dataset.subject} ${how}`
    const one = found.get(key) ?? { dataset: dataset.subject, how, columns: new Set<string>() }
    if (column !== undefined) one.columns.add(column)
    found.set(key, one)
  }
  new Walker(find, add).query(tree, new Set(), undefined)
  const reads = [...found.values()].map(it => ({ dataset: it.dataset, how: it.how, columns: [...it.columns].sort() }))
  // That a dataset is read as a whole is worth telling only where no column of it is.
  const byColumn = new Set(reads.filter(it => it.columns.length > 0).map(it => it.dataset))
  return reads.filter(it => it.how !== 'whole' || !byColumn.has(it.dataset))
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value)
const nodes = (value: unknown): Node[] => (Array.isArray(value) ? value.filter(isNode) : [])
const text = (value: unknown): string => (typeof value === 'string' ? value : '')

const aggregates =
  /^(sum|avg|mean|min|max|count|count_star|any_value|first|last|arg_min|arg_max|min_by|max_by|list|array_agg|string_agg|group_concat|median|mode|quantile.*|stddev.*|var.*|approx_.*|bool_and|bool_or|product|histogram|bit_.*|sum_no_overflow|fsum|favg|kurtosis|skewness|entropy|corr|covar.*|regr_.*)$/

class Walker {
  private readonly find: (parts: readonly string[]) => Dataset | undefined
  private readonly add: (dataset: Dataset, how: Use, column?: string) => void

  constructor(
    find: (parts: readonly string[]) => Dataset | undefined,
    add: (dataset: Dataset, how: Use, column?: string) => void,
  ) {
    this.find = find
    this.add = add
  }

  /** A statement, or the inside of a subquery. `hidden` are names of common table expressions in scope. */
  query(value: unknown, hidden: ReadonlySet<string>, outer: Scope | undefined): void {
    if (!isNode(value)) return
    const node = isNode(value.node) ? value.node : value
    const own = new Set(hidden)
    for (const entry of nodes(isNode(node.cte_map) ? node.cte_map.map : undefined)) {
      const name = text(entry.key).toLowerCase()
      const inner = isNode(entry.value) ? entry.value : {}
      const query = isNode(inner.query) ? inner.query : {}
      // A recursive expression sees itself; any other sees those before it.
      const isRecursive = isNode(query.node) && query.node.type === 'RECURSIVE_CTE_NODE'
      this.query(query, isRecursive ? new Set([...own, name]) : own, outer)
      own.add(name)
    }
    if (node.type === 'SELECT_NODE') this.select(node, own, outer)
    else {
      for (const key of ['left', 'right', 'query', 'child']) this.query(node[key], own, outer)
      for (const child of nodes(node.children)) this.query(child, own, outer)
    }
  }

  private select(node: Node, hidden: ReadonlySet<string>, outer: Scope | undefined): void {
    const tables = new Map<string, Table>()
    const scope: Scope = { tables, ...(outer === undefined ? {} : { outer }) }
    this.from(node.from_table, hidden, scope, tables)
    for (const item of nodes(node.select_list)) this.item(item, hidden, scope)
    this.expression(node.where_clause, hidden, scope, 'filter')
    this.expression(node.having, hidden, scope, 'filter')
    this.expression(node.qualify, hidden, scope, 'filter')
    for (const group of nodes(node.group_expressions)) this.expression(group, hidden, scope, 'group')
    for (const modifier of nodes(node.modifiers))
      for (const order of nodes(modifier.orders)) this.expression(order.expression, hidden, scope, 'sort')
  }

  private item(item: Node, hidden: ReadonlySet<string>, scope: Scope): void {
    if (item.class === 'COLUMN_REF') {
      const names = Array.isArray(item.column_names) ? item.column_names.map(String) : []
      const alias = text(item.alias)
      this.column(names, scope, alias !== '' && alias !== names.at(-1) ? 'renamed' : 'copied')
    } else this.expression(item, hidden, scope, 'computed')
  }

  private from(value: unknown, hidden: ReadonlySet<string>, scope: Scope, tables: Map<string, Table>): void {
    if (!isNode(value)) return
    const alias = text(value.alias).toLowerCase()
    if (value.type === 'BASE_TABLE') {
      const parts = [text(value.catalog_name), text(value.schema_name), text(value.table_name)].filter(it => it !== '')
      const name = (parts.at(-1) ?? '').toLowerCase()
      const isHidden = parts.length === 1 && hidden.has(name)
      const dataset = isHidden ? undefined : this.find(parts)
      if (dataset !== undefined) this.add(dataset, 'whole')
      tables.set(alias === '' ? name : alias, dataset === undefined ? {} : { dataset })
    } else if (value.type === 'JOIN') {
      this.from(value.left, hidden, scope, tables)
      this.from(value.right, hidden, scope, tables)
      this.expression(value.condition, hidden, scope, 'join')
      // Joined by whatever columns both sides have.
      if (value.ref_type === 'NATURAL') for (const it of tables.values()) this.allColumns(it, 'join')
      if (Array.isArray(value.using_columns))
        for (const column of value.using_columns) this.column([String(column)], scope, 'join')
    } else if (value.type === 'SUBQUERY') {
      this.query(value.subquery, hidden, scope)
      if (alias !== '') tables.set(alias, {})
    } else {
      // PIVOT, table functions and what may come: whatever is inside is used as a whole.
      for (const inner of Object.values(value)) {
        for (const node of Array.isArray(inner) ? nodes(inner) : isNode(inner) ? [inner] : []) {
          if (typeof node.type === 'string' && /^(BASE_TABLE|JOIN|SUBQUERY|PIVOT|TABLE_FUNCTION)$/.test(node.type))
            this.from(node, hidden, scope, tables)
          else this.expression(node, hidden, scope, 'computed')
        }
      }
      if (alias !== '') tables.set(alias, {})
    }
  }

  private expression(value: unknown, hidden: ReadonlySet<string>, scope: Scope, how: Use): void {
    if (Array.isArray(value)) {
      for (const inner of value) this.expression(inner, hidden, scope, how)
      return
    }
    if (!isNode(value)) return
    if (value.class === 'COLUMN_REF') {
      const names = Array.isArray(value.column_names) ? value.column_names.map(String) : []
      this.column(names, scope, how)
      return
    }
    if (value.class === 'STAR') this.star(value, scope, how === 'computed' ? 'copied' : how)
    if (value.class === 'SUBQUERY') this.query(value.subquery, hidden, scope)
    const isAggregate =
      value.class === 'WINDOW' || (value.class === 'FUNCTION' && aggregates.test(text(value.function_name)))
    const inside = isAggregate && how === 'computed' ? 'aggregated' : how
    for (const [key, inner] of Object.entries(value)) {
      if (key === 'subquery' && value.class === 'SUBQUERY') continue
      if (typeof inner === 'object')
        this.expression(inner, hidden, scope, key === 'filter' && inside === 'aggregated' ? 'filter' : inside)
    }
  }

  private star(value: Node, scope: Scope, how: Use): void {
    const relation = text(value.relation_name).toLowerCase()
    for (const [name, { dataset }] of scope.tables) {
      if (dataset === undefined || (relation !== '' && relation !== name)) continue
      const excluded = new Set(
        (Array.isArray(value.exclude_list) ? value.exclude_list : []).map(it => String(it).toLowerCase()),
      )
      for (const column of dataset.columns)
        if (!excluded.has(column.name.toLowerCase())) this.add(dataset, how, column.name)
    }
  }

  private column(names: readonly string[], scope: Scope | undefined, how: Use): void {
    const [first = '', second] = names
    for (let at = scope; at !== undefined; at = at.outer) {
      const table = second === undefined ? undefined : at.tables.get(first.toLowerCase())
      if (table !== undefined) {
        this.addColumn(table, second ?? '', how)
        return
      }
      let isFound = false
      for (const candidate of at.tables.values()) isFound = this.addColumn(candidate, first, how) || isFound
      if (isFound) return
    }
    // The name of a table alone is its rows as structures.
    const row = second === undefined ? this.tableNamed(first, scope) : undefined
    if (row !== undefined) this.allColumns(row, how)
    // `input.dataset.column` names its table by more than the alias.
    const [, , third] = names
    if (second !== undefined && third !== undefined) this.column(names.slice(1), scope, how)
  }

  private tableNamed(name: string, scope: Scope | undefined): Table | undefined {
    for (let at = scope; at !== undefined; at = at.outer) {
      const found = at.tables.get(name.toLowerCase())
      if (found !== undefined) return found
    }
    return undefined
  }

  private allColumns({ dataset }: Table, how: Use): void {
    for (const column of dataset?.columns ?? []) if (dataset !== undefined) this.add(dataset, how, column.name)
  }

  private addColumn({ dataset }: Table, name: string, how: Use): boolean {
    const column = dataset?.columns.find(it => it.name.toLowerCase() === name.toLowerCase())
    if (dataset === undefined || column === undefined) return false
    this.add(dataset, how, column.name)
    return true
  }
}
