/** Values that stand in the names of a source's folders, by the file, read by the same rules as those of CSV. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { problem, WeftError } from '../../base/index.ts'
import type { Column } from '../../domain/index.ts'
import { quoteName } from '../../engine/index.ts'
import { pipelineProblems } from '../problems.ts'
import { sourceName } from './drift.ts'
import type { LandRequest } from './land-part.ts'
import { pathText } from './path-columns.ts'
import { misfitsName, originName } from './rejects.ts'

export const foldersName = '__weft_folders'

/** Makes the relation `__weft_folders`: a row for each file, with its number and the values of `folders`. Throws `source.wrong-value` where one is not of its type. */
export const defineFolders = async (request: LandRequest): Promise<void> => {
  const { session, files, folders, folder, dataset } = request
  if (folders.length === 0) return
  const path = join(folder, 'folders.csv')
  const lines = files.map((file, index) =>
    [String(index), ...folders.map(column => pathText(file.path, sourceName(column)) ?? '')].map(quoted).join(','),
  )
  await writeFile(path, `header\n${lines.map(line => `${line}\n`).join('')}`)
  const columns = [{ name: originName, type: 'INTEGER' }, ...folders.map(({ name, type }) => ({ name, type }))]
  await session.define([foldersName], {
    kind: 'csv',
    files: [path],
    columns,
    fields: columns.map(column => column.name),
    options: {},
    misfits: misfitsName,
  })
  const [wrong] = await session.rows(
    `select ${quoteName(originName)} as file, ${misfitsName}[1] as name from ${foldersName} where ${misfitsName} is not null order by all limit 1`,
  )
  if (wrong === undefined) return
  throw wrongFolder(
    files[Number(wrong.file)]?.uri ?? '',
    folders.find(column => column.name === wrong.name),
    dataset.subject,
  )
}

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`

const wrongFolder = (uri: string, column: Column | undefined, subject: string): WeftError =>
  new WeftError(
    'failed',
    problem(
      pipelineProblems,
      'source.wrong-value',
      `a folder of ${uri} is named by a value of ${column?.name} that is no ${column?.type}`,
      { place: column?.place, found: uri, expected: column?.type, subject: `${subject}.${column?.name}` },
    ),
  )
