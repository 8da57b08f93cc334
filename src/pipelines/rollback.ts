/** Operations port.rollback and port.release: an older state of a port is published again, and the port held until it is released. */
import { z } from 'zod'
import { type OperationContext, operation, problem, WeftError } from '../base/index.ts'
import { readManifest, verifyReferenced } from '../storage/index.ts'
import type { Db } from '../store/index.ts'
import { findPort, type ProjectParts } from './operations.ts'
import type { RunParts } from './parts.ts'
import { pipelineProblems } from './problems.ts'
import { insertHold, insertPublication, releaseHolds, servedPublications } from './publication-store.ts'
import { mirrorPublications, portNamed } from './publish.ts'

export interface RolledBack {
  readonly moved: readonly { readonly dataset: string; readonly from: string; readonly to: string }[]
  readonly held: true
  readonly downstream: readonly { readonly dataset: string; readonly snapshot: string; readonly madeFrom: string }[]
}

export const rollbackPort = operation({
  name: 'port.rollback',
  effect: 'write',
  permission: 'product.publish',
  summary: 'Publishes an older snapshot of a port again and holds the port until it is released.',
  input: z.object({ port: z.string(), to: z.string().optional(), downstream: z.boolean().default(false) }),
  async run({ parts, principal }: OperationContext<ProjectParts>, input): Promise<RolledBack> {
    const mesh = await parts.mesh()
    const runParts = await parts.runs()
    const { port } = findPort(mesh, input.port)
    const moved = [...(await rollbackOne(runParts, port.subject, input.to, principal.name))]
    const downstream: RolledBack['downstream'][number][] = []
    const seen = new Set([port.subject])
    // What was made from the bad snapshots, and what was made from that.
    for (let bad = moved.map(it => it.from); bad.length > 0; ) {
      const found = (await madeFrom(runParts, bad)).filter(it => !downstream.some(one => one.snapshot === it.snapshot))
      downstream.push(...found)
      bad = found.map(it => it.snapshot)
      if (!input.downstream) continue
      for (const one of new Set(found.map(it => it.dataset.slice(0, it.dataset.lastIndexOf('.'))))) {
        if (seen.has(one)) continue
        seen.add(one)
        moved.push(...(await rollbackIfOlder(runParts, one, principal.name)))
      }
    }
    await mirrorPublications(runParts, subject => portNamed(mesh, subject))
    return { moved, held: true, downstream }
  },
})

/** Nothing, where the port never served anything else: it stays, and the answer says so. */
const rollbackIfOlder = async (parts: RunParts, port: string, by: string): Promise<RolledBack['moved']> => {
  try {
    return await rollbackOne(parts, port, undefined, by)
  } catch (error) {
    if (error instanceof WeftError && error.code === 'port.nothing-published') return []
    throw error
  }
}

/** What a rollback would publish again: the newest publication that has the snapshot `to`, or served another state; or the one of number `seq`. */
const findTarget = async (db: Db, env: string, port: string, to: string | undefined, seq?: number) => {
  const served = (await servedPublications(db, env)).get(port)
  if (served === undefined)
    throw new WeftError(
      'usage',
      problem(pipelineProblems, 'port.nothing-published', `${port} has nothing published`, { subject: port }),
    )
  const published = await db
    .selectFrom('publication_dataset as d')
    .innerJoin('snapshot as s', 's.id', 'd.snapshot_id')
    .select(['d.seq', 'd.dataset', 'd.dataset_id', 'd.snapshot_id'])
    .select(['s.schema_hash', 's.state', 's.layout', 's.uri', 's.manifest_hash'])
    .where('d.port_id', '=', served.portId)
    .orderBy('d.seq', 'desc')
    .execute()
  // A port moves whole, or not at all: what has expired is gone.
  const gone = new Set(published.filter(row => row.state !== 'kept').map(row => row.seq))
  const history = published.filter(row => !gone.has(row.seq))
  const current = new Set(served.datasets.map(it => it.snapshot))
  const isOther = (id: string): boolean => (to === undefined ? !current.has(id) : id === to)
  const target = history.find(row =>
    seq === undefined ? row.seq < served.seq && isOther(row.snapshot_id) : row.seq === seq,
  )
  if (target === undefined) {
    throw new WeftError(
      'usage',
      problem(
        pipelineProblems,
        to === undefined ? 'port.nothing-published' : 'snapshot.unknown',
        to === undefined ? `${port} has no older publication` : `${port} never served a snapshot ${to}`,
        { subject: port },
      ),
    )
  }
  const chosen = history.filter(row => row.seq === target.seq)
  const schemas = new Map(history.filter(row => row.seq === served.seq).map(row => [row.dataset, row.schema_hash]))
  const differs = chosen.find(row => schemas.get(row.dataset) !== row.schema_hash)
  if (differs !== undefined) {
    throw new WeftError(
      'blocked',
      problem(
        pipelineProblems,
        'port.schema-differs',
        `${differs.dataset} had another schema in snapshot ${differs.snapshot_id}`,
        { subject: differs.dataset },
      ),
    )
  }
  return { served, seq: target.seq, chosen }
}

