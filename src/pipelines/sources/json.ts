/** JSON as an input: an array of records, one record, or a record on each line; plain, gz or zst. Objects are structures and arrays lists, as the contract declares them. */
import type { Dataset, Server } from '../../domain/index.ts'
import type { Relation } from '../../engine/index.ts'
import { relationColumns } from './path-columns.ts'

export const jsonRelation = (dataset: Dataset, _server: Server, files: readonly string[]): Relation => ({
  kind: 'json',
  files,
  columns: relationColumns(dataset, files),
})
