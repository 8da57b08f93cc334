/**
 * @module engine
 * The port that a data engine stands behind, and DuckDB behind it.
 * `engine.suite.ts` lists what any engine must do.
 */
export * from './engine.ts'
