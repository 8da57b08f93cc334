/**
 * @module serving
 * How others reach an open project: today a local socket, by which a second terminal asks the process that holds the embedded catalogue.
 */
export * from './catalogue.ts'
export type { Request } from './frames.ts'
export * from './problems.ts'
