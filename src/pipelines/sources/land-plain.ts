/** Formats whose rows the engine reads as they are: a copy into Parquet. Values of Parquet files that are not of the declared type are rejects. */
import { problem, WeftError } from '../../base/index.ts'
import type { Dataset } from '../../domain/index.ts'
import { type ColumnType, quoteName, quoteText } from '../../engine/index.ts'
import { pipelineProblems } from '../problems.ts'
import { type Drift, headerDrift, matchHeader, type RenameGuess, renameGuesses } from './drift.ts'
import { type LandedParts, type LandRequest, type RefuseDrift, writePart } from './land-part.ts'
import { lineName, originName, rawName, rejectColumns, wordsOf } from './rejects.ts'
import { type SourceFile, sourceRelation } from './source.ts'

export const landPlain = (request: LandRequest, format: string, refuse: RefuseDrift): Promise<LandedParts> =>
  format === 'parquet' ? landParquet(request, refuse) : copyEach(request)

const copyEach = async (request: LandRequest): Promise<LandedParts> => {
  const { session, contract, dataset, files } = request
  const parts: { readonly path: string; readonly rows: number }[] = []
  for (const [index, file] of files.entries()) {
    await session.define(['__weft_plain'], sourceRelation(contract, dataset, [file]))
    parts.push(...(await writePart(request, `part-${index}`, `select *, ${index} as ${originName} from __weft_plain`)))
  }
  return { parts, rejects: [], lines: new Map(), drift: [], types: new Map() }
}

interface SchemaGroup {
  readonly schema: readonly ColumnType[]
  readonly files: { readonly file: SourceFile; readonly index: number }[]
}

/** What the files of a source have for columns, and how that differs from their contract. Throws `source.broken-file` for one that is no Parquet. */
export const parquetSchemas = async (
  request: LandRequest,
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

const landParquet = async (request: LandRequest, refuse: RefuseDrift): Promise<LandedParts> => {
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
    const columns = dataset.columns.flatMap(({ name, type }) => {
      const storedType = schema[fields.indexOf(name)]?.type
      return storedType === undefined ? [] : [{ name, type, storedType }]
    })
    const missing = dataset.columns
      .filter(({ name }) => !fields.includes(name))
      .map(({ name, type }) => `, cast(null as ${type}) as ${quoteName(name)}`)
    await session.define(['__weft_parquet'], {
      kind: 'parquet',
      files: files.map(it => it.file.path),
      columns,
      origin: { name: originName, of: files.map(it => it.index) },
      misfits: '__weft_misfits',
      row: lineName,
      raw: rawName,
    })
    const rows = `from __weft_parquet where __weft_misfits is`
    parts.push(...(await writePart(request, `part-${number}`, `select *${missing.join('')} ${rows} null`)))
    if (columns.every(column => column.storedType === column.type)) continue
    const uris = `[${request.files.map(file => quoteText(file.uri)).join(', ')}]`
    const misfits = `select ${uris}[${originName} + 1] as uri, ${lineName} as line, array_to_string(__weft_misfits, ', ') as "column", 'value' as code, ${quoteText(wordsOf('value'))} as reason, ${rawName} as raw ${rows} not null`
    const written = await writePart(request, `rejects-${number}`, misfits, rejectColumns)
    rejects.push(...written.filter(it => it.rows > 0))
  }
  return { parts, rejects, lines: new Map(), drift, types }
}

const groupBySchema = async (request: LandRequest): Promise<SchemaGroup[]> => {
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

const schemaOf = async ({ session }: LandRequest, file: SourceFile): Promise<ColumnType[]> => {
  try {
    await session.define(['__weft_schema'], { kind: 'parquet', files: [file.path] })
    return await session.describe('select * from __weft_schema')
  } catch (error) {
    if (error instanceof WeftError && error.kind === 'interrupted') throw error
    throw new WeftError(
      'failed',
      problem(pipelineProblems, 'source.broken-file', `${file.uri} is no whole Parquet file`, {
        found: 'no schema at its end',
        expected: 'a Parquet file',
      }),
      { cause: error },
    )
  }
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
