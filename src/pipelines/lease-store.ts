/** SQL of runs that are on: whose process lives, who waits, and who asks that one ends. Every function takes `db` first. */
import type { ExpressionBuilder } from 'kysely'
import { problem } from '../base/index.ts'
import type { Database, Db } from '../store/index.ts'
import { pipelineProblems } from './problems.ts'
import type { RunState } from './run.ts'

const working = ['running', 'checking', 'publishing'] as const
const open = ['queued', ...working] as const

/** Leases that reach further than so many of their length were taken under a clock that was wrong, and bind nobody. */
const reachMax = 10

export const isLiveLease = (until: Date | null, now: Date, leaseMs: number): boolean =>
  until !== null && until > now && until.getTime() <= now.getTime() + leaseMs * reachMax

/** The same in SQL, of the table or alias `run`. */
export const liveLease =
  (now: Date, leaseMs: number) =>
  (
    eb: ExpressionBuilder<Database & { other: Database['run'] }, 'run' | 'other'>,
    column: 'lease_until' | 'other.lease_until',
  ) =>
    eb.and([eb(column, '>', now), eb(column, '<=', new Date(now.getTime() + leaseMs * reachMax))])

/** Ends runs whose process is gone as failed. The embedded catalogue has one owner: whatever is open when it opens is nobody's. */
export const failLostRuns = async (
  db: Db,
  env: string,
  now: Date,
  options: { readonly soleOwner: boolean; readonly leaseMs: number },
): Promise<number> => {
  const rows = await db
    .selectFrom('run')
    .select(['id', 'product', 'lease_until'])
    .where('env', '=', env)
    .where('state', 'in', options.soleOwner ? open : working)
    .execute()
  const lost = rows.filter(row => options.soleOwner || !isLiveLease(row.lease_until, now, options.leaseMs))
  for (const { id, product, lease_until } of lost) {
    const found = problem(pipelineProblems, 'run.lost', `the process that built ${product} ended before the run did`, {
      subject: product,
      help: `weft run ${product}`,
    })
    let update = db
      .updateTable('run')
      .set({ state: 'failed', ended_at: now, lease_owner: null, lease_until: null, problems: JSON.stringify([found]) })
      .where('id', '=', id)
      .where('state', 'in', open)
    // Its process may have spoken up meanwhile.
    if (!options.soleOwner && lease_until !== null) update = update.where('lease_until', '=', lease_until)
    await update.execute()
  }
  return lost.length
}

/** Lets a run that failed be taken up again, under its id. */
export const requeueRun = async (db: Db, id: string): Promise<void> => {
  await db
    .updateTable('run')
    .set({ state: 'queued', ended_at: null, lease_owner: null, lease_until: null })
    .where('id', '=', id)
    .where('state', '=', 'failed')
    .execute()
}

/** The run of a product that another process is at now. */
export const liveRunOf = async (
  db: Db,
  env: string,
  product: string,
  now: Date,
  leaseMs: number,
): Promise<{ readonly id: string; readonly owner: string } | undefined> => {
  const rows = await db
    .selectFrom('run')
    .select(['id', 'lease_owner', 'lease_until'])
    .where('env', '=', env)
    .where('product', '=', product)
    .where('state', 'in', working)
    .execute()
  const live = rows.find(row => isLiveLease(row.lease_until, now, leaseMs))
  return live === undefined ? undefined : { id: live.id, owner: live.lease_owner ?? '' }
}

export interface OpenRun {
  readonly id: string
  readonly product: string
}

export const openRuns = (db: Db, env: string): Promise<OpenRun[]> =>
  db.selectFrom('run').select(['id', 'product']).where('env', '=', env).where('state', 'in', open).execute()

/** The last run of each product, by its subject. */
export const lastRuns = async (
  db: Db,
  env: string,
): Promise<Map<string, { readonly id: string; readonly state: RunState; readonly endedAt: string | null }>> => {
  const rows = await db
    .selectFrom('run')
    .distinctOn('product')
    .select(['id', 'product', 'state', 'ended_at'])
    .where('env', '=', env)
    .orderBy('product')
    .orderBy('seq', 'desc')
    .execute()
  return new Map(
    rows.map(({ id, product, state, ended_at }) => [product, { id, state, endedAt: ended_at?.toISOString() ?? null }]),
  )
}

/** Asks that runs end; the process that is at them looks. */
export const requestCancel = async (db: Db, ids: readonly string[], by: string, at: Date): Promise<void> => {
  await db
    .updateTable('run')
    .set({ cancel_by: by, cancel_at: at })
    .where('id', 'in', ids)
    .where('state', 'in', open)
    .execute()
}

/** Of these runs, those that somebody wants ended. */
export const cancelRequests = (
  db: Db,
  ids: readonly string[],
): Promise<{ readonly id: string; readonly cancel_by: string | null }[]> =>
  db.selectFrom('run').select(['id', 'cancel_by']).where('id', 'in', ids).where('cancel_at', 'is not', null).execute()

/** Ends what nobody takes up. */
export const cancelQueued = async (db: Db, ids: readonly string[], at: Date): Promise<void> => {
  await db
    .updateTable('run')
    .set({ state: 'cancelled', ended_at: at })
    .where('id', 'in', ids)
    .where('state', '=', 'queued')
    .execute()
}
