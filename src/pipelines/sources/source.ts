/** Files outside the mesh as an input: which files there are, and how the engine opens them. One reader per format; a new format is one file and one line in `readers`. */
import { isAbsolute, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Limits, nearest, problem, WeftError } from '../../base/index.ts'
import type { Contract, Dataset, Server } from '../../domain/index.ts'
import type { Relation } from '../../engine/index.ts'
import { pipelineProblems } from '../problems.ts'
import { csvRelation } from './csv.ts'
import { fileServer } from './drift-policy.ts'
import { excelRelation } from './excel.ts'
import { listFiles, type SourceFile } from './files.ts'
import { jsonRelation } from './json.ts'
import { parquetRelation } from './parquet.ts'

export type { SourceFile } from './files.ts'

export type SourceReader = (dataset: Dataset, server: Server, files: readonly string[]) => Relation

const readers: Readonly<Record<string, SourceReader>> = {
  csv: csvRelation,
  excel: excelRelation,
  json: jsonRelation,
  parquet: parquetRelation,
}

/** Names of the formats that there is a reader for. */
export const readableFormats: readonly string[] = Object.keys(readers)

/** The server of a contract that Weft reads: the first of type local. Throws `source.unsupported`. */
export const readableServer = (contract: Contract): Server => {
  const server = fileServer(contract)
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
  const location = server.location.startsWith('file:') ? fileURLToPath(server.location) : server.location
  const pattern = isAbsolute(location) ? location : resolve(base, location)
  return listFiles(pattern, limits, {
    what: `source ${contract.id}`,
    place: server.place,
    subject: contract.subject,
    base,
  })
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

const endings: Readonly<Record<string, string>> = {
  tsv: 'csv',
  txt: 'csv',
  ndjson: 'json',
  jsonl: 'json',
  xlsx: 'excel',
}

/** What the server says, else the name of the first file. */
export const formatOfSource = (contract: Contract, files: readonly SourceFile[]): string => {
  const server = readableServer(contract)
  const format = (server.format ?? formatOf(files[0]?.path ?? server.location)).toLowerCase()
  return endings[format] ?? format
}

/** The format that a file's name tells: `orders.csv.gz` is csv. */
export const formatOf = (path: string): string => {
  const parts = path
    .toLowerCase()
    .replace(/\.(gz|zst)$/, '')
    .split('.')
  const ending = parts.at(-1) ?? ''
  return endings[ending] ?? ending
}
