/** Columns that have another name in the files than where they were applied. */
import type { Dataset } from '../../domain/index.ts'
import type { RunParts } from '../parts.ts'

/** Old names by new ones, where the contract's own id of the property stayed: what a plan calls a rename. */
export const renamedColumns = async (
  { store: { db }, env }: Pick<RunParts, 'store' | 'env'>,
  dataset: Dataset,
): Promise<Map<string, string>> => {
  const rows = await db
    .selectFrom('entity as e')
    .innerJoin('entity as parent', 'parent.id', 'e.parent_id')
    .innerJoin('definition as d', 'd.entity_id', 'e.id')
    .select(['e.subject', 'd.body'])
    .where('e.env', '=', env)
    .where('e.kind', '=', 'column')
    .where('e.removed_at', 'is', null)
    .where('parent.subject', '=', dataset.subject)
    .orderBy('d.revision')
    .execute()
  // Of each column the last definition counts.
  const ids = new Map(rows.map(({ subject, body }) => [subject.slice(dataset.subject.length + 1), idIn(body)]))
  const present = new Set(dataset.columns.map(column => column.name))
  const gone = new Map([...ids].flatMap(([name, id]) => (id === undefined || present.has(name) ? [] : [[id, name]])))
  return new Map(
    dataset.columns.flatMap(({ name, id }) => {
      const was = id === undefined || ids.has(name) ? undefined : gone.get(id)
      return was === undefined ? [] : [[name, was]]
    }),
  )
}

const idIn = (body: unknown): string | undefined =>
  typeof body === 'object' && body !== null && 'id' in body && typeof body.id === 'string' ? body.id : undefined
