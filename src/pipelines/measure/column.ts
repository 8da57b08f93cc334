/** A column as the measuring statements see it: its SQL, its type, and what can be asked of that type. */
import { nearest } from '../../base/index.ts'
import { insideOf } from '../../domain/index.ts'
import { quoteName, quoteText } from '../../engine/index.ts'

export type ColumnKind =
  | 'whole'
  | 'decimal'
  | 'float'
  | 'text'
  | 'boolean'
  | 'date'
  | 'timestamp'
  | 'zonedTimestamp'
  | 'time'
  | 'list'
  | 'map'
  | 'struct'
  | 'other'

/** A list on the way to a value, and the name that its item has in what is asked of it. */
export interface ListHop {
  readonly list: string
  readonly item: string
}

export interface MeasuredColumn {
  /** As the rule or the contract names it: `total`, `address.city`, `lines[].sku`, `labels[key]`. */
  readonly name: string
  /** The expression that selects it: from the measured relation, or from an item of the innermost of `lists`. */
  readonly sql: string
  readonly type: string
  readonly kind: ColumnKind
  /** Of a field inside a STRUCT: the expression of that STRUCT. */
  readonly parent?: string
  /** Outermost first; empty for a value of which a row has one. */
  readonly lists: readonly ListHop[]
  /** Of a decimal. */
  readonly precision?: number
  readonly scale?: number
}

const wholeTypes =
  /^(TINYINT|SMALLINT|INTEGER|INT|BIGINT|HUGEINT|UTINYINT|USMALLINT|UINTEGER|UBIGINT|UHUGEINT|INT1|INT2|INT4|INT8)$/

/** What a canonical type is, for the questions that can be asked of it. */
export const kindOf = (type: string): ColumnKind => {
  const upper = type.trim().toUpperCase()
  if (upper.endsWith(']')) return 'list'
  if (wholeTypes.test(upper)) return 'whole'
  if (/^(DECIMAL|NUMERIC)\b/.test(upper)) return 'decimal'
  if (/^(FLOAT|REAL|DOUBLE|FLOAT4|FLOAT8)$/.test(upper)) return 'float'
  if (/^(VARCHAR|TEXT|STRING|CHAR|BPCHAR|JSON)\b/.test(upper)) return 'text'
  if (/^(BOOLEAN|BOOL)$/.test(upper)) return 'boolean'
  if (upper === 'DATE') return 'date'
  if (/^(TIMESTAMP WITH TIME ZONE|TIMESTAMPTZ)$/.test(upper)) return 'zonedTimestamp'
  if (/^(TIMESTAMP|DATETIME)/.test(upper)) return 'timestamp'
  if (upper === 'TIME') return 'time'
  if (/^MAP\b/.test(upper)) return 'map'
  if (/^STRUCT\b/.test(upper)) return 'struct'
  return 'other'
}

export const measuredColumn = (
  name: string,
  sql: string,
  type: string,
  nested: Partial<Pick<MeasuredColumn, 'parent' | 'lists'>> = {},
): MeasuredColumn => {
  const kind = kindOf(type)
  const plain = { name, sql, type, kind, lists: [], ...nested }
  if (kind !== 'decimal') return plain
  const digits = /\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)/.exec(type)
  return { ...plain, precision: Number(digits?.[1] ?? 18), scale: Number(digits?.[2] ?? (digits ? 0 : 3)) }
}

/**
 * A condition of the row from one of the value. Of items it is that some item meets it: a row counts once, however many of its
 * items do, and a row without items never.
 */
export const rowsWhere = (column: Pick<MeasuredColumn, 'lists'>, condition: string): string =>
  column.lists.reduceRight(
    (inner, { list, item }) => `len(list_filter(${list}, lambda ${item}: ${inner})) > 0`,
    condition,
  )

/** All values of a row as one list, of a column inside lists. */
export const valuesOfRow = (column: MeasuredColumn): string =>
  column.lists.reduceRight((inner, { list, item }, index) => {
    if (inner === item) return list
    const each = `list_transform(${list}, lambda ${item}: ${inner})`
    return index === column.lists.length - 1 ? each : `flatten(${each})`
  }, column.sql)

