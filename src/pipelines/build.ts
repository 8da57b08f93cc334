/** Builds a product's datasets in the engine: models in order into Parquet in the run's scratch folder, as much of each as has changed, then measured and checked. Publishes nothing. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { chunks, type Problem } from '../base/index.ts'
import type { Dataset, Mesh, Model, OutputPort, Partition, Product } from '../domain/index.ts'
import { inPartitions, type Relation, type Session, type WrittenFile } from '../engine/index.ts'
import type {
  EmptyPartition,
  ManifestFile,
  ManifestLeftOut,
  ManifestPartition,
  ManifestSource,
} from '../storage/index.ts'
import { keptProblems } from './incremental/closing.ts'
import { type DatasetPlan, planDataset } from './incremental/dataset-plan.ts'
import type { Range } from './incremental/decision.ts'
import { writeHistory } from './incremental/history.ts'
import { Journal } from './incremental/journal.ts'
import { type Horizon, horizonsOf, leaveOut, type RowsKept } from './incremental/left-out.ts'
import { measureIncrement } from './incremental/measuring.ts'
import { type BuiltFile, type Packed, type PackLimits, packFiles } from './incremental/packing.ts'
import type { Previous } from './incremental/previous.ts'
import { gatherRejects, type Rejects, rejectsCheck, withCheck } from './incremental/rejects.ts'
import { SourceTable } from './incremental/source-table.ts'
import { type BuildTable, filesWith, type PartitionName, type TableFile, WrittenTable } from './incremental/table.ts'
import type { FailingKeys, Measured } from './measure/index.ts'
import { bindInstant, type OrderedModel, orderedModels, visibleRelations } from './models/index.ts'

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
    made.set(dataset.subject, { relation: build.relation(), table: build.table() })
    built.push(one)
  }
  return built
}

type PlacedFile = TableFile & { readonly partitions: readonly ManifestPartition[] }

/** One dataset from its plan to its verdict. */
class DatasetBuild {
  private readonly input: BuildInput
  private readonly port: OutputPort
  private readonly dataset: Dataset
  private readonly ordered: OrderedModel
  private readonly tables: ReadonlyMap<string, BuildTable>
  private readonly columns: BuiltDataset['columns']
  private readonly partition: Partition | undefined
  private previous: Previous | undefined
  private packed: Packed = { files: [], reused: [], settled: [] }

  constructor(
    input: BuildInput,
    port: OutputPort,
    dataset: Dataset,
    ordered: OrderedModel,
    tables: ReadonlyMap<string, BuildTable>,
  ) {
    this.input = input
    this.port = port
    this.dataset = dataset
    this.ordered = ordered
    this.tables = tables
    this.columns = dataset.columns.map(({ name, type }) => ({ name, type, id: input.fieldId(dataset.subject, name) }))
    const pipeline = input.product.datasets[dataset.subject]
    this.partition = pipeline?.materialization === 'partitioned' ? pipeline.partition : undefined
  }

  async run(other: (dataset: string) => Promise<Relation | undefined>): Promise<BuiltDataset> {
    const { input, port, dataset, ordered, columns, partition, tables } = this
    await input.onDataset(dataset, 'building')
    this.previous = await input.previous(dataset.subject)
    const { mesh, product, engine, nowMs, again } = input
    const sources = [...tables.values()].filter(it => it instanceof SourceTable)
    for (const source of sources) source.remember(this.previous?.manifest.sources ?? [])
    const previous = this.previous?.manifest
    const keepRows = input.keepRows(dataset.subject)
    const decided = await planDataset({
      ...{ mesh, product, port, dataset, ordered, columns, tables, previous, engine, nowMs, again, keepRows },
    })
    const written = decided.decision.build.length === 0 ? [] : await this.write(decided)
    const { plan, fresh, leftOut } = await this.leaveOut(decided, horizonsOf(keepRows, nowMs), written)
    await this.pack(plan, fresh)
    const { files, reused } = this.packed
    const rows = [...files, ...reused].reduce((sum, file) => sum + file.rows, 0)
    await input.onDataset(dataset, 'checking', rows)
    const measured = await this.measure(plan, other)
    const read = sources.filter(source => plan.reads.includes(source.dataset.subject))
    const grain = plan.division?.partition.grain
    const rejects = await gatherRejects({
      session: input.session,
      sources: read.map(table => {
        const column = plan.division?.divided.get(table.dataset.subject)?.column
        return column === undefined || grain === undefined ? { table } : { table, by: { column, grain } }
      }),
      late: plan.late ?? [],
      built: new Set(decided.decision.build),
      before: { path: this.previous?.rejects, sources: previous?.sources ?? [] },
      folder: await this.folder(),
    })
    const verdict = rejectsCheck(dataset, input.product.datasets[dataset.subject], rejects)
    const contents = this.partitions().map(it => BigInt(`0x${it.content}`))
    return {
      port,
      dataset,
      model: ordered.model,
      isTimeDependent: ordered.isTimeDependent,
      columns,
      files,
      reused,
      empty: this.empty(plan),
      ...(plan.base === undefined ? {} : { baseKey: plan.base }),
      partitions: this.counts(plan),
      rows,
      measured: verdict === undefined ? measured : withCheck(measured, verdict),
      failing: await measured.failing(input.failingKeysMax),
      contentHash: String(contents.reduce((sum, it) => sum + it, 0n)),
      ...(partition === undefined ? {} : { partition }),
      sources: rejects.sources,
      rejects,
      leftOut,
      memory: measured.memory,
      problems: read
        .flatMap(source => source.batches().flatMap(it => it.landed.problems))
        .concat(keptProblems(dataset, plan.kept ?? [])),
    }
  }

