/** Puts what a run built in place: files by content hash, manifests, then one catalogue transaction, then the copy of the publication beside the data. */
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { hashValue, WeftError } from '../base/index.ts'
import type { Mesh, Product } from '../domain/index.ts'
import type { Engine, Session } from '../engine/index.ts'
import {
  dataKey,
  datasetFolder,
  failingKeysKey,
  hashFile,
  type Manifest,
  type ManifestFile,
  measuredKey,
  type PublicationFile,
  portFolder,
  profileKey,
  rejectsKey,
  type Storage,
  writeManifest,
  writePublication,
} from '../storage/index.ts'
import type { BuiltDataset } from './build.ts'
import type { BuildKeys } from './build-key.ts'
import type { RunParts } from './parts.ts'
import { insertPublication, servedPublications } from './publication-store.ts'
import { heldByPerson } from './run-hold.ts'
import { insertSnapshots, type StagedSnapshot } from './store.ts'
import { countChecks } from './verdict.ts'

export interface StageInput {
  readonly parts: RunParts
  readonly product: Product
  readonly storage: Storage
  readonly session: Session
  readonly engine: Engine
  readonly runId: string
  readonly scratch: string
  readonly at: Date
  readonly buildKeys: BuildKeys
  readonly built: readonly BuiltDataset[]
  readonly state: 'published' | 'quarantined'
  readonly timeDependent: ReadonlySet<string>
  readonly datasetIds: ReadonlyMap<string, string>
  readonly inputs: Manifest['inputs']
  readonly previous: ReadonlyMap<string, string>
}

/** What a crash may leave behind: written before anything is put in place, read by the sweep. */
export interface Placement {
  readonly run: string
  readonly datasets: readonly { readonly folder: string; readonly snapshot: string; readonly data: readonly string[] }[]
}

export const placementFile = 'placed.json'

/** Puts data files and manifests in place. Nothing refers to them until the transaction. */
export const stage = async (input: StageInput): Promise<StagedSnapshot[]> => {
  const { parts, built, product, scratch, runId, storage } = input
  const prepared = []
  for (const one of built) {
    const hashes = await Promise.all(
      one.files.map(async file => (file.etag === undefined ? (await hashFile(file.path)).sha256 : undefined)),
    )
    prepared.push({
      one,
      snapshot: parts.effects.id(),
      folder: datasetFolder(product.slug, one.port.name, one.port.major, one.dataset.name),
      hashes,
    })
  }
  const placement: Placement = {
    run: runId,
    datasets: prepared.map(({ folder, snapshot, hashes }) => ({
      folder,
      snapshot,
      data: hashes.flatMap(sha256 => (sha256 === undefined ? [] : [`${folder}/${dataKey(sha256)}`])),
    })),
  }
  // Whole or not at all: whoever clears up after a kill must be able to read it.
  await writeFile(join(scratch, `${placementFile}.draft`), JSON.stringify(placement))
  await rename(join(scratch, `${placementFile}.draft`), join(scratch, placementFile))
  const staged: StagedSnapshot[] = []
  for (const { one, snapshot, folder, hashes } of prepared) {
    const placed: ManifestFile[] = []
    for (const [index, { path, bytes, rows, partitions, etag = '', ...file }] of one.files.entries()) {
      const nulls = one.columns.map(({ name }) => file.nulls[name] ?? null)
      const content = { bytes, rows, partitions, nulls }
      const sha256 = hashes[index]
      placed.push(sha256 === undefined ? { ...content, uri: pathToFileURL(path).href, etag } : { ...content, sha256 })
      if (sha256 !== undefined) await storage.putFile(`${folder}/${dataKey(sha256)}`, path)
    }
    const files = [...placed, ...one.reused].sort((a, b) => firstOf(a).localeCompare(firstOf(b)))
    staged.push(await stageOne(input, one, snapshot, folder, files))
  }
  return staged
}

const firstOf = (file: ManifestFile): string => file.partitions[0]?.name ?? ''

