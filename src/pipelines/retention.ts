/**
 * Old snapshots go: first they are marked as expired in one transaction, from then on nobody is given them; then manifests are removed, then the data
 * that no manifest names any more. Interrupted anywhere, the next one finishes.
 */
import { WeftError } from '../base/index.ts'
import type { Product } from '../domain/index.ts'
import { ownedKeys, parseManifest, publicationKey, type Storage } from '../storage/index.ts'
import { liveRunOf } from './lease-store.ts'
import type { RunParts } from './parts.ts'
import { activeHolds } from './publication-store.ts'
import {
  expireSnapshots,
  longRetired,
  markRemoved,
  type PublishedState,
  portHistory,
  quarantinedSnapshots,
  snapshotsInUse,
  unremovedSnapshots,
} from './retention-store.ts'
import { readPlacement } from './sweep.ts'

/** Whatever is set, or the clock says: what is served, and what a rollback would go back to. */
const countMin = 2

export interface KeepRule {
  readonly count?: number
  readonly ageMs?: number
}

/** Of a port's publications, newest first, the snapshots that stay. A state that was published again counts once. Pure. */
export const keptSnapshots = (
  publications: readonly PublishedState[],
  rules: readonly KeepRule[],
  now: Date,
): ReadonlySet<string> => {
  const kept = new Set<string>()
  const states = new Set<string>()
  let servedUntil = Number.POSITIVE_INFINITY
  for (const { snapshots, at } of publications) {
    const state = [...snapshots].sort().join(' ')
    const index = states.has(state) ? 0 : states.size
    states.add(state)
    const isWanted = rules.some(
      ({ count, ageMs }) =>
        (count !== undefined && index < count) || (ageMs !== undefined && servedUntil > now.getTime() - ageMs),
    )
    if (index < countMin || isWanted) for (const it of snapshots) kept.add(it)
    servedUntil = at.getTime()
  }
  return kept
}

/** Marks what a product need not keep as expired. Leaves a product alone that is on hold or at work. */
export const expireOld = async (parts: RunParts, product: Product): Promise<number> => {
  const { store, env, effects, limits } = parts
  const now = effects.now()
  const fallback = { count: Math.max(1, limits.snapshotsKept) }
  return store.transaction(async db => {
    if ((await liveRunOf(db, env, product.subject, now, limits.leaseMs)) !== undefined) return 0
    const holds = await activeHolds(db, env, now)
    if (holds.has(product.subject)) return 0
    const old: string[] = []
    for (const port of product.outputs) {
      if (holds.has(port.subject)) continue
      const { publications, unexpired } = await portHistory(db, env, port.subject)
      const rules = port.datasets.flatMap(it => parts.keepSnapshots(it.subject))
      const kept = keptSnapshots(publications, rules.length === 0 ? [fallback] : rules, now)
      old.push(...unexpired.filter(id => !kept.has(id)))
      for (const dataset of port.datasets)
        old.push(...(await quarantinedSnapshots(db, env, dataset.subject)).slice(fallback.count))
    }
    const inUse = await snapshotsInUse(db, env, old)
    return expireSnapshots(
      db,
      old.filter(id => !inUse.has(id)),
    )
  })
}

/**
 * Ports that were retired long ago keep nothing, and what says beside the data that they are published goes first. Where somebody else
 * has published there since, all of it stays.
 */
export const expireRetired = async (parts: RunParts): Promise<void> => {
  const { store, env, effects, limits } = parts
  const before = new Date(effects.now().getTime() - limits.retiredKeptMs)
  for (const { port, seq, snapshots } of await longRetired(store.db, env, before)) {
    const ids = snapshots.map(it => it.id)
    if ((await snapshotsInUse(store.db, env, ids)).size > 0) continue
    try {
      const storage = await parts.storageOf(port.slice(0, port.indexOf('.')))
      const folder = (snapshots[0]?.uri ?? '').split('/').slice(0, -3).join('/')
      const keys: string[] = []
      for await (const { key } of storage.list(`${folder}/publications/`)) keys.push(key)
      if (keys.some(key => key > `${folder}/${publicationKey(seq)}`)) continue
      for (const key of keys) await storage.remove(key)
      await expireSnapshots(store.db, ids)
      effects.log.info('port.expired', { port, snapshots: ids.length })
    } catch (error) {
      if (!(error instanceof WeftError)) throw error
      effects.log.warn('port.not-expired', { port, code: error.code })
    }
  }
}

/** Takes the files of expired snapshots out of the storage, where nothing else uses them. */
export const removeExpired = async (parts: RunParts): Promise<number> => {
  const { store, env, effects, limits } = parts
  const folders = new Map<string, { dataset: string; ids: string[] }>()
  for (const { id, uri, dataset } of await unremovedSnapshots(store.db, env)) {
    const folder = uri.slice(0, uri.lastIndexOf('/manifests/'))
    folders.set(folder, { dataset, ids: [...(folders.get(folder)?.ids ?? []), id] })
  }
  let removed = 0
  for (const [folder, { dataset, ids }] of folders) {
    const [domain = '', product = ''] = dataset.split('.')
    if ((await liveRunOf(store.db, env, `${domain}.${product}`, effects.now(), limits.leaseMs)) !== undefined) continue
    try {
      const storage = await parts.storageOf(domain)
      await removeFrom(storage, folder, ids)
      await markRemoved(store.db, ids, effects.now())
      removed += ids.length
      effects.log.info('snapshots.removed', { dataset, count: ids.length })
    } catch (error) {
      // A manifest that cannot be read may name any file: then none is removed.
      if (!(error instanceof WeftError)) throw error
      effects.log.warn('snapshots.not-removed', { dataset, code: error.code })
    }
  }
  return removed
}

const removeFrom = async (storage: Storage, folder: string, ids: readonly string[]): Promise<void> => {
  const beside = await namedByNewestPublication(storage, folder.slice(0, folder.lastIndexOf('/')))
  for (const id of ids) {
    // Another catalogue over the same storage may serve it.
    if (beside.includes(id)) continue
    await storage.remove(`${folder}/manifests/${id}.json`)
    for (const part of ['profile', 'rejects', 'samples'])
      for await (const { key } of storage.list(`${folder}/${part}/${id}`)) await storage.remove(key)
  }
  const used = await usedData(storage, folder)
  for await (const { key } of storage.list(`${folder}/data/`)) if (!used.has(key)) await storage.remove(key)
}

const namedByNewestPublication = async (storage: Storage, port: string): Promise<string> => {
  const keys: string[] = []
  for await (const { key } of storage.list(`${port}/publications/`)) keys.push(key)
  const newest = keys.sort().at(-1)
  return newest === undefined ? '' : new TextDecoder().decode(await storage.get(newest))
}

/** What manifests name, and what a run is about to put in place. */
const usedData = async (storage: Storage, folder: string): Promise<Set<string>> => {
  const used = new Set<string>()
  for await (const { key } of storage.list(`${folder}/manifests/`))
    for (const owned of ownedKeys(folder, parseManifest(await storage.get(key), key))) used.add(owned)
  for (const run of await storage.listScratch()) {
    const placement = await readPlacement(await storage.scratch(run))
    for (const it of placement?.datasets ?? []) for (const key of it.data) used.add(key)
  }
  return used
}
