/** SQL of the tables that plans own: root, entity, definition, plan, plan_step. Every function takes `db` first. */
import { chunks, type Problem } from '../base/index.ts'
import type { Db, PlanTable } from '../store/index.ts'
import type { EntityChange, EntityKind, Plan, Step } from './plan.ts'

export interface WriteContext {
  readonly env: string
  readonly planId: string
  readonly at: Date
  readonly id: () => string
}

/** Parents come before their children, so that a child finds its parent's entity. */
const order: readonly EntityKind[] = [
  'domain',
  'term',
  'chapter',
  'policy',
  'agreement',
  'product',
  'pipeline',
  'inputPort',
  'outputPort',
  'contract',
  'promise',
  'dataset',
  'column',
  'model',
  'check',
]

const parentKind: Readonly<Partial<Record<EntityKind, EntityKind>>> = {
  product: 'domain',
  pipeline: 'product',
  inputPort: 'product',
  outputPort: 'product',
  contract: 'outputPort',
  promise: 'outputPort',
  dataset: 'outputPort',
  column: 'dataset',
  model: 'dataset',
  check: 'dataset',
}

/** Writes what a define or retire step says. Entities that are there keep their id; definitions are appended. */
export const writeEntities = async (
  db: Db,
  context: WriteContext,
  root: string,
  entities: readonly EntityChange[],
): Promise<void> => {
  const { env, at } = context
  const live = await liveIds(db, env, entities)
  const sorted = [...entities].sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))
  const created: { id: string; change: EntityChange; parentId: string | null }[] = []
  const revised: { id: string; change: EntityChange }[] = []
  const removed: string[] = []
  for (const change of sorted) {
    const id = live.get(`${change.kind} ${change.renamedFrom ?? change.subject}`)
    if (change.change === 'removed') {
      if (id !== undefined) removed.push(id)
    } else if (id === undefined) {
      const fresh = context.id()
      live.set(`${change.kind} ${change.subject}`, fresh)
      const kind = parentKind[change.kind]
      created.push({
        id: fresh,
        change,
        parentId: kind === undefined ? null : (live.get(`${kind} ${change.parent}`) ?? null),
      })
    } else {
      revised.push({ id, change })
    }
  }
  for (const part of chunks(removed, 500))
    await db.updateTable('entity').set({ removed_at: at }).where('id', 'in', part).execute()
  for (const { id, change } of revised) {
    if (change.renamedFrom !== undefined)
      await db.updateTable('entity').set({ subject: change.subject }).where('id', '=', id).execute()
  }
  // Whoever writes a thing owns it: it may have come from another root.
  for (const part of chunks(
    revised.map(it => it.id),
    500,
  ))
    await db.updateTable('entity').set({ root_id: root }).where('id', 'in', part).execute()
  for (const part of chunks(created, 500)) {
    await db
      .insertInto('entity')
      .values(
        part.map(({ id, change, parentId }) => ({
          id,
          env,
          kind: change.kind,
          subject: change.subject,
          parent_id: parentId,
          root_id: root,
          status: 'live',
          field_id: change.fieldId ?? null,
          created_at: at,
          removed_at: null,
        })),
      )
      .execute()
  }
  await appendDefinitions(db, context, [...created, ...revised])
}

const liveIds = async (db: Db, env: string, entities: readonly EntityChange[]): Promise<Map<string, string>> => {
  const subjects = [
    ...new Set(entities.flatMap(it => [it.subject, it.renamedFrom ?? it.subject, it.parent ?? it.subject])),
  ]
  const live = new Map<string, string>()
  for (const part of chunks(subjects, 1000)) {
    const rows = await db
      .selectFrom('entity')
      .select(['id', 'kind', 'subject'])
      .where('env', '=', env)
      .where('removed_at', 'is', null)
      .where('subject', 'in', part)
      .execute()
    for (const row of rows) live.set(`${row.kind} ${row.subject}`, row.id)
  }
  return live
}

const appendDefinitions = async (
  db: Db,
  context: WriteContext,
  changes: readonly { id: string; change: EntityChange }[],
): Promise<void> => {
  const revisions = new Map<string, number>()
  for (const part of chunks(
    changes.map(it => it.id),
    1000,
  )) {
    const rows = await db
      .selectFrom('definition')
      .select(eb => ['entity_id', eb.fn.max<number>('revision').as('revision')])
      .where('entity_id', 'in', part)
      .groupBy('entity_id')
      .execute()
    for (const row of rows) revisions.set(row.entity_id, row.revision)
  }
  for (const part of chunks(changes, 500)) {
    await db
      .insertInto('definition')
      .values(
        part.map(({ id, change }) => ({
          entity_id: id,
          revision: (revisions.get(id) ?? 0) + 1,
          hash: change.hash ?? '',
          body: JSON.stringify(change.body ?? null),
          file: change.file ?? '',
          line: change.line ?? 1,
          plan_id: context.planId,
          applied_at: context.at,
        })),
      )
      .execute()
  }
}

/** A step that defines a product is some ten kilobytes. */
const stepsAtOnce = 500