const stageOne = async (
  input: StageInput,
  one: BuiltDataset,
  snapshot: string,
  folder: string,
  files: readonly ManifestFile[],
): Promise<StagedSnapshot> => {
  const { storage, engine } = input
  const profile = `${folder}/${profileKey(snapshot)}`
  await storage.put(profile, JSON.stringify(one.measured.measurement.profile))
  await storage.put(`${folder}/${measuredKey(snapshot)}`, JSON.stringify(one.memory))
  const samples: Record<string, string> = {}
  for (const failing of one.failing) {
    const key = `${folder}/${failingKeysKey(snapshot, failing.check)}`
    await storage.put(
      key,
      `${JSON.stringify(failing.columns)}\n${failing.rows.map(row => JSON.stringify(row)).join('\n')}\n`,
    )
    samples[failing.check] = key
  }
  const rejects = `${folder}/${rejectsKey(snapshot)}`
  if (one.rejects.path !== undefined) await storage.putFile(rejects, one.rejects.path)
  const previous = input.previous.get(one.dataset.subject)
  const manifest: Manifest = {
    format: 'weft.snapshot/1',
    id: snapshot,
    revision: 1,
    dataset: one.dataset.subject,
    port: one.port.subject,
    contract: {
      id: one.port.contract?.id ?? '',
      version: one.port.contract?.version ?? one.port.version,
      hash: one.port.contract?.hash ?? '',
    },
    model: {
      hash: one.model.hash,
      engine: engine.name,
      engineVersion: engine.version,
      timeDependent: input.timeDependent.has(one.dataset.subject),
    },
    run: input.runId,
    createdAt: input.at.toISOString(),
    columns: one.columns.map(({ id, name, type }, index) => ({
      id,
      name,
      type,
      nullable: one.dataset.columns[index]?.nullable ?? true,
    })),
    ...(one.partition === undefined ? {} : { partition: { column: one.partition.column, grain: one.partition.grain } }),
    layout: one.layout,
    files,
    ...(one.empty.length === 0 ? {} : { empty: one.empty }),
    ...(one.baseKey === undefined ? {} : { baseKey: one.baseKey }),
    rows: one.rows,
    bytes: files.reduce((sum, file) => sum + file.bytes, 0),
    contentHash: one.contentHash,
    inputs: input.inputs,
    sources: one.sources,
    buildKey: input.buildKeys.ports.get(one.port.subject) ?? input.buildKeys.whole,
    profile,
    ...(one.rejects.path === undefined ? {} : { rejects: { uri: rejects, rows: one.rejects.rows } }),
    ...(one.leftOut.length === 0 ? {} : { leftOut: one.leftOut }),
    checks: countChecks(one.measured.measurement.checks),
    state: input.state,
    ...(previous === undefined ? {} : { previous }),
    erasures: [],
  }
  const { uri, hash } = await writeManifest(storage, folder, manifest)
  return {
    manifest,
    datasetId: input.datasetIds.get(one.dataset.subject) ?? '',
    uri,
    manifestHash: hash,
    schemaHash: hashValue(manifest.columns.map(({ id, name, type, nullable }) => [id, name, type, nullable])),
    checks: one.measured.measurement.checks,
    metrics: one.measured.measurement.metrics,
    samples,
    reusedFiles: one.reused.length,
  }
}

/** Moves all ports of the product to the new snapshots in one transaction; `finish` ends the run in the same one. */
export const publish = async (
  parts: RunParts,
  product: Product,
  staged: readonly StagedSnapshot[],
  run: { readonly id: string; readonly by: string; readonly at: Date },
  portIds: ReadonlyMap<string, string>,
  finish: (db: Parameters<Parameters<RunParts['store']['transaction']>[0]>[0]) => Promise<void>,
): Promise<void> => {
  await parts.store.transaction(async db => {
    // Somebody may have rolled back while this run was at work: a hold wins.
    const held = await heldByPerson(db, parts.env, product, run.at)
    if (held !== undefined) throw new WeftError('blocked', held)
    await insertSnapshots(db, parts.env, staged)
    const served = await servedPublications(db, parts.env)
    for (const port of product.outputs) {
      const datasets = staged
        .filter(it => it.manifest.port === port.subject)
        .map(it => ({ datasetId: it.datasetId, dataset: it.manifest.dataset, snapshot: it.manifest.id }))
      if (datasets.length === 0) continue
      await insertPublication(db, parts.env, {
        portId: portIds.get(port.subject) ?? '',
        port: port.subject,
        seq: (served.get(port.subject)?.seq ?? 0) + 1,
        datasets,
        reason: 'run',
        runId: run.id,
        by: run.by,
        at: run.at,
      })
    }
    await finish(db)
  })
}

/** A port with its product, by the port's subject. */
export const portNamed = (
  mesh: Mesh,
  subject: string,
): { readonly product: Product; readonly name: string; readonly major: number } | undefined => {
  for (const product of mesh.products.values()) {
    const port = product.outputs.find(it => it.subject === subject)
    if (port !== undefined) return { product, name: port.name, major: port.major }
  }
  return undefined
}

/** Writes every publication that the catalogue has and storage lacks; repeating it changes nothing. */
export const mirrorPublications = async (
  parts: RunParts,
  find: (port: string) => { readonly product: Product; readonly name: string; readonly major: number } | undefined,
): Promise<void> => {
  const { db } = parts.store
  const missing = await db
    .selectFrom('publication')
    .selectAll()
    .where('env', '=', parts.env)
    .where('mirrored', '=', false)
    .orderBy('seq')
    .execute()
  for (const publication of missing) {
    const port = find(publication.port)
    if (port === undefined) continue
    const rows = await db
      .selectFrom('publication_dataset as d')
      .innerJoin('snapshot as s', 's.id', 'd.snapshot_id')
      .select(['d.dataset', 'd.snapshot_id', 's.manifest_hash'])
      .where('d.port_id', '=', publication.port_id)
      .where('d.seq', '=', publication.seq)
      .orderBy('d.dataset')
      .execute()
    const file: PublicationFile = {
      format: 'weft.publication/1',
      port: publication.port,
      seq: publication.seq,
      reason: publication.reason,
      by: publication.by,
      at: publication.at.toISOString(),
      datasets: rows.map(row => ({ dataset: row.dataset, snapshot: row.snapshot_id, manifestHash: row.manifest_hash })),
      ...(publication.run_id === null ? {} : { run: publication.run_id }),
    }
    const storage = await parts.storageOf(port.product.domain)
    await writePublication(storage, portFolder(port.product.slug, port.name, port.major), file)
    await db
      .updateTable('publication')
      .set({ mirrored: true })
      .where('port_id', '=', publication.port_id)
      .where('seq', '=', publication.seq)
      .execute()
  }
}
