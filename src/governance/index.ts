/**
 * @module governance
 * Policies: what people write, and the small language of their rules.
 * Parsed and checked; enforcement is not part of this version, and plans say so.
 */
export * from './policies/documents.ts'
export * from './policies/expression.ts'
export * from './problems.ts'
