/** Rows that have grown too old: left out of what is built and of what is taken over, before anything is measured. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Dataset, Partition } from '../../domain/index.ts'
import {
  partitionText,
  quoteName,
  quoteText,
  type Relation,
  type Session,
  type WrittenFile,
} from '../../engine/index.ts'
import type { ManifestLeftOut } from '../../storage/index.ts'
import type { DatasetPlan } from './dataset-plan.ts'
import { endOf } from './decision.ts'
import type { BuiltFile } from './packing.ts'
import type { PartitionName } from './table.ts'

/** A rule by which rows of a dataset are kept. */
export interface RowsKept {
  readonly policy: string
  /** The column that tells the age of a row. */
  readonly by: string
  readonly keepMs: number
}

/** Rows whose `by` is before this instant are left out; a row without one stays. */
export interface Horizon {
  readonly policy: string
  readonly by: string
  /** `2025-10-20T00:00:00Z`. */
  readonly before: string
}

const dayMs = 86_400_000
const hourMs = 3_600_000

/**
 * Up to when rows are too old, seen from an instant; of several rules by one column the strictest. Age counts in whole days of UTC, as days of the
 * calendar have no other, and in whole hours where less than a day is kept: within one of them a run has nothing new to leave out. Pure.
 */
export const horizonsOf = (rules: readonly RowsKept[], nowMs: number): Horizon[] => {
  const strictest = new Map<string, RowsKept>()
  for (const rule of rules)
    if (rule.keepMs < (strictest.get(rule.by)?.keepMs ?? Number.POSITIVE_INFINITY)) strictest.set(rule.by, rule)
  return [...strictest.values()]
    .sort((a, b) => (a.by < b.by ? -1 : 1))
    .map(({ policy, by, keepMs }) => {
      const grain = keepMs < dayMs ? hourMs : dayMs
      const before = new Date(Math.floor((nowMs - keepMs) / grain) * grain).toISOString()
      return { policy, by, before: before.replace('.000Z', 'Z') }
    })
}

/** Whether all that can be in a partition is too old. Pure. */
export const isAged = (name: PartitionName, partition: Partition, horizons: readonly Horizon[]): boolean => {
  const end = name === null ? undefined : endOf(name, partition.grain)
  return end !== undefined && horizons.some(it => it.by === partition.column && end <= Date.parse(it.before))
}

/** SQL that holds for a row which the horizon leaves out, and is NULL for one without an age. */
const isOld = ({ by, before }: Horizon, dataset: Dataset): string => {
  const type = dataset.columns.find(it => it.name === by)?.type ?? 'TIMESTAMP'
  const text = type === 'TIMESTAMP WITH TIME ZONE' ? before : before.replace('T', ' ').replace('Z', '')
  return `${quoteName(by)} < cast(${quoteText(text)} as ${type})`
}

/** Rows of one partition, for each horizon those that it leaves out; a row counts for the first that does. */
interface OldRows {
  readonly partition: PartitionName
  readonly rows: readonly number[]
}

export interface Aging {
  readonly session: Session
  readonly dataset: Dataset
  readonly horizons: readonly Horizon[]
  readonly partition: Partition | undefined
  readonly columns: readonly { readonly id: number; readonly name: string; readonly type: string }[]
  /** Made where something is written. */
  readonly folder: string
  /** Written by this build, with the keys of today. */
  readonly fresh: readonly BuiltFile[]
  readonly plan: DatasetPlan
  /** The rows of some of the partitions that are taken over. */
  readonly old: (isWanted: (name: PartitionName) => boolean) => Relation
  /** The key by which a partition that is taken over was built. */
  readonly oldKey: (name: PartitionName) => string
  /** With the partitions that the files hold. */
  readonly withContents: (
    written: readonly WrittenFile[],
    keyOf: (name: PartitionName) => string,
  ) => Promise<readonly BuiltFile[]>
}

export interface Aged {
  readonly fresh: readonly BuiltFile[]
  /** With what is still taken over as it is: what has lost some rows is written anew, with its key of before, and counts as built; what has lost all is empty. */
  readonly plan: DatasetPlan
  readonly leftOut: readonly ManifestLeftOut[]
}

