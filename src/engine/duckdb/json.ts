/** JSON documents and lines as DuckDB's SQL. */
import { quoteName, quoteText, type Relation, type RelationColumn } from '../engine.ts'
import { exactValue, isExact } from './exact.ts'
import { pathValue } from './path-value.ts'

/** One record may be this long; the engine keeps two such buffers for each thread. */
const objectBytesMax = 32 * 1024 * 1024

/** Exactly these columns: a key that is absent is null, one that is not declared is left out. Without columns they are inferred from all records. */
export const jsonSelect = ({ files, columns }: Relation & { kind: 'json' }): string => {
  const list = `[${files.map(quoteText).join(', ')}]`
  const size = `maximum_object_size = ${objectBytesMax}, hive_partitioning = false`
  if (columns === undefined)
    return `select * from read_json(${list}, sample_size = -1, maximum_depth = -1, union_by_name = true, ${size})`
  const inside = columns.filter(column => column.isInPath !== true)
  const fields = inside.map(column => `${quoteText(column.name)}: ${quoteText(readAs(column.type))}`)
  const output = columns.map(
    column => `${column.isInPath === true ? pathValue(column) : fieldValue(column)} as ${quoteName(column.name)}`,
  )
  // Of a record that has none of its keys declared, at least its place is read.
  const read = fields.length === 0 ? "'json': 'VARCHAR'" : fields.join(', ')
  return `select ${output.join(', ')} from read_json(${list}, columns = {${read}}, ${size})`
}

/** Numbers that have to be exact are read as their texts. */
const readAs = (type: string): string => (isExact(type) ? 'VARCHAR' : type)

const fieldValue = (column: RelationColumn): string =>
  isExact(column.type) ? exactValue(column) : quoteName(column.name)
