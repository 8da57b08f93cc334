/**
 * @module mesh
 * Files to one checked mesh: every value with its place, every link followed, all problems at once.
 * Reads files of the project; needs no catalogue and no data.
 */
export * from './documents/index.ts'
export { type Formatted, formatFile } from './format.ts'
export { type BranchPoint, branchPoint, gitTree, writeTree } from './git-tree.ts'
export { initOperation } from './init.ts'
export type { Foreign } from './link.ts'
export { filesFingerprint, isLarge, type Listed, listFiles } from './listed.ts'
export { type LoadedMesh, type LoadOptions, loadMesh, meshLimits } from './load.ts'
export { formatOperation, schemaOperation } from './operations.ts'
export { meshProblems } from './problems.ts'
export { meshFile, type Project, readProject } from './project.ts'
export { readOne } from './read.ts'
export { readTemplate, type ScaffoldParts, scaffoldOperation } from './scaffold/index.ts'
