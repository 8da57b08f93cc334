/** A SELECT's rows as Parquet files, each column with its field id. */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { problem, WeftError } from '../../base/index.ts'
import {
  quoteName,
  quoteText,
  type RelationColumn,
  type Session,
  type WriteOptions,
  type WrittenFile,
} from '../engine.ts'
import { engineProblems } from '../problems.ts'

export const writeParquet = async (session: Session, sql: string, options: WriteOptions): Promise<WrittenFile[]> => {
  const { columns, folder, sortedBy } = options
  refuseUnwritable(columns)
  const found = new Map((await session.describe(sql)).map(column => [column.name.toLowerCase(), column.type]))
  const items = columns.map(column => {
    const name = quoteName(column.name)
    return found.get(column.name.toLowerCase()) === column.type
      ? `${name} as ${name}`
      : `cast(${name} as ${column.type}) as ${name}`
  })
  const inner = `select ${items.join(', ')} from (\n${sql}\n) as model`
  const ids = columns.map(column => `${quoteName(column.name)}: ${column.id ?? 0}`).join(', ')
  const withIds = columns.every(column => column.id !== undefined) ? [`field_ids {${ids}}`] : []
  const settings = ['format parquet', `compression ${options.compression ?? 'zstd'}`, ...withIds]
  const order = sortedBy === undefined ? '' : ` order by ${quoteName(sortedBy)} nulls last`
  const path = join(folder, 'part-0.parquet')
  await session.run(`copy (${inner}${order}) to ${quoteText(path)} (${settings.join(', ')})`)
  const [footer] = await session.footers([path])
  return [{ path, bytes: (await stat(path)).size, rows: footer?.rows ?? 0 }]
}

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
