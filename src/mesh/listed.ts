/** The files below the roots by their names and times, before any is opened. */
import { readdirSync, statSync } from 'node:fs'
import { sep } from 'node:path'
import { hashText, problem, WeftError } from '../base/index.ts'
import type { Root } from '../domain/index.ts'
import { meshProblems } from './problems.ts'

export interface ListedFile {
  readonly path: string
  readonly bytes: number
  /** Equal stamps, equal content. */
  readonly stamp: string
  /** Whether it lies still for so long that a change within the same tick of the clock would have been seen. */
  readonly isSettled: boolean
}

/** By the root's id. */
export type Listed = ReadonlyMap<string, readonly ListedFile[]>

/** Folders that hold no definitions, whoever made them. */
const passedOver = new Set(['node_modules', 'dist', 'target', '__pycache__'])

/** The coarsest clocks of file systems count in two seconds. */
const settledMs = 2_000

/** Files that may be definitions or models, in a fixed order. A file below two roots belongs to the inner one. Throws an `invalid` error for a root that cannot be read. */
export const listFiles = (roots: readonly Root[], allRoots: readonly Root[] = roots): Listed => {
  const nowMs = Date.now()
  return new Map(
    roots.map(root => {
      const inner = allRoots.filter(it => it.id !== root.id && it.path.startsWith(root.path + sep)).map(it => it.path)
      return [root.id, pathsOf(root, new Set(inner)).map(path => listedFile(path, nowMs))]
    }),
  )
}

const largeMin = 5000

/** So many that to read all of them takes seconds. */
export const isLarge = (listed: Listed): boolean =>
  [...listed.values()].reduce((sum, files) => sum + files.length, 0) > largeMin

/** Equal means that no file was added, removed or changed. */
export const filesFingerprint = (listed: Listed): string =>
  hashText(
    [...listed].map(([root, files]) => [root, ...files.map(it => `${it.path} ${it.stamp}`)].join('\n')).join('\n'),
  )

const listedFile = (path: string, nowMs: number): ListedFile => {
  // Told to a quarter of a microsecond: two changes within one are told apart by nobody, and are not trusted as long as they are fresh.
  const { ino, size, mtimeMs, ctimeMs } = statSync(path)
  return {
    path,
    bytes: size,
    // The time of the last change to its entry cannot be set by whoever writes the file.
    stamp: `${ino} ${size} ${mtimeMs} ${ctimeMs}`,
    isSettled: Math.max(mtimeMs, ctimeMs) + settledMs < nowMs,
  }
}

// Without waiting for one another: asking one by one costs a third of the processor time.
const pathsOf = (root: Root, inner: ReadonlySet<string>): string[] => {
  const found: string[] = []
  const walk = (folder: string): void => {
    const entries = readdirSync(folder, { withFileTypes: true })
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (entry.name.startsWith('.')) continue
      const path = `${folder}${sep}${entry.name}`
      if (entry.isDirectory()) {
        if (!passedOver.has(entry.name) && !inner.has(path)) walk(path)
      } else if (entry.isFile() && /\.(ya?ml|json|sql)$/i.test(entry.name)) found.push(path)
    }
  }
  try {
    walk(root.path)
  } catch (cause) {
    throw new WeftError(
      'invalid',
      problem(meshProblems, 'mesh.unknown-root', `root ${root.id} cannot be read`, { found: root.path }),
      { cause },
    )
  }
  return found
}
