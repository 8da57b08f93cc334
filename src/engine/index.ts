/**
 * @module engine
 * The port that a data engine stands behind, and DuckDB behind it.
 * `engine.suite.ts` lists what any engine must do.
 */
import type { Engine } from './engine.ts'

export { type CsvHeader, readCsvHeader } from './csv-header.ts'
export * from './engine.ts'
export * from './problems.ts'
export { StatementError } from './statement-error.ts'

/** Opens an engine by kind; its native part is loaded only now. */
export const openEngine = async (kind: 'duckdb'): Promise<Engine> => {
  switch (kind) {
    case 'duckdb':
      return (await import('./duckdb/open.ts')).openDuckDB()
    default:
      return kind satisfies never
  }
}
