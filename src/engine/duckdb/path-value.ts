/** Columns that stand in the folders' names of a file: `country=FR/month=2024-01/part.parquet`. */
import { quoteText, type RelationColumn } from '../engine.ts'

/** What Hive and Spark write where the value is null. */
const nothing = '__HIVE_DEFAULT_PARTITION__'

/** The value of a column from the path that DuckDB gives of each row. */
export const pathValue = ({ name, type }: RelationColumn): string => {
  const pattern = `/${name.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')}=([^/]*)/`
  const text = `url_decode(regexp_extract(filename, ${quoteText(pattern)}, 1))`
  return `cast(nullif(nullif(${text}, ${quoteText(nothing)}), '') as ${type})`
}
