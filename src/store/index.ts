/**
 * @module store
 * The catalogue database: opening it (PGlite in a worker behind our lock, or PostgreSQL), transactions, migrations, the tables' types.
 * Delete it and `apply` rebuilds all but history.
 */
export * from './counts.ts'
export { lockHolder } from './lock.ts'
export * from './open.ts'
export * from './problems.ts'
export * from './schema.ts'
export * from './store.ts'
