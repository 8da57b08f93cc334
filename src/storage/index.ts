/**
 * @module storage
 * Where files live (a folder by URL today), and the manifests and publications beside the data.
 * Files are created and never overwritten; a published state can be found again from here alone.
 */
export * from './data-files.ts'
export { hashFile } from './folder.ts'
export * from './layout.ts'
export * from './manifest.ts'
export * from './manifests.ts'
export * from './open.ts'
export * from './problems.ts'
export * from './storage.ts'
