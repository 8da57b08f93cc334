/**
 * @module store
 * The catalogue database: opening it (PGlite in a worker behind our lock, or PostgreSQL), transactions, migrations, the tables' types.
 */
export * from './schema.ts'
export * from './store.ts'
