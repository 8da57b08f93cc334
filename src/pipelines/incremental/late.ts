/** Rows that arrived for closed partitions: rejects of the dataset that has closed them. */
import { join } from 'node:path'
import type { Partition } from '../../domain/index.ts'
import { inPartitions, partitionText, quoteText, type Session } from '../../engine/index.ts'
import type { ManifestSource } from '../../storage/index.ts'
import type { SourceTable } from './source-table.ts'
import type { PartitionName } from './table.ts'

export type LateFile = NonNullable<ManifestSource['files'][number]['late']>

export interface Late {
  /** By the file's uri. */
  readonly files: ReadonlyMap<string, LateFile>
  /** Parquet with the columns of rejects: rows of files that were read in this run. */
  readonly paths: readonly string[]
}

export interface LateInput {
  readonly session: Session
  readonly source: SourceTable
  readonly by: Partition
  /** Closed partitions for which something arrived now. */
  readonly late: readonly PartitionName[]
  /** Of the snapshot before. */
  readonly before: readonly ManifestSource[]
  /** Partitions that were built now, from all that is there: nothing of them is late any more. */
  readonly built: ReadonlySet<PartitionName>
  readonly folder: string
}

export const lateRows = async (input: LateInput): Promise<Late> => {
  const { session, source, by, folder } = input
  const files = new Map<string, LateFile>()
  const paths: string[] = []
  const closed = new Set(input.late)
  const before = new Map(
    input.before
      .filter(it => it.dataset === source.dataset.subject)
      .flatMap(it => it.files.map(file => [file.uri, file] as const)),
  )
  const known = source.partitionsOf(by)
  for (const { uri, etag } of source.files) {
    const same = before.get(uri)
    // What fed a partition before it was closed is in it.
    const partitions =
      same?.etag === etag
        ? (same.late?.partitions ?? []).filter(name => !input.built.has(name))
        : (known.get(uri) ?? []).filter(name => closed.has(name))
    if (partitions.length > 0) files.set(uri, { partitions, rows: same?.etag === etag ? (same.late?.rows ?? 0) : 0 })
  }
  for (const [index, batch] of source.batches().entries()) {
    const parts = batch.files.flatMap(({ uri }, at) => {
      const late = files.get(uri)
      return late === undefined ? [] : [`(__weft_source = ${at} and ${inPartitions(by, late.partitions)})`]
    })
    if (parts.length === 0) continue
    await session.define(['__landed'], batch.landed.relation)
    const names = `[${batch.files.map(file => quoteText(file.uri)).join(', ')}]`
    const path = join(folder, `late-${source.dataset.name}-${index}.parquet`)
    const reason = `'the partition ' || coalesce(${partitionText(by)}, 'of nulls') || ' was closed'`
    const raw = 'to_json(struct_pack(*columns(* exclude (__weft_source))))::varchar'
    await session.run(
      `copy (select ${names}[__weft_source + 1] as uri, null::bigint as line, null::varchar as "column", 'late' as code, ${reason} as reason, ${raw} as raw from __landed where ${parts.join(' or ')}) to ${quoteText(path)} (format parquet)`,
    )
    paths.push(path)
    const counts = await session.rows(`select uri, count(*) as n from read_parquet(${quoteText(path)}) group by all`)
    for (const row of counts) {
      const late = files.get(String(row.uri))
      if (late !== undefined) files.set(String(row.uri), { ...late, rows: Number(row.n) })
    }
  }
  return { files, paths }
}
