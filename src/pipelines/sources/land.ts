/** Reads files of a source once into Parquet of a run's scratch folder. What does not fit becomes a reject and is never lost: for every file, rows and rejects together are its lines. */
import { assert, hasErrors, type Problem } from '../../base/index.ts'
import { quoteName, type Relation, type Session } from '../../engine/index.ts'
import type { Drift } from './drift.ts'
import { driftTeller } from './drift-teller.ts'
import { landCsv } from './land-csv.ts'
import type { LandRequest } from './land-part.ts'
import { landPlain } from './land-plain.ts'
import { relationColumns } from './path-columns.ts'
import { originName } from './rejects.ts'
import { formatOfSource } from './source.ts'

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
export const landSource = async (request: LandRequest): Promise<Landed> => {
  const { session, contract, dataset, files } = request
  const { tell, refuse } = driftTeller(request)
  const format = formatOfSource(contract, files)
  // What stands in the names of folders is in no header and no schema, so that there is nothing to compare with.
  const isCopied = relationColumns(
    dataset,
    request.files.map(file => file.path),
  ).some(column => column.isInPath === true)
  const landed =
    format === 'csv' && !isCopied
      ? await landCsv(request, refuse)
      : await landPlain(request, isCopied ? 'folders' : format, refuse)
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
  const drift = [...landed.drift, ...retypedColumns(counted, rejected.columns, landed.drift)]
  await refuse(drift, landed.types)
  const problems = await tell(drift, landed.types)
  assert(!hasErrors(problems), 'drift that is refused has ended the landing')
  return { relation, files: counted, rejects: landed.rejects, drift, problems }
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
