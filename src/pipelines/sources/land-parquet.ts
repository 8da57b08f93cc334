/** Parquet into Parquet: a copy by the names of columns. Values that are not of the declared type are rejects. */
import { problem, WeftError } from '../../base/index.ts'
import type { Dataset } from '../../domain/index.ts'
import { type ColumnType, quoteName } from '../../engine/index.ts'
import { pipelineProblems } from '../problems.ts'
import { type Drift, headerDrift, matchHeader, type RenameGuess, renameGuesses } from './drift.ts'
import { type Lander, type SourceRequest, writeFiles, writeRows } from './land-part.ts'
import { lineName, misfitRows, misfitsName, originName, rawName, rejectColumns } from './rejects.ts'
import type { SourceFile } from './source.ts'

interface SchemaGroup {
  readonly schema: readonly ColumnType[]
  readonly files: { readonly file: SourceFile; readonly index: number }[]
}

/** What the files of a source have for columns, and how that differs from their contract. Throws `source.broken-file` for one that is no Parquet. */
export const parquetSchemas = async (
  request: SourceRequest,
): Promise<{
  readonly groups: readonly SchemaGroup[]
  readonly drift: readonly Drift[]
  readonly types: ReadonlyMap<string, string>
}> => {
  const groups = await groupBySchema(request)
  const drift: Drift[] = []
  const types = new Map<string, string>()
  for (const { schema, files } of groups) {
    for (const it of schema) types.set(it.name, it.type)
    for (const { file } of files) drift.push(...schemaDrift(schema, request.dataset, file.uri))
  }
  return { groups, drift, types }
}

export const landParquet: Lander = async (request, refuse) => {
  const { session, dataset } = request
  const { groups, drift, types } = await parquetSchemas(request)
  await refuse(drift, types)
  const parts: { readonly path: string; readonly rows: number }[] = []
  const rejects: { readonly path: string; readonly rows: number }[] = []
  for (const [number, { schema, files }] of groups.entries()) {
    const { fields } = matchHeader(
      schema.map(it => it.name),
      dataset,
      files[0]?.file.uri ?? '',
    )
    const columns = dataset.columns.flatMap(({ name, type, sourceType = type }) => {
      const stored = schema[fields.indexOf(name)]
      return stored === undefined ? [] : [{ name, type, storedName: stored.name, storedType: stored.type, sourceType }]
    })
    const missing = dataset.columns
      .filter(({ name }) => !fields.includes(name))
      .map(({ name, type }) => `, cast(null as ${type}) as ${quoteName(name)}`)
    await session.define(['__weft_parquet'], {
      kind: 'parquet',
      files: files.map(it => it.file.path),
      columns,
      origin: { name: originName, of: files.map(it => it.index) },
      misfits: misfitsName,
      row: lineName,
      raw: rawName,
    })
    const good = `select *${missing.join('')} from __weft_parquet where ${misfitsName} is null`
    const written = await writeRows(request, `part-${number}`, good).catch(error => brokenIn(request, files, error))
    parts.push(...written)
    if (columns.every(column => column.storedType === column.type)) continue
    const misfits = misfitRows('__weft_parquet', { files: request.files, columns: dataset.columns })
    const refused = await writeFiles(request, `rejects-${number}`, misfits, rejectColumns)
    rejects.push(...refused.filter(it => it.rows > 0))
  }
  return { parts, rejects, lines: new Map(), drift, types }
}

const groupBySchema = async (request: SourceRequest): Promise<SchemaGroup[]> => {
  const groups = new Map<string, SchemaGroup>()
  for (const [index, file] of request.files.entries()) {
    const schema = await schemaOf(request, file)
    const key = JSON.stringify(schema)
    const group = groups.get(key) ?? { schema, files: [] }
    group.files.push({ file, index })
    groups.set(key, group)
  }
  return [...groups.values()]
}

const schemaOf = async ({ session }: SourceRequest, file: SourceFile): Promise<ColumnType[]> => {
  try {
    await session.define(['__weft_schema'], { kind: 'parquet', files: [file.path] })
    return await session.describe('select * from __weft_schema')
  } catch (error) {
    if (error instanceof WeftError && error.kind === 'interrupted') throw error
    throw brokenFile(file, 'no schema at its end', error)
  }
}

const brokenFile = ({ uri }: SourceFile, found: string, cause: unknown): WeftError =>
  new WeftError(
    'failed',
    problem(pipelineProblems, 'source.broken-file', `${uri} is no whole Parquet file`, {
      found,
      expected: 'a Parquet file',
    }),
    { cause },
  )

/** The engine does not say which of many files it could not read. */
const brokenIn = async ({ session }: SourceRequest, files: SchemaGroup['files'], error: unknown): Promise<never> => {
  if (!(error instanceof WeftError) || error.code !== 'engine.runtime') throw error
  for (const { file } of files) {
    await session.define(['__weft_schema'], { kind: 'parquet', files: [file.path] })
    await session.rows('select bit_xor(hash(it)) as all_values from __weft_schema as it').catch(cause => {
      throw brokenFile(file, 'data that cannot be read', cause)
    })
  }
  throw error
}

const schemaDrift = (schema: readonly ColumnType[], dataset: Dataset, uri: string): Drift[] => {
  const match = matchHeader(
    schema.map(it => it.name),
    dataset,
    uri,
  )
  const fits = ({ at, column }: RenameGuess): boolean => family(schema[at]?.type ?? '') === family(column.type)
  const retyped = dataset.columns.flatMap((column): Drift[] => {
    const to = schema[match.fields.indexOf(column.name)]?.type
    if (to === undefined || family(to) === family(column.type)) return []
    return [{ uri, kind: 'retyped', column: column.name, to, evidence: `the file's schema says ${to}` }]
  })
  return [...headerDrift(match, renameGuesses(match, dataset).filter(fits), uri), ...retyped]
}

const number = /^(U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|DECIMAL\(.*\)|DOUBLE|FLOAT)$/

/** Types of one family hold the same kind of value; one that does not fit is a reject. */
const family = (type: string): string => {
  const item = /^(.*)\[\d*\]$/.exec(type)?.[1]
  if (item !== undefined) return `${family(item)}[]`
  if (number.test(type)) return 'number'
  if (/^(VARCHAR|JSON|UUID|ENUM\(.*\))$/.test(type)) return 'text'
  return type.startsWith('TIMESTAMP') ? 'timestamp' : type.replace(/\(.*$/, '')
}
