/** Builds a product's datasets in the engine: models in order into Parquet in the run's scratch folder, as much of each as has changed, then measured and checked. Publishes nothing. */
import type { Problem } from '../base/index.ts'
import type { Dataset, Mesh, Model, OutputPort, Partition, Product } from '../domain/index.ts'
import type { Relation, Session } from '../engine/index.ts'
import type { EmptyPartition, Manifest, ManifestFile, ManifestLeftOut, ManifestSource } from '../storage/index.ts'
import { DatasetBuild } from './dataset-build.ts'
import type { Range } from './incremental/decision.ts'
import type { RowsKept } from './incremental/left-out.ts'
import type { BuiltFile, PackLimits } from './incremental/packing.ts'
import type { Previous } from './incremental/previous.ts'
import type { Rejects } from './incremental/rejects.ts'
import type { BuildTable } from './incremental/table.ts'
import type { FailingKeys, Measured } from './measure/index.ts'
import { bindInstant, orderedModels } from './models/index.ts'

export interface BuildInput {
  readonly mesh: Mesh
  readonly product: Product
  readonly session: Session
  readonly engine: { readonly name: string; readonly version: string }
  /** The run's scratch folder, on the file system of the domain's storage. */
  readonly scratch: string
  /** Of every dataset that a declared input port covers, by its subject. */
  readonly inputs: ReadonlyMap<string, BuildTable>
  readonly previous: (dataset: string) => Promise<Previous | undefined>
  /** Build what has not changed as well. */
  readonly again: 'none' | 'all' | Range
  /** The rules by which rows of a dataset are kept; none, and all are. */
  readonly keepRows: (dataset: string) => readonly RowsKept[]
  readonly partitionsAtOnce: number
  readonly packing: PackLimits
  /** A folder that outlives a run which was ended. */
  readonly kept: () => Promise<string>
  /** Served state of datasets that foreign keys point to. */
  readonly other: (dataset: string) => Promise<Relation | undefined>
  /** The manifest's id of a column. */
  readonly fieldId: (dataset: string, column: string) => number
  readonly nowMs: number
  readonly failingKeysMax: number
  readonly onDataset: (dataset: Dataset, activity: 'building' | 'checking', rows?: number) => Promise<void>
}

export interface BuiltDataset {
  readonly port: OutputPort
  readonly dataset: Dataset
  readonly model: Model
  /** Its rows depend on the instant of the run. */
  readonly isTimeDependent: boolean
  readonly columns: readonly { readonly id: number; readonly name: string; readonly type: string }[]
  /** All of its rows. */
  readonly relation: Relation & { readonly kind: 'parquet' }
  /** Written by this build. */
  readonly files: readonly BuiltFile[]
  /** Taken over from the snapshot before. */
  readonly reused: readonly ManifestFile[]
  readonly empty: readonly EmptyPartition[]
  readonly baseKey?: string
  readonly partitions: { readonly built: number; readonly reused: number; readonly dropped: number }
  readonly rows: number
  readonly measured: Measured
  readonly failing: readonly FailingKeys[]
  /** Order-free over rows: the sum of the rows' hashes, as text. */
  readonly contentHash: string
  readonly partition?: Partition
  readonly layout: Manifest['layout']
  readonly sources: readonly ManifestSource[]
  readonly rejects: Rejects
  readonly leftOut: readonly ManifestLeftOut[]
  /** For the next measuring: plain JSON. */
  readonly memory: unknown
  /** Of files that differ from their contract. */
  readonly problems: readonly Problem[]
}

/** The datasets of all of the product's ports, in the order in which they were built. */
export const buildDatasets = async (input: BuildInput): Promise<BuiltDataset[]> => {
  const { product, session } = input
  const built: BuiltDataset[] = []
  const made = new Map<string, { readonly relation: Relation; readonly table: BuildTable }>()
  await bindInstant(session, input.nowMs)
  for (const ordered of await orderedModels(product, session)) {
    const { model } = ordered
    const port = product.outputs.find(it => it.datasets.some(dataset => dataset.subject === model.dataset))
    const dataset = port?.datasets.find(it => it.subject === model.dataset)
    if (port === undefined || dataset === undefined) continue
    const tables = new Map([...input.inputs, ...[...made].map(([subject, it]) => [subject, it.table] as const)])
    const build = new DatasetBuild(input, port, dataset, ordered, tables)
    const one = await build.run(async subject => made.get(subject)?.relation ?? input.other(subject))
    made.set(dataset.subject, { relation: one.relation, table: build.table() })
    built.push(one)
  }
  return built
}
