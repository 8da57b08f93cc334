/**
 * @module catalog
 * Finding things and telling what they are: the search index over all that is applied, and one page for each thing.
 * It reads what others have written of runs and publications, and writes nothing but its index.
 */
export type { IndexedChange } from './entry.ts'
export type { Found, Hit } from './find.ts'
export type { Flow, Flows } from './flows.ts'
export type { Served } from './observed.ts'
export * from './operations.ts'
export { catalogProblems } from './problems.ts'
export { indexChanges } from './search-store.ts'
export * from './thing.ts'
