/** Two states of a dataset compared in the engine: by key where rows have one, else as bags. */
import type { Session } from '../../engine/index.ts'
import { compareBags } from './bag.ts'
import { areEqual, type Columns, type SharedColumn } from './columns.ts'
import type { RowsDiff } from './result.ts'
import { isSampled, type Sample, shareOf } from './sample.ts'

/** Two tables of the session, and their columns. */
export interface Sides {
  readonly session: Session
  readonly before: string
  readonly after: string
  readonly columns: Columns
}

/** A row as the texts of the columns that tell it from others, NULL for null. */
export type RowName = readonly (string | null)[]

export interface Compared extends Omit<RowsDiff, 'columns'> {
  /** Rows by column; undefined where rows have no key. */
  readonly columns: ReadonlyMap<string, number> | undefined
  /** What tells rows apart: the key, or all columns that both sides have. */
  readonly identity: readonly SharedColumn[]
  /** The first rows that were added or removed, or whose value of a column has changed, in the order of their identity. */
  first(what: 'added' | 'removed' | SharedColumn, max: number): Promise<RowName[]>
}

const different = '__weft_different'
const repeatedKeys = '__weft_repeated'
const bag = '__weft_bag'

type Side = 'before' | 'after'

/** Compares what the sample leaves of both tables. */
export const compareRows = async (sides: Sides, sample: Sample): Promise<Compared> => {
  const { session, columns } = sides
  const [counted] = await session.rows(
    `select (select count(*) from ${sides.before}) as before, (select count(*) from ${sides.after}) as after`,
  )
  const [before, after] = [Number(counted?.before ?? 0), Number(counted?.after ?? 0)]
  const share = shareOf(sample, Math.max(before, after))
  if (columns.key.length > 0) return compareByKey(sides, share)
  return columns.values.length > 0 ? compareWhole(sides, share) : nothingShared(before, after)
}

/** Every column is another: no row is what it was. */
const nothingShared = (before: number, after: number): Compared => ({
  ...{ added: after, removed: before, changed: null, unchanged: 0, columns: undefined },
  repeated: { before: 0, after: 0 },
  sampled: { share: 1, rowsBefore: before, rowsAfter: after },
  identity: [],
  first: async () => [],
})

/** A side's rows under names of ours: keys k0, k1, ..., values v0, v1, ... */
const rowsOf = ({ columns: { key, values }, ...sides }: Sides, side: Side, share: number): string => {
  const items = [...key.map((it, n) => `${it[side]} as k${n}`), ...values.map((it, n) => `${it[side]} as v${n}`)]
  const rows = `select ${items.join(', ')} from ${sides[side]}`
  // Noise in the last digits must not decide which rows are looked at.
  const exact = values.flatMap((it, n) => (it.isApproximate ? [] : [`v${n}`]))
  const names = key.length > 0 ? key.map((_, n) => `k${n}`) : exact
  return names.length === 0 ? rows : `select * from (${rows}) where ${isSampled(names, share)}`
}

const compareWhole = async (sides: Sides, wanted: number): Promise<Compared> => {
  const { session, columns } = sides
  const { values } = columns
  const share = values.every(it => it.isApproximate) ? 1 : wanted
  const rows = { before: rowsOf(sides, 'before', share), after: rowsOf(sides, 'after', share) }
  const names = values.map((it, n) => ({ name: `v${n}`, isApproximate: it.isApproximate }))
  const { added, removed } = await compareBags(session, bag, rows, names)
  const [counted] = await session.rows(
    `select (select count(*) from (${rows.before})) as before, (select count(*) from (${rows.after})) as after`,
  )
  const rowsBefore = Number(counted?.before ?? 0)
  return {
    ...{ added, removed, changed: null, unchanged: rowsBefore - removed, columns: undefined },
    repeated: { before: 0, after: 0 },
    sampled: { share, rowsBefore, rowsAfter: Number(counted?.after ?? 0) },
    identity: values,
    first: async (what, max) => {
      if (typeof what === 'object') return []
      const sign = what === 'added' ? 1 : -1
      return namesOf(
        session,
        bag,
        `sign(d) = ${sign} and sign(net) = ${sign}`,
        names.map(it => it.name),
        max,
      )
    },
  }
}

