/**
 * @module lineage
 * Column lineage in the words of others. What a column is made from is found in sql/lineage.
 */
export { type ColumnLineageFacet, columnLineageFacet, type FacetInput, type FacetOptions } from './column-facet.ts'
