/** The catalogue by address: a folder is the embedded one, a `postgres:` URL a server. */
import type { Limits } from '../base/index.ts'
import type { Store } from './store.ts'

export interface StoreOptions {
  /** A folder or a URL. */
  readonly where: string
  /** Of the embedded catalogue. */
  readonly lockPath: string
  readonly limits: Pick<Limits, 'storeTimeMs'>
}

/** Opens the catalogue at the newest version. Throws `store.locked`, `store.unreachable`, `store.newer`. Drivers are loaded when they are needed. */
export const openStore = async (options: StoreOptions): Promise<Store> => {
  const { where, lockPath, limits } = options
  if (/^postgres(ql)?:/.test(where)) {
    const { openServer } = await import('./server.ts')
    return openServer(where, limits.storeTimeMs)
  }
  const { openEmbedded } = await import('./embedded.ts')
  return openEmbedded({ folder: where, lockPath, statementTimeMs: limits.storeTimeMs })
}
