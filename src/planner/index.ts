/**
 * @module planner
 * Mesh and state in, plan out: what changes, for whom, and the steps that do it; and the walk that applies them.
 * A plan is data: what is shown is what is run.
 */
export { hasOtherRoots, loadApplied } from './applied-store.ts'
export * from './apply.ts'
export * from './check.ts'
export type { ComparedChange, Comparison } from './compare.ts'
export * from './create.ts'
export * from './explain.ts'
export * from './foreign.ts'
export { type Impact, impactOperation } from './impact.ts'
export { planMarkdown } from './markdown.ts'
export * from './operations.ts'
export * from './plan.ts'
export * from './plan-files.ts'
export { readerWords } from './port-readers.ts'
export * from './problems.ts'
export * from './status.ts'
export * from './unapplied.ts'
