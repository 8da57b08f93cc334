/** The Parquet files of a snapshot: in the dataset's folder, or referenced where a source has them. */
import { stat } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { problem, WeftError } from '../base/index.ts'
import { dataKey } from './layout.ts'
import type { Manifest, ManifestFile, ReferencedFile } from './manifest.ts'
import { storageProblems } from './problems.ts'
import type { Storage } from './storage.ts'

/** Keys of what the storage holds for a snapshot, in the order of its files. A referenced file is never among them: it is not ours to remove. */
export const ownedKeys = (datasetFolder: string, { files }: Pick<Manifest, 'files'>): string[] =>
  files.flatMap(file => ('sha256' in file ? [`${datasetFolder}/${dataKey(file.sha256)}`] : []))

/** Absolute paths of a snapshot's files, in their order. What is referenced may have changed: see `verifyReferenced`. */
export const dataPaths = (storage: Storage, datasetFolder: string, { files }: Manifest): Promise<string[]> =>
  Promise.all(
    files.map(async file =>
      'sha256' in file ? storage.localPath(`${datasetFolder}/${dataKey(file.sha256)}`) : fileURLToPath(file.uri),
    ),
  )

/** What tells a file from any other of its dataset. */
export const fileKey = (file: ManifestFile): string => ('sha256' in file ? file.sha256 : file.uri)

/** Size and time of the last change of a file: equal means unchanged. Undefined where it is gone. */
export const etagOf = async (path: string): Promise<string | undefined> => {
  const it = await stat(path, { bigint: true }).catch(() => undefined)
  return it === undefined ? undefined : `${it.size}-${it.mtimeNs}`
}

/** Whether a file is at its path as its snapshot has it: with its size, and unchanged where it is referenced. */
export const isAsItWas = async (file: ManifestFile, path: string): Promise<boolean> => {
  const now = await etagOf(path)
  return 'etag' in file ? now === file.etag : now?.startsWith(`${file.bytes}-`) === true
}

/** Whether every file of a snapshot is there: with its size, and with its etag where it is referenced. */
export const filesAreThere = async (storage: Storage, datasetFolder: string, manifest: Manifest): Promise<boolean> => {
  for (const file of manifest.files) {
    if (!('sha256' in file)) continue
    const found = await storage.head(`${datasetFolder}/${dataKey(file.sha256)}`)
    if (found?.bytes !== file.bytes) return false
  }
  return (await changedFiles(manifest)).length === 0
}

/** Throws `source.changed` where a referenced file is gone or is not the one that the snapshot was made of. */
export const verifyReferenced = async (manifest: Pick<Manifest, 'dataset' | 'files'>): Promise<void> => {
  const changed = await changedFiles(manifest)
  const [first] = changed
  if (first === undefined) return
  const what = changed.length === 1 ? 'a file' : `${changed.length} files`
  throw new WeftError(
    'failed',
    problem(
      storageProblems,
      'source.changed',
      `${what} that a snapshot of ${manifest.dataset} points to ${first.now === undefined ? 'cannot be found' : 'changed'}`,
      {
        found: `${fileURLToPath(first.file.uri)} ${first.now ?? 'is gone'}`,
        expected: first.file.etag,
        subject: manifest.dataset,
      },
    ),
  )
}

const changedFiles = async ({
  files,
}: Pick<Manifest, 'files'>): Promise<{ readonly file: ReferencedFile; readonly now: string | undefined }[]> => {
  const referenced = files.filter((file): file is ReferencedFile => 'uri' in file)
  const states = await Promise.all(referenced.map(async file => ({ file, now: await etagOf(fileURLToPath(file.uri)) })))
  return states.filter(({ file, now }) => now !== file.etag)
}
