/** The relation under measure: its name in the session, its columns, and what the footers of its files say of them. */
import { hashValue } from '../../base/index.ts'
import { quoteName, quoteText, type Relation, type Session, type Value } from '../../engine/index.ts'
import { isNested, type MeasuredColumn, measuredColumn } from './column.ts'

/** Of a column, from Parquet footers: exact, or absent. `min` and `max` are both null where all values are. */
export interface ColumnStatistics {
  readonly nulls: number
  readonly bounds?: { readonly min: Value; readonly max: Value }
}

export interface MeasureSubject {
  readonly session: Session
  /** A name that needs no quotes. */
  readonly table: string
  readonly rows: number
  readonly columns: readonly MeasuredColumn[]
  readonly statistics: ReadonlyMap<string, ColumnStatistics>
  /** Columns that every file has under their own name. */
  readonly named: ReadonlySet<string>
}

/** Defines the relation in the session under a name of its own. CSV files are read once, here. */
export const openSubject = async (session: Session, dataset: string, relation: Relation): Promise<MeasureSubject> => {
  const named = await namedColumns(session, relation)
  const table = await defineRelation(session, dataset, relation, named)
  const described = await session.describe(`select * from ${table}`)
  const columns = described.map(({ name, type }) => measuredColumn(name, quoteName(name), type))
  // A nested column has no entry of its own in a footer.
  const leaves = columns.filter(it => named?.has(it.name) !== false && !isNested(it))
  const footers = await readFooters(session, relation, leaves)
  return {
    ...{ session, table, columns, statistics: footers.statistics },
    rows: footers.rows ?? (await countRows(session, table)),
    named: named ?? new Set(footers.statistics.keys()),
  }
}

/** Some of the files of a subject: their rows, and no statistics. */
export const openPart = async (
  subject: MeasureSubject,
  dataset: string,
  relation: Relation,
): Promise<MeasureSubject> => {
  const table = await defineRelation(subject.session, dataset, relation, subject.named)
  return { ...subject, table, rows: await countRows(subject.session, table), statistics: new Map() }
}

const countRows = async (session: Session, table: string): Promise<number> => {
  const [counted] = await session.rows(`select count(*) as n from ${table}`)
  return Number(counted?.n ?? 0)
}

/** The same relation has the same name, so that what is asked later meets the same rows. */
export const defineRelation = async (
  session: Session,
  dataset: string,
  relation: Relation,
  named: ReadonlySet<string> | undefined = undefined,
): Promise<string> => {
  const name = `weft_measured_${hashValue([dataset, relation]).slice(0, 16)}`
  if (relation.kind !== 'csv') {
    await session.define([name], byName(relation, named))
    return name
  }
  await session.define([`${name}_file`], relation)
  await session.run(`create or replace table ${name} as select * from ${name}_file`)
  return name
}

/** Where every column is found by name it is not read by id: DuckDB 1.5 reads one file by ids with one thread, and lets the others spin. */
const byName = (relation: Relation, named: ReadonlySet<string> | undefined): Relation => {
  if (named === undefined || relation.kind !== 'parquet') return relation
  if (relation.columns?.every(it => named.has(it.name)) !== true) return relation
  return { ...relation, columns: relation.columns.map(({ name, type }) => ({ name, type })) }
}

/** The columns that every file has under their own name and id. Others are read through a default or another name. Undefined where none has an id. */
const namedColumns = async (session: Session, relation: Relation): Promise<ReadonlySet<string> | undefined> => {
  const columns = 'columns' in relation ? (relation.columns ?? []) : []
  if (columns.every(it => it.id === undefined)) return undefined
  if (relation.kind !== 'parquet' || relation.files.length === 0) return new Set()
  const found = await session.rows(
    `select name, field_id, count(distinct file_name) as files from parquet_schema(${fileList(relation.files)}) where num_children is null group by all`,
  )
  const inAll = found.filter(it => Number(it.files) === relation.files.length)
  const names = new Set(inAll.map(it => String(it.name)))
  const ids = new Set(inAll.map(it => `${it.field_id} ${it.name}`))
  return new Set(
    columns.flatMap(it =>
      (it.id === undefined ? names.has(it.name) : ids.has(`${it.id} ${it.name}`)) ? [it.name] : [],
    ),
  )
}

const fileList = (files: readonly string[]): string => `[${files.map(quoteText).join(', ')}]`

/** Footers of floats may hide NaN, and those of texts may be cut: neither is asked. */
const boundedKinds = new Set(['whole', 'decimal', 'date', 'timestamp', 'zonedTimestamp'])

/** Rows, where the relation has all rows of its files, and what is known of columns that every file has. */
const readFooters = async (
  session: Session,
  relation: Relation,
  columns: readonly MeasuredColumn[],
): Promise<{ readonly rows?: number; readonly statistics: MeasureSubject['statistics'] }> => {
  if (relation.kind !== 'parquet' || relation.files.length === 0) return { statistics: new Map() }
  const selected = columns.flatMap((column, index) => statisticsSql(column, index))
  const [row = {}] = await session.rows(
    `select ${['sum(row_group_num_rows) filter (where column_id = 0) as n', ...selected].join(', ')} from parquet_metadata(${fileList(relation.files)})`,
  )
  const known = columns.flatMap((column, index) => {
    const statistics = statisticsOf(row, index)
    return statistics === undefined ? [] : [[column.name, statistics] as const]
  })
  return {
    ...(relation.only === undefined ? { rows: Number(row.n ?? 0) } : {}),
    statistics: new Map(known),
  }
}

/** A column counts where every row group has it, and says how many nulls it has there. */
const statisticsSql = (column: MeasuredColumn, index: number): string[] => {
  const own = `filter (where path_in_schema = ${quoteText(column.name)})`
  const nulls = `case when count(*) filter (where column_id = 0) = count(stats_null_count) ${own} then sum(stats_null_count) ${own} end as n${index}`
  if (!boundedKinds.has(column.kind)) return [nulls]
  const min = `try_cast(stats_min_value as ${column.type})`
  const max = `try_cast(stats_max_value as ${column.type})`
  return [
    nulls,
    `min(${min}) ${own} as min${index}`,
    `max(${max}) ${own} as max${index}`,
    `bool_and(type in ('INT32', 'INT64') and ((${min} is not null and ${max} is not null) or stats_null_count = num_values)) ${own} as whole${index}`,
  ]
}

const statisticsOf = (row: Readonly<Record<string, Value>>, index: number): ColumnStatistics | undefined => {
  const nulls = row[`n${index}`]
  if (nulls === null || nulls === undefined) return undefined
  const isWhole = row[`whole${index}`] === true
  const bounds = { min: row[`min${index}`] ?? null, max: row[`max${index}`] ?? null }
  return { nulls: Number(nulls), ...(isWhole ? { bounds } : {}) }
}
