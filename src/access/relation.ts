/** A published snapshot as something that an engine can open. */
import type { Relation, RelationColumn } from '../engine/index.ts'
import { dataKey, type Manifest, readManifest, type Storage } from '../storage/index.ts'
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

/** Reads the manifests and gives the snapshots' files as relations, in the order given. Throws `storage.corrupt-manifest`, `storage.not-found`. */
export const openSnapshots = async (
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
      const files = await Promise.all(
        manifest.files.map(file => storage.localPath(`${folder}/${dataKey(file.sha256)}`)),
      )
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
    return { id, name: renamed ?? kept, type }
  })
}
