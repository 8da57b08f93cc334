/** Which file a row is from, as DuckDB's SQL. */
import { type FileColumns, quoteName } from '../engine.ts'

/** A column with the number of a row's file, where it is asked for. */
export const originColumn = ({ origin }: Pick<FileColumns, 'origin'>): string[] =>
  origin === undefined
    ? []
    : [`cast([${origin.of.join(', ')}][file_index::bigint + 1] as INTEGER) as ${quoteName(origin.name)}`]