  private async measure(
    plan: DatasetPlan,
    other: (dataset: string) => Promise<Relation | undefined>,
  ): Promise<Measured> {
    const { input, dataset, previous, tables } = this
    const placed = this.placed()
    const before = this.placedOf(previous?.manifest.files ?? [])
    const unchanged = new Set([...plan.decision.reuse, ...this.packed.settled])
    return measureIncrement({
      ...{ session: input.session, dataset, nowMs: input.nowMs, other },
      relation: this.relation(),
      old: this.relationOf(placed, name => unchanged.has(name)),
      gone: this.relationOf(before, name => !unchanged.has(name)),
      fresh: this.relationOf(placed, name => !unchanged.has(name)),
      before: plan.before === undefined ? undefined : await previous?.memory(),
      contentOf: async target =>
        (await tables.get(target)?.fingerprint()) ?? (await input.previous(target))?.manifest.contentHash,
    })
  }

  /** All files of the dataset, by name: they were written with these very names, and reading by id takes up to twice as long. */
  relation(): Relation & { readonly kind: 'parquet' } {
    return this.relationOf(this.placed(), () => true)
  }

  /** The rows of some partitions. */
  private relationOf(
    files: readonly PlacedFile[],
    isWanted: (name: PartitionName) => boolean,
  ): Relation & { readonly kind: 'parquet' } {
    const { partition } = this
    const { paths, isExact } = filesWith(files, isWanted)
    const columns = this.columns.map(({ name, type }) => ({ name, type }))
    const whole = { kind: 'parquet' as const, files: paths, columns }
    if (isExact || partition === undefined) return whole
    const names = files.flatMap(file => file.partitions.map(it => it.name)).filter(isWanted)
    return { ...whole, only: { ...partition, partitions: names } }
  }

  /** For the models that read it. */
  table(): BuildTable {
    return new WrittenTable(this.input.session, this.relation(), this.placed(), this.partition)
  }

  private placed(): readonly PlacedFile[] {
    return [...this.packed.files, ...this.placedOf(this.packed.reused)]
  }

  private placedOf(files: readonly ManifestFile[]): PlacedFile[] {
    return files.map(file => ({ ...file, path: this.previous?.path(file) ?? '' }))
  }

  private partitions(): ManifestPartition[] {
    return this.placed().flatMap(file => file.partitions)
  }

  /** Below the run's scratch folder. */
  private async folder(): Promise<string> {
    const folder = join(this.input.scratch, `${this.port.name}.v${this.port.major}`, this.dataset.name)
    await mkdir(folder, { recursive: true })
    return folder
  }

  private async write(plan: DatasetPlan): Promise<BuiltFile[]> {
    const { input, port, dataset } = this
    const folder = join(await this.folder(), 'data')
    await mkdir(folder, { recursive: true })
    const { build } = plan.decision
    if (build.length <= input.partitionsAtOnce) {
      await this.defineVisible(plan, plan.isWhole ? undefined : build)
      if (input.product.datasets[dataset.subject]?.materialization === 'history') {
        const { session, nowMs } = input
        const written = await writeHistory({
          session,
          dataset,
          columns: this.columns,
          text: this.ordered.model.text,
          previous: this.previous,
          folder,
          nowMs,
        })
        return this.withContents(name => keyOf(plan, name), written)
      }
      return this.writePartitions(plan, plan.isWhole ? undefined : build, folder)
    }
    const kept = join(await input.kept(), `${port.name}.v${port.major}`, dataset.name)
    const journal = await Journal.open(kept)
    const { partitions, files } = await journal.finished(plan.keys)
    const all = [...files]
    const open = build.filter(name => !partitions.has(name))
    for (const group of chunks(open, input.partitionsAtOnce)) {
      const target = await journal.newFolder()
      await this.defineVisible(plan, group)
      const written = await this.writePartitions(plan, group, target)
      await journal.add(group, plan.keys, written)
      all.push(...written)
      await input.onDataset(
        dataset,
        'building',
        all.reduce((sum, file) => sum + file.rows, 0),
      )
    }
    return all
  }

