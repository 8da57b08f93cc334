/**
 * @module domain
 * The nouns, pure: mesh, domain, product, port, contract, dataset, column, rule, and how they are addressed.
 * Nothing here reads a file, a database or a clock.
 */
export * from './contract/rule.ts'
export * from './definition.ts'
export * from './mesh.ts'
