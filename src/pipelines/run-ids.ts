/** The catalogue's ids of a product's parts: what a run writes points at ids, so that a rename keeps its history. */
import type { Product } from '../domain/index.ts'
import type { Db } from '../store/index.ts'
import type { RunParts } from './parts.ts'

export interface RunIds {
  readonly product: string
  readonly ports: ReadonlyMap<string, string>
  readonly datasets: ReadonlyMap<string, string>
  readonly fieldIds: ReadonlyMap<string, number>
}

/** Ids of live products, by subject. */
export const entityIdsOf = async (db: Db, env: string, products: readonly string[]): Promise<Map<string, string>> => {
  if (products.length === 0) return new Map()
  const rows = await db
    .selectFrom('entity')
    .select(['id', 'subject'])
    .where('env', '=', env)
    .where('kind', '=', 'product')
    .where('removed_at', 'is', null)
    .where('subject', 'in', [...products])
    .execute()
  return new Map(rows.map(row => [row.subject, row.id]))
}

/** Of what was applied; empty where it was not. */
export const entityIds = async (parts: RunParts, product: Product): Promise<RunIds> => {
  const rows = await parts.store.db
    .selectFrom('entity')
    .select(['id', 'kind', 'subject', 'field_id'])
    .where('env', '=', parts.env)
    .where('removed_at', 'is', null)
    .where('kind', 'in', ['product', 'outputPort', 'dataset', 'column'])
    .where(eb => eb.or([eb('subject', '=', product.subject), eb('subject', 'like', `${product.subject}.%`)]))
    .execute()
  const of = (kind: string): Map<string, string> =>
    new Map(rows.filter(row => row.kind === kind).map(row => [row.subject, row.id]))
  return {
    product: of('product').get(product.subject) ?? '',
    ports: of('outputPort'),
    datasets: of('dataset'),
    fieldIds: new Map(
      rows.flatMap(row =>
        row.kind === 'column' && row.field_id !== null ? [[row.subject, row.field_id] as const] : [],
      ),
    ),
  }
}
