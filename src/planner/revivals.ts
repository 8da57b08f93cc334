/** Products and ports that are in the files again: what was applied of them comes back with its ids and its history, as long as its data is kept. */

import { closeTombstones } from '../access/index.ts'
import { chunks } from '../base/index.ts'
import { productOf } from '../domain/index.ts'
import type { ServedPort } from '../pipelines/index.ts'
import type { Db } from '../store/index.ts'
import { loadApplied, loadGone } from './applied-store.ts'
import { type Entity, entityKey } from './desired.ts'
import type { AppliedEntity } from './diff.ts'
import type { EntityChange, EntityKind, Step } from './plan.ts'
import type { WriteContext } from './store.ts'

export interface Revival {
  readonly kind: 'product' | 'outputPort'
  readonly subject: string
  /** It, then its parts, as they were when it went. */
  readonly entities: readonly AppliedEntity[]
  /** What a port served then. */
  readonly served?: ServedPort & { readonly at: Date }
}

/** What of the desired products and ports, and of these roots, was there before. */
export const findRevivals = async (
  db: Db,
  env: string,
  desired: ReadonlyMap<string, Entity>,
  applied: ReadonlyMap<string, AppliedEntity>,
  givenRoots: ReadonlySet<string>,
): Promise<Revival[]> => {
  const wanted = [...desired].filter(
    ([key, it]) => (it.kind === 'product' || it.kind === 'outputPort') && !applied.has(key) && givenRoots.has(it.root),
  )
  const found: Revival[] = []
  for (const part of chunks(
    wanted.map(([, it]) => it.subject),
    500,
  )) {
    const rows = await db
      .selectFrom('entity')
      .select(['id', 'kind', 'subject', 'removed_at'])
      .where('env', '=', env)
      .where('kind', 'in', ['product', 'outputPort'])
      .where('removed_at', 'is not', null)
      .where('subject', 'in', part)
      .orderBy('removed_at')
      .execute()
    // The last one of that name.
    const last = new Map(rows.map(row => [`${row.kind} ${row.subject}`, row]))
    for (const [key, { id, kind, subject, removed_at }] of last) {
      if (applied.has(key) || !desired.has(key) || removed_at === null) continue
      const isPort = kind === 'outputPort'
      const served = isPort ? await lastServed(db, env, id) : undefined
      // Nothing to serve at once, and ids that point at files which are gone: it begins anew.
      if (served === 'gone') continue
      const gone = await loadGone(db, env, removed_at, subject)
      const entities = [
        ...gone.filter(it => it.entityId === id),
        ...gone.filter(it => it.entityId !== id && (isPort ? it.kind !== 'outputPort' : ofProduct.has(it.kind))),
      ]
      found.push({
        kind: isPort ? 'outputPort' : 'product',
        subject,
        entities,
        ...(served === undefined ? {} : { served }),
      })
    }
  }
  return found.sort((a, b) => (a.subject < b.subject ? -1 : 1))
}

/** The parts of a product that belong to none of its ports. */
const ofProduct: ReadonlySet<EntityKind> = new Set(['pipeline', 'inputPort'])

/** The newest publication of a port, live or not; undefined where it never had one, `gone` where its files are. */
const lastServed = async (
  db: Db,
  env: string,
  portId: string,
): Promise<(ServedPort & { readonly at: Date }) | 'gone' | undefined> => {
  const publication = await db
    .selectFrom('publication')
    .select(['seq', 'at'])
    .where('env', '=', env)
    .where('port_id', '=', portId)
    .orderBy('seq', 'desc')
    .executeTakeFirst()
  if (publication === undefined) return undefined
  const { seq, at } = publication
  const rows = await db
    .selectFrom('publication_dataset as d')
    .innerJoin('snapshot as s', 's.id', 'd.snapshot_id')
    .select(['d.dataset', 's.id', 's.build_key', 's.rows', 's.bytes', 's.state'])
    .where('d.port_id', '=', portId)
    .where('d.seq', '=', seq)
    .orderBy('d.dataset')
    .execute()
  if (rows.some(row => row.state !== 'kept')) return 'gone'
  const datasets = rows.map(row => ({
    dataset: row.dataset,
    snapshot: row.id,
    buildKey: row.build_key,
    rows: row.rows,
    bytes: row.bytes,
  }))
  return { seq, at, datasets }
}

/** The catalogue as it is once they are back. */
export const withRevived = (
  applied: ReadonlyMap<string, AppliedEntity>,
  revivals: readonly Revival[],
): ReadonlyMap<string, AppliedEntity> =>
  revivals.length === 0
    ? applied
    : new Map([
        ...applied,
        ...revivals.flatMap(it => it.entities.map(one => [entityKey(one.kind, one.subject), one] as const)),
      ])

export const revivedPorts = (revivals: readonly Revival[]): string[] =>
  revivals.flatMap(it => (it.served === undefined ? [] : [it.subject]))

export const reviveSteps = (revivals: readonly Revival[]): (Step & { kind: 'revive' })[] =>
  revivals.map(({ kind, subject, entities, served }) => ({
    kind: 'revive',
    subject,
    key: `revive ${subject} ${entities[0]?.entityId ?? ''}`,
    what: kind,
    entities: entities.map(it => it.entityId),
    ...(served === undefined
      ? {}
      : {
          publication: served.seq,
          snapshots: served.datasets.map(({ dataset, snapshot, rows }) => ({ dataset, snapshot, rows: rows ?? 0 })),
        }),
  }))

/** Makes them live again, and gives them as what was added. That the thing itself is defined anew keeps the number apart that plans know its state by. */
export const revive = async (
  db: Db,
  step: Step & { kind: 'revive' },
  context: Pick<WriteContext, 'env' | 'planId' | 'at'>,
): Promise<EntityChange[]> => {
  for (const part of chunks(step.entities, 500))
    await db.updateTable('entity').set({ removed_at: null }).where('id', 'in', part).execute()
  const { planId, at } = context
  const last = await db
    .selectFrom('definition')
    .selectAll()
    .where('entity_id', '=', step.entities[0] ?? '')
    .orderBy('revision', 'desc')
    .executeTakeFirst()
  if (last !== undefined) {
    const again = {
      ...last,
      body: JSON.stringify(last.body),
      revision: last.revision + 1,
      plan_id: planId,
      applied_at: at,
    }
    await db.insertInto('definition').values(again).execute()
  }
  if (step.what === 'outputPort') await closeTombstones(db, context.env, [step.subject], at)
  const live = new Set(step.entities)
  return [...(await loadApplied(db, context.env, [productOf(step.subject)])).values()]
    .filter(it => live.has(it.entityId))
    .map(({ kind, subject, parent, body }) => ({
      ...{ kind, subject, body, change: 'added' as const },
      ...(parent === undefined ? {} : { parent }),
    }))
}
