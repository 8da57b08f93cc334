/** SQL of the tables that runs own: run, run_input, snapshot, check_result, metric. Publications and holds are in publication-store.ts. Every function takes `db` first. */
import { chunks, type Problem, problem, WeftError } from '../base/index.ts'
import type { Manifest, ManifestLeftOut } from '../storage/index.ts'
import type { Db } from '../store/index.ts'
import { liveLease } from './lease-store.ts'
import type { CheckResult, Metric } from './measure/result.ts'
import { pipelineProblems } from './problems.ts'
import { type CheckCounts, type DatasetRun, hasLeftOut, type Run, type RunState, type RunTrigger } from './run.ts'

const open = ['queued', 'running', 'checking', 'publishing'] as const

export interface NewRun {
  readonly id: string
  readonly env: string
  readonly productId: string
  readonly product: string
  readonly trigger: RunTrigger
  readonly by: string
  readonly planId?: string
  readonly at: Date
}

/** Queues a run, or gives back the one that already waits for this product (one that a lost process left, for instance). */
export const queueRun = async (db: Db, run: NewRun): Promise<string> => {
  const waiting = await db
    .selectFrom('run')
    .select('id')
    .where('env', '=', run.env)
    .where('product_id', '=', run.productId)
    .where('state', '=', 'queued')
    .orderBy('seq')
    .executeTakeFirst()
  if (waiting !== undefined) return waiting.id
  await db
    .insertInto('run')
    .values({
      id: run.id,
      env: run.env,
      product_id: run.productId,
      product: run.product,
      trigger: run.trigger,
      state: 'queued',
      requested_by: run.by,
      plan_id: run.planId ?? null,
      build_key: null,
      queued_at: run.at,
      started_at: null,
      ended_at: null,
      lease_owner: null,
      lease_until: null,
      attempt: 0,
      problems: '[]',
    })
    .execute()
  return run.id
}

/** Runs that had nothing to do, recorded at once. */
export const insertUnchangedRuns = async (
  db: Db,
  runs: readonly (NewRun & { readonly buildKey: string })[],
): Promise<void> => {
  if (runs.length === 0) return
  await db
    .insertInto('run')
    .values(
      runs.map(run => ({
        id: run.id,
        env: run.env,
        product_id: run.productId,
        product: run.product,
        trigger: run.trigger,
        state: 'unchanged',
        requested_by: run.by,
        plan_id: run.planId ?? null,
        build_key: run.buildKey,
        queued_at: run.at,
        started_at: run.at,
        ended_at: run.at,
        lease_owner: null,
        lease_until: null,
        attempt: 1,
        problems: '[]',
      })),
    )
    .execute()
}

/** Build key, rows and bytes of snapshots, by id. */
export const snapshotSizes = async (
  db: Db,
  ids: readonly string[],
): Promise<Map<string, { readonly buildKey: string; readonly rows: number; readonly bytes: number }>> => {
  const found = new Map<string, { buildKey: string; rows: number; bytes: number }>()
  for (const part of chunks(ids, 1000)) {
    const rows = await db
      .selectFrom('snapshot')
      .select(['id', 'build_key', 'rows', 'bytes'])
      .where('id', 'in', part)
      .execute()
    for (const row of rows) found.set(row.id, { buildKey: row.build_key, rows: row.rows, bytes: row.bytes })
  }
  return found
}

/** Takes the lease of a queued run where no other run of the product holds a live one. False: somebody else has it. */
export const takeLease = async (db: Db, runId: string, owner: string, now: Date, leaseMs: number): Promise<boolean> => {
  const taken = await db
    .updateTable('run')
    .set(eb => ({
      state: 'running' as const,
      lease_owner: owner,
      lease_until: new Date(now.getTime() + leaseMs),
      attempt: eb('attempt', '+', 1),
      started_at: now,
    }))
    .where('id', '=', runId)
    .where('state', '=', 'queued')
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('run as other')
            .select('other.id')
            .whereRef('other.product_id', '=', 'run.product_id')
            .whereRef('other.id', '!=', 'run.id')
            .where('other.state', 'in', ['running', 'checking', 'publishing'])
            .where(eb => liveLease(now, leaseMs)(eb, 'other.lease_until')),
        ),
      ),
    )
    .executeTakeFirst()
  return taken.numUpdatedRows > 0n
}

