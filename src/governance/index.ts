/**
 * @module governance
 * Policies: what people write, and the small language of their rules.
 * Parsed and checked; retention is carried out by runs, all else is not part of this version, and plans say so.
 */
export {
  type PolicyDocument,
  type PolicyType,
  policyDocument,
  policyRule,
  policyTypes,
  ruleKeys,
} from './policies/documents.ts'
export { type Expression, type Mistake, parseExpression } from './policies/expression.ts'
export { checkExpression, type Scope, type ValueType } from './policies/expression-check.ts'
export { filterScope, standardScope } from './policies/names.ts'
export {
  type Keep,
  type KeepRows,
  policiesInForce,
  type RowRule,
  rowRetention,
  rowRules,
  snapshotRetention,
} from './policies/retention.ts'
export * from './problems.ts'
