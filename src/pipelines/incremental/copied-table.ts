/** A table of an operational system, copied into the run's scratch folder when it is first read: all tables of a source from one moment. */
import { hashValue } from '../../base/index.ts'
import type { Dataset, Partition } from '../../domain/index.ts'
import type { Relation, Session } from '../../engine/index.ts'
import type { ManifestSource } from '../../storage/index.ts'
import type { SourceFile } from '../sources/source.ts'
import { type BuildTable, type PartitionName, WrittenTable } from './table.ts'

type Copied = Relation & { readonly kind: 'parquet' }

export class CopiedTable implements BuildTable {
  readonly dataset: Dataset
  private readonly session: Session
  private readonly listed: readonly SourceFile[]
  private readonly own: SourceFile | undefined
  private readonly shape: string
  private readonly copy: () => Promise<Copied>
  private copying: Promise<Copied> | undefined
  private table: WrittenTable | undefined
  private linesBefore: number | undefined

  /** `listed` has all tables of the source, `own` among them; `shape`: what changes the rows though the tables are the same. */
  constructor(
    session: Session,
    dataset: Dataset,
    listed: { readonly all: readonly SourceFile[]; readonly own: SourceFile | undefined; readonly shape: string },
    copy: () => Promise<Copied>,
  ) {
    this.session = session
    this.dataset = dataset
    this.listed = listed.all
    this.own = listed.own
    this.shape = listed.shape
    this.copy = copy
  }

  /** How many rows an earlier build read of the table, where it is still the same. */
  remember(sources: readonly ManifestSource[]): void {
    const files = sources.filter(it => it.dataset === this.dataset.subject).flatMap(it => it.files)
    const same = files.find(file => file.uri === this.own?.uri && file.etag === this.own?.etag)
    this.linesBefore ??= same?.lines
  }

  /** For the manifest of a dataset that reads it: the table without user and secret, what told that it had changed, and the rows that were read. */
  async manifest(): Promise<ManifestSource> {
    const { dataset, own, shape } = this
    const footers = this.copying === undefined ? [] : await this.session.footers((await this.copying).files)
    const lines =
      this.copying === undefined ? (this.linesBefore ?? 0) : footers.reduce((sum, file) => sum + file.rows, 0)
    const files = own === undefined ? [] : [{ uri: own.uri, etag: own.etag, lines }]
    return { dataset: dataset.subject, shape, files }
  }

  async fingerprint(): Promise<string> {
    return hashValue([this.shape, this.listed.map(file => [file.uri, file.etag])])
  }

  /** Of the rows themselves: an operational system does not say which have changed. */
  async partitions(by: Partition): Promise<ReadonlyMap<PartitionName, string>> {
    return (await this.copied()).partitions(by)
  }

  async relation(only?: { readonly by: Partition; readonly partitions: readonly PartitionName[] }): Promise<Relation> {
    return (await this.copied()).relation(only)
  }

  private async copied(): Promise<WrittenTable> {
    this.copying ??= this.copy()
    this.table ??= new WrittenTable(this.session, await this.copying, [], undefined)
    return this.table
  }
}
