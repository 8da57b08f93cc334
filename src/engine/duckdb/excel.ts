/** Sheets of Excel as DuckDB's SQL, where its extension `excel` is installed. */
import { quoteName, quoteText, type Relation, type StoredColumn } from '../engine.ts'
import { exactValue, isExact } from './exact.ts'

/** The first row has the names. Without columns their types are taken from the cells. */
export const excelSelect = ({ files, columns, sheet, origin }: Relation & { kind: 'excel' }): string => {
  const settings = ['header = true', ...(sheet === undefined ? [] : [`sheet = ${quoteText(sheet)}`])]
  const selects = files.map((file, index) => {
    const number = origin === undefined ? [] : [`${origin.of[index]}::INTEGER as ${quoteName(origin.name)}`]
    if (columns === undefined)
      return `select ${['*', ...number].join(', ')} from read_xlsx(${quoteText(file)}, ${settings.join(', ')})`
    const output = [...columns.map(column => `${cellValue(column)} as ${quoteName(column.name)}`), ...number]
    return `select ${output.join(', ')} from read_xlsx(${quoteText(file)}, all_varchar = true, ${settings.join(', ')})`
  })
  return selects.join(columns === undefined ? ' union all by name ' : ' union all ')
}

const dayZero = '1899-12-30'

/** A day is a count of days to Excel, an instant has its time as the fraction, exact to a millisecond; both may also be texts. */
const cellValue = ({ name, type, storedName }: StoredColumn): string => {
  const value = quoteName(storedName ?? name)
  if (isExact(type)) return exactValue(value, type, name)
  const days = `try_cast(${value} as double)`
  const otherwise = `cast(${value} as ${type})`
  if (type === 'DATE')
    return `case when ${days} is null then ${otherwise} else date '${dayZero}' + cast(floor(${days}) as integer) end`
  if (type.startsWith('TIMESTAMP'))
    return `case when ${days} is null then ${otherwise} else cast(timestamp '${dayZero}' + to_microseconds(cast(round(${days} * 86400000) * 1000 as bigint)) as ${type}) end`
  return otherwise
}
