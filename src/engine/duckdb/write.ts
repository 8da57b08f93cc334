/** A SELECT's rows as Parquet files, each column with its field id, one file or more for each partition. */
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { problem, WeftError } from '../../base/index.ts'
import {
  partitionText,
  quoteName,
  quoteText,
  type RelationColumn,
  type Session,
  type WriteOptions,
  type WrittenFile,
} from '../engine.ts'
import { engineProblems } from '../problems.ts'

const partitionName = '__weft_partition'

/** Before every text of a partition, so that none is the name of the folder of nulls or an empty one. */
const mark = 'v'
const nullFolder = '__HIVE_DEFAULT_PARTITION__'

export const writeParquet = async (session: Session, sql: string, options: WriteOptions): Promise<WrittenFile[]> => {
  const { columns, folder, partition } = options
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
  if (partition === undefined) {
    const path = join(folder, 'part-0.parquet')
    await session.run(`copy (${inner}) to ${quoteText(path)} (${settings.join(', ')})`)
    return withRows(session, [{ path }])
  }
  const source = `select *, '${mark}' || ${partitionText(partition)} as ${partitionName} from (${inner}) as cast_model`
  await session.run(
    `copy (${source}) to ${quoteText(folder)} (${[...settings, `partition_by (${partitionName})`, "filename_pattern 'part-{i}'"].join(', ')})`,
  )
  return withRows(session, await partitionFiles(folder))
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

const partitionFiles = async (folder: string): Promise<{ path: string; partition: string | null }[]> => {
  const found: { path: string; partition: string | null }[] = []
  for (const entry of (await readdir(folder, { withFileTypes: true })).sort((a, b) => a.name.localeCompare(b.name))) {
    if (!entry.isDirectory()) continue
    const text = decodeURIComponent(entry.name.slice(partitionName.length + 1))
    const partition = text === nullFolder ? null : text.slice(mark.length)
    for (const file of (await readdir(join(folder, entry.name))).sort())
      found.push({ path: join(folder, entry.name, file), partition })
  }
  return found
}

const withRows = async (
  session: Session,
  files: readonly { path: string; partition?: string | null }[],
): Promise<WrittenFile[]> => {
  const footers = await session.footers(files.map(file => file.path))
  return Promise.all(
    files.map(async (file, index) => ({
      ...file,
      bytes: (await stat(file.path)).size,
      rows: footers[index]?.rows ?? 0,
    })),
  )
}
