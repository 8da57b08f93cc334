/** What a run reads: as the fingerprints that its build key is made from, and as tables for its build. */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ResolvedInputs } from '../access/index.ts'
import type { Limits } from '../base/index.ts'
import type { Product } from '../domain/index.ts'
import type { Session } from '../engine/index.ts'
import { measuredKey, rejectsKey } from '../storage/index.ts'
import { type InputFingerprint, portFingerprint, sourceFingerprint } from './build-key.ts'
import type { Previous } from './incremental/previous.ts'
import { SourceTable } from './incremental/source-table.ts'
import { type BuildTable, WrittenTable } from './incremental/table.ts'

/** By the names of the input ports, computed as plans do: a plan and its run agree on what is unchanged. */
export const fingerprintsOf = (product: Product, inputs: ResolvedInputs): InputFingerprint[] => [
  ...inputs.ports.map(it => ({ input: nameOf(product, it.input), fingerprint: portFingerprint(it.datasets) })),
  ...inputs.sources.map(it => ({ input: nameOf(product, it.input), fingerprint: sourceFingerprint(it.files) })),
]

const nameOf = (product: Product, input: string): string =>
  product.inputs.find(it => it.subject === input)?.name ?? input

/** Every dataset that an input port covers, by its subject. Files of sources are read when they are first asked for. */
export const buildTables = (
  session: Session,
  inputs: ResolvedInputs,
  scratch: string,
  limits: Limits,
): Map<string, BuildTable> => {
  const tables = new Map<string, BuildTable>()
  for (const { dataset, manifest, relation } of inputs.ports.flatMap(port => port.datasets)) {
    const files = manifest.files.map((file, index) => ({ ...file, path: relation.files[index] ?? '' }))
    // The column may have another name by now.
    const index = manifest.columns.findIndex(column => column.name === manifest.partition?.column)
    const column = relation.columns?.[index]?.name
    const by = column === undefined || manifest.partition === undefined ? undefined : { ...manifest.partition, column }
    tables.set(dataset, new WrittenTable(session, relation, files, by))
  }
  for (const [index, { contract, datasets, files }] of inputs.sources.entries()) {
    for (const dataset of datasets) {
      const folder = join(scratch, 'landed', String(index), dataset.name)
      tables.set(dataset.subject, new SourceTable(session, contract, dataset, files, folder, limits))
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
export const previousOf = async (inputs: ResolvedInputs, dataset: string): Promise<Previous | undefined> => {
  const found = await inputs.snapshot(dataset)
  if (found === undefined) return undefined
  const { manifest, relation, local } = found
  const sizes = await Promise.all(
    relation.files.map(path =>
      stat(path).then(
        it => it.size,
        () => -1,
      ),
    ),
  )
  const isThere = new Set(manifest.files.filter((file, index) => sizes[index] === file.bytes))
  const paths = new Map(manifest.files.map((file, index) => [file.sha256, relation.files[index] ?? '']))
  return {
    manifest: { ...manifest, files: manifest.files.filter(file => isThere.has(file)) },
    ...(manifest.rejects === undefined ? {} : { rejects: await local(rejectsKey(manifest.id)) }),
    memory: async () => readMemory(await local(measuredKey(manifest.id))),
    lost: manifest.files.length - isThere.size,
    path: file => paths.get(file.sha256) ?? '',
  }
}
