/** A column as the measuring statements see it: its SQL, its type, and what can be asked of that type. */
import { nearest } from '../../base/index.ts'
import { quoteName } from '../../engine/index.ts'

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

export interface MeasuredColumn {
  /** As the rule or the contract names it: `total`, `address.city`. */
  readonly name: string
  /** The expression that selects it from the measured relation. */
  readonly sql: string
  readonly type: string
  readonly kind: ColumnKind
  /** Of a field inside a STRUCT: the expression of that STRUCT. */
  readonly parent?: string
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

export const measuredColumn = (name: string, sql: string, type: string): MeasuredColumn => {
  const kind = kindOf(type)
  const digits = kind === 'decimal' ? /\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)/.exec(type) : null
  if (kind !== 'decimal') return { name, sql, type, kind }
  return { name, sql, type, kind, precision: Number(digits?.[1] ?? 18), scale: Number(digits?.[2] ?? (digits ? 0 : 3)) }
}

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

/** Where a name leads: a column, or a field inside STRUCTs by a dotted path (`address.city`), whose type the engine must tell. */
export const resolveColumn = (
  name: string,
  columns: readonly MeasuredColumn[],
): MeasuredColumn | { readonly sql: string; readonly parent: string } | undefined => {
  const exact = columns.find(it => it.name === name) ?? columns.find(it => it.name.toLowerCase() === name.toLowerCase())
  if (exact !== undefined) return exact
  const parts = name.split('.')
  for (let count = parts.length - 1; count > 0; count--) {
    const outer = columns.find(it => it.name === parts.slice(0, count).join('.'))
    if (outer?.kind === 'struct') {
      const fields = parts.slice(count).map(quoteName)
      return { sql: [outer.sql, ...fields].join('.'), parent: [outer.sql, ...fields.slice(0, -1)].join('.') }
    }
  }
  return undefined
}

/** Why a name leads nowhere, in words. */
export const unknownColumn = (name: string, columns: readonly MeasuredColumn[]): string => {
  const near = nearest(
    name,
    columns.map(it => it.name),
  )
  return `no column "${name}" in the data${near === undefined ? '' : `; did you mean "${near}"?`}`
}
