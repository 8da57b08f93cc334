/** A SELECT's rows as Parquet files, each column with its field id. */
import { join } from 'node:path'
import { assert, chunksWithin, problem, WeftError } from '../../base/index.ts'
import {
  partitionText,
  quoteName,
  quoteText,
  type RelationColumn,
  type Session,
  type Value,
  type WriteOptions,
  type WrittenFile,
} from '../engine.ts'
import { engineProblems } from '../problems.ts'

export const writeParquet = async (session: Session, sql: string, options: WriteOptions): Promise<WrittenFile[]> => {
  const { columns, folder, cut, sortedBy = cut?.partition.column } = options
  refuseUnwritable(columns)
  const items = columns.map(({ name, type }) => `cast(${quoteName(name)} as ${type}) as ${quoteName(name)}`)
  const inner = `select ${items.join(', ')} from (\n${sql}\n) as model`
  const ids = columns.map(column => `${quoteName(column.name)}: ${column.id ?? 0}`).join(', ')
  const withIds = columns.every(column => column.id !== undefined) ? [`field_ids {${ids}}`] : []
  const settings = ['format parquet', 'return_stats', `compression ${options.compression ?? 'zstd'}`, ...withIds]
  const order = sortedBy === undefined ? '' : ` order by ${quoteName(sortedBy)} nulls last`
  const copy = async (select: string, index: number): Promise<WrittenFile> => {
    const path = join(folder, `part-${index}.parquet`)
    const [told] = await session.rows(`copy (${select}) to ${quoteText(path)} (${settings.join(', ')})`)
    const nulls = nullsIn(told?.column_statistics, columns)
    return { path, bytes: Number(told?.file_size_bytes), rows: Number(told?.count), nulls }
  }
  return cut === undefined
    ? [await copy(`${inner}${order}`, 0)]
    : writeCut(session, `${inner}${order}`, columns, cut, copy)
}

/**
 * Where to cut is known once all rows are there, so they are kept in a table first, which spills like a sort. To write them as one file and
 * cut that one took a third more processor time; to count first runs the model twice.
 */
const writeCut = async (
  session: Session,
  ordered: string,
  columns: readonly RelationColumn[],
  { partition, rowsMax }: NonNullable<WriteOptions['cut']>,
  copy: (select: string, index: number) => Promise<WrittenFile>,
): Promise<WrittenFile[]> => {
  const table = 'temp.__weft_cut'
  // Names of ours, since a column may be called rowid.
  const own = columns.map(({ name }, index) => `${quoteName(name)} as c${index}`).join(', ')
  const named = columns.map(({ name }, index) => `c${index} as ${quoteName(name)}`).join(', ')
  const by = { ...partition, column: `c${columns.findIndex(it => it.name === partition.column)}` }
  await session.run(`create temp table __weft_cut as select ${own} from (${ordered})`)
  try {
    const found = await session.rows(
      `select count(*) as n, min(rowid) as first, max(rowid) as last from ${table} group by ${partitionText(by)} order by 2`,
    )
    const parts = found.map(row => ({ rows: Number(row.n), first: Number(row.first), last: Number(row.last) }))
    for (const { rows, first, last } of parts) assert(last - first + 1 === rows, 'a partition lies in one piece')
    const files: WrittenFile[] = []
    // Sessions do without: only a sort keeps its order then, and here it is behind us.
    await session.run('set preserve_insertion_order = true')
    for (const pack of chunksWithin(parts, it => it.rows, rowsMax)) {
      const [first, last] = [pack[0]?.first ?? 0, pack.at(-1)?.last ?? 0]
      const file = await copy(`select ${named} from ${table} where rowid between ${first} and ${last}`, files.length)
      assert(file.rows === last - first + 1, 'rows that are cut are all written')
      files.push(file)
    }
    return files
  } finally {
    await session.run('set preserve_insertion_order = false')
    await session.run(`drop table ${table}`)
  }
}

/** The engine tells of each leaf by its quoted path; a column with leaves below it has no count of its own. */
const nullsIn = (statistics: Value | undefined, columns: readonly RelationColumn[]): Record<string, number> =>
  Object.fromEntries(
    columns.flatMap(({ name }) => {
      const count = fieldOf(fieldOf(statistics, quoteName(name)), 'null_count')
      return count === undefined ? [] : [[name, Number(count)]]
    }),
  )

const fieldOf = (value: Value | undefined, key: string): Value | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
    ? Object.entries(value).find(([name]) => name === key)?.[1]
    : undefined

const refuseUnwritable = (columns: readonly RelationColumn[]): void => {
  const bad = columns.find(column => /\bU?HUGEINT\b/.test(column.type))
  if (bad === undefined) return
  throw new WeftError(
    'invalid',
    problem(
      engineProblems,
      'engine.unwritable-type',
      `column ${bad.name} has the type ${bad.type}, which Parquet would keep as DOUBLE`,
      {
        found: bad.type,
        expected: 'BIGINT or DECIMAL(38,0)',
        help: `give ${bad.name} the physicalType BIGINT or DECIMAL(38,0) in the contract`,
      },
    ),
  )
}
