/** A SELECT's rows as Parquet files, each column with its field id. */
import { join } from 'node:path'
import { problem, WeftError } from '../../base/index.ts'
import {
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
  const { columns, folder, sortedBy } = options
  refuseUnwritable(columns)
  const items = columns.map(({ name, type }) => `cast(${quoteName(name)} as ${type}) as ${quoteName(name)}`)
  const inner = `select ${items.join(', ')} from (\n${sql}\n) as model`
  const ids = columns.map(column => `${quoteName(column.name)}: ${column.id ?? 0}`).join(', ')
  const withIds = columns.every(column => column.id !== undefined) ? [`field_ids {${ids}}`] : []
  const settings = ['format parquet', 'return_stats', `compression ${options.compression ?? 'zstd'}`, ...withIds]
  const order = sortedBy === undefined ? '' : ` order by ${quoteName(sortedBy)} nulls last`
  const path = join(folder, 'part-0.parquet')
  const told = await session.rows(`copy (${inner}${order}) to ${quoteText(path)} (${settings.join(', ')})`)
  return told.map(row => ({
    path,
    bytes: Number(row.file_size_bytes),
    rows: Number(row.count),
    nulls: nullsIn(row.column_statistics, columns),
  }))
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