/** A value of a nested kind: it has no order, no pattern and no bounds. */
export const isNested = (column: MeasuredColumn): boolean =>
  column.kind === 'list' || column.kind === 'map' || column.kind === 'struct'

const orderedKinds: ReadonlySet<ColumnKind> = new Set([
  'whole',
  'decimal',
  'float',
  'text',
  'date',
  'timestamp',
  'zonedTimestamp',
  'time',
])

/** A value of a kind whose order means something to a reader. */
export const isOrdered = (column: MeasuredColumn): boolean => orderedKinds.has(column.kind)

export const isNumber = (column: MeasuredColumn): boolean =>
  column.kind === 'whole' || column.kind === 'decimal' || column.kind === 'float'

/** The value as a DOUBLE; NULL for infinities and NaN, of which there is no mean. */
export const finite = (column: MeasuredColumn, x: string): string =>
  column.kind === 'float' ? `if(isfinite(${x}), ${x}, null)::double` : `${x}::double`

/** Where a name leads: a column, a field inside STRUCTs by a dotted path (`address.city`), items of lists and maps (`lines[].sku`, `labels[key]`). */
export const resolveColumn = (name: string, columns: readonly MeasuredColumn[]): MeasuredColumn | undefined => {
  const outer = startOf(name, columns)
  return outer === undefined ? undefined : walk(outer, name.slice(outer.name.length))
}

/** The longest of those with whose name the path begins: names may have dots. */
const startOf = <T extends { readonly name: string }>(path: string, named: readonly T[]): T | undefined => {
  const fits = (wanted: string, name: string): boolean =>
    wanted === name || wanted.startsWith(`${name}.`) || wanted.startsWith(`${name}[`)
  const found = named.filter(it => fits(path, it.name))
  const alike = found.length > 0 ? found : named.filter(it => fits(path.toLowerCase(), it.name.toLowerCase()))
  return alike.sort((a, b) => b.name.length - a.name.length)[0]
}

const walk = (column: MeasuredColumn, path: string): MeasuredColumn | undefined => {
  if (path === '') return column
  const inside = insideOf(column.type)
  const step = (name: string, sql: string, type: string, rest: string, parent?: string): MeasuredColumn | undefined =>
    walk(
      measuredColumn(column.name + name, sql, type, {
        lists: column.lists,
        ...(parent === undefined ? {} : { parent }),
      }),
      rest,
    )
  const items = (name: string, list: string, type: string): MeasuredColumn | undefined => {
    const item = `item${column.lists.length}`
    const lists = [...column.lists, { list, item }]
    return walk(measuredColumn(column.name + name, item, type, { lists }), path.slice(name.length))
  }
  if (path.startsWith('[]')) return inside?.kind === 'list' ? items('[]', column.sql, inside.item) : undefined
  if (path.startsWith('[key]'))
    return inside?.kind === 'map' ? items('[key]', `map_keys(${column.sql})`, inside.key) : undefined
  if (path.startsWith('[value]'))
    return inside?.kind === 'map' ? items('[value]', `map_values(${column.sql})`, inside.value) : undefined
  const named = path.slice(1)
  if (isJson(column))
    return step(path, `json_extract_string(${column.sql}, ${quoteText(`$."${named}"`)})`, 'VARCHAR', '', column.sql)
  const field = inside?.kind === 'struct' ? startOf(named, inside.fields) : undefined
  if (field === undefined) return undefined
  const rest = named.slice(field.name.length)
  return step(
    `.${named.slice(0, field.name.length)}`,
    `${column.sql}.${quoteName(field.name)}`,
    field.type,
    rest,
    column.sql,
  )
}

export const isJson = (column: MeasuredColumn): boolean => column.type.toUpperCase() === 'JSON'

/** Why a name leads nowhere, in words. */
export const unknownColumn = (name: string, columns: readonly MeasuredColumn[]): string => {
  const near = nearest(
    name,
    columns.map(it => it.name),
  )
  return `no column "${name}" in the data${near === undefined ? '' : `; did you mean "${near}"?`}`
}
