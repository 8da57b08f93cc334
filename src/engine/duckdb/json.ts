/** JSON documents and lines as DuckDB's SQL. */
import { quoteName, quoteText, type Relation, type RelationColumn } from '../engine.ts'
import { safeMark } from './error.ts'
import { pathValue } from './path-value.ts'

/** One record may be this long; the engine keeps two such buffers for each thread. */
const objectBytesMax = 32 * 1024 * 1024

const whole = /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER)$/
const decimal = /^DECIMAL\(\d+,\s*(\d+)\)$/

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

/** DuckDB would cut `15076.5` down to a whole number without a word, so that numbers are read as their texts. */
const readAs = (type: string): string => (whole.test(type) || decimal.test(type) ? 'VARCHAR' : type)

const fieldValue = (column: RelationColumn): string => {
  const name = quoteName(column.name)
  const digits = decimal.exec(column.type)?.[1]
  if (!whole.test(column.type) && digits === undefined) return name
  const refused = `error(${quoteText(`${safeMark}column ${column.name} holds what is no ${column.type}`)})`
  const fits = `regexp_full_match(${name}, '\\s*[+-]?\\d*(\\.\\d{0,${digits ?? 0}}0*)?([eE]\\+?\\d+)?\\s*')`
  return `case when ${name} is null then null when ${fits} then coalesce(try_cast(${name} as ${column.type}), ${refused}) else ${refused} end`
}