/** Says that the process lives, and what the run does now. False: the lease is lost. */
export const renewLease = async (
  db: Db,
  runId: string,
  owner: string,
  state: 'running' | 'checking' | 'publishing',
  until: Date,
): Promise<boolean> => {
  const renewed = await db
    .updateTable('run')
    .set({ state, lease_until: until })
    .where('id', '=', runId)
    .where('lease_owner', '=', owner)
    .where('state', 'in', ['running', 'checking', 'publishing'])
    .executeTakeFirst()
  return renewed.numUpdatedRows > 0n
}

/** Ends a run. With an owner, only while that owner still holds the lease: else `run.lease-lost`, and the transaction around it fails. */
export const endRun = async (
  db: Db,
  runId: string,
  end: {
    readonly state: RunState
    readonly at: Date
    readonly problems: readonly Problem[]
    readonly buildKey?: string
    readonly owner?: string
  },
): Promise<void> => {
  let update = db
    .updateTable('run')
    .set({
      state: end.state,
      ended_at: end.at,
      problems: JSON.stringify(end.problems),
      lease_owner: null,
      lease_until: null,
      ...(end.buildKey === undefined ? {} : { build_key: end.buildKey }),
    })
    .where('id', '=', runId)
    .where('state', 'in', open)
  if (end.owner !== undefined) update = update.where('lease_owner', '=', end.owner)
  const ended = await update.executeTakeFirst()
  if (ended.numUpdatedRows === 0n) {
    throw new WeftError(
      'failed',
      problem(pipelineProblems, 'run.lease-lost', `run ${runId} was taken over by another process`),
    )
  }
}

/** The last runs, newest first. */
export const listRuns = async (
  db: Db,
  env: string,
  options: { readonly id?: string; readonly product?: string; readonly limit: number },
): Promise<Run[]> => {
  let query = db
    .selectFrom('run')
    .selectAll()
    .where('env', '=', env)
    // Not by instants: a clock may have been set back.
    .orderBy('seq', 'desc')
    .limit(options.limit)
  if (options.id !== undefined) query = query.where('id', '=', options.id)
  if (options.product !== undefined) query = query.where('product', '=', options.product)
  const rows = await query.execute()
  const snapshots =
    rows.length === 0
      ? []
      : await db
          .selectFrom('snapshot')
          .selectAll()
          .where(
            'run_id',
            'in',
            rows.map(row => row.id),
          )
          .execute()
  const counts = await checkCounts(
    db,
    snapshots.map(snapshot => snapshot.id),
  )
  return rows.map(row => ({
    id: row.id,
    product: row.product,
    trigger: row.trigger,
    state: row.state,
    startedAt: row.started_at?.toISOString() ?? null,
    endedAt: row.ended_at?.toISOString() ?? null,
    durationMs:
      row.started_at === null || row.ended_at === null ? null : row.ended_at.getTime() - row.started_at.getTime(),
    problems: row.problems as Problem[], // written by endRun and queueRun only
    ...(row.attempt > 1 ? { attempts: row.attempt } : {}),
    datasets: snapshots
      .filter(snapshot => snapshot.run_id === row.id)
      .map(snapshot => ({
        dataset: snapshot.dataset,
        state: snapshot.state === 'quarantined' ? ('quarantined' as const) : ('published' as const),
        snapshot: snapshot.id,
        rows: snapshot.rows,
        bytes: snapshot.bytes,
        ...leftOutOf(snapshot.left_out as ManifestLeftOut[]), // written by insertSnapshots only
        checks: counts.get(snapshot.id) ?? { passed: 0, failed: 0, warned: 0, errored: 0 },
      })),
  }))
}

const leftOutOf = (all: readonly ManifestLeftOut[]): Pick<DatasetRun, 'leftOut'> => {
  const leftOut = all.filter(hasLeftOut)
  return leftOut.length === 0 ? {} : { leftOut }
}

