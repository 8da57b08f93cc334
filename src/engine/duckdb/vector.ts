/** DuckDB's chunks as batches that outlive them: values are copied out of the chunk's memory. */
import {
  DuckDBArrayValue,
  DuckDBBlobValue,
  type DuckDBDataChunk,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBType,
  DuckDBTypeId,
  DuckDBUnionValue,
  type DuckDBValue,
  type DuckDBVector,
} from '@duckdb/node-api'
import type { Batch, ColumnType, Value, Vector } from '../engine.ts'

type NumberArray = Exclude<Vector['data'], readonly unknown[]>

/** Types whose values DuckDB keeps as whole numbers or doubles of fixed width, just as a batch does. */
const fixedWidth: ReadonlySet<DuckDBTypeId> = new Set([
  DuckDBTypeId.TINYINT,
  DuckDBTypeId.SMALLINT,
  DuckDBTypeId.INTEGER,
  DuckDBTypeId.BIGINT,
  DuckDBTypeId.UTINYINT,
  DuckDBTypeId.USMALLINT,
  DuckDBTypeId.UINTEGER,
  DuckDBTypeId.UBIGINT,
  DuckDBTypeId.FLOAT,
  DuckDBTypeId.DOUBLE,
  DuckDBTypeId.DATE,
  DuckDBTypeId.TIMESTAMP,
  DuckDBTypeId.TIMESTAMP_TZ,
])

/** A chunk as a batch of the columns given. */
export const batchOf = (chunk: DuckDBDataChunk, columns: readonly ColumnType[]): Batch => ({
  rows: chunk.rowCount,
  vectors: columns.map((column, index) => vectorOf(chunk.getColumnVector(index), column.type)),
})

const vectorOf = (vector: DuckDBVector, type: string): Vector => {
  const id = vector.type.typeId
  const copied = fixedWidth.has(id) ? itemsOf(vector) : undefined
  if (copied !== undefined) return { type, data: copied, ...validityOf(vector, () => valuesOf(vector)) }
  const values = valuesOf(vector)
  const data =
    id === DuckDBTypeId.BOOLEAN
      ? Uint8Array.from(values, value => (value === true ? 1 : 0))
      : id === DuckDBTypeId.VARCHAR
        ? values
        : values.map(plainValue)
  return { type, data, ...validityOf(vector, () => values) }
}

const valuesOf = (vector: DuckDBVector): DuckDBValue[] =>
  Array.from({ length: vector.itemCount }, (_, index) => vector.getItem(index) as DuckDBValue) // a vector holds DuckDB values

/** The vector's own array, copied: it lies in the chunk's memory. Reading value by value is four times as slow. */
const itemsOf = (vector: DuckDBVector): NumberArray | undefined => {
  const items = 'items' in vector ? vector.items : undefined
  return isNumberArray(items) ? items.slice() : undefined
}

const isNumberArray = (value: unknown): value is NumberArray =>
  ArrayBuffer.isView(value) && !(value instanceof DataView) && 'slice' in value

/** DuckDB's validity has our layout: little-endian words of 64 bits, least significant first. */
const validityOf = (vector: DuckDBVector, values: () => readonly DuckDBValue[]): { valid?: Uint8Array } => {
  const mask = 'validity' in vector ? vector.validity : undefined
  const bytes = (vector.itemCount + 7) >> 3
  if (typeof mask === 'object' && mask !== null && 'data' in mask && 'offset' in mask && mask.offset === 0) {
    if (mask.data === null) return {}
    if (mask.data instanceof BigUint64Array)
      return { valid: new Uint8Array(mask.data.buffer, mask.data.byteOffset, bytes).slice() }
  }
  const found = values()
  if (!found.includes(null)) return {}
  const valid = new Uint8Array(bytes)
  for (const [index, value] of found.entries())
    if (value !== null) valid[index >> 3] = (valid[index >> 3] ?? 0) | (1 << (index & 7))
  return { valid }
}

/** A value as JSON can show it: whole numbers that a double holds are numbers, larger ones bigints, decimals and instants texts. */
export const plainValue = (value: DuckDBValue | undefined): Value => {
  if (value === null || value === undefined) return null
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value
  if (typeof value !== 'object') return value
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue) return value.items.map(plainValue)
  if (value instanceof DuckDBMapValue)
    return Object.fromEntries(value.entries.map(({ key, value: inner }) => [keyText(key), plainValue(inner)]))
  if (value instanceof DuckDBStructValue)
    return Object.fromEntries(Object.entries(value.entries).map(([key, inner]) => [key, plainValue(inner)]))
  if (value instanceof DuckDBUnionValue) return plainValue(value.value)
  if (value instanceof DuckDBTimestampValue) return String(value).replace(' ', 'T')
  // Its own text shows the machine's zone.
  if (value instanceof DuckDBTimestampTZValue)
    return `${String(new DuckDBTimestampValue(value.micros)).replace(' ', 'T')}Z`
  if (value instanceof DuckDBBlobValue) return Buffer.from(value.bytes).toString('base64')
  return String(value)
}

const keyText = (key: DuckDBValue): string => {
  const plain = plainValue(key)
  return typeof plain === 'object' ? JSON.stringify(plain) : String(plain)
}

/** A type as `Column.type` of the domain writes it. */
export const typeText = (type: DuckDBType): string => type.toString()
