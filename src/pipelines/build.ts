/** Builds a product's datasets in the engine: models in order into Parquet in the run's scratch folder, each measured and checked. Publishes nothing. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Dataset, DatasetPipeline, Mesh, Model, OutputPort, Product } from '../domain/index.ts'
import { quoteName, type Relation, type RelationColumn, type Session, type WrittenFile } from '../engine/index.ts'
import { type FailingKeys, type Measured, measure } from './measure/index.ts'
import { bindInstant, type OrderedModel, orderedModels, visibleRelations } from './models/index.ts'

export interface BuildInput {
  readonly mesh: Mesh
  readonly product: Product
  readonly session: Session
  /** The run's scratch folder, on the file system of the domain's storage. */
  readonly scratch: string
  /** Of every dataset that a declared input port covers, by its subject. */
  readonly inputs: ReadonlyMap<string, Relation>
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
  readonly columns: readonly (RelationColumn & { readonly id: number })[]
  readonly files: readonly WrittenFile[]
  readonly rows: number
  readonly measured: Measured
  readonly failing: readonly FailingKeys[]
  /** Order-free over rows: the sum of the rows' hashes, as text. */
  readonly contentHash: string
  readonly partition?: DatasetPipeline['partition']
}

/** The datasets of all of the product's ports, in the order in which they were built. */
export const buildDatasets = async (input: BuildInput): Promise<BuiltDataset[]> => {
  const { product, session } = input
  const built: BuiltDataset[] = []
  const made = new Map<string, Relation>()
  await bindInstant(session, input.nowMs)
  for (const ordered of await orderedModels(product, session)) {
    const { model } = ordered
    const port = product.outputs.find(it => it.datasets.some(dataset => dataset.subject === model.dataset))
    const dataset = port?.datasets.find(it => it.subject === model.dataset)
    if (port === undefined || dataset === undefined) continue
    await defineVisible(input, port, made)
    const one = await buildDataset(input, port, dataset, ordered, made)
    made.set(dataset.subject, byName(one.files, one.columns))
    built.push(one)
  }
  return built
}

const byName = (files: readonly WrittenFile[], columns: readonly RelationColumn[]): Relation & { kind: 'parquet' } => ({
  kind: 'parquet',
  files: files.map(file => file.path),
  columns: columns.map(({ name, type }) => ({ name, type })),
})

/** Makes what the model may read visible under the names that it may use, and nothing else. */
const defineVisible = async (
  input: BuildInput,
  port: OutputPort,
  made: ReadonlyMap<string, Relation>,
): Promise<void> => {
  for (const { name, dataset } of visibleRelations(input.mesh, input.product, port.major)) {
    const relation = input.inputs.get(dataset.subject) ?? made.get(dataset.subject)
    if (relation !== undefined) await input.session.define(name, relation)
  }
}

const buildDataset = async (
  input: BuildInput,
  port: OutputPort,
  dataset: Dataset,
  { model, isTimeDependent }: OrderedModel,
  made: ReadonlyMap<string, Relation>,
): Promise<BuiltDataset> => {
  const { session, product } = input
  await input.onDataset(dataset, 'building')
  const folder = join(input.scratch, `${port.name}.v${port.major}`, dataset.name)
  await mkdir(folder, { recursive: true })
  const columns = dataset.columns.map(({ name, type }) => ({ name, type, id: input.fieldId(dataset.subject, name) }))
  const pipeline = product.datasets[dataset.subject]
  const partition = pipeline?.materialization === 'partitioned' ? pipeline.partition : undefined
  const files = await session.write(model.text, { folder, columns, ...(partition === undefined ? {} : { partition }) })
  const rows = files.reduce((sum, file) => sum + file.rows, 0)
  await input.onDataset(dataset, 'checking', rows)
  // By name: the files were just written with these very names, and reading by id takes up to twice as long.
  const relation = byName(files, columns)
  const measured = await measure({
    session,
    dataset: dataset.subject,
    relation,
    columns: dataset.columns,
    rules: dataset.rules,
    other: async subject => made.get(subject) ?? input.other(subject),
    nowMs: input.nowMs,
    profile: true,
  })
  return {
    port,
    dataset,
    model,
    isTimeDependent,
    columns,
    files,
    rows,
    measured,
    failing: await measured.failing(input.failingKeysMax),
    contentHash: await contentHash(session, relation),
    ...(partition === undefined ? {} : { partition }),
  }
}

/** The sum of 64-bit hashes over all rows: the same for the same bag of rows, whatever their order. */
const contentHash = async (session: Session, relation: Relation): Promise<string> => {
  const name = '__content'
  await session.define([name], relation)
  const columns = relation.columns?.map(column => quoteName(column.name)).join(', ') ?? '*'
  const [row] = await session.rows(`select sum(hash(${columns}))::varchar as hash from ${quoteName(name)}`)
  return String(row?.hash ?? '0')
}
