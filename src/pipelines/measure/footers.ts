/** What the footers of Parquet files say of a relation: rows, nulls, and bounds where they are exact. */
import { quoteText, type Relation, type Session, type Value } from '../../engine/index.ts'
import type { ColumnKind, MeasuredColumn } from './column.ts'
import { numberOf } from './keys.ts'

/** Of a column: exact, or absent. `min` and `max` are both null where all values are. */
export interface ColumnStatistics {
  readonly nulls: number
  readonly bounds?: { readonly min: Value; readonly max: Value }
}

export interface Footers {
  /** Absent where the relation leaves out rows of its files. */
  readonly rows?: number
  /** Of columns that every file has. */
  readonly statistics: ReadonlyMap<string, ColumnStatistics>
}

export const fileList = (files: readonly string[]): string => `[${files.map(quoteText).join(', ')}]`

/** Columns are leaves, under the names that the files have for them. */
export const readFooters = async (
  session: Session,
  relation: Relation,
  columns: readonly MeasuredColumn[],
): Promise<Footers> => {
  if (relation.kind !== 'parquet' || relation.files.length === 0) return { statistics: new Map() }
  // A text for each bound, and the comparing here: an aggregate with its cast and filter for each column cost the engine five times as much.
  const leaves = await session.rows(
    `select path_in_schema as name, count(*) filter (where column_id = 0) as groups, sum(row_group_num_rows) filter (where column_id = 0) as rows, count(stats_null_count) as counted, sum(stats_null_count) as nulls, bool_and(type in ('INT32', 'INT64') and ((stats_min_value is not null and stats_max_value is not null) or stats_null_count = num_values)) as whole, list(stats_min_value) filter (where stats_min_value is not null) as least, list(stats_max_value) filter (where stats_max_value is not null) as greatest from parquet_metadata(${fileList(relation.files)}) group by path_in_schema`,
  )
  const total = (name: string): number => leaves.reduce((sum, leaf) => sum + numberOf(leaf[name] ?? null), 0)
  const groups = total('groups')
  const byName = new Map(leaves.map(leaf => [String(leaf.name), leaf]))
  const statistics = new Map<string, ColumnStatistics>()
  for (const column of columns) {
    const leaf = byName.get(column.name)
    // Where a row group has no such column, or does not say how many nulls it has, nothing is known.
    if (leaf === undefined || Number(leaf.counted) !== groups) continue
    const bounds = leaf.whole === true ? boundsOf(column, leaf.least ?? null, leaf.greatest ?? null) : undefined
    statistics.set(column.name, { nulls: numberOf(leaf.nulls ?? null), ...(bounds === undefined ? {} : { bounds }) })
  }
  return { ...(relation.only === undefined ? { rows: total('rows') } : {}), statistics }
}

/** Texts of a column's values in footers, as the engine writes them. Those of floats may hide NaN, and those of texts may be cut: neither is asked. */
const patterns: Readonly<Partial<Record<ColumnKind, RegExp>>> = {
  whole: /^-?\d+$/,
  decimal: /^-?\d+(\.\d+)?$/,
  date: /^\d{4}-\d\d-\d\d$/,
  timestamp: /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?$/,
  zonedTimestamp: /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?\+00$/,
}

const boundsOf = (column: MeasuredColumn, least: Value, greatest: Value): ColumnStatistics['bounds'] => {
  const pattern = patterns[column.kind]
  const [lower, upper] = [textsOf(least), textsOf(greatest)]
  const all = [...lower, ...upper]
  if (pattern === undefined || !all.every(it => pattern.test(it))) return undefined
  if (column.kind === 'decimal' && !all.every(it => (it.split('.')[1] ?? '').length === (column.scale ?? 0)))
    return undefined
  return { min: extreme(column.kind, lower, -1), max: extreme(column.kind, upper, 1) }
}

const textsOf = (list: Value): string[] => (Array.isArray(list) ? list.map(String) : [])

/** As the engine's own answers are: whole numbers that a double holds are numbers, instants ISO texts. */
const extreme = (kind: ColumnKind, texts: readonly string[], direction: 1 | -1): Value => {
  const found = texts.reduce<string | undefined>(
    (best, one) => (best === undefined || compare(kind, one, best) === direction ? one : best),
    undefined,
  )
  if (found === undefined) return null
  if (kind === 'whole') return Number.isSafeInteger(Number(found)) ? Number(found) : BigInt(found)
  if (kind === 'timestamp') return found.replace(' ', 'T')
  return kind === 'zonedTimestamp' ? `${found.slice(0, -3).replace(' ', 'T')}Z` : found
}

const compare = (kind: ColumnKind, a: string, b: string): 1 | -1 | 0 => {
  const isNumber = kind === 'whole' || kind === 'decimal'
  const [x, y] = isNumber ? [BigInt(a.replace('.', '')), BigInt(b.replace('.', ''))] : [a, b]
  return x < y ? -1 : x > y ? 1 : 0
}
