/** What a run reads: as the fingerprints that its build key is made from, and as tables for its build. */
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ResolvedInputs, resolveInputs } from '../access/index.ts'
import { problem, type Touched, WeftError } from '../base/index.ts'
import type { Contract, Dataset, Mesh, Product } from '../domain/index.ts'
import type { Relation, Session } from '../engine/index.ts'
import { fileKey, isAsItWas, type ManifestFile, measuredKey, rejectsKey } from '../storage/index.ts'
import type { BuildInput } from './build.ts'
import { type InputFingerprint, portFingerprint, sourceFingerprint } from './build-key.ts'
import { CopiedTable } from './incremental/copied-table.ts'
import type { Previous } from './incremental/previous.ts'
import { SourceTable } from './incremental/source-table.ts'
import { type BuildTable, WrittenTable } from './incremental/table.ts'
import { type ReadsOfModels, readsOfModels, touchedBy } from './models/index.ts'
import type { RunParts } from './parts.ts'
import { pipelineProblems } from './problems.ts'
import { connectionOf, environmentSecret } from './sources/connection.ts'
import { landPostgres, listPostgres, type PostgresSource, postgresServer } from './sources/postgres.ts'
import { listSource, type SourceFile, sourceShape } from './sources/source.ts'

/** What the product reads, all from one look. Throws `run.input-missing`. */
export const inputsOf = async (
  parts: RunParts,
  mesh: Mesh,
  product: Product,
  signal: AbortSignal,
): Promise<ResolvedInputs> => {
  const inputs = await resolveInputs({
    db: parts.store.db,
    env: parts.env,
    mesh,
    product,
    storages: parts.storageOf,
    listSource: contract => listInput(parts, mesh, product, contract, signal),
  })
  const [missing] = inputs.missing
  if (missing === undefined) return inputs
  throw new WeftError(
    'failed',
    problem(pipelineProblems, 'run.input-missing', `${product.subject} reads ${missing.port}: ${missing.reason}`, {
      subject: product.subject,
    }),
  )
}

/** What a build of the product is given, whether its rows are published or only looked at. */
export const buildInput = async (
  parts: RunParts,
  mesh: Mesh,
  product: Product,
  work: {
    readonly session: Session
    readonly inputs: ResolvedInputs
    readonly scratch: string
    readonly signal: AbortSignal
  },
): Promise<Omit<BuildInput, 'again' | 'kept' | 'fieldId' | 'nowMs' | 'onDataset'>> => {
  const { session, inputs, scratch, signal } = work
  const { limits, keepRows } = parts
  return {
    ...{ mesh, product, session, scratch, keepRows },
    engine: await parts.engine(),
    inputs: buildTables(parts, mesh, product, session, inputs, scratch, signal),
    previous: dataset => previousOf(product, inputs, dataset),
    partitionsAtOnce: Math.max(1, limits.partitionsAtOnce),
    packing: { rowsMax: Math.max(1, limits.partitionFileRows), smallMax: Math.max(1, limits.partitionFilesSmallMax) },
    other: subject => inputs.served(subject),
    failingKeysMax: limits.failingKeysMax,
  }
}

/** By the names of the input ports, computed as plans do: a plan and its run agree on what is unchanged. */
export const fingerprintsOf = (product: Product, inputs: ResolvedInputs): InputFingerprint[] => [
  ...inputs.ports.map(it => ({ input: nameOf(product, it.input), fingerprint: portFingerprint(it.datasets) })),
  ...inputs.sources.map(it => ({ input: nameOf(product, it.input), fingerprint: sourceFingerprint(it.files) })),
]

const nameOf = (product: Product, input: string): string =>
  product.inputs.find(it => it.subject === input)?.name ?? input

/** What runs read of operational systems; plans and checks never ask one. */
const postgresOf = (
  parts: RunParts,
  mesh: Mesh,
  product: Product,
  contract: Contract,
  signal: AbortSignal,
): PostgresSource | undefined => {
  const server = postgresServer(contract)
  if (server === undefined) return undefined
  const connection = connectionOf(mesh, contract, server, product.domain)
  const statementTimeMs = parts.limits.sourceTimeMs
  return { contract, connection, secretOf: environmentSecret, statementTimeMs, signal }
}

/** The files of a source, or the tables of one that is no files. */
const listInput = (
  parts: RunParts,
  mesh: Mesh,
  product: Product,
  contract: Contract,
  signal: AbortSignal,
): Promise<SourceFile[]> => {
  const source = postgresOf(parts, mesh, product, contract, signal)
  return source === undefined
    ? listSource(contract, parts.rootPath(contract.root), parts.limits)
    : listPostgres(source, parts.effects.now())
}

