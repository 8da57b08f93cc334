/** Small partitions share files: which files of a dataset stay, and which are written anew because some of their partitions are gone or since they are too many. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { assert, chunksWithin } from '../../base/index.ts'
import type { Partition } from '../../domain/index.ts'
import type { RelationColumn, Session, WrittenFile } from '../../engine/index.ts'
import type { ManifestFile, ManifestPartition } from '../../storage/index.ts'
import type { PartitionName } from './table.ts'

export interface PackLimits {
  /** Partitions share a file up to so many rows; a larger one has a file of its own. */
  readonly rowsMax: number
  /** Files with fewer rows than a quarter of that; when there are more, a run that writes anyway makes them one. */
  readonly smallMax: number
}

/** With all partitions that were written into it. */
export interface BuiltFile extends WrittenFile {
  /** Of a source's file that is read where it lies; absent for one that was written. */
  readonly etag?: string
  readonly partitions: readonly ManifestPartition[]
}

/** A file, and those of its partitions that the dataset goes on having. */
type Holding = { readonly path: string; readonly kept: readonly ManifestPartition[]; readonly isWhole: boolean } & (
  | { readonly kind: 'old'; readonly file: ManifestFile }
  | { readonly kind: 'fresh'; readonly file: BuiltFile }
)

/** Partitions that one file is made of, in order, each with the file that it is in. */
type Pack = readonly { readonly path: string; readonly part: ManifestPartition }[]

export interface PackInput {
  readonly old: readonly { readonly path: string; readonly file: ManifestFile }[]
  /** Partitions of `old` that are taken over as they are. */
  readonly reuse: readonly PartitionName[]
  readonly fresh: readonly BuiltFile[]
  /** The key by which a partition is built today; parts of `fresh` with another one are left out. */
  readonly keyOf: (name: PartitionName) => string
  /** Whether a partition that was built to the very rows that it had may stay where it is. */
  readonly maySettle: boolean
  readonly limits: PackLimits
}

export interface Packed {
  /** Files of before that stay, with the keys of today. */
  readonly reused: readonly ManifestFile[]
  readonly files: readonly BuiltFile[]
  /** Partitions that were built to the very rows that they had. */
  readonly settled: readonly PartitionName[]
}

/** Decides, and writes what has to be written below `folder`. Partitions are moved as they are: their hashes are known. */
export const packFiles = async (
  input: PackInput,
  target: {
    readonly session: Session
    readonly folder: string
    readonly columns: readonly RelationColumn[]
    readonly partition: Partition | undefined
  },
): Promise<Packed> => {
  const { holdings, settled } = choose(input)
  const { stay, packs } = planPacks(holdings, input.limits)
  const files: BuiltFile[] = []
  const reused: ManifestFile[] = []
  for (const holding of stay) {
    if (holding.kind === 'old') reused.push({ ...holding.file, partitions: holding.kept })
    else files.push(holding.file)
  }
  const { session, folder, columns, partition } = target
  for (const [index, pack] of packs.entries()) {
    assert(partition !== undefined, 'only a dataset that is divided has partitions to move')
    const place = join(folder, `pack-${index}`)
    await mkdir(place, { recursive: true })
    const selects: string[] = []
    for (const path of new Set(pack.map(it => it.path))) {
      const name = `__pack${selects.length}`
      const only = { ...partition, partitions: pack.filter(it => it.path === path).map(it => it.part.name) }
      const named = columns.map(column => ({ name: column.name, type: column.type }))
      await session.define([name], { kind: 'parquet', files: [path], columns: named, only })
      selects.push(`select * from ${name}`)
    }
    const [file] = await session.write(selects.join(' union all '), {
      ...{ folder: place, columns, sortedBy: partition.column },
    })
    const partitions = pack.map(it => it.part)
    assert(file?.rows === countRows(partitions), 'partitions that are moved keep their rows')
    files.push({ ...file, partitions })
  }
  return { reused, files, settled }
}

/**
 * Where a file of before can stay whole, it does, and what was built to the same rows is left out of the new files. One that has to be written anew
 * in any case gives up all that was built: whichever copy is taken, readers see the same hash.
 */
const choose = ({
  old,
  reuse,
  fresh,
  keyOf,
  maySettle,
}: PackInput): { holdings: Holding[]; settled: PartitionName[] } => {
  const reused = new Set(reuse)
  const built = new Map<PartitionName, ManifestPartition>()
  const firstIn = new Map<PartitionName, BuiltFile>()
  for (const file of fresh)
    for (const part of file.partitions) {
      if (part.buildKey !== keyOf(part.name) || firstIn.has(part.name)) continue
      built.set(part.name, part)
      firstIn.set(part.name, file)
    }
  const isSame = (part: ManifestPartition): boolean => {
    const now = built.get(part.name)
    return maySettle && now?.rows === part.rows && now.content === part.content
  }
  const holdings: Holding[] = []
  const settled = old.flatMap(({ file }) => file.partitions.filter(isSame).map(part => part.name))
  const stayed = new Set<PartitionName>()
  for (const { path, file } of old) {
    const taken = file.partitions.filter(part => reused.has(part.name))
    const isWhole = file.partitions.every(part => reused.has(part.name) || isSame(part))
    for (const part of isWhole ? file.partitions : taken) stayed.add(part.name)
    const kept = isWhole ? file.partitions.map(part => (isSame(part) ? (built.get(part.name) ?? part) : part)) : taken
    if (kept.length > 0) holdings.push({ kind: 'old', file, path, kept, isWhole })
  }
  for (const file of fresh) {
    const kept = file.partitions.filter(part => firstIn.get(part.name) === file && !stayed.has(part.name))
    const isWhole = kept.length === file.partitions.length
    if (kept.length > 0) holdings.push({ kind: 'fresh', file, path: file.path, kept, isWhole })
  }
  return { holdings, settled }
}

const planPacks = (
  holdings: readonly Holding[],
  { rowsMax, smallMax }: PackLimits,
): { stay: readonly Holding[]; packs: readonly Pack[] } => {
  const small = holdings.filter(it => countRows(it.kept) < rowsMax / 4)
  const isWriting = holdings.some(it => it.kind === 'fresh' || !it.isWhole)
  const folded = new Set(isWriting && small.length > smallMax ? small : [])
  const stay: Holding[] = []
  const packs: Pack[] = cut([...folded], rowsMax)
  for (const holding of holdings) {
    if (folded.has(holding)) continue
    const parts = cut([holding], rowsMax)
    if (holding.isWhole && (holding.kind === 'old' || parts.length === 1)) stay.push(holding)
    else packs.push(...parts)
  }
  return { stay, packs }
}

/** Consecutive partitions side by side, as many as a file may have. */
const cut = (holdings: readonly Holding[], rowsMax: number): Pack[] => {
  const all = holdings.flatMap(({ path, kept }) => kept.map(part => ({ path, part })))
  // Those of one file are in the order of its rows.
  if (holdings.length > 1) all.sort((a, b) => byNameNullLast(a.part.name, b.part.name))
  return chunksWithin(all, it => it.part.rows, rowsMax)
}

const byNameNullLast = (a: PartitionName, b: PartitionName): number => {
  if (a === b) return 0
  return b === null || (a !== null && a < b) ? -1 : 1
}

const countRows = (partitions: readonly ManifestPartition[]): number =>
  partitions.reduce((sum, part) => sum + part.rows, 0)
