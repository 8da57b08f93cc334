/** Clears what a killed process left: scratch folders, and files that were put in place for a publication that never came. */
import { chmod, readdir, readFile, rm, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { isAlive, WeftError } from '../base/index.ts'
import { type Manifest, ownedKeys, parseManifest, type Storage } from '../storage/index.ts'
import { failLostRuns, isLiveLease } from './lease-store.ts'
import type { RunParts } from './parts.ts'
import { type Placement, placementFile } from './publish.ts'
import { expireRetired, removeExpired } from './retention.ts'

/** Clears what a process that was killed left behind, in the storages of these domains. The owner of an embedded catalogue is alone; on a server only lost leases are taken over. */
export const sweepLeftovers = async (parts: RunParts, domains: Iterable<string>): Promise<void> => {
  const { db, kind } = parts.store
  const isAlone = kind === 'embedded'
  const now = parts.effects.now()
  const { leaseMs } = parts.limits
  await failLostRuns(db, parts.env, now, { soleOwner: isAlone, leaseMs })
  const isLive = async (id: string): Promise<boolean> => {
    if (isAlone) return false
    const row = await db.selectFrom('run').select('lease_until').where('id', '=', id).executeTakeFirst()
    return isLiveLease(row?.lease_until ?? null, now, leaseMs)
  }
  await expireRetired(parts)
  await removeExpired(parts)
  await sweepPreviews(dirname(parts.scratch))
  for (const domain of domains) {
    try {
      const storage = await parts.storageOf(domain)
      await sweepStorage(parts, storage, isLive)
      if (isAlone) await storage.sweepDrafts()
    } catch (error) {
      // One domain's storage that cannot be reached or understood is no reason to refuse the others.
      if (!(error instanceof WeftError)) throw error
      parts.effects.log.warn('sweep.failed', { domain, code: error.code })
    }
  }
}

/** Scratch under such a name holds finished parts of a build, which the next run of the product goes on with. */
export const partsPrefix = 'parts-'

/** Scratch under such a name, in the folder of a process, holds a build that nobody is to see. Beside a shared catalogue other machines may have such folders in the same place. */
export const previewPrefix = `preview-${hostname()}-`

/** Removes the previews that processes of this machine which are gone have left. */
export const sweepPreviews = async (folder: string): Promise<void> => {
  for (const pid of await readdir(folder).catch(() => [])) {
    if (!/^\d+$/.test(pid) || isAlive(Number(pid))) continue
    for (const name of await readdir(join(folder, pid)).catch(() => []))
      if (name.startsWith(previewPrefix)) await rm(join(folder, pid, name), { recursive: true, force: true })
  }
}

/** Removes the scratch folders of processes that are gone. */
export const sweepScratch = async (folder: string, keep: string): Promise<void> => {
  for (const name of await readdir(folder).catch(() => [])) {
    if (name === keep) continue
    // Folders of readers are closed against new files, which `rm` alone does not open again.
    for (const one of await readdir(join(folder, name)).catch(() => []))
      await chmod(join(folder, name, one, 'data'), 0o700).catch(() => {})
    await rm(join(folder, name), { recursive: true, force: true })
  }
}

/** Removes a run's scratch and, where its snapshots were never committed, what it had put in place. */
export const clearRun = async (parts: RunParts, storage: Storage, runId: string): Promise<void> => {
  const placement = await readPlacement(await storage.scratch(runId))
  if (placement !== undefined) await takeBack(parts, storage, placement)
  await storage.removeScratch(runId)
}

/** Sweeps one domain's storage. `isLive` tells whether a run is at work in some process now. Gives how many runs' leftovers went. */
export const sweepStorage = async (
  parts: RunParts,
  storage: Storage,
  isLive: (runId: string) => Promise<boolean>,
): Promise<number> => {
  let swept = 0
  for (const runId of await storage.listScratch()) {
    if (await isLive(runId)) continue
    const folder = await storage.scratch(runId)
    if (runId.startsWith(partsPrefix)) {
      const { mtimeMs } = await stat(folder)
      const isFresh = parts.effects.now().getTime() - mtimeMs < parts.limits.partsKeptMs
      if (isFresh && !(await isBuiltSince(parts, runId.slice(partsPrefix.length), mtimeMs))) continue
    }
    await clearRun(parts, storage, runId)
    swept++
  }
  return swept
}

/** Whether a run of the product came to its end since then: it was killed before it had cleared what nobody goes on with. */
const isBuiltSince = async ({ store, env }: RunParts, productId: string, sinceMs: number): Promise<boolean> => {
  const row = await store.db
    .selectFrom('run')
    .select('id')
    .where('env', '=', env)
    .where('product_id', '=', productId)
    .where('state', 'in', ['succeeded', 'quarantined'])
    .where('ended_at', '>=', new Date(sinceMs))
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** What a run was about to put in place; undefined where it had not come so far. */
export const readPlacement = async (folder: string): Promise<Placement | undefined> => {
  const text = await readFile(join(folder, placementFile), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  try {
    return JSON.parse(text) as Placement // written by stage only; a half-written one does not parse
  } catch {
    return undefined
  }
}

/** A snapshot that the catalogue or a publication beside the data knows was committed: it stays. */
const takeBack = async (parts: RunParts, storage: Storage, placement: Placement): Promise<void> => {
  const ids = placement.datasets.map(it => it.snapshot)
  const known =
    ids.length === 0 ? [] : await parts.store.db.selectFrom('snapshot').select('id').where('id', 'in', ids).execute()
  const committed = new Set(known.map(row => row.id))
  for (const { folder, snapshot, data } of placement.datasets) {
    if (committed.has(snapshot) || (await isPublishedBeside(storage, folder, snapshot))) continue
    const used = new Set<string>()
    for (const manifest of await manifestsOf(storage, folder)) {
      if (manifest.id === snapshot) continue
      for (const key of ownedKeys(folder, manifest)) used.add(key)
    }
    for await (const { key } of storage.list(`${folder}/`)) if (key.includes(snapshot)) await storage.remove(key)
    for (const key of data) if (!used.has(key)) await storage.remove(key)
  }
}

const isPublishedBeside = async (storage: Storage, datasetFolder: string, snapshot: string): Promise<boolean> => {
  const port = datasetFolder.slice(0, datasetFolder.lastIndexOf('/'))
  for await (const { key } of storage.list(`${port}/publications/`)) {
    if (new TextDecoder().decode(await storage.get(key)).includes(snapshot)) return true
  }
  return false
}

const manifestsOf = async (storage: Storage, folder: string): Promise<Manifest[]> => {
  const manifests: Manifest[] = []
  for await (const { key } of storage.list(`${folder}/manifests/`))
    manifests.push(parseManifest(await storage.get(key)))
  return manifests
}
