/** JSON documents and lines as DuckDB's SQL. */
import { insideOf } from '../../domain/index.ts'
import { quoteName, quoteText, type Relation, type StoredColumn } from '../engine.ts'
import { exactValue, isExact } from './exact.ts'
import { originColumn } from './origin.ts'

/** One record may be this long; the engine keeps two such buffers for each thread. */
const objectBytesMax = 32 * 1024 * 1024

/** Exactly these columns: a key that is absent is null, one that is not declared is left out. Without columns they are inferred from all records. */
export const jsonSelect = (relation: Relation & { kind: 'json' }): string => {
  const { files, columns } = relation
  const list = `[${files.map(quoteText).join(', ')}]`
  const size = `maximum_object_size = ${objectBytesMax}, hive_partitioning = false`
  const origin = originColumn(relation)
  if (columns === undefined)
    return `select ${['*', ...origin].join(', ')} from read_json(${list}, sample_size = -1, maximum_depth = -1, union_by_name = true, ${size})`
  const record = namedFields(columns)
  const keys = record.flatMap(field => field.keys.map(key => `${quoteText(key)}: ${quoteText(readAs(field))}`))
  const output = record.map(field => {
    const found = firstOf(field.keys.map(quoteName))
    return `${typedValue(found, field, field.name, 0)} as ${quoteName(field.name)}`
  })
  // Of a record that has none of its keys declared, at least its place is read.
  const read = keys.length === 0 ? "'json': 'VARCHAR'" : keys.join(', ')
  return `select ${[...output, ...origin].join(', ')} from read_json(${list}, columns = {${read}}, ${size})`
}

/** A type, and the same with the names that the files use inside of it. */
interface Value {
  readonly type: string
  readonly storedType?: string
}

interface Field extends Value {
  readonly name: string
  /** Under which it may stand, the likelier first. */
  readonly keys: readonly string[]
}

/** A name that is another field's stored name belongs to that one; the engine tells no two keys apart by case alone. */
const namedFields = (columns: readonly StoredColumn[]): Field[] => {
  const stored = new Set(columns.map(it => (it.storedName ?? it.name).toLowerCase()))
  return columns.map(({ storedName, ...column }) => {
    const { name } = column
    if (storedName === undefined) return { ...column, keys: [name] }
    return { ...column, keys: stored.has(name.toLowerCase()) ? [storedName] : [storedName, name] }
  })
}

const firstOf = (values: readonly string[]): string =>
  values.length === 1 ? (values[0] ?? '') : `coalesce(${values.join(', ')})`

type Parts =
  | { readonly kind: 'list'; readonly item: Value }
  | { readonly kind: 'map'; readonly key: Value; readonly value: Value }
  | { readonly kind: 'struct'; readonly fields: readonly Field[] }

/** Both types have one shape: only names differ. */
const partsOf = ({ type, storedType = type }: Value): Parts | undefined => {
  const [inside, stored] = [insideOf(type), insideOf(storedType)]
  if (inside?.kind === 'list' && stored?.kind === 'list')
    return { kind: 'list', item: { type: inside.item, storedType: stored.item } }
  if (inside?.kind === 'map' && stored?.kind === 'map')
    return {
      kind: 'map',
      key: { type: inside.key, storedType: stored.key },
      value: { type: inside.value, storedType: stored.value },
    }
  if (inside?.kind !== 'struct' || stored?.kind !== 'struct') return undefined
  const fields = inside.fields.map(({ name, type }, index) => {
    const { name: storedName, type: storedType } = stored.fields[index] ?? { name, type }
    return { name, type, storedType, ...(storedName === name ? {} : { storedName }) }
  })
  return { kind: 'struct', fields: namedFields(fields) }
}

/** Numbers that have to be exact are read as their texts. */
const readAs = (value: Value): string => {
  const parts = partsOf(value)
  switch (parts?.kind) {
    case 'list':
      return `${readAs(parts.item)}[]`
    case 'map':
      return `MAP(${readAs(parts.key)}, ${readAs(parts.value)})`
    case 'struct':
      return `STRUCT(${parts.fields.flatMap(field => field.keys.map(key => `${quoteName(key)} ${readAs(field)}`)).join(', ')})`
    default:
      return isExact(value.type) ? 'VARCHAR' : value.type
  }
}

/** What was read (an SQL expression) as a value of the type; lambdas of each depth have names of their own. */
const typedValue = (found: string, value: Value, column: string, depth: number): string => {
  if (readAs(value) === value.type) return found
  const parts = partsOf(value)
  const it = `it${depth}`
  switch (parts?.kind) {
    case 'list':
      return `cast(list_transform(${found}, lambda ${it}: ${typedValue(it, parts.item, column, depth + 1)}) as ${value.type})`
    case 'map': {
      const [key, entry] = [parts.key, parts.value].map((part, index) =>
        typedValue(`${it}.${index === 0 ? 'key' : 'value'}`, part, column, depth + 1),
      )
      return `map_from_entries(list_transform(map_entries(${found}), lambda ${it}: {k: ${key}, v: ${entry}}))`
    }
    case 'struct': {
      const fields = parts.fields.map(field => {
        const inside = firstOf(field.keys.map(key => `struct_extract(${found}, ${quoteText(key)})`))
        return `${quoteName(field.name)} := ${typedValue(inside, field, column, depth)}`
      })
      return `case when ${found} is null then null else struct_pack(${fields.join(', ')}) end`
    }
    default:
      return exactValue(found, value.type, column)
  }
}
