/**
 * @module base
 * What any folder may use: problems and errors, effects (clock, ids, log), limits, hashes, nearest names, the shape of an operation.
 * It knows nothing of data meshes.
 */
export * from './cache.ts'
export * from './chunks.ts'
export * from './disk.ts'
export * from './effects.ts'
export * from './errors.ts'
export * from './hash.ts'
export * from './lazy.ts'
export * from './limits.ts'
export * from './log.ts'
export * from './nearest.ts'
export * from './operation.ts'
export * from './package.ts'
export * from './problem.ts'
export * from './process.ts'