const compareByKey = async (sides: Sides, share: number): Promise<Compared> => {
  const { session, columns } = sides
  const { key, values } = columns
  const names = key.map((_, n) => `k${n}`)
  const before = await countKeys(session, rowsOf(sides, 'before', share), names)
  const after = await countKeys(session, rowsOf(sides, 'after', share), names)
  const repeated =
    before.hasRepeats || after.hasRepeats
      ? await compareRepeated(sides, share, names)
      : { added: 0, removed: 0, before: 0, after: 0 }
  const isUnique = repeated.before + repeated.after === 0
  const unique = (side: Side): string => {
    const rows = rowsOf(sides, side, share)
    return isUnique
      ? rows
      : `select s.* from (${rows}) as s anti join ${repeatedKeys} as r on ${sameKey(names, 's', 'r')}`
  }
  const both = 'b.is_there and a.is_there'
  const flags = values.map((it, n) => `${both} and not ${areEqual(it, `b.v${n}`, `a.v${n}`)} as f${n}`)
  const keys = names.map(name => `case when b.is_there then b.${name} else a.${name} end as ${name}`)
  const kind = `case when b.is_there is null then 'added' when a.is_there is null then 'removed' else 'changed' end as kind`
  const joined = `(select *, true as is_there from (${unique('before')})) as b full join (select *, true as is_there from (${unique('after')})) as a on ${sameKey(names, 'b', 'a')}`
  const isChanged = ["kind <> 'changed'", ...values.map((_, n) => `f${n}`)].join(' or ')
  await session.run(
    `create or replace temp table ${different} as select * from (select ${[kind, ...keys, ...flags].join(', ')} from ${joined}) where ${isChanged}`,
  )
  const counts = ["count_if(kind = 'added')", "count_if(kind = 'removed')", "count_if(kind = 'changed')"]
  const [found] = await session.rows(
    `select ${[...counts, ...values.map((_, n) => `count_if(f${n})`)].map((it, n) => `(${it})::bigint as n${n}`).join(', ')} from ${different}`,
  )
  const count = (index: number): number => Number(found?.[`n${index}`] ?? 0)
  const removed = count(1) + repeated.removed
  return {
    added: count(0) + repeated.added,
    removed,
    changed: count(2),
    unchanged: before.rows - removed - count(2),
    repeated: { before: repeated.before, after: repeated.after },
    columns: new Map(values.map((it, n) => [it.name, count(n + 3)])),
    sampled: { share, rowsBefore: before.rows, rowsAfter: after.rows },
    identity: key,
    first: (what, max) => {
      const where = typeof what === 'object' ? `f${values.indexOf(what)}` : `kind = '${what}'`
      return namesOf(session, different, where, names, max)
    },
  }
}

const sameKey = (names: readonly string[], one: string, other: string): string =>
  names.map(name => `${one}.${name} is not distinct from ${other}.${name}`).join(' and ')

/** Fewer hashes than rows: some keys repeat, or hashes do. */
const countKeys = async (
  session: Session,
  rows: string,
  names: readonly string[],
): Promise<{ readonly rows: number; readonly hasRepeats: boolean }> => {
  const [found] = await session.rows(
    `select count(*) as n, count(distinct hash(${names.join(', ')})) as keys from (${rows})`,
  )
  const count = Number(found?.n ?? 0)
  return { rows: count, hasRepeats: Number(found?.keys ?? 0) < count }
}

/** Which of several rows of one key has become which cannot be told: all rows of such keys are compared whole. */
const compareRepeated = async (sides: Sides, share: number, names: readonly string[]) => {
  const { session, columns } = sides
  const repeats = (side: Side): string =>
    `select ${names.join(', ')} from (${rowsOf(sides, side, share)}) group by all having count(*) > 1`
  await session.run(`create or replace temp table ${repeatedKeys} as ${repeats('before')} union ${repeats('after')}`)
  const rows = (side: Side): string =>
    `select s.* from (${rowsOf(sides, side, share)}) as s semi join ${repeatedKeys} as r on ${sameKey(names, 's', 'r')}`
  const [counted] = await session.rows(
    `select (select count(*) from (${rows('before')})) as before, (select count(*) from (${rows('after')})) as after`,
  )
  const all = [
    ...names.map(name => ({ name, isApproximate: false })),
    ...columns.values.map((it, n) => ({ name: `v${n}`, isApproximate: it.isApproximate })),
  ]
  const found = await compareBags(session, bag, { before: rows('before'), after: rows('after') }, all)
  return { ...found, before: Number(counted?.before ?? 0), after: Number(counted?.after ?? 0) }
}

const namesOf = async (
  session: Session,
  table: string,
  where: string,
  names: readonly string[],
  max: number,
): Promise<RowName[]> => {
  const texts = names.map(name => `cast(${name} as varchar) as ${name}`).join(', ')
  const found = await session.rows(
    `select ${texts} from (select * from ${table} where ${where} order by ${names.join(', ')} limit ${max})`,
  )
  return found.map(row => names.map(name => (row[name] === null ? null : String(row[name]))))
}