/** One transaction: the older publication's snapshots become a new publication, and the port is held. Throws `source.changed` where files in place are not as they were. */
const rollbackOne = async (
  parts: RunParts,
  port: string,
  to: string | undefined,
  by: string,
): Promise<RolledBack['moved']> => {
  const { seq, chosen: found } = await findTarget(parts.store.db, parts.env, port, to)
  for (const { dataset, uri, manifest_hash, layout } of found) {
    if (layout !== 'referenced') continue
    const storage = await parts.storageOf(dataset.slice(0, dataset.indexOf('.')))
    await verifyReferenced(await readManifest(storage, uri, manifest_hash))
  }
  return parts.store.transaction(async db => {
    const { served, chosen } = await findTarget(db, parts.env, port, to, seq)
    const at = parts.effects.now()
    const datasetsOf = chosen.map(row => ({
      datasetId: row.dataset_id,
      dataset: row.dataset,
      snapshot: row.snapshot_id,
    }))
    await insertPublication(db, parts.env, {
      portId: served.portId,
      port,
      seq: served.seq + 1,
      datasets: datasetsOf,
      reason: 'rollback',
      runId: null,
      by,
      at,
    })
    await releaseHolds(db, parts.env, port, at)
    await insertHold(db, {
      id: parts.effects.id(),
      env: parts.env,
      entity_id: served.portId,
      subject: port,
      reason: 'rollback',
      by,
      since: at,
    })
    return datasetsOf.map(it => ({
      dataset: it.dataset,
      from: served.datasets.find(one => one.dataset === it.dataset)?.snapshot ?? '',
      to: it.snapshot,
    }))
  })
}

/** Served snapshots that were made from any of these. */
const madeFrom = async (parts: RunParts, snapshots: readonly string[]): Promise<RolledBack['downstream']> => {
  const served = await servedPublications(parts.store.db, parts.env)
  const found: { dataset: string; snapshot: string; madeFrom: string }[] = []
  for (const publication of served.values()) {
    if (publication.runId === null) continue
    const inputs = await parts.store.db
      .selectFrom('run_input')
      .select('snapshot_id')
      .where('run_id', '=', publication.runId)
      .execute()
    const hit = inputs.find(input => input.snapshot_id !== null && snapshots.includes(input.snapshot_id))
    if (hit?.snapshot_id == null) continue
    for (const it of publication.datasets)
      found.push({ dataset: it.dataset, snapshot: it.snapshot, madeFrom: hit.snapshot_id })
  }
  return found
}

export const releasePort = operation({
  name: 'port.release',
  effect: 'write',
  permission: 'product.publish',
  summary: 'Ends the holds of ports.',
  input: z.object({ ports: z.array(z.string()).min(1) }),
  async run(
    { parts }: OperationContext<ProjectParts>,
    input,
  ): Promise<{ released: readonly { readonly port: string; readonly holds: number }[] }> {
    const mesh = await parts.mesh()
    const ports = input.ports.map(word => findPort(mesh, word).port.subject)
    const { store, env, effects } = await parts.runs()
    const released = []
    for (const port of ports) released.push({ port, holds: await releaseHolds(store.db, env, port, effects.now()) })
    return { released }
  },
})
