/** A column's type in one spelling, as DuckDB writes it, from what a contract says: `physicalType` first, else `logicalType`. Pure. */
import type { ColumnDocument } from '../contract/documents.ts'
import { isReserved } from './reserved.ts'

const plain: Readonly<Record<string, string>> = {
  BOOL: 'BOOLEAN',
  BOOLEAN: 'BOOLEAN',
  TINYINT: 'TINYINT',
  INT1: 'TINYINT',
  SMALLINT: 'SMALLINT',
  INT2: 'SMALLINT',
  SHORT: 'SMALLINT',
  INTEGER: 'INTEGER',
  INT: 'INTEGER',
  INT4: 'INTEGER',
  SIGNED: 'INTEGER',
  BIGINT: 'BIGINT',
  INT8: 'BIGINT',
  INT64: 'BIGINT',
  LONG: 'BIGINT',
  UTINYINT: 'UTINYINT',
  USMALLINT: 'USMALLINT',
  UINTEGER: 'UINTEGER',
  UBIGINT: 'UBIGINT',
  HUGEINT: 'HUGEINT',
  UHUGEINT: 'UHUGEINT',
  REAL: 'FLOAT',
  FLOAT4: 'FLOAT',
  FLOAT: 'FLOAT',
  DOUBLE: 'DOUBLE',
  FLOAT8: 'DOUBLE',
  FLOAT64: 'DOUBLE',
  'DOUBLE PRECISION': 'DOUBLE',
  VARCHAR: 'VARCHAR',
  CHAR: 'VARCHAR',
  BPCHAR: 'VARCHAR',
  CHARACTER: 'VARCHAR',
  'CHARACTER VARYING': 'VARCHAR',
  NVARCHAR: 'VARCHAR',
  NCHAR: 'VARCHAR',
  TEXT: 'VARCHAR',
  STRING: 'VARCHAR',
  JSON: 'JSON',
  UUID: 'UUID',
  BLOB: 'BLOB',
  BYTEA: 'BLOB',
  BINARY: 'BLOB',
  VARBINARY: 'BLOB',
  BYTES: 'BLOB',
  DATE: 'DATE',
  TIME: 'TIME',
  TIMESTAMP: 'TIMESTAMP',
  DATETIME: 'TIMESTAMP',
  TIMESTAMP_NTZ: 'TIMESTAMP',
  'TIMESTAMP WITHOUT TIME ZONE': 'TIMESTAMP',
  TIMESTAMPTZ: 'TIMESTAMP WITH TIME ZONE',
  TIMESTAMP_TZ: 'TIMESTAMP WITH TIME ZONE',
  'TIMESTAMP WITH TIME ZONE': 'TIMESTAMP WITH TIME ZONE',
  TIMESTAMP_S: 'TIMESTAMP_S',
  TIMESTAMP_MS: 'TIMESTAMP_MS',
  TIMESTAMP_NS: 'TIMESTAMP_NS',
  INTERVAL: 'INTERVAL',
}

const ofLogical: Readonly<Record<string, string>> = {
  string: 'VARCHAR',
  integer: 'BIGINT',
  number: 'DOUBLE',
  boolean: 'BOOLEAN',
  date: 'DATE',
  time: 'TIME',
  timestamp: 'TIMESTAMP',
}

const ofFormat: Readonly<Record<string, string>> = {
  i8: 'TINYINT',
  i16: 'SMALLINT',
  i32: 'INTEGER',
  i64: 'BIGINT',
  i128: 'HUGEINT',
  u8: 'UTINYINT',
  u16: 'USMALLINT',
  u32: 'UINTEGER',
  u64: 'UBIGINT',
  u128: 'UHUGEINT',
  f32: 'FLOAT',
  f64: 'DOUBLE',
}

/** A physical type in its one spelling; undefined where no known type has that name. */
export const canonicalPhysicalType = (text: string): string | undefined => {
  if (Object.hasOwn(plain, text)) return plain[text]
  const trimmed = text.trim().replace(/\s+/g, ' ')
  const list = /^(.*)\[(\d*)\]$/.exec(trimmed)
  if (list !== null) {
    const inner = canonicalPhysicalType(list[1] ?? '')
    return inner === undefined ? undefined : `${inner}[${list[2] ?? ''}]`
  }
  const nested = /^(STRUCT|MAP)\s*\((.*)\)$/i.exec(trimmed)
  if (nested !== null) return nestedType((nested[1] ?? '').toUpperCase(), nested[2] ?? '')
  const match = /^([A-Za-z_][A-Za-z0-9_ ]*?)\s*(?:\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\))?$/.exec(trimmed)
  const name = match?.[1]?.toUpperCase() ?? ''
  if (/^(DECIMAL|NUMERIC|NUMBER|DEC)$/.test(name)) {
    const precision = Number(match?.[2] ?? 18)
    const scale = Number(match?.[3] ?? (match?.[2] === undefined ? 3 : 0))
    return precision >= 1 && precision <= 38 && scale <= precision ? `DECIMAL(${precision},${scale})` : undefined
  }
  return Object.hasOwn(plain, name) ? plain[name] : undefined
}

