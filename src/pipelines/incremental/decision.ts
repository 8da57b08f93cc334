/** Which partitions a dataset has to build, which it keeps as they are, and which it drops. Pure. */
import { hashValue } from '../../base/index.ts'
import type { Partition } from '../../domain/index.ts'
import type { EmptyPartition, ManifestPartition } from '../../storage/index.ts'
import type { PartitionName } from './table.ts'

export interface Decision {
  readonly build: readonly PartitionName[]
  /** Partitions of the snapshot before that are taken over. */
  readonly reuse: readonly PartitionName[]
  /** Partitions that had no row and have none now. */
  readonly empty: readonly EmptyPartition[]
}

/** Bounds of a backfill; both are part of it. Moments may be said as far as one likes: `2011`, `2011-03`, `2011-03-04`. */
export interface Range {
  readonly from?: string | undefined
  readonly to?: string | undefined
}

/** Numbers as numbers, all else as texts. */
export const compareValues = (a: string, b: string): number => {
  const whole = /^-?\d{1,15}$/
  if (whole.test(a) && whole.test(b)) return Number(a) - Number(b)
  return a < b ? -1 : a > b ? 1 : 0
}

const isInside = (name: string, grain: Partition['grain'], { from, to }: Range): boolean => {
  // The longer of the two is cut: the month 2011-03 begins before 2011-03-15, and has it.
  const compared = (bound: string): number => {
    if (grain === 'value') return compareValues(name, bound)
    const length = Math.min(name.length, bound.length)
    const [a, b] = [name.slice(0, length), bound.slice(0, length)]
    return a < b ? -1 : a > b ? 1 : 0
  }
  return (from === undefined || compared(from) >= 0) && (to === undefined || compared(to) <= 0)
}

/** In a range everything is built again, and nothing else is. */
export const decide = (
  wanted: ReadonlyMap<PartitionName, string>,
  previous: { readonly partitions: readonly ManifestPartition[]; readonly empty: readonly EmptyPartition[] },
  again: 'none' | 'all' | Range,
  grain: Partition['grain'],
): Decision => {
  const emptyBefore = new Map(previous.empty.map(it => [it.partition, it]))
  const before = new Map(previous.partitions.map(it => [it.name, it]))
  const range = typeof again === 'string' ? undefined : again
  const isOutside = (name: PartitionName): boolean =>
    range !== undefined && (name === null || !isInside(name, grain, range))
  const isAgain = (name: PartitionName): boolean => again === 'all' || (range !== undefined && !isOutside(name))
  const build: PartitionName[] = []
  const reuse: PartitionName[] = []
  const empty: EmptyPartition[] = []
  for (const [name, key] of wanted) {
    const found = before.get(name)
    const nothing = emptyBefore.get(name)
    if (nothing !== undefined && (isOutside(name) || (nothing.buildKey === key && !isAgain(name)))) empty.push(nothing)
    else if (isOutside(name)) reuse.push(...(found === undefined ? [] : [name]))
    else if (found?.buildKey === key && !isAgain(name)) reuse.push(name)
    else build.push(name)
  }
  const gone = [...before.keys()].filter(name => !wanted.has(name))
  reuse.push(...gone.filter(isOutside))
  return { build: build.sort(byName), reuse, empty }
}

const byName = (a: PartitionName, b: PartitionName): number => (a ?? '').localeCompare(b ?? '')

/** A divided table, as far as one partition reads it. */
export interface Window {
  readonly dataset: string
  readonly reachMs: number
  readonly partitions: ReadonlyMap<PartitionName, string>
}

/** What a partition is built from: those of each divided table from so many milliseconds before it up to itself. */
export const windowKeys = (
  base: string,
  { grain }: Partition,
  divided: readonly Window[],
): Map<PartitionName, string> => {
  const names = new Set(divided.flatMap(it => [...it.partitions.keys()]))
  const sorted = divided.map(it => [...it.partitions].filter(([name]) => name !== null).sort(byFirst))
  const keys = new Map<PartitionName, string>()
  for (const name of names) {
    const read = divided.map(({ dataset, reachMs, partitions }, index): readonly unknown[] => {
      if (reachMs === 0 || name === null) return [dataset, partitions.get(name) ?? null]
      const from = earliest(name, grain, reachMs)
      return [dataset, (sorted[index] ?? []).filter(([it]) => (it ?? '') >= from && (it ?? '') <= name)]
    })
    keys.set(name, hashValue([base, read]).slice(0, 32))
  }
  return keys
}

const later = (a: string, b: string): string => (a > b ? a : b)

const byFirst = (a: readonly [PartitionName, string], b: readonly [PartitionName, string]): number => byName(a[0], b[0])

/** The partitions of a table that are read to build these. */
export const readPartitions = (
  build: readonly PartitionName[],
  { grain }: Partition,
  reachMs: number,
  there: ReadonlyMap<PartitionName, string>,
): PartitionName[] => {
  if (reachMs === 0) return [...build]
  const spans = build.filter(name => name !== null).map(name => [earliest(name, grain, reachMs), name] as const)
  const merged: [string, string][] = []
  for (const [from, to] of spans.sort((a, b) => a[0].localeCompare(b[0]))) {
    const last = merged.at(-1)
    if (last !== undefined && from <= last[1]) last[1] = later(to, last[1])
    else merged.push([from, to])
  }
  return [...there.keys()].filter(name =>
    name === null ? build.includes(null) : merged.some(([from, to]) => name >= from && name <= to),
  )
}

/** When a partition of moments is over, in milliseconds of UTC; undefined for one of values. */
export const endOf = (name: string, grain: Partition['grain']): number | undefined => {
  const start = startOf(name, grain)
  if (start === undefined) return undefined
  const next = new Date(start)
  if (grain === 'hour') next.setUTCHours(next.getUTCHours() + 1)
  else if (grain === 'day') next.setUTCDate(next.getUTCDate() + 1)
  else if (grain === 'month') next.setUTCMonth(next.getUTCMonth() + 1)
  else next.setUTCFullYear(next.getUTCFullYear() + 1)
  return next.getTime()
}

const startOf = (name: string, grain: Partition['grain']): number | undefined => {
  if (grain === 'value') return undefined
  const rest = { hour: ':00:00Z', day: 'T00:00:00Z', month: '-01T00:00:00Z', year: '-01-01T00:00:00Z' }[grain]
  const start = Date.parse(`${name}${rest}`)
  return Number.isNaN(start) ? undefined : start
}

/** The partition in which the moment lies that is so far before the start of this one. */
const earliest = (name: string, grain: Partition['grain'], reachMs: number): string => {
  const start = startOf(name, grain)
  if (start === undefined) return name
  const lengths = { hour: 13, day: 10, month: 7, year: 4, value: 0 }
  return new Date(start - reachMs).toISOString().slice(0, lengths[grain])
}
