/** One dataset's build, from its plan to its verdict. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { assert, chunks, problem, WeftError } from '../base/index.ts'
import type { Dataset, OutputPort, Partition } from '../domain/index.ts'
import { inPartitions, type Relation } from '../engine/index.ts'
import type { EmptyPartition, ManifestFile, ManifestPartition } from '../storage/index.ts'
import type { BuildInput, BuiltDataset } from './build.ts'
import { keptProblems } from './incremental/closing.ts'
import { CopiedTable } from './incremental/copied-table.ts'
import { type DatasetPlan, keyOf, planDataset } from './incremental/dataset-plan.ts'
import { writeHistory } from './incremental/history.ts'
import { Journal } from './incremental/journal.ts'
import { type Horizon, horizonsOf, leaveOut } from './incremental/left-out.ts'
import { measureIncrement } from './incremental/measuring.ts'
import { type BuiltFile, type Packed, packFiles } from './incremental/packing.ts'
import type { Previous } from './incremental/previous.ts'
import { gatherRejects, rejectsCheck, withCheck } from './incremental/rejects.ts'
import { SourceTable } from './incremental/source-table.ts'
import { type BuildTable, filesWith, type PartitionName, type TableFile, WrittenTable } from './incremental/table.ts'
import type { Measured } from './measure/index.ts'
import { inPlaceProblems, modelProblems, type OrderedModel } from './models/index.ts'

type PlacedFile = TableFile & { readonly partitions: readonly ManifestPartition[] }

export class DatasetBuild {
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
    const copies = [...tables.values()].filter(it => it instanceof CopiedTable)
    for (const source of [...sources, ...copies]) source.remember(this.previous?.manifest.sources ?? [])
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
    const isRead = (source: SourceTable | CopiedTable): boolean => plan.reads.includes(source.dataset.subject)
    const read = sources.filter(isRead)
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
      relation: this.relation(),
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
      layout: this.isReferenced ? 'referenced' : 'owned',
      sources: [...rejects.sources, ...(await Promise.all(copies.filter(isRead).map(it => it.manifest())))],
      rejects,
      leftOut,
      memory: measured.memory,
      problems: [...read.flatMap(source => source.problems()), ...keptProblems(dataset, plan.kept ?? [])],
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

  private get isReferenced(): boolean {
    return this.input.product.datasets[this.dataset.subject]?.materialization === 'referenced'
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
    if (this.isReferenced) return this.inPlace(plan)
    const folder = join(await this.folder(), 'data')
    await mkdir(folder, { recursive: true })
    const { build } = plan.decision
    if (build.length <= input.partitionsAtOnce) {
      const rowsRead = await this.defineVisible(plan, plan.isWhole ? undefined : build)
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
      return this.writePartitions(plan, plan.isWhole ? undefined : build, folder, rowsRead)
    }
    const kept = join(await input.kept(), `${port.name}.v${port.major}`, dataset.name)
    const journal = await Journal.open(kept)
    const { partitions, files } = await journal.finished(plan.keys)
    const all = [...files]
    const open = build.filter(name => !partitions.has(name))
    for (const group of chunks(open, input.partitionsAtOnce)) {
      const target = await journal.newFolder()
      const rowsRead = await this.defineVisible(plan, group)
      const written = await this.writePartitions(plan, group, target, rowsRead)
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

  /** The source's own files: their rows are those of the model. Throws `model.not-in-place`. */
  private async inPlace(plan: DatasetPlan): Promise<BuiltFile[]> {
    const { mesh, product } = this.input
    const [refused] = inPlaceProblems(mesh, product, this.port, this.dataset, this.ordered.select)
    if (refused !== undefined) throw new WeftError('invalid', refused)
    const source = plan.reads.map(it => this.tables.get(it)).find(it => it instanceof SourceTable)
    assert(source !== undefined, 'what is read in place is a source of files')
    return this.withContents(name => keyOf(plan, name), await source.inPlace(this.columns))
  }

  /** All rows, or those of these partitions: with a look back the tables hold rows of others, too. */
  private async writePartitions(
    plan: DatasetPlan,
    only: readonly PartitionName[] | undefined,
    folder: string,
    rowsRead: number,
  ): Promise<BuiltFile[]> {
    const { columns, partition } = this
    const { rowsMax } = this.input.packing
    const { text } = this.ordered.model
    const sql =
      only === undefined || partition === undefined
        ? text
        : `select * from (\n${text}\n) as model where ${inPartitions(partition, only)}`
    const sorted = partition === undefined ? {} : { sortedBy: partition.column }
    // A model that makes more rows than it reads is rare: then its file is cut when files are packed.
    const cut = partition === undefined || rowsRead <= rowsMax ? {} : { cut: { partition, rowsMax } }
    const written = await this.input.session.write(sql, { folder, columns, ...sorted, ...cut })
    return this.withContents(name => keyOf(plan, name), written)
  }

  private async leaveOut(plan: DatasetPlan, horizons: readonly Horizon[], written: readonly BuiltFile[]) {
    const { dataset, columns, partition } = this
    const [first] = horizons
    if (this.isReferenced && first !== undefined)
      throw new WeftError(
        'invalid',
        problem(modelProblems, 'model.not-in-place', `rows of ${dataset.subject} would have to be left out`, {
          found: `the policy ${first.policy} keeps rows by ${first.by}`,
          expected: 'a dataset that is copied, or a policy that leaves it alone',
          subject: dataset.subject,
        }),
      )
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
    found: readonly Omit<BuiltFile, 'partitions'>[],
  ): Promise<BuiltFile[]> {
    const names = this.columns.map(column => column.name)
    const files: BuiltFile[] = []
    for (const file of found) {
      const contents = await this.input.session.contents(file.path, names, this.partition)
      files.push({ ...file, partitions: contents.map(it => ({ ...it, buildKey: keyOf(it.name) })) })
    }
    return files
  }

  /** Makes what the model reads visible under the names that it uses, and nothing else. Gives how many rows the files of that have. */
  private async defineVisible(
    { named, only, division }: DatasetPlan,
    build: readonly PartitionName[] | undefined,
  ): Promise<number> {
    const { input, tables } = this
    const files = new Set<string>()
    const grain = division?.partition.grain
    const cuts = build === undefined ? undefined : only(build)
    for (const { name, dataset } of named) {
      const { subject } = dataset
      const part = cuts?.get(subject)
      const cut =
        part === undefined || grain === undefined
          ? undefined
          : { by: { column: part.column, grain }, partitions: part.partitions }
      const relation = await tables.get(subject)?.relation(cut)
      if (relation === undefined) continue
      await input.session.define(name, relation)
      if (relation.kind === 'parquet') for (const file of relation.files) files.add(file)
    }
    if (this.partition === undefined) return 0
    const footers = await input.session.footers([...files])
    return footers.reduce((sum, footer) => sum + footer.rows, 0)
  }

  /** Nothing is settled where everything was asked to be built again. */
  private async pack(plan: DatasetPlan, fresh: readonly BuiltFile[]): Promise<void> {
    const { input, columns, partition } = this
    if (this.isReferenced && fresh.length > 0) {
      this.packed = { files: fresh, reused: [], settled: [] }
      return
    }
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
