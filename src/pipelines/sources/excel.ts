/** A sheet of Excel as an input, where the engine can read it: the first one, or the one that the custom property `sheet` names. */
import type { Dataset, Server } from '../../domain/index.ts'
import type { Relation } from '../../engine/index.ts'
import { relationColumns } from './path-columns.ts'

export const excelRelation = (dataset: Dataset, server: Server, files: readonly string[]): Relation => {
  const { sheet } = server.options
  return {
    kind: 'excel',
    files,
    columns: relationColumns(dataset, files),
    ...(typeof sheet === 'string' ? { sheet } : {}),
  }
}
