/** What a model reads, as a build has to know it: fingerprints that tell what changed, and rows of some partitions only. */
import { hashValue } from '../../base/index.ts'
import type { Partition } from '../../domain/index.ts'
import { partitionText, quoteName, type Relation, type Session } from '../../engine/index.ts'

/** A partition as manifests name it; null is that of null values. */
export type PartitionName = string | null

export interface BuildTable {
  /** Equal means equal rows. */
  fingerprint(): Promise<string>
  /** The partitions that it has, each with a fingerprint of its rows. */
  partitions(by: Partition): Promise<ReadonlyMap<PartitionName, string>>
  /** Its rows; of these partitions only, where they are given. */
  relation(only?: { readonly by: Partition; readonly partitions: readonly PartitionName[] }): Promise<Relation>
}

export interface TableFile {
  /** Absolute. */
  readonly path: string
  /** Equal contents mean equal rows. */
  readonly partitions: readonly { readonly name: PartitionName; readonly content: string }[]
}

/** Files that hold one of these partitions, and whether they hold no others. */
export const filesWith = (
  files: readonly TableFile[],
  isWanted: (name: PartitionName) => boolean,
): { readonly paths: readonly string[]; readonly isExact: boolean } => {
  const found = files.filter(file => file.partitions.some(it => isWanted(it.name)))
  const isExact = found.every(file => file.partitions.every(it => isWanted(it.name)))
  return { paths: found.map(file => file.path), isExact }
}

const lengths: Readonly<Record<Exclude<Partition['grain'], 'value'>, number>> = { hour: 13, day: 10, month: 7, year: 4 }

/** The partition of a coarser grain in which one of a finer grain lies; undefined where it lies in several. */
export const coarser = (
  name: PartitionName,
  from: Partition['grain'],
  to: Partition['grain'],
): PartitionName | undefined => {
  if (from === to || name === null) return name
  if (from === 'value' || to === 'value' || lengths[from] < lengths[to]) return undefined
  return name.slice(0, lengths[to])
}

/** Files that Weft has written: a snapshot of an input port, or a sibling that was just built. */
export class WrittenTable implements BuildTable {
  private readonly session: Session
  private readonly files: readonly TableFile[]
  private readonly whole: Relation & { readonly kind: 'parquet' }
  private readonly dividedBy: Partition | undefined
  private readonly counted = new Map<string, ReadonlyMap<PartitionName, string>>()

  constructor(
    session: Session,
    whole: Relation & { readonly kind: 'parquet' },
    files: readonly TableFile[],
    dividedBy: Partition | undefined,
  ) {
    this.session = session
    this.whole = whole
    this.files = files
    this.dividedBy = dividedBy
  }

  async fingerprint(): Promise<string> {
    return hashValue([this.whole.columns, this.contents().sort()])
  }

  async partitions(by: Partition): Promise<ReadonlyMap<PartitionName, string>> {
    const key = `${by.grain} ${by.column}`
    const found = this.counted.get(key) ?? (this.isDividedBy(by) ? this.fromFiles(by) : await this.fromRows(by))
    this.counted.set(key, found)
    return found
  }

  async relation(only?: { readonly by: Partition; readonly partitions: readonly PartitionName[] }): Promise<Relation> {
    if (only === undefined) return this.whole
    if (!this.isDividedBy(only.by)) return { ...this.whole, only: { ...only.by, partitions: only.partitions } }
    const wanted = new Set(only.partitions)
    const { paths, isExact } = filesWith(this.files, name => wanted.has(this.partOf(name, only.by)))
    const part = { ...this.whole, files: paths }
    return isExact ? part : { ...part, only: { ...only.by, partitions: only.partitions } }
  }

  private isDividedBy(by: Partition): boolean {
    const { dividedBy } = this
    return dividedBy?.column === by.column && coarser('', dividedBy.grain, by.grain) !== undefined
  }

  private contents(): string[] {
    return this.files.flatMap(file => file.partitions.map(it => it.content))
  }

  /** The coarser partition that one of its own lies in. */
  private partOf(name: PartitionName, by: Partition): PartitionName {
    return coarser(name, this.dividedBy?.grain ?? by.grain, by.grain) ?? null
  }

  private fromFiles(by: Partition): Map<PartitionName, string> {
    const contents = new Map<PartitionName, string[]>()
    for (const part of this.files.flatMap(file => file.partitions)) {
      const name = this.partOf(part.name, by)
      const found = contents.get(name)
      if (found === undefined) contents.set(name, [part.content])
      else found.push(part.content)
    }
    return new Map([...contents].map(([name, all]) => [name, hashValue([this.whole.columns, all.sort()])]))
  }

  /** It is divided by something else, or not at all: what changed is seen from its rows. */
  private async fromRows(by: Partition): Promise<Map<PartitionName, string>> {
    const columns = (this.whole.columns ?? []).map(column => quoteName(column.name)).join(', ')
    await this.session.define(['__content'], this.whole)
    const rows = await this.session.rows(
      `select ${partitionText(by)} as name, sum(hash(${columns}))::varchar as content from __content group by 1`,
    )
    return new Map(
      rows.map(row => [row.name === null ? null : String(row.name), hashValue([this.whole.columns, row.content])]),
    )
  }
}
