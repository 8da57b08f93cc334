/** A published snapshot as something that an engine can open. */
import type { Relation, RelationColumn } from '../engine/index.ts'
import { dataPaths, type Manifest, readManifest, type Storage, verifyReferenced } from '../storage/index.ts'
import type { Db } from '../store/index.ts'
import { columnNames, type ServedSnapshot } from './served.ts'

/** The storage of a domain, by the domain's id. */
export type Storages = (domain: string) => Promise<Storage>

export interface OpenableSnapshot {
  readonly served: ServedSnapshot
  readonly manifest: Manifest
  readonly relation: Relation & { readonly kind: 'parquet' }
  /** A file of the snapshot's dataset, by its key below the dataset's folder. */
  readonly local: (key: string) => Promise<string>
}

/** Gives the snapshots' files as relations that can be read now, in the order given. Throws `source.changed` and what `locateSnapshots` throws. */
export const openSnapshots = async (
  db: Db,
  storages: Storages,
  snapshots: readonly ServedSnapshot[],
): Promise<OpenableSnapshot[]> => {
  const located = await locateSnapshots(db, storages, snapshots)
  await verifySnapshots(located)
  return located
}

/** Before and after a reading: files in place are another's, who may have written them anew meanwhile. Throws `source.changed`. */
export const verifySnapshots = async (snapshots: readonly Pick<OpenableSnapshot, 'manifest'>[]): Promise<void> => {
  for (const { manifest } of snapshots) await verifyReferenced(manifest)
}

/** Reads the manifests and says where the files are; those in place may have changed. Throws `storage.corrupt-manifest`, `storage.not-found`. */
export const locateSnapshots = async (
  db: Db,
  storages: Storages,
  snapshots: readonly ServedSnapshot[],
): Promise<OpenableSnapshot[]> => {
  const names = await columnNames(db, [...new Set(snapshots.map(it => it.datasetId))])
  return Promise.all(
    snapshots.map(async served => {
      const storage = await storages(domainOf(served.dataset))
      const manifest = await readManifest(storage, served.uri, served.manifestHash)
      const folder = served.uri.slice(0, served.uri.lastIndexOf('/manifests/'))
      const files = await dataPaths(storage, folder, manifest)
      const columns = relationColumns(manifest, names.get(served.datasetId))
      const local = (key: string): Promise<string> => storage.localPath(`${folder}/${key}`)
      const relation = { kind: 'parquet' as const, files, columns }
      return { served, manifest, relation, local }
    }),
  )
}

/** The domain is the first word of every subject. */
const domainOf = (subject: string): string => subject.slice(0, subject.indexOf('.'))

const relationColumns = (manifest: Manifest, today: ReadonlyMap<number, string> | undefined): RelationColumn[] => {
  const ids = new Set(manifest.columns.map(column => column.id))
  // A manifest that was written without ids can only be read by name.
  const hasIds = ids.size === manifest.columns.length && !ids.has(0)
  // One run wrote all files of a snapshot, with these names: where none has changed since, reading by name does, in half the time.
  if (hasIds && manifest.columns.every(column => today?.get(column.id) === column.name))
    return manifest.columns.map(({ name, type }) => ({ name, type }))
  const live = new Set(hasIds ? manifest.columns.map(column => today?.get(column.id)) : [])
  return manifest.columns.map(({ id, name, type }) => {
    if (!hasIds) return { name, type }
    const renamed = today?.get(id)
    // A removed column may have had the name that another one has today.
    const kept = live.has(name) && renamed === undefined ? `${name}_${id}` : name
    // What a source has written carries no ids of ours.
    const found = manifest.layout === 'referenced' ? { storedName: name } : { id }
    return { ...found, name: renamed ?? kept, type }
  })
}
