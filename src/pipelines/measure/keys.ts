/** Exact uniqueness: one bit a value for dense whole numbers, 64-bit hashes for other keys, and values only where hashes repeat. */
import type { Session, Value } from '../../engine/index.ts'
import type { MeasuredColumn } from './column.ts'
import { askOne, type Facts } from './facts.ts'
import type { MeasureSubject } from './subject.ts'

/** How the rows of whole keys (no part NULL) and the distinct ones among them are counted. */
export interface KeyCount {
  readonly columns: readonly MeasuredColumn[]
  /** Rows with a whole key. */
  readonly whole: string
  /** What `whole` answers, where footers say it. */
  readonly wholeRows?: number
  /** Distinct keys; of hashes at most as many as there are keys. */
  readonly distinct: string
  /** Hashes are counted by a statement of their own: beside others it costs more than alone, and holds memory for longer. */
  readonly isExact: boolean
}

/** A bitmap pays while it has at most this many bits a row; the engine's own limit is far above the last. */
const bitsPerRowMax = 16
const bitsAlways = 2 ** 16
const bitsMax = 2 ** 30

export const keyCount = (subject: MeasureSubject, columns: readonly MeasuredColumn[]): KeyCount => {
  const filled = wholeKey(columns)
  const whole = countWhere(filled)
  const nulls = columns.map(it => subject.statistics.get(it.name)?.nulls)
  const isFilled = nulls.every(it => it === 0)
  const [first] = nulls
  const wholeRows = isFilled
    ? subject.rows
    : columns.length > 1 || first === undefined
      ? undefined
      : subject.rows - first
  const known = wholeRows === undefined ? {} : { wholeRows }
  const dense = columns.length === 1 ? denseBounds(subject, columns[0]) : undefined
  if (dense !== undefined) {
    return { columns, whole, distinct: `bit_count(bitstring_agg(${dense}))`, isExact: true, ...known }
  }
  const keys = columns.map(it => it.sql).join(', ')
  const filter = isFilled ? '' : ` filter (where ${filled})`
  return { columns, whole, distinct: `count(distinct hash(${keys}))${filter}`, isExact: false, ...known }
}

/** Rows with a whole key; why not, in words. */
export const wholeRowsOf = (count: KeyCount, facts: Facts): number | string => {
  if (count.wholeRows !== undefined) return count.wholeRows
  const whole = facts(count.whole)
  return whole.ok ? numberOf(whole.value) : whole.reason
}

/** Rows of which the condition is true: FALSE and NULL do not count. */
export const countWhere = (condition: string): string => `count_if(${condition})`

/** True for rows whose key has no NULL. */
export const wholeKey = (columns: readonly MeasuredColumn[]): string =>
  columns.map(it => `${it.sql} is not null`).join(' and ')

/** Rows that repeat the key of an earlier one: rows with a key less distinct keys. */
export const countRepeats = async (
  subject: MeasureSubject,
  count: KeyCount,
  facts: Facts,
): Promise<number | string> => {
  const whole = wholeRowsOf(count, facts)
  if (typeof whole === 'string') return whole
  const distinct = count.isExact ? facts(count.distinct) : await askOne(subject.session, subject.table, count.distinct)
  if (!distinct.ok) return distinct.reason
  const repeats = whole - numberOf(distinct.value)
  if (count.isExact || repeats === 0) return repeats
  return exactRepeats(subject.session, subject.table, count.columns)
}

const exactRepeats = async (session: Session, table: string, columns: readonly MeasuredColumn[]): Promise<number> => {
  const keys = columns.map(it => it.sql).join(', ')
  const filled = wholeKey(columns)
  const repeated = `select hash(${keys}) from ${table} where ${filled} group by 1 having count(*) > 1`
  const groups = `select count(*) as n from ${table} where ${filled} and hash(${keys}) in (${repeated}) group by ${keys}`
  const [row] = await session.rows(`select coalesce(sum(n - 1), 0)::bigint as repeats from (${groups})`)
  return numberOf(row?.repeats ?? 0)
}

/** Arguments of the bitmap: the column and its least and greatest value. */
const denseBounds = (subject: MeasureSubject, column: MeasuredColumn | undefined): string | undefined => {
  if (column?.kind !== 'whole' || /HUGE/i.test(column.type)) return undefined
  const bounds = subject.statistics.get(column.name)?.bounds
  if (bounds === undefined || bounds.min === null || bounds.max === null) return undefined
  const min = BigInt(String(bounds.min))
  const max = BigInt(String(bounds.max))
  const bits = max - min + 1n
  if (bits > BigInt(Math.min(bitsMax, Math.max(bitsAlways, bitsPerRowMax * subject.rows)))) return undefined
  return `${column.sql}, ${min}::${column.type}, ${max}::${column.type}`
}

/** NULL, of no rows, is 0. */
export const numberOf = (value: Value): number => (value === null ? 0 : Number(value))
