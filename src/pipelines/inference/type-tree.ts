/** A type's text as the columns of a contract: structures have properties, lists items, maps keys and values. Pure. */
import { type ColumnDocument, type ItemDocument, insideOf } from '../../domain/index.ts'
import { plainNames } from './names.ts'

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

/** The keys of a column that say its type; of a source, with what the files call the properties. Nothing has a type that Parquet cannot keep. */
export const typeDocument = (type: string, isSource: boolean): ItemDocument => {
  const inside = insideOf(type)
  switch (inside?.kind) {
    case 'list':
      return { logicalType: 'array', items: typeDocument(inside.item, isSource) }
    case 'map':
      return {
        logicalType: 'map',
        map: { key: typeDocument(inside.key, isSource), value: typeDocument(inside.value, isSource) },
      }
    case 'struct':
      return { logicalType: 'object', properties: propertiesOf(inside.fields, isSource) }
    default:
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

const propertiesOf = (
  fields: readonly { readonly name: string; readonly type: string }[],
  isSource: boolean,
): ColumnDocument[] => {
  const names = plainNames(fields.map(field => field.name))
  return fields.map((field, index) => {
    const { name: _, ...typed } = typeDocument(field.type, isSource)
    const name = names[index] ?? field.name
    return { name, ...(isSource && name !== field.name ? { physicalName: field.name } : {}), ...typed }
  })
}

const storable = (type: string): string => {
  if (type === 'HUGEINT' || type === 'UHUGEINT' || type === 'BIGNUM') return 'DECIMAL(38,0)'
  if (type === 'BLOB' || type === 'UUID' || Object.hasOwn(logical, type)) return type
  if (/^(DECIMAL|TIMESTAMP)/.test(type)) return type
  // JSON, INTERVAL, ENUM, BIT, a column of nothing but nulls: their texts.
  return 'VARCHAR'
}