/** Keeps a plan with its steps; a plan that is there already stays as it is. */
export const insertPlan = async (db: Db, plan: Plan, by: string, at: Date): Promise<void> => {
  const { steps, ...rest } = plan
  const inserted = await db
    .insertInto('plan')
    .values({
      id: plan.id,
      env: plan.environment,
      state: 'open',
      reads: JSON.stringify(plan.reads),
      consequences_hash: plan.consequencesHash,
      body: JSON.stringify(rest),
      by,
      at,
    })
    .onConflict(conflict => conflict.column('id').doNothing())
    .executeTakeFirst()
  if ((inserted.numInsertedOrUpdatedRows ?? 0n) === 0n) return
  for (const part of chunks(
    steps.map((step, seq) => ({ step, seq })),
    stepsAtOnce,
  )) {
    await db
      .insertInto('plan_step')
      .values(
        part.map(({ step, seq }) => ({
          plan_id: plan.id,
          seq,
          kind: step.kind,
          subject: step.subject,
          key: step.key,
          state: 'pending' as const,
          attempt: 0,
          started_at: null,
          ended_at: null,
          problem: null,
          body: JSON.stringify(step),
        })),
      )
      .execute()
  }
}

export const findPlan = async (
  db: Db,
  env: string,
  id: string,
): Promise<{ plan: Plan; state: PlanTable['state'] } | undefined> => {
  const rows = await db
    .selectFrom('plan')
    .select(['id', 'body', 'state'])
    .where('env', '=', env)
    .where('id', 'like', `${id.replaceAll(/[%_\\]/g, '')}%`)
    .limit(2)
    .execute()
  const [row] = rows
  return row === undefined || rows.length > 1 ? undefined : { plan: await withSteps(db, row), state: row.state }
}

/** The plan that was being applied when its process ended, if any; the newest. */
export const interruptedPlan = async (db: Db, env: string): Promise<Plan | undefined> => {
  const row = await db
    .selectFrom('plan')
    .select(['id', 'body'])
    .where('env', '=', env)
    .where('state', 'in', ['applying', 'failed'])
    .orderBy('at', 'desc')
    .executeTakeFirst()
  return row === undefined ? undefined : withSteps(db, row)
}

const withSteps = async (db: Db, { id, body }: { readonly id: string; readonly body: unknown }): Promise<Plan> => {
  const steps: Step[] = []
  for (;;) {
    const rows = await db
      .selectFrom('plan_step')
      .select('body')
      .where('plan_id', '=', id)
      .where('seq', '>=', steps.length)
      .orderBy('seq')
      .limit(stepsAtOnce)
      .execute()
    steps.push(...rows.map(it => it.body as Step)) // written by insertPlan only
    if (rows.length < stepsAtOnce) return { ...(body as Omit<Plan, 'steps'>), steps } // as above
  }
}

/** Moves a plan on; false where it was not in one of the states that it may come from. */
export const movePlan = async (
  db: Db,
  id: string,
  from: readonly PlanTable['state'][],
  to: PlanTable['state'],
): Promise<boolean> => {
  const moved = await db
    .updateTable('plan')
    .set({ state: to })
    .where('id', '=', id)
    .where('state', 'in', from)
    .executeTakeFirst()
  return moved.numUpdatedRows > 0n
}

/** Plans that were interrupted before are given up when another one is begun. */
export const abandonOthers = async (db: Db, env: string, id: string): Promise<void> => {
  await db
    .updateTable('plan')
    .set({ state: 'stale' })
    .where('env', '=', env)
    .where('id', '!=', id)
    .where('state', 'in', ['open', 'applying', 'failed'])
    .execute()
}

export const stepStates = async (
  db: Db,
  planId: string,
): Promise<Map<number, { state: 'pending' | 'running' | 'done' | 'failed' | 'skipped' }>> => {
  const rows = await db.selectFrom('plan_step').select(['seq', 'state']).where('plan_id', '=', planId).execute()
  return new Map(rows.map(row => [row.seq, { state: row.state }]))
}

export const recordStep = async (
  db: Db,
  planId: string,
  seq: number,
  to: { readonly state: 'running' | 'done' | 'failed' | 'skipped'; readonly at: Date; readonly problem?: Problem },
): Promise<void> => {
  await db
    .updateTable('plan_step')
    .set(eb => ({
      state: to.state,
      ...(to.state === 'running' ? { started_at: to.at, attempt: eb('attempt', '+', 1) } : { ended_at: to.at }),
      problem: to.problem === undefined ? null : JSON.stringify(to.problem),
    }))
    .where('plan_id', '=', planId)
    .where('seq', '=', seq)
    .execute()
}

export const upsertRoots = async (
  db: Db,
  env: string,
  roots: readonly { id: string; path: string }[],
  at: Date,
): Promise<void> => {
  for (const { id, path } of roots) {
    await db
      .insertInto('root')
      .values({ id, env, url: '', path, commit: null, applied_at: at })
      .onConflict(conflict => conflict.columns(['env', 'id']).doUpdateSet({ path, applied_at: at }))
      .execute()
  }
}

/** Where a plan stands; undefined where the catalogue does not know it. */
export const planState = async (db: Db, id: string): Promise<PlanTable['state'] | undefined> =>
  (await db.selectFrom('plan').select('state').where('id', '=', id).executeTakeFirst())?.state
