/** Relations as DuckDB's SQL. */
import {
  type CsvOptions,
  inPartitions,
  quoteName,
  quoteText,
  type Relation,
  type RelationColumn,
  type StoredColumn,
} from '../engine.ts'
import { safeMark } from './error.ts'
import { excelSelect } from './excel.ts'
import { groupByHeader } from './header-group.ts'
import { renamedInside } from './inside-names.ts'
import { jsonSelect } from './json.ts'
import { originColumn } from './origin.ts'
import { textValue } from './text-value.ts'

/** The SELECT that answers a relation's rows. */
export const selectOf = async (relation: Relation): Promise<string> => {
  if (relation.kind === 'empty') return emptySelect(relation.columns)
  if (relation.files.length === 0) {
    const { origin, misfits = undefined } = { misfits: undefined, ...relation }
    return emptySelect([
      ...(relation.columns ?? []),
      ...(misfits === undefined ? [] : [{ name: misfits, type: 'VARCHAR[]' }]),
      ...(origin === undefined ? [] : [{ name: origin.name, type: 'INTEGER' }]),
    ])
  }
  if (relation.kind === 'json') return jsonSelect(relation)
  if (relation.kind === 'excel') return excelSelect(relation)
  if (relation.kind === 'csv') return csvSelect(relation)
  const select = parquetSelect(relation)
  const { only } = relation
  return only === undefined ? select : `select * from (${select}) where ${inPartitions(only, only.partitions)}`
}

const emptySelect = (columns: readonly RelationColumn[]): string =>
  `select ${columns.map(column => `cast(null as ${column.type}) as ${quoteName(column.name)}`).join(', ') || 'null'} where false`

const list = (files: readonly string[]): string => `[${files.map(quoteText).join(', ')}]`

const parquetSelect = (relation: Relation & { kind: 'parquet' }): string => {
  const { files, columns } = relation
  const from = `from read_parquet(${list(files)}, hive_partitioning = false`
  const origin = originColumn(relation)
  if (columns === undefined) return `select ${['*', ...origin].join(', ')} ${from})`
  const names = columns.map(column => quoteName(column.name))
  if (columns.some(column => column.id === undefined)) {
    if (relation.misfits !== undefined) {
      const values = columns.map((column: StoredColumn) => {
        const { type, storedType = type, sourceType = type } = column
        const found = quoteName(column.storedName ?? column.name)
        const named = renamedInside({ sql: found, type: storedType }, sourceType, type)
        return { column, found, value: storedValue(named.sql, named.type, type) }
      })
      const row = relation.row === undefined ? [] : [`file_row_number + 1 as ${quoteName(relation.row)}`]
      const json = `to_json({${values.map(({ found }) => `${found}: ${found}`).join(', ')}})::varchar`
      const raw =
        relation.raw === undefined
          ? []
          : [`case when ${isMisfit(values)} then ${json} end as ${quoteName(relation.raw)}`]
      return `select ${[...checkedColumns(values, relation.misfits), ...row, ...raw, ...origin].join(', ')} ${from})`
    }
    const casts = columns.map(
      (column, index) => `cast(${quoteName(column.storedName ?? column.name)} as ${column.type}) as ${names[index]}`,
    )
    return `select ${[...casts, ...origin].join(', ')} ${from})`
  }
  const schema = columns.map(
    column => `${column.id}: {name: ${quoteText(column.name)}, type: ${quoteText(column.type)}, default_value: NULL}`,
  )
  return `select ${[...names, ...origin].join(', ')} ${from}, schema = map {${schema.join(', ')}})`
}

/** A value of one type as one of another; NULL where the way back would not give the same. */
const storedValue = (found: string, from: string, to: string): string => {
  if (from === to) return found
  if (from === 'VARCHAR') return textValue(found, to, {})
  const cast = `try_cast(${found} as ${to})`
  return to === 'VARCHAR'
    ? cast
    : `case when try_cast(${cast} as ${from}) is not distinct from ${found} then ${cast} end`
}

