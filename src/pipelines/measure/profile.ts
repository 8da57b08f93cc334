/** What a dataset looks like, from the same pass that judges its rules: counts over all rows, quantiles and frequent values from a sample. */
import type { Value } from '../../engine/index.ts'
import { type Ask, greatestAsk, leastAsk, sumAsk } from './ask.ts'
import { finite, isNumber, isOrdered, type MeasuredColumn } from './column.ts'
import { estimateDistinct } from './distinct.ts'
import type { ColumnEstimate } from './estimate.ts'
import type { Facts } from './facts.ts'
import { numberOf } from './keys.ts'
import type { Metric, Profile } from './result.ts'
import { type SampledColumn, sampledTextMax } from './sample.ts'
import type { MeasureSubject } from './subject.ts'

/** Characters of a text that the profile shows. */
const textMax = 200
/** Bytes that a character of UTF-8 may take. */
const characterBytes = 4

/** All aggregates of the profile that footers do not answer, but for distinct values. */
export const profileAsks = (subject: MeasureSubject): Ask[] =>
  subject.columns.flatMap(column => [
    ...(subject.statistics.has(column.name) ? [] : [sumAsk(filledOf(column))]),
    ...Object.values(columnAsks(subject, column)),
  ])

const filledOf = (column: MeasuredColumn): string => `count(${column.sql})`

type ColumnAsk = 'min' | 'max' | 'sum' | 'count' | 'trueCount' | 'minLength' | 'maxLength' | 'sumLength'

const columnAsks = (subject: MeasureSubject, column: MeasuredColumn): Partial<Record<ColumnAsk, Ask>> => {
  const x = column.sql
  const asks: Partial<Record<ColumnAsk, Ask>> = {}
  if (isOrdered(column) && subject.statistics.get(column.name)?.bounds === undefined) {
    const cut = (sql: string): string => (column.kind === 'text' ? `left(${sql}, ${textMax})` : sql)
    asks.min = leastAsk(cut(`min(${x})`), column.type)
    asks.max = greatestAsk(cut(`max(${x})`), column.type)
  }
  if (isNumber(column)) asks.sum = sumAsk(`sum(${finite(column, x)})`)
  if (column.kind === 'float') asks.count = sumAsk(`count(${finite(column, x)})`)
  if (column.kind === 'boolean') asks.trueCount = sumAsk(`count_if(${x})`)
  const length = column.kind === 'text' ? `length(${x})` : column.kind === 'list' ? `len(${x})` : undefined
  if (length !== undefined) {
    asks.minLength = leastAsk(`min(${length})`, 'BIGINT')
    asks.maxLength = greatestAsk(`max(${length})`, 'BIGINT')
    asks.sumLength = sumAsk(`sum(${length})`)
  }
  return asks
}

/** Profile and metrics from the answers, and from what is estimated by column. */
export const profileOf = (
  subject: MeasureSubject,
  facts: Facts,
  estimates: ReadonlyMap<string, ColumnEstimate>,
): { readonly profile: Profile; readonly metrics: readonly Metric[] } => {
  const metrics: Metric[] = [{ name: 'rows', value: subject.rows }]
  const columns: Profile['columns'][number][] = []
  for (const column of subject.columns) {
    const estimate = estimates.get(column.name)
    const nulls = nullsOf(subject, column, facts)
    const values = valuesOf(subject, column, facts, nulls)
    const counts = countsOf(subject, column, nulls, values, estimate)
    for (const [name, value] of Object.entries(counts)) metrics.push({ column: column.name, name, value })
    columns.push({ name: column.name, type: column.type, ...counts, ...values, ...sampledValues(estimate?.sample) })
  }
  return { profile: { rows: subject.rows, columns }, metrics }
}

const nullsOf = (subject: MeasureSubject, column: MeasuredColumn, facts: Facts): number | undefined => {
  const known = subject.statistics.get(column.name)?.nulls
  if (known !== undefined) return known
  const filled = facts(filledOf(column))
  return filled.ok ? subject.rows - numberOf(filled.value) : undefined
}

/** Minima, means, lengths and the like. What could not be asked is left out. */
const valuesOf = (
  subject: MeasureSubject,
  column: MeasuredColumn,
  facts: Facts,
  nulls: number | undefined,
): Record<string, unknown> => {
  const bounds = subject.statistics.get(column.name)?.bounds
  const asks = columnAsks(subject, column)
  const answer = (name: ColumnAsk): Value | undefined => {
    const ask = asks[name]
    const fact = ask === undefined ? undefined : facts(ask.sql)
    return fact?.ok === true ? fact.value : undefined
  }
  const filled = nulls === undefined ? undefined : subject.rows - nulls
  const share = (name: ColumnAsk, of: number | undefined): number | null | undefined => {
    const part = answer(name)
    return part === undefined || of === undefined ? undefined : of === 0 ? null : numberOf(part) / of
  }
  const count = answer('count')
  const values = {
    min: bounds === undefined ? answer('min') : bounds.min,
    max: bounds === undefined ? answer('max') : bounds.max,
    mean: share('sum', count === undefined ? filled : numberOf(count)),
    true_rate: share('trueCount', filled),
    min_length: answer('minLength'),
    max_length: answer('maxLength'),
    mean_length: share('sumLength', filled),
  }
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, plain(value)]])),
  )
}

/** The numbers of a column that say nothing of its values. */
const countsOf = (
  { rows }: MeasureSubject,
  column: MeasuredColumn,
  nulls: number | undefined,
  values: Readonly<Record<string, unknown>>,
  estimate: ColumnEstimate | undefined,
): Record<string, number> => {
  if (nulls === undefined) return {}
  const counts: Record<string, number> = { nulls, null_rate: rows === 0 ? 0 : nulls / rows }
  if (estimate?.distinct !== undefined) {
    const longest = column.kind === 'text' ? Number(values.max_length) * characterBytes : 0
    const seen = longest <= sampledTextMax ? estimate.sample?.seen : undefined
    counts.distinct_approx = estimateDistinct(estimate.distinct, rows - nulls, seen)
  }
  if (typeof values.mean_length === 'number') counts.mean_length = values.mean_length
  return counts
}

const sampledValues = (sample: SampledColumn | undefined): Record<string, unknown> => {
  if (sample === undefined) return {}
  const { quantiles, deviation, topValues, sampledRows } = sample
  return {
    ...(quantiles === undefined
      ? {}
      : { quantiles: Object.fromEntries(Object.entries(quantiles).map(([name, value]) => [name, plain(value)])) }),
    ...(deviation === undefined ? {} : { deviation: plain(deviation) }),
    top_values: topValues,
    ...(sampledRows === undefined ? {} : { sampled_rows: sampledRows }),
  }
}

/** As JSON can hold it: large whole numbers and what is no finite number are texts. */
const plain = (value: Value): unknown =>
  typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value)) ? String(value) : value
