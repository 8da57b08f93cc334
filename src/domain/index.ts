/**
 * @module domain
 * The nouns, pure: mesh, domain, product, port, contract, dataset, column, rule, and how they are addressed.
 * Nothing here reads a file, a database or a clock.
 */
export * from './changes/change.ts'
export * from './changes/contract-changes.ts'
export type { Origins } from './changes/dataset-changes.ts'
export { type ChangeRule, type ChangeRuleId, changeRules, type Effect } from './changes/rules.ts'
export { typeRelation } from './changes/type-relation.ts'
export * from './contract/contract.ts'
export * from './contract/documents.ts'
export * from './contract/rule.ts'
export * from './definition.ts'
export * from './documents.ts'
export * from './life.ts'
export * from './mesh.ts'
export * from './product/documents.ts'
export { modelHash, modelText, plainModelText } from './product/model-text.ts'
export * from './reference.ts'
export { isBody, type Lenient, type Remark } from './remark.ts'
export { isReserved } from './schema/reserved.ts'
export * from './schema/type.ts'
export * from './selector.ts'
export * from './version.ts'
