/** Files by path, folder or glob, each with what tells whether it has changed. */
import { readdir, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import picomatch from 'picomatch'
import { type Limits, type Place, problem, WeftError } from '../../base/index.ts'
import { pipelineProblems } from '../problems.ts'

export interface SourceFile {
  readonly path: string
  /** Relative to the root where it lies below it: what manifests name. */
  readonly uri: string
  readonly bytes: number
  /** Size and time of the last change: equal means unchanged. */
  readonly etag: string
}

interface Asked {
  /** For messages: `source sales.order-files.v1`. */
  readonly what: string
  readonly place?: Place
  readonly subject?: string
  /** The folder that the files' uris start from. */
  readonly base?: string
}

/** All files that an absolute path or glob names, in order of their path. Throws `source.not-found` where none does. */
export const listFiles = async (pattern: string, limits: Limits, asked: Asked): Promise<SourceFile[]> => {
  const { what, place, subject, base } = asked
  const paths = await matching(pattern)
  if (paths.length === 0) {
    throw new WeftError(
      'failed',
      problem(pipelineProblems, 'source.not-found', `the ${what} has no files`, {
        place,
        found: `nothing at ${base !== undefined && pattern.startsWith(`${base}/`) ? pattern.slice(base.length + 1) : pattern}`,
        expected: "a file, a folder's glob such as data/*.csv.gz",
        subject,
      }),
    )
  }
  if (paths.length > limits.sourceFilesMax) {
    throw new WeftError(
      'failed',
      problem(pipelineProblems, 'source.unsupported', `the ${what} has more files than the limit sourceFilesMax`, {
        place,
        found: `${paths.length} files`,
        expected: `at most ${limits.sourceFilesMax}`,
        subject,
      }),
    )
  }
  return Promise.all(
    paths.map(async path => {
      const it = await stat(path, { bigint: true })
      const uri = base !== undefined && path.startsWith(`${base}/`) ? path.slice(base.length + 1) : path
      return { path, uri, bytes: Number(it.size), etag: `${it.size}-${it.mtimeNs}` }
    }),
  )
}

/** All files that a path or glob names; the folder part before the first wildcard is walked, hidden files are passed over. */
const matching = async (pattern: string): Promise<string[]> => {
  const { base, glob } = picomatch.scan(pattern)
  if (glob === '') return (await isFile(pattern)) ? [pattern] : filesBelow(pattern, false)
  const matches = picomatch(pattern)
  const found = await filesBelow(base || '/', glob.includes('**') || glob.includes('/'))
  return found.filter(path => matches(path))
}

const isFile = async (path: string): Promise<boolean> =>
  stat(path).then(
    it => it.isFile(),
    () => false,
  )

/** Links are followed, each folder once. A folder that cannot be read is an error: its files would be missing without a word. */
const filesBelow = async (folder: string, deep: boolean, seen: ReadonlySet<string> = new Set()): Promise<string[]> => {
  const real = await realpath(folder).catch(() => undefined)
  if (real === undefined || seen.has(real)) return []
  const entries = await readdir(folder, { withFileTypes: true }).catch(error => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOTDIR') return []
    throw new WeftError(
      'failed',
      problem(pipelineProblems, 'source.unreadable', `the folder ${folder} of a source cannot be read`, {
        found: folder,
      }),
      { cause: error },
    )
  })
  const inside = new Set([...seen, real])
  const found = await Promise.all(
    entries
      .filter(entry => !entry.name.startsWith('.') && !entry.name.startsWith('_'))
      .map(async entry => {
        const path = join(folder, entry.name)
        const it = entry.isSymbolicLink() ? await stat(path).catch(() => undefined) : entry
        if (it?.isDirectory()) return deep ? filesBelow(path, true, inside) : []
        return it?.isFile() ? [path] : []
      }),
  )
  return found.flat().sort()
}
