/**
 * @module planner
 * Mesh and state in, plan out: what changes, for whom, and the steps that do it; and the walk that applies them.
 * A plan is data: what is shown is what is run.
 */
export { hasOtherRoots, loadApplied } from './applied-store.ts'
export * from './apply.ts'
export * from './check.ts'
export * from './create.ts'
export * from './explain.ts'
export * from './foreign.ts'
export * from './operations.ts'
export * from './plan.ts'
export * from './plan-files.ts'
export * from './problems.ts'
export * from './status.ts'
export * from './unapplied.ts'
