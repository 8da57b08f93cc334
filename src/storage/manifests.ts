/** Manifests and publications beside the data: written once, verified when read. */
import { canonicalJson, hashText, problem, WeftError } from '../base/index.ts'
import { filesAreThere } from './data-files.ts'
import { manifestKey, publicationKey } from './layout.ts'
import type { Manifest, PublicationFile } from './manifest.ts'
import { storageProblems } from './problems.ts'
import type { Storage } from './storage.ts'

const decode = (bytes: Uint8Array): string => new TextDecoder('utf-8', { fatal: true }).decode(bytes)

const corrupt = (what: string): WeftError =>
  new WeftError('failed', problem(storageProblems, 'storage.corrupt-manifest', `${what} is not what was written`))

/** Reads a manifest's bytes. Throws `storage.corrupt-manifest`. */
export const parseManifest = (bytes: Uint8Array, what = 'a manifest'): Manifest => {
  const value = parseJson(bytes, what)
  const isManifest =
    value.format === 'weft.snapshot/1' &&
    typeof value.id === 'string' &&
    typeof value.dataset === 'string' &&
    typeof value.buildKey === 'string' &&
    typeof value.rows === 'number' &&
    Array.isArray(value.columns) &&
    Array.isArray(value.files) &&
    value.files.every(isFile)
  if (!isManifest) throw corrupt(what)
  return value as unknown as Manifest // the marks above are those of weft.snapshot/1, which only writeManifest makes
}

const isFile = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (typeof Reflect.get(value, 'sha256') === 'string' ||
    (typeof Reflect.get(value, 'uri') === 'string' && typeof Reflect.get(value, 'etag') === 'string')) &&
  Array.isArray(Reflect.get(value, 'partitions'))

const parseJson = (bytes: Uint8Array, what: string): Record<string, unknown> => {
  try {
    const value: unknown = JSON.parse(decode(bytes))
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown> // any object can be read by key
  } catch {
    throw corrupt(what)
  }
  throw corrupt(what)
}

/** Puts a manifest in a dataset's folder; gives its key and the hash of its bytes. */
export const writeManifest = async (
  storage: Storage,
  datasetFolder: string,
  manifest: Manifest,
): Promise<{ readonly uri: string; readonly hash: string }> => {
  const text = canonicalJson(manifest)
  const uri = `${datasetFolder}/${manifestKey(manifest.id)}`
  await storage.put(uri, text)
  return { uri, hash: hashText(text) }
}

/** Reads a manifest by its key. Throws `storage.corrupt-manifest` where the hash differs, `storage.not-found`. */
export const readManifest = async (storage: Storage, uri: string, expectedHash?: string): Promise<Manifest> => {
  const bytes = await storage.get(uri)
  if (expectedHash !== undefined && hashText(bytes) !== expectedHash) throw corrupt(uri)
  return parseManifest(bytes, uri)
}

export interface FoundManifest {
  readonly manifest: Manifest
  readonly uri: string
  readonly hash: string
}

/** All manifests of a dataset's folder that can be read, in order of their id. */
export const listManifests = async (storage: Storage, datasetFolder: string): Promise<FoundManifest[]> => {
  const found: FoundManifest[] = []
  for await (const { key } of storage.list(`${datasetFolder}/manifests/`)) {
    const bytes = await storage.get(key)
    try {
      found.push({ manifest: parseManifest(bytes, key), uri: key, hash: hashText(bytes) })
    } catch (error) {
      if (!(error instanceof WeftError)) throw error
    }
  }
  return found
}

/** Puts a publication beside the data; the same one again changes nothing. */
export const writePublication = async (
  storage: Storage,
  portFolder: string,
  publication: PublicationFile,
): Promise<void> => {
  await storage.put(`${portFolder}/${publicationKey(publication.seq)}`, canonicalJson(publication))
}

export interface FoundPublication {
  readonly publication: PublicationFile
  readonly manifests: readonly Manifest[]
}

/** The highest publication of a port whose manifests and files are there, and which `accepts` takes: what was served. */
export const readPublications = async (
  storage: Storage,
  portFolder: string,
  accepts: (manifest: Manifest) => Promise<boolean> = async () => true,
): Promise<FoundPublication | undefined> => {
  const keys: string[] = []
  for await (const { key } of storage.list(`${portFolder}/publications/`)) keys.push(key)
  for (const key of keys.reverse()) {
    const found = await verified(storage, portFolder, key, accepts)
    if (found !== undefined) return found
  }
  return undefined
}

const isDataset = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  ['dataset', 'snapshot', 'manifestHash'].every(key => typeof Reflect.get(value, key) === 'string')

const verified = async (
  storage: Storage,
  portFolder: string,
  key: string,
  accepts: (manifest: Manifest) => Promise<boolean>,
): Promise<FoundPublication | undefined> => {
  try {
    const value = parseJson(await storage.get(key), key)
    if (value.format !== 'weft.publication/1' || !Array.isArray(value.datasets) || !value.datasets.every(isDataset))
      return undefined
    const publication = value as unknown as PublicationFile // the marks above are those of weft.publication/1, which only writePublication makes
    const manifests: Manifest[] = []
    for (const { dataset, snapshot, manifestHash } of publication.datasets) {
      const folder = `${portFolder}/${dataset.slice(dataset.lastIndexOf('.') + 1)}`
      const manifest = await readManifest(storage, `${folder}/${manifestKey(snapshot)}`, manifestHash)
      if (!(await accepts(manifest)) || !(await filesAreThere(storage, folder, manifest))) return undefined
      manifests.push(manifest)
    }
    return { publication, manifests }
  } catch (error) {
    if (error instanceof WeftError) return undefined
    throw error
  }
}
