/** Parquet files as an input: read in place, columns by name. */
import type { Dataset, Server } from '../../domain/index.ts'
import type { Relation } from '../../engine/index.ts'

export const parquetRelation = (dataset: Dataset, _server: Server, files: readonly string[]): Relation => ({
  kind: 'parquet',
  files,
  columns: dataset.columns.map(({ name, type }) => ({ name, type })),
})
