/**
 * @module pipelines
 * Runs: sources, models, build, measure and check, publish or quarantine, hold what is downstream.
 * What a run does is decided by plans and people; nothing unfinished is ever seen.
 */
export * from './build-key.ts'
export * from './documents.ts'
export { type InferParts, type InferredSource, inferSource } from './inference/infer.ts'
export { slugOfFiles, snakeName } from './inference/names.ts'
export * from './measure/index.ts'
export * from './models/index.ts'
export * from './operations.ts'
export * from './parts.ts'
export * from './problems.ts'
export * from './publication-store.ts'
export * from './publish.ts'
export * from './run.ts'
export * from './run-limits.ts'
export * from './schedule.ts'
export * from './sources/connection.ts'
export type { Drift } from './sources/drift.ts'
export * from './sources/land.ts'
export * from './sources/postgres.ts'
export * from './sources/referenced.ts'
export * from './sources/source.ts'
export * from './store.ts'
export * from './sweep.ts'
export * from './up-to-date.ts'
export * from './verdict.ts'
