/** What the catalogue knows of some ports and a product: what is served and how it was judged, what is held, what ran last. `db` comes first. */
import type { Db } from '../store/index.ts'

/** What readers of a dataset get now. */
export interface Served {
  readonly snapshot: string
  readonly rows: number
  readonly bytes: number
  readonly publishedAt: string
  /** `warned`: failed, and no more than a warning. */
  readonly checks: {
    readonly passed: number
    readonly failed: number
    readonly warned: number
    readonly errored: number
  }
}

export interface Observed {
  /** By the dataset's subject. */
  readonly served: ReadonlyMap<string, Served>
  readonly held?: { readonly subject: string; readonly reason: string; readonly by: string; readonly since: string }
  readonly lastRun?: { readonly id: string; readonly state: string; readonly endedAt: string | null }
}

export const nothingObserved: Observed = { served: new Map() }

export const observe = async (
  db: Db,
  env: string,
  product: string,
  ports: readonly string[],
  now: Date,
): Promise<Observed> => {
  const [served, held, lastRun] = [
    await servedOf(db, env, ports),
    await heldOf(db, env, [product, ...ports], now),
    await lastRunOf(db, env, product),
  ]
  return { served, ...(held === undefined ? {} : { held }), ...(lastRun === undefined ? {} : { lastRun }) }
}

const servedOf = async (db: Db, env: string, ports: readonly string[]): Promise<Map<string, Served>> => {
  if (ports.length === 0) return new Map()
  const rows = await db
    .selectFrom('entity as e')
    .innerJoin('publication as p', 'p.port_id', 'e.id')
    .innerJoin('publication_dataset as d', join =>
      join.onRef('d.port_id', '=', 'p.port_id').onRef('d.seq', '=', 'p.seq'),
    )
    .innerJoin('snapshot as s', 's.id', 'd.snapshot_id')
    .innerJoin('entity as de', 'de.id', 'd.dataset_id')
    .select(['de.subject', 's.id', 's.rows', 's.bytes', 'p.at'])
    .where('e.env', '=', env)
    .where('e.kind', '=', 'outputPort')
    .where('e.subject', 'in', ports)
    .where('e.removed_at', 'is', null)
    .where('p.seq', '=', eb =>
      eb
        .selectFrom('publication as q')
        .select(q => q.fn.max('q.seq').as('seq'))
        .whereRef('q.port_id', '=', 'p.port_id'),
    )
    .execute()
  const checks = await checksOf(
    db,
    rows.map(row => row.id),
  )
  return new Map(
    rows.map(row => [
      row.subject,
      {
        snapshot: row.id,
        rows: row.rows,
        bytes: row.bytes,
        publishedAt: row.at.toISOString(),
        checks: checks.get(row.id) ?? { passed: 0, failed: 0, warned: 0, errored: 0 },
      },
    ]),
  )
}

const checksOf = async (db: Db, snapshots: readonly string[]): Promise<Map<string, Served['checks']>> => {
  if (snapshots.length === 0) return new Map()
  const rows = await db
    .selectFrom('check_result')
    .select(eb => ['snapshot_id', 'state', 'severity', eb.fn.countAll<number>().as('n')])
    .where('snapshot_id', 'in', snapshots)
    .groupBy(['snapshot_id', 'state', 'severity'])
    .execute()
  const found = new Map<string, { passed: number; failed: number; warned: number; errored: number }>()
  for (const { snapshot_id, state, severity, n } of rows) {
    const one = found.get(snapshot_id) ?? { passed: 0, failed: 0, warned: 0, errored: 0 }
    found.set(snapshot_id, one)
    if (state === 'passed') one.passed += n
    else if (state === 'error') one.errored += n
    else if (severity === 'error') one.failed += n
    else one.warned += n
  }
  return found
}

const heldOf = async (db: Db, env: string, subjects: readonly string[], now: Date): Promise<Observed['held']> => {
  const row = await db
    .selectFrom('hold')
    .select(['subject', 'reason', 'by', 'since'])
    .where('env', '=', env)
    .where('subject', 'in', subjects)
    .where('released_at', 'is', null)
    .where(eb => eb.or([eb('until', 'is', null), eb('until', '>', now)]))
    .orderBy('since', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row === undefined ? undefined : { ...row, since: row.since.toISOString() }
}

const lastRunOf = async (db: Db, env: string, product: string): Promise<Observed['lastRun']> => {
  const row = await db
    .selectFrom('run')
    .select(['id', 'state', 'ended_at'])
    .where('env', '=', env)
    .where('product', '=', product)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row === undefined ? undefined : { id: row.id, state: row.state, endedAt: row.ended_at?.toISOString() ?? null }
}
