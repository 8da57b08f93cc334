/** Files outside the mesh as an input: which files there are, and how the engine opens them. One reader per format; a new format is one file and one line in `readers`. */
import { readdir, realpath, stat } from 'node:fs/promises'
import { isAbsolute, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import picomatch from 'picomatch'
import { type Limits, nearest, problem, WeftError } from '../../base/index.ts'
import type { Contract, Dataset, Server } from '../../domain/index.ts'
import type { Relation } from '../../engine/index.ts'
import { pipelineProblems } from '../problems.ts'
import { csvRelation } from './csv.ts'
import { parquetRelation } from './parquet.ts'

export interface SourceFile {
  readonly path: string
  /** Relative to the root where it lies below it: what manifests name. */
  readonly uri: string
  readonly bytes: number
  /** Size and time of the last change: equal means unchanged. */
  readonly etag: string
}

export type SourceReader = (dataset: Dataset, server: Server, files: readonly string[]) => Relation

const readers: Readonly<Record<string, SourceReader>> = { csv: csvRelation, parquet: parquetRelation }

/** The server of a contract that Weft reads: the first of type local. Throws `source.unsupported`. */
export const readableServer = (contract: Contract): Server => {
  const server = contract.servers.find(it => it.type === 'local' || it.type === 'file')
  if (server !== undefined) return server
  const first = contract.servers[0]
  throw new WeftError(
    'invalid',
    problem(pipelineProblems, 'source.unsupported', `contract ${contract.id} names no server that Weft reads`, {
      place: first?.place ?? contract.at(['servers']),
      found: contract.servers.map(it => it.type).join(', ') || 'no server',
      expected: 'a server of type local',
      subject: contract.subject,
    }),
  )
}

/** The files of a source, in order of their path. Throws `source.not-found` where none matches. `base` is the root's folder. */
export const listSource = async (contract: Contract, base: string, limits: Limits): Promise<SourceFile[]> => {
  const server = readableServer(contract)
  const place = server.place
  const location = server.location.startsWith('file:') ? fileURLToPath(server.location) : server.location
  const pattern = isAbsolute(location) ? location : resolve(base, location)
  const paths = await matching(pattern)
  if (paths.length === 0) {
    throw new WeftError(
      'failed',
      problem(pipelineProblems, 'source.not-found', `the source ${contract.id} has no files`, {
        place,
        found: `nothing at ${server.location}`,
        expected: "a file, a folder's glob such as data/*.csv.gz",
        subject: contract.subject,
      }),
    )
  }
  if (paths.length > limits.sourceFilesMax) {
    throw new WeftError(
      'failed',
      problem(
        pipelineProblems,
        'source.unsupported',
        `the source ${contract.id} has more files than the limit sourceFilesMax`,
        {
          place,
          found: `${paths.length} files`,
          expected: `at most ${limits.sourceFilesMax}`,
          subject: contract.subject,
        },
      ),
    )
  }
  return Promise.all(
    paths.map(async path => {
      const it = await stat(path, { bigint: true })
      const uri = path.startsWith(`${base}/`) ? path.slice(base.length + 1) : path
      return { path, uri, bytes: Number(it.size), etag: `${it.size}-${it.mtimeNs}` }
    }),
  )
}

/** How the engine opens a source's dataset. Throws `source.unsupported` for a format that no reader has. */
export const sourceRelation = (contract: Contract, dataset: Dataset, files: readonly SourceFile[]): Relation => {
  const server = readableServer(contract)
  const format = formatOfSource(contract, files)
  const reader = readers[format]
  if (reader === undefined) {
    const near = nearest(format, Object.keys(readers))
    throw new WeftError(
      'invalid',
      problem(
        pipelineProblems,
        'source.unsupported',
        `the source ${contract.id} has a format that Weft does not read`,
        {
          place: server.place,
          found: format,
          expected: Object.keys(readers).join(', '),
          help: near === undefined ? undefined : `did you mean "${near}"?`,
          subject: contract.subject,
        },
      ),
    )
  }
  return reader(
    dataset,
    server,
    files.map(file => file.path),
  )
}

/** What the server says, else the name of the first file. */
export const formatOfSource = (contract: Contract, files: readonly SourceFile[]): string => {
  const server = readableServer(contract)
  return (server.format ?? formatOf(files[0]?.path ?? server.location)).toLowerCase()
}

/** The format that a file's name tells: `orders.csv.gz` is csv. */
export const formatOf = (path: string): string => {
  const parts = path
    .toLowerCase()
    .replace(/\.(gz|zst)$/, '')
    .split('.')
  const ending = parts.at(-1) ?? ''
  return ending === 'tsv' || ending === 'txt' ? 'csv' : ending
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
