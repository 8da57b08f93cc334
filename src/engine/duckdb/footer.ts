/** Parquet footers: rows and nulls without reading data. */
import { quoteText, type Session } from '../engine.ts'

const filesPerStatement = 500

export const readFooters = async (
  session: Session,
  paths: readonly string[],
): Promise<{ readonly rows: number; readonly nulls: Readonly<Record<string, number>> }[]> => {
  const found = new Map<string, { rows: number; nulls: Record<string, number> }>()
  // A file that is named twice would be counted twice.
  const files = [...new Set(paths)]
  for (let from = 0; from < files.length; from += filesPerStatement) {
    const list = `[${files
      .slice(from, from + filesPerStatement)
      .map(quoteText)
      .join(', ')}]`
    const leaves = await session.rows(
      `select file_name, path_in_schema as name, sum(stats_null_count)::bigint as null_count, sum(row_group_num_rows) filter (where column_id = 0) as num_rows from parquet_metadata(${list}) group by all`,
    )
    for (const { file_name, name, null_count, num_rows } of leaves) {
      const file = found.get(String(file_name)) ?? { rows: 0, nulls: {} }
      found.set(String(file_name), file)
      if (num_rows !== null) file.rows = Number(num_rows)
      // A path with a comma is one of a field.
      if (null_count !== null && !String(name).includes(', ')) file.nulls[String(name)] = Number(null_count)
    }
  }
  return paths.map(path => found.get(path) ?? { rows: 0, nulls: {} })
}
