/** Parquet files as an input: read in place, columns by name. */
import type { Dataset, Server } from '../../domain/index.ts'
import type { Relation } from '../../engine/index.ts'
import { relationColumns } from './path-columns.ts'

export const parquetRelation = (dataset: Dataset, _server: Server, files: readonly string[]): Relation => ({
  kind: 'parquet',
  files,
  columns: relationColumns(dataset, files),
})
