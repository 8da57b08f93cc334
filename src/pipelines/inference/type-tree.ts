/** A type's text as the columns of a contract: structures have properties, lists items, maps keys and values. Pure. */
import { type ItemDocument, splitTypes } from '../../domain/index.ts'

type LogicalType = NonNullable<ItemDocument['logicalType']>

const logical: Readonly<Record<string, LogicalType>> = {
  BOOLEAN: 'boolean',
  TINYINT: 'integer',
  SMALLINT: 'integer',
  INTEGER: 'integer',
  BIGINT: 'integer',
  UTINYINT: 'integer',
  USMALLINT: 'integer',
  UINTEGER: 'integer',
  UBIGINT: 'integer',
  FLOAT: 'number',
  DOUBLE: 'number',
  DATE: 'date',
  TIME: 'time',
}

/** The keys of a column that say its type. Nothing has a type that Parquet cannot keep. */
export const typeDocument = (type: string): ItemDocument => {
  const list = /^(.*)\[\d*\]$/s.exec(type)
  if (list !== null) return { logicalType: 'array', items: typeDocument(list[1] ?? '') }
  const nested = /^(STRUCT|MAP)\((.*)\)$/s.exec(type)
  if (nested?.[1] === 'MAP') {
    const [key = 'VARCHAR', value = 'VARCHAR'] = splitTypes(nested[2] ?? '')
    return { logicalType: 'map', map: { key: typeDocument(key), value: typeDocument(value) } }
  }
  if (nested !== null) {
    const properties = splitTypes(nested[2] ?? '').map(field => {
      const match = /^("(?:[^"]|"")*"|\S+)\s+(.+)$/s.exec(field)
      const name = (match?.[1] ?? field).replace(/^"([\s\S]*)"$/, '$1').replaceAll('""', '"')
      const { name: _, ...typed } = typeDocument(match?.[2] ?? 'VARCHAR')
      return { name, ...typed }
    })
    return { logicalType: 'object', properties }
  }
  const kept = storable(type)
  if (kept.startsWith('DECIMAL')) {
    return { logicalType: kept.endsWith(',0)') ? 'integer' : 'number', physicalType: kept }
  }
  if (kept.startsWith('TIMESTAMP')) {
    const zoned = kept.endsWith('ZONE')
    return {
      logicalType: 'timestamp',
      physicalType: zoned ? 'TIMESTAMPTZ' : kept,
      ...(zoned ? { logicalTypeOptions: { timezone: true } } : {}),
    }
  }
  return { logicalType: logical[kept] ?? 'string', physicalType: kept }
}

const storable = (type: string): string => {
  if (type === 'HUGEINT' || type === 'UHUGEINT' || type === 'BIGNUM') return 'DECIMAL(38,0)'
  if (type === 'BLOB' || type === 'UUID' || Object.hasOwn(logical, type)) return type
  if (/^(DECIMAL|TIMESTAMP)/.test(type)) return type
  // JSON, INTERVAL, ENUM, BIT, a column of nothing but nulls: their texts.
  return 'VARCHAR'
}
