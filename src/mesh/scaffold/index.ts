export { type ScaffoldParts, scaffoldOperation } from './operations.ts'
export { readTemplate } from './template.ts'