const nestedType = (kind: string, inside: string): string | undefined => {
  const parts = splitTop(inside)
  if (kind === 'MAP') {
    const types = parts.map(canonicalPhysicalType)
    return types.length === 2 && types.every(it => it !== undefined) ? `MAP(${types.join(', ')})` : undefined
  }
  const fields = parts.map(part => {
    const { name, type: inner } = namedType(part)
    const type = canonicalPhysicalType(inner)
    return type === undefined ? undefined : `${fieldName(name)} ${type}`
  })
  return fields.every(it => it !== undefined) ? `STRUCT(${fields.join(', ')})` : undefined
}

/** What a type is made of, where it holds other types. */
export type Inside =
  | { readonly kind: 'list'; readonly item: string }
  | { readonly kind: 'map'; readonly key: string; readonly value: string }
  | { readonly kind: 'struct'; readonly fields: readonly { readonly name: string; readonly type: string }[] }

/** The parts of a list, a map or a structure, of a type in its one spelling; undefined of any other type. */
export const insideOf = (type: string): Inside | undefined => {
  const list = /^(.*)\[\d*\]$/s.exec(type)
  if (list !== null) return { kind: 'list', item: list[1] ?? '' }
  const nested = /^(STRUCT|MAP)\s*\((.*)\)$/is.exec(type)
  if (nested === null) return undefined
  const parts = splitTop(nested[2] ?? '')
  if (nested[1]?.toUpperCase() === 'MAP') return { kind: 'map', key: parts[0] ?? '', value: parts[1] ?? '' }
  return { kind: 'struct', fields: parts.map(namedType) }
}

/** `sku VARCHAR`, `"unit price" DECIMAL(9,2)`. */
const namedType = (part: string): { readonly name: string; readonly type: string } => {
  const match = /^("(?:[^"]|"")*"|\S+)\s+(.+)$/s.exec(part)
  const name = match?.[1] ?? ''
  return {
    name: name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name,
    type: match?.[2] ?? '',
  }
}

const fieldName = (name: string): string =>
  /^[a-z_][a-z0-9_]*$/.test(name) && !isReserved(name) ? name : `"${name.replaceAll('"', '""')}"`

/** Parts between commas that stand in no brackets and no quotes. */
const splitTop = (text: string): string[] => {
  const parts: string[] = []
  let depth = 0
  let quoted = false
  let start = 0
  for (let index = 0; index <= text.length; index++) {
    const char = text[index]
    if (char === '"') quoted = !quoted
    if (quoted) continue
    if (char === '(' || char === '[') depth++
    if (char === ')' || char === ']') depth--
    if (index === text.length || (char === ',' && depth === 0)) {
      parts.push(text.slice(start, index).trim())
      start = index + 1
    }
  }
  return parts.filter(part => part !== '')
}

export interface TypeOf {
  readonly type: string
  /** The physical type that nobody knows, where there is one; the type then follows from the logical type alone. */
  readonly unknown?: string
}

/** What the parts of a structure are called. */
type NameOf = (property: ColumnDocument) => string

/** The type of a column as its contract says it. A text where it says nothing at all. */
export const typeOf = (column: ColumnDocument, nameOf: NameOf = it => it.name): TypeOf => {
  const { logicalType, physicalType } = column
  const inner = nestedOf(column, nameOf)
  if (inner !== undefined) return inner
  const physical = physicalType === undefined ? undefined : canonicalPhysicalType(physicalType)
  if (physical !== undefined) return { type: physical }
  const type = ofOptions(column) ?? ofLogical[logicalType ?? 'string'] ?? 'VARCHAR'
  return physicalType === undefined ? { type } : { type, unknown: physicalType }
}

const ofOptions = ({ logicalType, logicalTypeOptions }: ColumnDocument): string | undefined => {
  const { format, timezone, dimensions } = logicalTypeOptions ?? {}
  if (logicalType === 'integer' || logicalType === 'number') return ofFormat[format ?? '']
  if (logicalType === 'timestamp' && timezone === true) return 'TIMESTAMP WITH TIME ZONE'
  if (logicalType === 'vector') return `FLOAT[${dimensions ?? ''}]`
  return undefined
}

const nestedOf = (column: ColumnDocument, nameOf: NameOf): TypeOf | undefined => {
  const { properties, items, map } = column
  if (map !== undefined) {
    const [key, value] = [typeOf(named(map.key), nameOf), typeOf(named(map.value), nameOf)]
    return withUnknown(`MAP(${key.type}, ${value.type})`, [key, value])
  }
  if (items !== undefined) {
    const item = typeOf(named(items), nameOf)
    return withUnknown(`${item.type}[]`, [item])
  }
  if (properties === undefined || properties.length === 0) return undefined
  const fields = properties.map(property => ({ name: nameOf(property), ...typeOf(property, nameOf) }))
  return withUnknown(`STRUCT(${fields.map(it => `${fieldName(it.name)} ${it.type}`).join(', ')})`, fields)
}

/** An item has the shape of a column, its name aside. */
const named = (item: Omit<ColumnDocument, 'name'> & { readonly name?: string | undefined }): ColumnDocument => ({
  ...item,
  name: item.name ?? '',
})

const withUnknown = (type: string, inner: readonly TypeOf[]): TypeOf => {
  const unknown = inner.find(it => it.unknown !== undefined)?.unknown
  return unknown === undefined ? { type } : { type, unknown }
}
