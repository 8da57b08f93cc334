/** What was served is found beside the data: the highest publication whose manifests verify. */
import { fileURLToPath } from 'node:url'
import { hashValue, WeftError } from '../base/index.ts'
import type { OutputPort, Product } from '../domain/index.ts'
import { insertHold, insertPublication, insertSnapshots, listSource, type RunParts } from '../pipelines/index.ts'
import { datasetFolder, listManifests, type Manifest, portFolder, readPublications } from '../storage/index.ts'
import type { Step } from './plan.ts'

/** The adopt step of a port that the catalogue knows no publication of, if its storage holds one. */
export const adoptable = async (
  parts: RunParts,
  product: Product,
  port: OutputPort,
): Promise<(Step & { kind: 'adopt' }) | undefined> => {
  const storage = await parts.storageOf(product.domain)
  const isOwn = ownSources(parts, product)
  const found = await readPublications(storage, portFolder(product.slug, port.name, port.major), isOwn)
  if (found === undefined) return undefined
  const { publication, manifests } = found
  return {
    kind: 'adopt',
    subject: port.subject,
    key: `adopt ${port.subject} ${publication.seq}`,
    product: product.subject,
    publication: publication.seq,
    isHeld: publication.reason === 'rollback',
    snapshots: manifests.map(manifest => ({
      dataset: manifest.dataset,
      snapshot: manifest.id,
      buildKey: manifest.buildKey,
      rows: manifest.rows,
    })),
  }
}

/**
 * Whether all that a manifest points to is a file of a source that its product reads. Manifests lie where more hands write than have read
 * everything that this process can.
 */
const ownSources = (parts: RunParts, product: Product): ((manifest: Manifest) => Promise<boolean>) => {
  let paths: Promise<ReadonlySet<string>> | undefined
  return async ({ files }) => {
    const uris = files.flatMap(file => ('uri' in file ? [file.uri] : []))
    if (uris.length === 0) return true
    paths ??= sourcePaths(parts, product)
    const own = await paths
    return uris.every(uri => own.has(fileURLToPath(uri)))
  }
}

const sourcePaths = async (parts: RunParts, product: Product): Promise<ReadonlySet<string>> => {
  const paths = new Set<string>()
  for (const { target } of product.inputs) {
    if (target.kind !== 'source') continue
    const { contract } = target
    try {
      for (const { path } of await listSource(contract, parts.rootPath(contract.root), parts.limits)) paths.add(path)
    } catch (error) {
      // A source that has no files has none to point to.
      if (!(error instanceof WeftError)) throw error
    }
  }
  return paths
}

/** The field ids of a dataset's columns as its newest manifest has them, and the highest that any manifest ever gave. */
export const fieldIdsBeside = async (
  parts: RunParts,
  product: Product,
  port: OutputPort,
  dataset: string,
): Promise<{ readonly byColumn: ReadonlyMap<string, number>; readonly highest: number }> => {
  const storage = await parts.storageOf(product.domain)
  const all = await listManifests(storage, datasetFolder(product.slug, port.name, port.major, dataset))
  const newest = [...all]
    .sort((a, b) => a.manifest.createdAt.localeCompare(b.manifest.createdAt))
    .filter(it => it.manifest.state === 'published')
    .at(-1)
  return {
    byColumn: new Map((newest?.manifest.columns ?? []).map(column => [column.name, column.id])),
    highest: Math.max(0, ...all.flatMap(it => it.manifest.columns.map(column => column.id))),
  }
}

/** Records the publication and all snapshots of the port; quarantined ones stay quarantined. Repeating it changes nothing. */
export const adopt = async (
  parts: RunParts,
  step: Step & { kind: 'adopt' },
  product: Product,
  port: OutputPort,
  by: string,
): Promise<void> => {
  const storage = await parts.storageOf(product.domain)
  const isOwn = ownSources(parts, product)
  const found = await readPublications(storage, portFolder(product.slug, port.name, port.major), isOwn)
  if (found === undefined) return
  const all: { manifest: Manifest; uri: string; hash: string }[] = []
  for (const dataset of port.datasets) {
    for (const it of await listManifests(storage, datasetFolder(product.slug, port.name, port.major, dataset.name)))
      if (await isOwn(it.manifest)) all.push(it)
  }
  const at = parts.effects.now()
  await parts.store.transaction(async db => {
    const entities = await db
      .selectFrom('entity')
      .select(['id', 'subject', 'kind'])
      .where('env', '=', parts.env)
      .where('removed_at', 'is', null)
      .where('subject', 'in', [port.subject, ...port.datasets.map(dataset => dataset.subject)])
      .where('kind', 'in', ['outputPort', 'dataset'])
      .execute()
    const ids = new Map(entities.map(row => [row.subject, row.id]))
    const known = await db
      .selectFrom('publication')
      .select('seq')
      .where('port_id', '=', ids.get(port.subject) ?? '')
      .where('seq', '=', step.publication)
      .executeTakeFirst()
    if (known !== undefined) return
    await insertSnapshots(
      db,
      parts.env,
      all.map(({ manifest, uri, hash }) => ({
        manifest,
        datasetId: ids.get(manifest.dataset) ?? '',
        uri,
        manifestHash: hash,
        schemaHash: hashValue(manifest.columns.map(({ id, name, type, nullable }) => [id, name, type, nullable])),
        checks: [],
        metrics: [],
        samples: {},
      })),
    )
    await insertPublication(db, parts.env, {
      portId: ids.get(port.subject) ?? '',
      port: port.subject,
      seq: found.publication.seq,
      datasets: found.manifests.map(manifest => ({
        datasetId: ids.get(manifest.dataset) ?? '',
        dataset: manifest.dataset,
        snapshot: manifest.id,
      })),
      reason: 'adopt',
      runId: found.publication.run ?? null,
      by,
      at,
      mirrored: true,
    })
    if (step.isHeld) {
      await insertHold(db, {
        id: parts.effects.id(),
        env: parts.env,
        entity_id: ids.get(port.subject) ?? '',
        subject: port.subject,
        reason: 'rollback',
        by: found.publication.by,
        since: new Date(found.publication.at),
      })
    }
  })
}
