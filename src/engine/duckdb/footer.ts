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
    for (const row of await session.rows(`select file_name, num_rows from parquet_file_metadata(${list})`)) {
      found.set(String(row.file_name), { rows: Number(row.num_rows), nulls: {} })
    }
    const counts = await session.rows(
      `select file_name, path_in_schema as name, sum(stats_null_count)::bigint as null_count from parquet_metadata(${list}) where not contains(path_in_schema, ', ') group by all`,
    )
    for (const row of counts) {
      const file = found.get(String(row.file_name))
      if (file !== undefined && row.null_count !== null) file.nulls[String(row.name)] = Number(row.null_count)
    }
  }
  return paths.map(path => found.get(path) ?? { rows: 0, nulls: {} })
}
