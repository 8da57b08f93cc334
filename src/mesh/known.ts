/** What earlier processes found out about files that lie there unchanged: texts of models, and definitions as they were read. */
import { type Cache, hashValue, openCache, type Problem } from '../base/index.ts'
import type { DocumentKind } from './documents/index.ts'
import type { ListedFile } from './listed.ts'
import type { Environment } from './read.ts'

/** A definition is kept where something could be understood of it. */
export type KnownFile =
  | { readonly is: 'model'; readonly text: string; readonly hash: string }
  | { readonly is: 'nothing' }
  | {
      readonly is: 'definition'
      readonly kind: DocumentKind
      readonly hash: string
      readonly document: unknown
      readonly problems: readonly Problem[]
    }

export interface Known {
  find(file: string, listed: ListedFile): KnownFile | undefined
  learn(file: string, listed: ListedFile, known: KnownFile): void
  save(): void
}

/** `path` is the cache's file; definitions depend on the environment's variables. */
export const openKnown = (path: string, environment: Environment): Known =>
  knownIn(openCache(path, hashValue(environment)))

const knownIn = (cache: Cache): Known => ({
  find(file, listed) {
    const entry = cache.get(file) as readonly [string, KnownFile] | undefined // written by learn only, by this very build of the program
    return entry?.[0] === listed.stamp && listed.isSettled ? entry[1] : undefined
  },
  learn(file, listed, known) {
    if (listed.isSettled) cache.set(file, [listed.stamp, known])
  },
  save: () => cache.save(),
})
