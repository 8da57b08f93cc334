/**
 * @module storage
 * Where files live (a folder by URL today), and the manifests and publications beside the data.
 */
export * from './manifest.ts'
export * from './storage.ts'
