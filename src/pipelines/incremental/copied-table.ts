/** A table of an operational system, copied into the run's scratch folder when it is first read: all tables of a source from one moment. */
import { hashValue } from '../../base/index.ts'
import type { Partition } from '../../domain/index.ts'
import type { Relation, Session } from '../../engine/index.ts'
import type { SourceFile } from '../sources/source.ts'
import { type BuildTable, type PartitionName, WrittenTable } from './table.ts'

type Copied = Relation & { readonly kind: 'parquet' }

export class CopiedTable implements BuildTable {
  private readonly session: Session
  private readonly listed: readonly SourceFile[]
  private readonly shape: string
  private readonly copy: () => Promise<Copied>
  private table: Promise<WrittenTable> | undefined

  /** `shape`: what changes the rows though the tables are the same. */
  constructor(session: Session, listed: readonly SourceFile[], shape: string, copy: () => Promise<Copied>) {
    this.session = session
    this.listed = listed
    this.shape = shape
    this.copy = copy
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

  private copied(): Promise<WrittenTable> {
    this.table ??= this.copy().then(relation => new WrittenTable(this.session, relation, [], undefined))
    return this.table
  }
}
