/** Sheets of Excel as DuckDB's SQL, where its extension `excel` is installed. */
import { quoteName, quoteText, type Relation, type RelationColumn } from '../engine.ts'
import { exactValue, isExact } from './exact.ts'
import { pathValue } from './path-value.ts'

/** The first row has the names. Without columns their types are taken from the cells. */
export const excelSelect = ({ files, columns, sheet }: Relation & { kind: 'excel' }): string => {
  const settings = ['header = true', ...(sheet === undefined ? [] : [`sheet = ${quoteText(sheet)}`])]
  const selects = files.map(file => {
    if (columns === undefined) return `select * from read_xlsx(${quoteText(file)}, ${settings.join(', ')})`
    const output = columns.map(column => `${cellValue(column, file)} as ${quoteName(column.name)}`)
    return `select ${output.join(', ')} from read_xlsx(${quoteText(file)}, all_varchar = true, ${settings.join(', ')})`
  })
  return selects.join(columns === undefined ? ' union all by name ' : ' union all ')
}

const dayZero = '1899-12-30'

/** A day is a count of days to Excel, an instant has its time as the fraction, exact to a millisecond; both may also be texts. */
const cellValue = (column: RelationColumn, file: string): string => {
  if (column.isInPath === true) return pathValue(column).replaceAll('filename', quoteText(file))
  if (isExact(column.type)) return exactValue(column)
  const value = quoteName(column.name)
  const days = `try_cast(${value} as double)`
  const otherwise = `cast(${value} as ${column.type})`
  if (column.type === 'DATE')
    return `case when ${days} is null then ${otherwise} else date '${dayZero}' + cast(floor(${days}) as integer) end`
  if (column.type.startsWith('TIMESTAMP'))
    return `case when ${days} is null then ${otherwise} else cast(timestamp '${dayZero}' + to_microseconds(cast(round(${days} * 86400000) * 1000 as bigint)) as ${column.type}) end`
  return otherwise
}
