/**
 * @module lineage
 * What is made from what: edges between products, datasets and columns, as files declare them, models show them and reads prove them.
 * Kept for each version of a model, walked hop by hop, never answered whole.
 */

export { type ColumnLineageFacet, columnLineageFacet, type FacetInput, type FacetOptions } from './column-facet.ts'
export { agreedEdges, declaredEdges } from './declare.ts'
export { type DerivedModel, derivedEdges, type Edge, type Owned } from './derive.ts'
export { composed, type FlowHow, rolledUp, type Use, useOf, type Via } from './how.ts'
export { resolveNode } from './names.ts'
export { columnKey, datasetKey, type Level, type NodeKey, type NodeKind } from './node.ts'
export type { ObservedReport } from './observed.ts'
export {
  type LineageParts,
  lineageOperations,
  type ShownPaths,
  showLineage,
  showObserved,
  showPaths,
  showSnapshotLineage,
} from './operations.ts'
export { type Path, pathsBetween } from './paths.ts'
export { lineageProblems } from './problems.ts'
export { type Arrival, appliedHops, type Beginning, bothHops, type Hops, hopsOf, type Reached, reach } from './reach.ts'
export { type LastRead, lastReads, modelReads, type PortRead, portReads } from './reads.ts'
export { type Scene, scene } from './scene.ts'
export type { Shown, ShownEdge, ShownNode } from './show.ts'
export {
  nodeIds,
  observeReads,
  removeNodes,
  renameNode,
  replaceOwned,
  silenceOwners,
  type Written,
} from './store.ts'
export {
  closure,
  type GraphNode,
  nodesIn,
  type WalkEdge,
  type Walked,
  type WalkNode,
  type WalkRequest,
  walk,
} from './walk.ts'
