/** SQL that reads what is applied: entities with their definitions in force. Every function takes `db` first. */

import type { ExpressionBuilder } from 'kysely'
import { chunks } from '../base/index.ts'
import { productOf } from '../domain/index.ts'
import type { Database, Db, DefinitionTable } from '../store/index.ts'
import type { AppliedEntity } from './diff.ts'
import type { EntityKind } from './plan.ts'

/** What belongs to no product. */
export const standAlone: ReadonlySet<string> = new Set(['domain', 'term', 'chapter', 'policy', 'agreement'])

/** So many products are asked for at once; where there are many more, it is faster to load all. */
const productsAtOnce = 100

/** Live entities of an environment with the definitions in force, by `kind subject`: all, or those of some products and all that belongs to none. */
export const loadApplied = async (
  db: Db,
  env: string,
  products?: readonly string[],
): Promise<Map<string, AppliedEntity>> => {
  if (products === undefined) return appliedOf(await live(db, env).execute())
  if (products.length > 5 * productsAtOnce) {
    const asked = new Set(products)
    const all = appliedOf(await live(db, env).execute())
    return new Map([...all].filter(([, it]) => standAlone.has(it.kind) || asked.has(productOf(it.subject))))
  }
  const found = appliedOf(
    await live(db, env)
      .where('e.kind', 'in', [...standAlone])
      .execute(),
  )
  for (const part of chunks(products, productsAtOnce)) {
    const below = (product: string): string => `${product.replaceAll(/[\\%_]/g, '\\$&')}.%`
    const rows = await live(db, env)
      .where(eb => eb.or(part.flatMap(it => [eb('e.subject', '=', it), eb('e.subject', 'like', below(it))])))
      .execute()
    for (const [key, entity] of appliedOf(rows)) found.set(key, entity)
  }
  return found
}

/** What went at an instant and was this subject or part of it. */
export const loadGone = async (db: Db, env: string, removedAt: Date, subject: string): Promise<AppliedEntity[]> => {
  const rows = await inForce(db, env)
    .where('e.removed_at', '=', removedAt)
    .where('e.subject', 'like', `${subject}%`)
    .execute()
  return [...appliedOf(rows).values()].filter(
    it => it.subject === subject || /^[.#]/.test(it.subject.slice(subject.length)),
  )
}

/** Whether something of other roots than these is applied. */
export const hasOtherRoots = async (db: Db, env: string, roots: ReadonlySet<string>): Promise<boolean> =>
  (await db.selectFrom('root').select('id').where('env', '=', env).execute()).some(row => !roots.has(row.id))

/** Hashes of all that is applied: what can be compared without knowing what it says. */
export const appliedHashes = (
  db: Db,
  env: string,
): Promise<{ readonly kind: string; readonly subject: string; readonly root_id: string; readonly hash: string }[]> =>
  db
    .selectFrom('entity as e')
    .innerJoin('definition as d', 'd.entity_id', 'e.id')
    .select(['e.kind', 'e.subject', 'e.root_id', 'd.hash'])
    .where('e.env', '=', env)
    .where('e.removed_at', 'is', null)
    .where(eb => eb.not(eb.exists(laterRevision(eb))))
    .execute()

/** Another text after each change of what is applied. To be read before what is kept with it. */
export const definitionsToken = async (db: Db): Promise<string> =>
  (await db.selectFrom('definitions_token').select('token').executeTakeFirstOrThrow()).token

const inForce = (db: Db, env: string) =>
  db
    .selectFrom('entity as e')
    .innerJoin('definition as d', 'd.entity_id', 'e.id')
    .leftJoin('entity as p', 'p.id', 'e.parent_id')
    .select([
      'e.id',
      'e.kind',
      'e.subject',
      'e.root_id',
      'e.field_id',
      'p.subject as parent',
      'd.revision',
      'd.hash',
      'd.body',
      'd.file',
      'd.line',
    ])
    .where('e.env', '=', env)
    .where(eb => eb.not(eb.exists(laterRevision(eb))))

const live = (db: Db, env: string) => inForce(db, env).where('e.removed_at', 'is', null)

const laterRevision = (eb: ExpressionBuilder<Database & { d: DefinitionTable }, 'd'>) =>
  eb
    .selectFrom('definition as n')
    .select(inner => inner.lit(1).as('one'))
    .whereRef('n.entity_id', '=', 'd.entity_id')
    .whereRef('n.revision', '>', 'd.revision')

const appliedOf = (rows: readonly Awaited<ReturnType<ReturnType<typeof inForce>['execute']>>[number][]) =>
  new Map(
    rows.map(row => {
      const kind = row.kind as EntityKind // written by writeEntities only
      const entity: AppliedEntity = {
        entityId: row.id,
        kind,
        subject: row.subject,
        parent: row.parent ?? undefined,
        root: row.root_id,
        revision: row.revision,
        hash: row.hash,
        body: row.body,
        file: row.file,
        line: row.line,
        fieldId: row.field_id ?? undefined,
      }
      return [`${kind} ${row.subject}`, entity]
    }),
  )

/** The highest field id that a dataset's columns ever had, live or removed, by the dataset's subject: of all datasets, or of these. */
export const highestFieldIds = async (
  db: Db,
  env: string,
  datasets?: readonly string[],
): Promise<Map<string, number>> => {
  const rows = await db
    .selectFrom('entity as c')
    .innerJoin('entity as d', 'd.id', 'c.parent_id')
    .select(eb => ['d.subject', eb.fn.max<number | null>('c.field_id').as('highest')])
    // Of the datasets: from there the embedded catalogue finds the few columns, and not from all columns their datasets.
    .where('d.env', '=', env)
    .where('d.kind', '=', 'dataset')
    .where('c.kind', '=', 'column')
    .$if(datasets !== undefined, query => query.where('d.subject', 'in', datasets ?? []))
    .groupBy('d.subject')
    .execute()
  return new Map(rows.map(row => [row.subject, row.highest ?? 0]))
}
