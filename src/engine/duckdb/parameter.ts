/** Values of parameters as DuckDB binds them. */
import { DuckDBTimestampTZValue, type DuckDBValue, listValue, structValue } from '@duckdb/node-api'
import type { Value } from '../engine.ts'

export const boundValues = (values: readonly Value[]): DuckDBValue[] => values.map(boundValue)

const boundValue = (value: Value): DuckDBValue => {
  if (value === null || typeof value !== 'object') return value
  if (value instanceof Date) return new DuckDBTimestampTZValue(BigInt(value.getTime()) * 1000n)
  if (isList(value)) return listValue(boundValues(value))
  return structValue(Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, boundValue(inner)])))
}

/** Array.isArray does not narrow a readonly array away. */
const isList = (value: Value): value is readonly Value[] => Array.isArray(value)
