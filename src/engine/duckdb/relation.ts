/** Relations as DuckDB's SQL. */
import { type CsvOptions, inPartitions, quoteName, quoteText, type Relation, type RelationColumn } from '../engine.ts'
import { encodingOf } from './csv-encoding.ts'
import { groupByHeader } from './csv-header.ts'
import { safeMark } from './error.ts'
import { excelSelect } from './excel.ts'
import { jsonSelect } from './json.ts'
import { pathValue } from './path-value.ts'

/** The SELECT that answers a relation's rows. */
export const selectOf = async (relation: Relation): Promise<string> => {
  if (relation.kind === 'empty') return emptySelect(relation.columns)
  if (relation.files.length === 0) return emptySelect(relation.columns ?? [])
  if (relation.kind === 'json') return jsonSelect(relation)
  if (relation.kind === 'excel') return excelSelect(relation)
  if (relation.kind === 'csv') return csvSelect(relation)
  const { files, columns, only } = relation
  const select = parquetSelect(files, columns)
  return only === undefined ? select : `select * from (${select}) where ${inPartitions(only, only.partitions)}`
}

const emptySelect = (columns: readonly RelationColumn[]): string =>
  `select ${columns.map(column => `cast(null as ${column.type}) as ${quoteName(column.name)}`).join(', ') || 'null'} where false`

const list = (files: readonly string[]): string => `[${files.map(quoteText).join(', ')}]`

const parquetSelect = (files: readonly string[], columns: readonly RelationColumn[] | undefined): string => {
  if (columns === undefined) return `select * from read_parquet(${list(files)}, hive_partitioning = false)`
  const names = columns.map(column => quoteName(column.name)).join(', ')
  if (columns.some(column => column.id === undefined)) {
    const casts = columns.map(column => {
      const value = column.isInPath === true ? pathValue(column) : `cast(${quoteName(column.name)} as ${column.type})`
      return `${value} as ${quoteName(column.name)}`
    })
    return `select ${casts.join(', ')} from read_parquet(${list(files)}, hive_partitioning = false)`
  }
  const schema = columns.map(
    column => `${column.id}: {name: ${quoteText(column.name)}, type: ${quoteText(column.type)}, default_value: NULL}`,
  )
  return `select ${names} from read_parquet(${list(files)}, schema = map {${schema.join(', ')}}, hive_partitioning = false)`
}

const csvSelect = async (relation: Relation & { kind: 'csv' }): Promise<string> => {
  const { files, columns, options } = relation
  if (columns === undefined)
    return `select * from read_csv(${list(files)}, ${[...csvArguments(options), 'union_by_name = true'].join(', ')})`
  const inside = columns.filter(column => column.isInPath !== true).map(column => column.name)
  const groups =
    options.header === false || options.isByPosition === true
      ? [{ columns: inside, files }]
      : await groupByHeader(files, inside, options)
  const types = new Map(columns.map(column => [column.name, column.type]))
  const output = columns
    .map(
      column =>
        `${column.isInPath === true ? pathValue(column) : fieldValue(column, options)} as ${quoteName(column.name)}`,
    )
    .join(', ')
  const selects = groups.map(group => {
    const fields = group.columns.map(name => `${quoteText(name)}: ${quoteText(readAs(types.get(name) ?? 'VARCHAR'))}`)
    const settings = [
      `columns = {${fields.join(', ')}}`,
      'auto_detect = false',
      ...csvArguments(options),
      options.skipsBroken === true ? 'ignore_errors = true' : 'strict_mode = true',
    ]
    return `select ${output} from read_csv(${list(group.files)}, ${settings.join(', ')})`
  })
  return selects.join(' union all ')
}

const whole = /^(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT|UTINYINT|USMALLINT|UINTEGER|UBIGINT)$/
const decimal = /^DECIMAL\(\d+,\s*(\d+)\)$/

/** Whole numbers and decimals are read as text first: DuckDB would round `15077.5` and `2.555` to their type without a word. */
const readAs = (type: string): string => (whole.test(type) || decimal.test(type) ? 'VARCHAR' : type)

/** `15076.0` is a whole number, `15076.5` is none; digits behind a decimal's scale may only be zeros. What cannot be kept as it is written is refused. */
const fieldValue = (column: RelationColumn, options: CsvOptions): string => {
  const name = quoteName(column.name)
  const digits = decimal.exec(column.type)?.[1]
  if (!whole.test(column.type) && digits === undefined) return name
  const scale = Number(digits ?? 0)
  // A point is then no separator: it becomes a comma, which no number may have.
  const comma = options.decimalSeparator ?? '.'
  const text = comma === '.' ? name : `translate(${name}, ${quoteText(`${comma}.`)}, '.,')`
  const refuse = (what: string): string => `error(${quoteText(`${safeMark}column ${column.name} holds ${what}`)})`
  const tooFine =
    digits === undefined
      ? refuse(`a number with a fraction where its type is ${column.type}`)
      : refuse(`a number with more digits than its type ${column.type} keeps`)
  // The pattern is slow, so a cheaper look finds the few texts that need it.
  const suspicious =
    digits === undefined
      ? `contains(${text}, '.') and not ends_with(${text}, '.0')`
      : `contains(${text}, '.') and length(${text}) - strpos(${text}, '.') > ${scale}`
  const fits = `regexp_full_match(${text}, '\\s*[^.eE]*(\\.\\d{0,${scale}}0*)?([eE]\\+?\\d+)?\\s*')`
  const isOther = refuse(`a text that is no ${column.type}`)
  const isFine = `((${suspicious}) or contains(${text}, 'e') or contains(${text}, 'E')) and not ${fits}`
  const cast = `try_cast(${text} as ${column.type})`
  return `case when ${isFine} then case when ${cast} is null then ${isOther} else ${tooFine} end when ${name} is null then null else coalesce(${cast}, ${isOther}) end`
}

const csvArguments = (options: CsvOptions): string[] => {
  const quote = options.quote ?? '"'
  const settings = [
    `delim = ${quoteText(options.delimiter ?? ',')}`,
    `quote = ${quoteText(quote)}`,
    `escape = ${quoteText(options.escape ?? quote)}`,
    `header = ${options.header === false ? 'false' : 'true'}`,
  ]
  const encoding = encodingOf(options.encoding ?? 'utf-8')
  if (encoding !== 'utf-8') settings.push(`encoding = ${quoteText(encoding)}`)
  if (options.nullText !== undefined) settings.push(`nullstr = ['', ${quoteText(options.nullText)}]`)
  if (options.decimalSeparator !== undefined)
    settings.push(`decimal_separator = ${quoteText(options.decimalSeparator)}`)
  if (options.dateFormat !== undefined) settings.push(`dateformat = ${quoteText(options.dateFormat)}`)
  if (options.timestampFormat !== undefined) settings.push(`timestampformat = ${quoteText(options.timestampFormat)}`)
  return settings
}
