/**
 * @module sql
 * One parser, one tree: what a SELECT names, whether it is allowed, and whether it answers the same every time.
 * Knows nothing of datasets; whoever asks says what a name means.
 */

export { allowedRead, type Refusal } from './allowed.ts'
export { allowedFunctions, allowedTableFunctions } from './allowed-functions.ts'
export { type OrderDependence, orderDependent, timeDependent } from './determinism.ts'
export { type FunctionCall, momentPattern } from './functions.ts'
export { type How, isDirect } from './lineage/flow.ts'
export { lineageKinds } from './lineage/kinds.ts'
export { columnLineage, type Input, type Lineage, type LineageTable } from './lineage/lineage.ts'
export { canBeKey, type Grain } from './locality/grain.ts'
export { type Locality, partitionLocality } from './locality/locality.ts'
export type { LocalTable } from './locality/scope.ts'
export { changedColumns } from './meaning/changed-columns.ts'
export { columnMeanings, type MeaningChange, meaningChanges } from './meaning/meaning.ts'
export { type PlainCopy, plainCopy } from './plain-copy.ts'
export { sqlProblems } from './problems.ts'
export {
  functionCalls,
  type TableReference,
  tableReferences,
} from './references.ts'
export { type JsonNode, type Parse, parseSelects, placeInText, type Select, type SelectFailure } from './tree.ts'