/** The same rows, whether they are built or taken over: those of the model that are not too old. */
export const leaveOut = async (aging: Aging): Promise<Aged> => {
  const { session, horizons, plan } = aging
  if (horizons.length === 0) return { fresh: aging.fresh, plan, leftOut: [] }
  const found: OldRows[] = []
  const fresh: BuiltFile[] = []
  for (const [index, file] of aging.fresh.entries()) {
    const whole = fileRelation(aging, file.path)
    const old = await findOld(aging, whole)
    found.push(...old)
    if (old.length === 0) fresh.push(file)
    else {
      const keys = new Map(file.partitions.map(it => [it.name, it.buildKey]))
      const written = await writeYoung(aging, whole, `fresh-${index}`)
      fresh.push(...(await aging.withContents(written, name => keys.get(name) ?? '')))
    }
  }
  const taken = new Set(plan.decision.reuse)
  const aged =
    taken.size === 0
      ? []
      : await findOld(
          aging,
          aging.old(name => taken.has(name)),
        )
  const trimmed = new Map(aged.map(({ partition }) => [partition, aging.oldKey(partition)]))
  if (trimmed.size > 0) {
    const written = await writeYoung(
      aging,
      aging.old(name => trimmed.has(name)),
      'old',
    )
    fresh.push(...(await aging.withContents(written, aging.oldKey)))
  }
  await session.run('drop view if exists __aged')
  const there = new Set(fresh.flatMap(file => file.partitions.map(it => it.name)))
  const reuse = plan.decision.reuse.filter(name => !trimmed.has(name))
  const [build, empty] = [[...plan.decision.build], [...plan.decision.empty]]
  for (const [partition, buildKey] of trimmed)
    if (there.has(partition)) build.push(partition)
    else empty.push({ partition, buildKey })
  const decision = { build, reuse, empty }
  return {
    fresh,
    plan: { ...plan, keys: new Map([...plan.keys, ...trimmed]), decision },
    leftOut: countLeftOut(aging, [...found, ...aged], there, plan.unbuilt?.length ?? 0),
  }
}

const fileRelation = ({ columns }: Aging, path: string): Relation => ({
  kind: 'parquet',
  files: [path],
  columns: columns.map(({ name, type }) => ({ name, type })),
})

/** The partitions that have rows which are too old. Parts of files without any are passed over by their statistics. */
const findOld = async ({ session, dataset, horizons, partition }: Aging, relation: Relation): Promise<OldRows[]> => {
  const old = horizons.map(it => isOld(it, dataset))
  await session.define(['__aged'], relation)
  const counts = old.map((it, index) => {
    const earlier = old.slice(0, index).map(one => ` and (${one}) is not true`)
    return `count(*) filter (where ${it}${earlier.join('')}) as n${index}`
  })
  const name = partition === undefined ? 'null' : partitionText(partition)
  const rows = await session.rows(
    `select ${name} as name, ${counts.join(', ')} from __aged where ${old.join(' or ')} group by 1`,
  )
  return rows.map(row => ({
    partition: row.name === null ? null : String(row.name),
    rows: old.map((_, index) => Number(row[`n${index}`])),
  }))
}

const writeYoung = async (aging: Aging, relation: Relation, name: string): Promise<WrittenFile[]> => {
  const { session, dataset, horizons, columns, partition } = aging
  const folder = join(aging.folder, name)
  await mkdir(folder, { recursive: true })
  await session.define(['__aged'], relation)
  const sql = `select * from __aged where (${horizons.map(it => isOld(it, dataset)).join(' or ')}) is not true`
  const sorted = partition === undefined ? {} : { sortedBy: partition.column }
  const written = await session.write(sql, { folder, columns, ...sorted })
  return written.filter(file => file.rows > 0)
}

/** A partition of which nothing is left went by the horizon that took most of it; one that was not built, by that of the partitions' column. */
const countLeftOut = (
  { horizons, partition }: Aging,
  found: readonly OldRows[],
  there: ReadonlySet<PartitionName>,
  unbuilt: number,
): ManifestLeftOut[] => {
  const sums = new Map<PartitionName, number[]>()
  for (const { partition: name, rows } of found)
    sums.set(
      name,
      rows.map((count, index) => count + (sums.get(name)?.[index] ?? 0)),
    )
  const gone = [...sums].filter(([name]) => partition !== undefined && !there.has(name))
  return horizons.map(({ policy, by, before }, index) => {
    const rows = [...sums.values()].reduce((sum, counts) => sum + (counts[index] ?? 0), 0)
    const whole = gone.filter(([, counts]) => counts.indexOf(Math.max(...counts)) === index).length
    return { policy, by, before, rows, partitions: whole + (by === partition?.column ? unbuilt : 0) }
  })
}
