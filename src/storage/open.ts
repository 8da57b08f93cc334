/** Storage by URL. A new kind is one file and one line here. */
import { isAbsolute, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { problem, WeftError } from '../base/index.ts'
import { openFolder } from './folder.ts'
import { storageProblems } from './problems.ts'
import type { Storage } from './storage.ts'

/** Opens a `file:` URL or a path; relative ones start at `base`. Throws `storage.unknown-scheme`. */
export const openStorage = (url: string, base: string): Promise<Storage> => {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase()
  if (scheme === 'file') return openFolder(url, fileURLToPath(url))
  if (scheme !== undefined) {
    throw new WeftError(
      'unreachable',
      problem(storageProblems, 'storage.unknown-scheme', `no storage is called "${scheme}"`, {
        found: `${scheme}:`,
        expected: 'file: or a path',
      }),
    )
  }
  return openFolder(url, isAbsolute(url) ? url : resolve(base, url))
}
