/** The catalogue by address: a folder is the embedded one, a `postgres:` URL a server. */
import { type Limits, problem, WeftError } from '../base/index.ts'
import { storeProblems } from './problems.ts'
import type { Store } from './store.ts'

export interface StoreOptions {
  /** A folder or a URL. */
  readonly where: string
  /** Of the embedded catalogue. */
  readonly lockPath: string
  readonly limits: Pick<Limits, 'storeTimeMs'>
  /** Of the embedded catalogue: called when its lock is taken, before it is opened. */
  readonly onLocked?: () => void
}

/** Opens the catalogue at the newest version. Throws `store.locked`, `store.unreachable`, `store.newer`. Drivers are loaded when they are needed. */
export const openStore = async (options: StoreOptions): Promise<Store> => {
  const { where, lockPath, limits, onLocked } = options
  if (/^postgres(ql)?:/.test(where)) {
    const { openServer } = await import('./server.ts')
    return openServer(where, limits.storeTimeMs)
  }
  // The address may hold a password: it is never repeated.
  if (/^[a-z][a-z0-9+.-]*:/i.test(where))
    throw new WeftError(
      'usage',
      problem(storeProblems, 'store.unknown-scheme', 'the catalogue has an address of an unknown kind', {
        found: `${/^[^:]*/.exec(where)?.[0] ?? ''}:`,
        expected: 'postgres: or a folder',
      }),
    )
  const { openEmbedded } = await import('./embedded.ts')
  return openEmbedded({
    folder: where,
    lockPath,
    statementTimeMs: limits.storeTimeMs,
    ...(onLocked === undefined ? {} : { onLocked }),
  })
}
