/** Files outside the mesh as an input: which files there are, and of which format. */
import { isAbsolute, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { hashValue, type Limits, problem, WeftError } from '../../base/index.ts'
import type { Column, Contract, Dataset, Server } from '../../domain/index.ts'
import { pipelineProblems } from '../problems.ts'
import { fileServer } from './drift-policy.ts'
import { listFiles, type SourceFile } from './files.ts'

export type { SourceFile } from './files.ts'

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

/** What of columns changes the values that a source gives. */
export const columnsRead = (columns: readonly Column[]) =>
  columns.map(({ name, type, physicalName, sourceType }) => ({
    name,
    type,
    ...(physicalName === undefined ? {} : { physicalName }),
    ...(sourceType === undefined ? {} : { sourceType }),
  }))

/** What changes the rows that a source gives, be it the same: columns and how they are read. */
export const sourceShape = ({ format, options }: Server, { columns }: Dataset): string =>
  hashValue({ columns: columnsRead(columns), format, options }).slice(0, 16)

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
