/** The relation under measure: its name in the session, its columns, and what the footers of its files say of them. */
import { hashValue } from '../../base/index.ts'
import { quoteName, type Relation, type Session } from '../../engine/index.ts'
import { isNested, type MeasuredColumn, measuredColumn } from './column.ts'
import { type ColumnStatistics, fileList, readFooters } from './footers.ts'

export interface MeasureSubject {
  readonly session: Session
  /** A name that needs no quotes. */
  readonly table: string
  readonly rows: number
  readonly columns: readonly MeasuredColumn[]
  readonly statistics: ReadonlyMap<string, ColumnStatistics>
  /** Columns that the files have under their own name. */
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

/** The columns that every file has under their own name and id. Others are read through a default or another name. Undefined where none has an id or another name. */
const namedColumns = async (session: Session, relation: Relation): Promise<ReadonlySet<string> | undefined> => {
  const all = 'columns' in relation ? (relation.columns ?? []) : []
  const columns = all.filter(it => it.storedName === undefined || it.storedName === it.name)
  if (all.every(it => it.id === undefined))
    return columns.length === all.length ? undefined : new Set(columns.map(it => it.name))
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
