/** Files of a source as a table: read once into the run's scratch folder, and only those that feed a partition which has to be built. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { hashValue, type Problem } from '../../base/index.ts'
import type { Dataset, Partition } from '../../domain/index.ts'
import { type ColumnType, partitionText, type Relation, type Session } from '../../engine/index.ts'
import type { ManifestSource } from '../../storage/index.ts'
import { filesInPlace, type InPlace } from '../sources/in-place.ts'
import { type Landed, landSource } from '../sources/land.ts'
import type { SourceRequest } from '../sources/land-part.ts'
import { readableServer, type SourceFile, sourceShape } from '../sources/source.ts'
import type { Late } from './late.ts'
import type { BuildTable, PartitionName } from './table.ts'

export interface Batch {
  readonly files: readonly SourceFile[]
  readonly landed: Landed
}

export class SourceTable implements BuildTable {
  readonly dataset: Dataset
  private readonly session: Session
  private readonly request: SourceRequest
  readonly files: readonly SourceFile[]
  private readonly folder: string
  private readonly shape: string
  private readonly landed: Batch[] = []
  private readonly told: Problem[] = []
  /** By uri: what an earlier build, or this one, counted in a file that is still the same. */
  private readonly counts = new Map<string, { readonly lines: number; readonly rejects: number }>()
  /** By grain and column: the partitions that each file feeds, as far as they are known. */
  private readonly known = new Map<string, Map<string, readonly PartitionName[]>>()

  /** The folder need not be there. */
  constructor(request: SourceRequest) {
    this.session = request.session
    this.dataset = request.dataset
    this.files = request.files
    this.folder = request.folder
    this.request = request
    this.shape = sourceShape(readableServer(request.contract), request.dataset)
  }

  /** What an earlier build found out about files that are still the same. */
  remember(sources: readonly ManifestSource[]): void {
    for (const { dataset, shape, by, files } of sources) {
      if (dataset !== this.dataset.subject || shape !== this.shape) continue
      const before = new Map(files.map(file => [file.uri, file]))
      for (const { uri, etag } of this.files) {
        const file = before.get(uri)
        if (file?.etag !== etag) continue
        if (!this.counts.has(uri)) this.counts.set(uri, { lines: file.lines, rejects: file.rejects ?? 0 })
        if (by !== undefined && file.partitions !== undefined) this.knownBy(by).set(uri, file.partitions)
      }
    }
  }

  async fingerprint(): Promise<string> {
    return hashValue([this.shape, this.files.map(file => [file.uri, file.etag])])
  }

  async partitions(by: Partition): Promise<ReadonlyMap<PartitionName, string>> {
    const known = await this.mapped(by)
    const feeding = new Map<PartitionName, [string, string][]>()
    for (const { uri, etag } of this.files) {
      for (const name of known.get(uri) ?? []) {
        const files = feeding.get(name) ?? []
        feeding.set(name, files)
        files.push([uri, etag])
      }
    }
    return new Map([...feeding].map(([name, files]) => [name, hashValue([this.shape, files])]))
  }

  async relation(only?: { readonly by: Partition; readonly partitions: readonly PartitionName[] }): Promise<Relation> {
    const columns = this.dataset.columns.map(({ name, type }) => ({ name, type }))
    if (only === undefined) {
      await this.land(this.files)
      return { kind: 'parquet', files: this.landedFiles(), columns }
    }
    const known = await this.mapped(only.by)
    const wanted = new Set(only.partitions)
    await this.land(this.files.filter(file => known.get(file.uri)?.some(name => wanted.has(name))))
    const { by, partitions } = only
    return { kind: 'parquet', files: this.landedFiles(), columns, only: { ...by, partitions } }
  }

  /** The files as they lie, where they have these columns: nothing is copied. */
  async inPlace(columns: readonly ColumnType[]): Promise<InPlace['files']> {
    const { files, problems } = await filesInPlace(this.request, columns)
    for (const [index, { rows }] of files.entries())
      this.counts.set(this.files[index]?.uri ?? '', { lines: rows, rejects: 0 })
    this.told.push(...problems)
    return files
  }

  /** Drift of files that were read in this run, as far as the contract lets it pass. */
  problems(): readonly Problem[] {
    return [...this.landed.flatMap(batch => batch.landed.problems), ...this.told]
  }

  /** For the manifest of a dataset that reads it. */
  manifest(by: Partition | undefined, late: Late['files'] = new Map()): ManifestSource {
    const known = by === undefined ? undefined : this.knownBy(by)
    const files = this.files.map(({ uri, bytes, etag }) => {
      const partitions = known?.get(uri)
      const { lines = 0, rejects = 0 } = this.counts.get(uri) ?? {}
      const more = { ...(partitions === undefined ? {} : { partitions }), ...(rejects === 0 ? {} : { rejects }) }
      const closed = late.get(uri)
      return { uri, bytes, etag, lines, ...more, ...(closed === undefined ? {} : { late: closed }) }
    })
    return { dataset: this.dataset.subject, shape: this.shape, files, ...(by === undefined ? {} : { by }) }
  }

  /** What was read in this run. */
  batches(): readonly Batch[] {
    return this.landed
  }

  /** The partitions that each file feeds, as far as they are known. */
  partitionsOf(by: Partition): ReadonlyMap<string, readonly PartitionName[]> {
    return this.knownBy(by)
  }

  /** Names of files that were not read in this run, since they are still the same. */
  untouched(): string[] {
    const read = new Set(this.landed.flatMap(batch => batch.files.map(file => file.uri)))
    return this.files.map(file => file.uri).filter(uri => !read.has(uri))
  }

  private landedFiles(): string[] {
    return this.landed.flatMap(({ landed }) => landed.relation.files)
  }

  private knownBy({ column, grain }: Partition): Map<string, readonly PartitionName[]> {
    const key = `${grain} ${column}`
    const found = this.known.get(key) ?? new Map<string, readonly PartitionName[]>()
    this.known.set(key, found)
    return found
  }

  /** The partitions that each file feeds; files that nobody has looked into are read now. */
  private async mapped(by: Partition): Promise<ReadonlyMap<string, readonly PartitionName[]>> {
    const known = this.knownBy(by)
    await this.land(this.files.filter(file => !known.has(file.uri)))
    for (const batch of this.landed) {
      if (batch.files.every(file => known.has(file.uri))) continue
      const found = new Map<string, PartitionName[]>(batch.files.map(file => [file.uri, []]))
      await this.session.define(['__landed'], batch.landed.relation)
      const rows = await this.session.rows(
        `select __weft_source as file, ${partitionText(by)} as name from __landed group by all order by all`,
      )
      for (const row of rows) {
        const uri = batch.files[Number(row.file)]?.uri ?? ''
        found.get(uri)?.push(row.name === null ? null : String(row.name))
      }
      for (const [uri, names] of found) known.set(uri, names)
    }
    return known
  }

  private async land(files: readonly SourceFile[]): Promise<void> {
    const done = new Set(this.landed.flatMap(batch => batch.files))
    const missing = files.filter(file => !done.has(file))
    if (missing.length === 0 && (this.landed.length > 0 || this.files.length > 0)) return
    const folder = join(this.folder, String(this.landed.length))
    await mkdir(folder, { recursive: true })
    const landed = await landSource({ ...this.request, files: missing, folder })
    this.landed.push({ files: missing, landed })
    for (const { uri, lines, rejects } of landed.files) this.counts.set(uri, { lines, rejects })
  }
}
