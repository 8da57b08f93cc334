/** SQL that tells whether something has moved since a plan looked at it. Every function takes `db` first. */
import { chunks } from '../base/index.ts'
import type { Db } from '../store/index.ts'

/** The revisions in force of `kind subject` keys; 0 where nothing lives under it. */
export const currentRevisions = async (db: Db, env: string, keys: readonly string[]): Promise<Map<string, number>> => {
  if (keys.length === 0) return new Map()
  const removals = await removalCounts(db, env)
  const found = new Map(keys.map(key => [key, revisionOf(undefined, removals.get(key))]))
  const byKind = new Map<string, string[]>()
  for (const key of found.keys()) {
    const [kind, subject] = [key.slice(0, key.indexOf(' ')), key.slice(key.indexOf(' ') + 1)]
    const subjects = byKind.get(kind) ?? []
    byKind.set(kind, subjects)
    subjects.push(subject)
  }
  // By kind: without it, a product's subject is looked for among all things of its name.
  for (const [kind, subjects] of byKind)
    for (const part of chunks(subjects, 1000)) {
      const rows = await db
        .selectFrom('entity as e')
        .innerJoin('definition as d', 'd.entity_id', 'e.id')
        .select(eb => ['e.subject', eb.fn.max<number>('d.revision').as('revision')])
        .where('e.env', '=', env)
        .where('e.removed_at', 'is', null)
        .where('e.kind', '=', kind)
        .where('e.subject', 'in', part)
        .groupBy('e.subject')
        .execute()
      for (const row of rows) {
        const key = `${kind} ${row.subject}`
        found.set(key, revisionOf(row.revision, removals.get(key)))
      }
    }
  return found
}

/** By `kind subject`, for things that were removed and did not come back: a million for each, and how often they were defined. */
export const removalCounts = async (db: Db, env: string): Promise<Map<string, number>> => {
  const rows = await db
    .selectFrom('entity as e')
    .innerJoin('definition as d', 'd.entity_id', 'e.id')
    .select(eb => [
      'e.kind',
      'e.subject',
      eb.fn.count<number>('e.id').distinct().as('n'),
      eb.fn.countAll<number>().as('definitions'),
    ])
    .where('e.env', '=', env)
    .where('e.removed_at', 'is not', null)
    .groupBy(['e.kind', 'e.subject'])
    .execute()
  return new Map(rows.map(row => [`${row.kind} ${row.subject}`, Number(row.n) * 1_000_000 + Number(row.definitions)]))
}

/** A number that never comes back: another thing of the name adds a removal, and one that was brought back is defined anew. */
export const revisionOf = (revision: number | undefined, removals: number | undefined): number =>
  (removals ?? 0) + (revision ?? 0)