interface CheckedColumn {
  readonly column: RelationColumn
  /** What the file holds, as SQL. */
  readonly found: string
  /** What it means; NULL where it is not of the column's type. */
  readonly value: string
}

const isMisfit = (columns: readonly CheckedColumn[]): string =>
  columns.map(({ found, value }) => `(${found} is not null and (${value}) is null)`).join(' or ') || 'false'

const checkedColumns = (columns: readonly CheckedColumn[], misfits: string): string[] => {
  const bad = columns.map(
    ({ column, found, value }) =>
      `case when ${found} is not null and (${value}) is null then ${quoteText(column.name)} end`,
  )
  return [
    ...columns.map(({ column, value }) => `${value} as ${quoteName(column.name)}`),
    // The list is made for the few rows that need one.
    `case when ${isMisfit(columns)} then list_filter([${bad.join(', ')}]::varchar[], lambda name: name is not null) end as ${quoteName(misfits)}`,
  ]
}

const csvSelect = async (relation: Relation & { kind: 'csv' }): Promise<string> => {
  const { files, columns, options, fields } = relation
  if (columns === undefined)
    return `select * from read_csv(${list(files)}, ${[...csvArguments(options), 'union_by_name = true'].join(', ')})`
  const names = columns.map(column => column.name)
  const groups =
    fields !== undefined || options.header === false || options.isByPosition === true
      ? [{ fields: fields ?? names, emptyLines: options.emptyLines ?? 0, files }]
      : (await groupByHeader(files, names, options)).map(({ columns, ...group }) => ({ ...group, fields: columns }))
  return groups.map(group => groupSelect(relation, columns, group)).join(' union all ')
}

/** Fields get names of our own: a header may hold two that differ in case alone. All are read as texts, and made values by one set of rules. */
const groupSelect = (
  relation: Relation & { kind: 'csv' },
  columns: readonly RelationColumn[],
  group: {
    readonly fields: readonly (string | undefined)[]
    readonly emptyLines: number
    readonly files: readonly string[]
  },
): string => {
  const { options, misfits } = relation
  const { fields, emptyLines, files } = group
  const settings = [
    `columns = {${fields.map((_, index) => `field${index}: 'VARCHAR'`).join(', ')}}`,
    'auto_detect = false',
    ...csvArguments(options),
    options.skipsBroken === true ? 'ignore_errors = true' : 'strict_mode = true',
    ...(emptyLines === 0 ? [] : [`skip = ${emptyLines}`]),
  ]
  const checked = columns.map(column => {
    const at = fields.indexOf(column.name)
    if (at < 0) return { column, found: 'null', value: `cast(null as ${column.type})` }
    return { column, found: `field${at}`, value: textValue(`field${at}`, column.type, options) }
  })
  const output = misfits === undefined ? checked.map(refusingColumn) : checkedColumns(checked, misfits)
  return `select ${[...output, ...originColumn(relation)].join(', ')} from read_csv(${list(files)}, ${settings.join(', ')})`
}

const refusingColumn = ({ column, found, value }: CheckedColumn): string => {
  const what = column.type === 'VARCHAR' ? 'a NUL' : `a value that is no ${column.type}`
  const refuse = `error(${quoteText(`${safeMark}column ${column.name} holds ${what}`)})`
  return `coalesce(${value}, case when ${found} is not null then ${refuse} end) as ${quoteName(column.name)}`
}

const csvArguments = (options: CsvOptions): string[] => {
  const quote = options.quote ?? '"'
  const settings = [
    `delim = ${quoteText(options.delimiter ?? ',')}`,
    `quote = ${quoteText(quote)}`,
    `escape = ${quoteText(options.escape ?? quote)}`,
    `header = ${options.header === false ? 'false' : 'true'}`,
  ]
  if (options.nullText !== undefined) settings.push(`nullstr = ['', ${quoteText(options.nullText)}]`)
  if (options.lineBytesMax !== undefined)
    settings.push(
      `max_line_size = ${options.lineBytesMax}`,
      `buffer_size = ${Math.max(32_000_000, 2 * options.lineBytesMax)}`,
    )
  return settings
}
