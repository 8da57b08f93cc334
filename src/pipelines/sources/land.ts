/** Reads files of a source once into Parquet of a run's scratch folder. What does not fit becomes a reject and is never lost: for every file, rows and rejects together are its lines. */
import { assert, hasErrors, nearest, type Problem, problem, WeftError } from '../../base/index.ts'
import type { Contract } from '../../domain/index.ts'
import { quoteName, type Relation, type Session } from '../../engine/index.ts'
import { pipelineProblems } from '../problems.ts'
import { type Drift, sourceName } from './drift.ts'
import { driftTeller } from './drift-teller.ts'
import { defineFolders } from './folders.ts'
import { landCsv } from './land-csv.ts'
import { landExcel } from './land-excel.ts'
import { landJson } from './land-json.ts'
import { landParquet } from './land-parquet.ts'
import type { Lander, SourceRequest } from './land-part.ts'
import { pathColumns } from './path-columns.ts'
import { originName } from './rejects.ts'
import { formatOfSource, readableServer, type SourceFile } from './source.ts'

export interface LandedFile {
  readonly uri: string
  /** Records of data, without header and empty lines: rows and rejects together. */
  readonly lines: number
  readonly rows: number
  readonly rejects: number
}

export interface Landed {
  /** The dataset's columns and, last, `__weft_source`: the place in `files` of a row's file. */
  readonly relation: Relation & { readonly kind: 'parquet' }
  /** In the order of the request. */
  readonly files: readonly LandedFile[]
  /** Parquet files of uri, line, column, code, reason, raw. */
  readonly rejects: readonly { readonly path: string; readonly rows: number }[]
  readonly drift: readonly Drift[]
  /** What the contract lets pass, as warnings. */
  readonly problems: readonly Problem[]
}

/** Reads files of a source dataset once into Parquet of the run's scratch folder; malformed rows become rejects. Throws `source.column-…` for drift that the contract refuses, `source.broken-file` for what cannot be read at all. */
export const landSource = async (request: SourceRequest): Promise<Landed> => {
  const { session, contract, dataset, files } = request
  const { tell, refuse } = driftTeller(request)
  const inPath = pathColumns(files.map(file => file.path))
  const folders = dataset.columns.filter(column => inPath.includes(sourceName(column)))
  // What stands in the names of folders may stand in files too, and is not looked for there.
  const told = (drift: readonly Drift[]): Drift[] =>
    drift.filter(it => it.kind !== 'added' || !inPath.includes(it.column) || folders.length === 0)
  const lander = landerOf(contract, files)
  const columns = dataset.columns.filter(column => !folders.includes(column))
  const inside = { ...request, dataset: { ...dataset, columns }, folders }
  await defineFolders(inside)
  const landed = await lander(inside, (drift, types) => refuse(told(drift), types))
  const relation = {
    kind: 'parquet' as const,
    files: landed.parts.filter(it => it.rows > 0).map(it => it.path),
    columns: [...dataset.columns.map(({ name, type }) => ({ name, type })), { name: originName, type: 'INTEGER' }],
  }
  const rows = await countByOrigin(session, relation)
  const rejected = await rejectCounts(session, landed.rejects)
  const counted = files.map(({ uri }, index) => {
    const [taken, refused] = [rows.get(index) ?? 0, rejected.lines.get(uri) ?? 0]
    const lines = landed.lines.get(index) ?? taken + refused
    assert(lines === taken + refused, `every line of ${uri} is a row or a reject`)
    return { uri, lines, rows: taken, rejects: refused }
  })
  const drift = [...told(landed.drift), ...retypedColumns(counted, rejected.columns, landed.drift)]
  await refuse(drift, landed.types)
  const problems = await tell(drift, landed.types)
  assert(!hasErrors(problems), 'drift that is refused has ended the landing')
  return { relation, files: counted, rejects: landed.rejects, drift, problems }
}

/** A new format is one file and one line here. */
const landers: Readonly<Record<string, Lander>> = {
  csv: landCsv,
  excel: landExcel,
  json: landJson,
  parquet: landParquet,
}

/** Names of the formats that there is a reader for. */
export const readableFormats: readonly string[] = Object.keys(landers)

/** Throws `source.unsupported` for a format that nobody lands. */
const landerOf = (contract: Contract, files: readonly SourceFile[]): Lander => {
  const format = formatOfSource(contract, files)
  const lander = Object.hasOwn(landers, format) ? landers[format] : undefined
  if (lander !== undefined) return lander
  const near = nearest(format, Object.keys(landers))
  throw new WeftError(
    'invalid',
    problem(pipelineProblems, 'source.unsupported', `the source ${contract.id} has a format that Weft does not read`, {
      place: readableServer(contract).place,
      found: format,
      expected: Object.keys(landers).join(', '),
      help: near === undefined ? undefined : `did you mean "${near}"?`,
      subject: contract.subject,
    }),
  )
}

const countByOrigin = async (session: Session, relation: Relation): Promise<Map<number, number>> => {
  const origin = quoteName(originName)
  await session.define(['__weft_landed'], relation)
  const rows = await session.rows(`select ${origin} as file, count(*) as n from __weft_landed group by all`)
  return new Map(rows.map(row => [Number(row.file), Number(row.n)]))
}

const rejectCounts = async (
  session: Session,
  rejects: Landed['rejects'],
): Promise<{
  lines: ReadonlyMap<string, number>
  columns: readonly { uri: string; column: string; rows: number }[]
}> => {
  if (rejects.length === 0) return { lines: new Map(), columns: [] }
  await session.define(['__weft_rejects'], { kind: 'parquet', files: rejects.map(it => it.path) })
  const lines = await session.rows('select uri, count(*) as n from __weft_rejects group by all')
  const columns = await session.rows(
    "select uri, name, count(*) as n from (select uri, unnest(string_split(\"column\", ', ')) as name from __weft_rejects where code = 'value') group by all",
  )
  return {
    lines: new Map(lines.map(row => [String(row.uri), Number(row.n)])),
    columns: columns.map(row => ({ uri: String(row.uri), column: String(row.name), rows: Number(row.n) })),
  }
}

/** Fewer rejects than this tell of broken lines, not of another type. */
const retypedRowsMin = 20

const retypedColumns = (
  files: readonly LandedFile[],
  columns: readonly { uri: string; column: string; rows: number }[],
  known: readonly Drift[],
): Drift[] => {
  const lines = new Map(files.map(file => [file.uri, file.lines]))
  const told = new Set(known.filter(it => it.kind === 'retyped').map(it => JSON.stringify([it.uri, it.column])))
  return columns.flatMap(({ uri, column, rows }) => {
    const all = lines.get(uri) ?? 0
    if (rows < retypedRowsMin || rows * 2 <= all || told.has(JSON.stringify([uri, column]))) return []
    return { uri, kind: 'retyped' as const, column, evidence: `${rows} of ${all} values are not of its type` }
  })
}