  /** All rows, or those of these partitions: with a look back the tables hold rows of others, too. */
  private async writePartitions(
    plan: DatasetPlan,
    only: readonly PartitionName[] | undefined,
    folder: string,
  ): Promise<BuiltFile[]> {
    const { columns, partition } = this
    const { text } = this.ordered.model
    const sql =
      only === undefined || partition === undefined
        ? text
        : `select * from (\n${text}\n) as model where ${inPartitions(partition, only)}`
    const sorted = partition === undefined ? {} : { sortedBy: partition.column }
    const written = await this.input.session.write(sql, { folder, columns, ...sorted })
    return this.withContents(name => keyOf(plan, name), written)
  }

  private async leaveOut(plan: DatasetPlan, horizons: readonly Horizon[], written: readonly BuiltFile[]) {
    const { dataset, columns, partition } = this
    const old = plan.before ?? []
    const keys = new Map(old.flatMap(file => file.partitions.map(it => [it.name, it.buildKey] as const)))
    return leaveOut({
      ...{ session: this.input.session, dataset, horizons, columns, partition, plan, fresh: written },
      folder: join(await this.folder(), 'aged'),
      old: isWanted => this.relationOf(this.placedOf(old), isWanted),
      oldKey: name => keys.get(name) ?? '',
      withContents: (files, keyOf) => this.withContents(keyOf, files),
    })
  }

  private async withContents(
    keyOf: (name: PartitionName) => string,
    written: readonly WrittenFile[],
  ): Promise<BuiltFile[]> {
    const names = this.columns.map(column => column.name)
    const files: BuiltFile[] = []
    for (const file of written) {
      const contents = await this.input.session.contents(file.path, names, this.partition)
      files.push({ ...file, partitions: contents.map(it => ({ ...it, buildKey: keyOf(it.name) })) })
    }
    return files
  }

  /** Makes what the model may read visible under the names that it may use, and nothing else. */
  private async defineVisible(
    { reads, only, division }: DatasetPlan,
    build: readonly PartitionName[] | undefined,
  ): Promise<void> {
    const { input, port, tables } = this
    const grain = division?.partition.grain
    const cuts = build === undefined ? undefined : only(build)
    for (const { name, dataset } of visibleRelations(input.mesh, input.product, port.major)) {
      const { subject } = dataset
      const part = cuts?.get(subject)
      const cut =
        part === undefined || grain === undefined
          ? undefined
          : { by: { column: part.column, grain }, partitions: part.partitions }
      const relation = reads.includes(subject) ? await tables.get(subject)?.relation(cut) : undefined
      if (relation !== undefined) await input.session.define(name, relation)
    }
  }

  /** Nothing is settled where everything was asked to be built again. */
  private async pack(plan: DatasetPlan, fresh: readonly BuiltFile[]): Promise<void> {
    const { input, columns, partition } = this
    this.packed = await packFiles(
      {
        old: (plan.before ?? []).map(file => ({ file, path: this.previous?.path(file) ?? '' })),
        reuse: plan.decision.reuse,
        fresh,
        keyOf: name => keyOf(plan, name),
        maySettle: input.again !== 'all',
        limits: input.packing,
      },
      { session: input.session, folder: join(await this.folder(), 'data'), columns, partition },
    )
  }

  private empty({ division, decision, keys }: DatasetPlan): EmptyPartition[] {
    if (division?.isRooted !== true) return []
    const filled = new Set(this.partitions().map(it => it.name))
    const none = decision.build.filter(partition => !filled.has(partition))
    return [...decision.empty, ...none.map(partition => ({ partition, buildKey: keys.get(partition) ?? '' }))]
  }

  /** What is built as a whole has built what came out with other rows. */
  private counts({ division, decision }: DatasetPlan): BuiltDataset['partitions'] {
    const now = new Set(this.partitions().map(it => it.name))
    const before = (this.previous?.manifest.files ?? []).flatMap(file => file.partitions.map(it => it.name))
    const dropped = this.partition === undefined ? 0 : before.filter(name => !now.has(name)).length
    const { reuse, build } = decision
    if (division?.isRooted === true) return { built: build.length, reused: reuse.length, dropped }
    const reused = reuse.length + this.packed.settled.length
    return { built: now.size - reused, reused, dropped }
  }
}

const keyOf = ({ division, keys }: DatasetPlan, name: PartitionName): string =>
  keys.get(division?.isRooted === true ? name : null) ?? ''