/** Every dataset that an input port covers, by its subject. Sources are read when they are first asked for. */
const buildTables = (
  parts: RunParts,
  mesh: Mesh,
  product: Product,
  session: Session,
  inputs: ResolvedInputs,
  scratch: string,
  signal: AbortSignal,
): Map<string, BuildTable> => {
  const tables = new Map<string, BuildTable>()
  let reads: Promise<ReadsOfModels> | undefined
  const touched = async (dataset: Dataset, column: string): Promise<Touched[]> => {
    reads ??= readsOfModels(mesh, session)
    return touchedBy(mesh, product, dataset, column, await reads)
  }
  for (const { dataset, manifest, relation } of inputs.ports.flatMap(port => port.datasets)) {
    const files = manifest.files.map((file, index) => ({ ...file, path: relation.files[index] ?? '' }))
    // The column may have another name by now.
    const index = manifest.columns.findIndex(column => column.name === manifest.partition?.column)
    const column = relation.columns?.[index]?.name
    const by = column === undefined || manifest.partition === undefined ? undefined : { ...manifest.partition, column }
    tables.set(dataset, new WrittenTable(session, relation, files, by))
  }
  for (const [index, { contract, datasets, files }] of inputs.sources.entries()) {
    const folder = join(scratch, 'landed', String(index))
    const source = postgresOf(parts, mesh, product, contract, signal)
    if (source === undefined) {
      for (const dataset of datasets) {
        const place = join(folder, dataset.name)
        const request = { session, contract, dataset, files, folder: place, limits: parts.limits, signal }
        const table = new SourceTable({ ...request, touchedBy: column => touched(dataset, column) })
        tables.set(dataset.subject, table)
      }
      continue
    }
    let landed: ReturnType<typeof landPostgres> | undefined
    const land = async (): ReturnType<typeof landPostgres> => {
      await mkdir(folder, { recursive: true })
      return landPostgres(source, session, folder)
    }
    for (const dataset of datasets) {
      const copy = async (): Promise<Relation & { readonly kind: 'parquet' }> => {
        landed ??= land()
        const columns = dataset.columns.map(({ name, type }) => ({ name, type }))
        return (await landed).get(dataset.name) ?? { kind: 'parquet', files: [], columns }
      }
      const own = files[contract.datasets.findIndex(it => it.name === dataset.name)]
      const server = postgresServer(contract)
      const shape = server === undefined ? '' : sourceShape(server, dataset)
      tables.set(dataset.subject, new CopiedTable(session, dataset, { all: files, own, shape }, copy))
    }
  }
  return tables
}

/** Absent or unreadable: then everything is measured. */
const readMemory = async (path: string): Promise<unknown> => {
  const text = await readFile(path, 'utf8').catch(() => 'null')
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** What a dataset serves, without the files that somebody has taken away: their partitions are built again. */
const previousOf = async (product: Product, inputs: ResolvedInputs, dataset: string): Promise<Previous | undefined> => {
  const isHistory = product.datasets[dataset]?.materialization === 'history'
  const snapshot = await inputs.snapshot(dataset).catch(error => {
    // Without its manifest everything is built; but a past stands nowhere else.
    if (error instanceof WeftError && error.code === 'storage.not-found' && !isHistory) return undefined
    throw error
  })
  if (snapshot === undefined) return undefined
  const { manifest, relation, local } = snapshot
  const paths = new Map(manifest.files.map((file, index) => [fileKey(file), relation.files[index] ?? '']))
  const pathOf = (file: ManifestFile): string => paths.get(fileKey(file)) ?? ''
  const found = await Promise.all(
    manifest.files.map(async file => ((await isAsItWas(file, pathOf(file))) ? [file] : [])),
  )
  const lost = found.filter(it => it.length === 0).length
  // Files in place have rows of the same partition: what was found out about all of them holds for all or for none.
  const isOver = manifest.layout === 'referenced' && lost > 0
  return {
    manifest: { ...manifest, files: isOver ? [] : found.flat() },
    ...(manifest.rejects === undefined ? {} : { rejects: await local(rejectsKey(manifest.id)) }),
    memory: async () => (isOver ? null : readMemory(await local(measuredKey(manifest.id)))),
    lost,
    path: pathOf,
  }
}