const checkCounts = async (db: Db, snapshots: readonly string[]): Promise<Map<string, CheckCounts>> => {
  if (snapshots.length === 0) return new Map()
  const rows = await db
    .selectFrom('check_result')
    .select(eb => ['snapshot_id', 'state', 'severity', eb.fn.countAll<number>().as('count')])
    .where('snapshot_id', 'in', snapshots)
    .groupBy(['snapshot_id', 'state', 'severity'])
    .execute()
  const counts = new Map<string, { passed: number; failed: number; warned: number; errored: number }>()
  for (const row of rows) {
    const count = counts.get(row.snapshot_id) ?? { passed: 0, failed: 0, warned: 0, errored: 0 }
    counts.set(row.snapshot_id, count)
    if (row.state === 'passed') count.passed += row.count
    else if (row.severity !== 'error') count.warned += row.count
    else if (row.state === 'error') count.errored += row.count
    else count.failed += row.count
  }
  return counts
}

/** What a run reads. Repeating it, after a lost lease, says the same again. */
export const insertRunInputs = async (
  db: Db,
  runId: string,
  inputs: readonly { readonly dataset: string; readonly snapshot: string; readonly fingerprint: string }[],
): Promise<void> => {
  await db.deleteFrom('run_input').where('run_id', '=', runId).execute()
  const unique = [...new Map(inputs.map(it => [it.dataset, it])).values()]
  if (unique.length === 0) return
  await db
    .insertInto('run_input')
    .values(
      unique.map(it => ({ run_id: runId, dataset: it.dataset, snapshot_id: it.snapshot, fingerprint: it.fingerprint })),
    )
    .execute()
}

export interface StagedSnapshot {
  readonly manifest: Manifest
  readonly datasetId: string
  readonly uri: string
  readonly manifestHash: string
  /** Files that were taken over from the snapshot before. */
  readonly reusedFiles?: number
  readonly schemaHash: string
  readonly checks: readonly CheckResult[]
  readonly metrics: readonly Metric[]
  readonly samples: Readonly<Record<string, string>>
}

/** Records snapshots with their verdicts and metrics. Part of the publishing transaction. */
export const insertSnapshots = async (db: Db, env: string, snapshots: readonly StagedSnapshot[]): Promise<void> => {
  for (const {
    manifest,
    datasetId,
    uri,
    manifestHash,
    reusedFiles,
    schemaHash,
    checks,
    metrics,
    samples,
  } of snapshots) {
    await db
      .insertInto('snapshot')
      .values({
        id: manifest.id,
        env,
        dataset_id: datasetId,
        dataset: manifest.dataset,
        run_id: manifest.run,
        contract_hash: manifest.contract.hash,
        model_hash: manifest.model.hash,
        schema_hash: schemaHash,
        build_key: manifest.buildKey,
        content_hash: manifest.contentHash,
        layout: manifest.layout,
        uri,
        manifest_hash: manifestHash,
        revision: manifest.revision,
        rows: manifest.rows,
        bytes: manifest.bytes,
        files: manifest.files.length,
        reused_files: reusedFiles ?? 0,
        left_out: JSON.stringify(manifest.leftOut ?? []),
        state: manifest.state === 'published' ? 'kept' : 'quarantined',
        created_at: new Date(manifest.createdAt),
      })
      // Adopting what is known already: the snapshot belongs to the dataset that lives now.
      .onConflict(conflict => conflict.column('id').doUpdateSet({ dataset_id: datasetId }))
      .execute()
    for (const part of chunks(checks, 500)) {
      await db
        .insertInto('check_result')
        .values(
          part.map(check => ({
            snapshot_id: manifest.id,
            check_id: check.check,
            state: check.state,
            severity: check.severity,
            found: check.found,
            expected: check.expected,
            rows_failed: check.rowsFailed ?? null,
            sample_uri: samples[check.check] ?? null,
          })),
        )
        .onConflict(conflict => conflict.doNothing())
        .execute()
    }
    for (const part of chunks(metrics, 500)) {
      await db
        .insertInto('metric')
        .values(
          part.map(metric => ({
            env,
            dataset_id: datasetId,
            column_name: metric.column ?? null,
            name: metric.name,
            partition: null,
            snapshot_id: manifest.id,
            at: new Date(manifest.createdAt),
            value: metric.value,
          })),
        )
        .execute()
    }
  }
}
