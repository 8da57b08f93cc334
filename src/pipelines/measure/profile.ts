/** What a dataset looks like, from the same pass that judges its rules: counts over all rows, quantiles and frequent values from a sample. */
import type { Value } from '../../engine/index.ts'
import { finite, isNumber, isOrdered, type MeasuredColumn } from './column.ts'
import { distinctCount, estimateDistinct } from './distinct.ts'
import type { Facts } from './facts.ts'
import { numberOf } from './keys.ts'
import type { Metric, Profile } from './result.ts'
import { readSample, type SampledColumn, sampledTextMax } from './sample.ts'
import type { MeasureSubject } from './subject.ts'

/** Characters of a text that the profile shows. */
const textMax = 200
/** Bytes that a character of UTF-8 may take. */
const characterBytes = 4

/** One aggregate of a column under the name that it has in the profile. */
interface Ask {
  readonly name: string
  readonly sql: string
}

/** All aggregates of the profile that footers do not answer. */
export const profileAsks = (subject: MeasureSubject): string[] =>
  subject.columns.flatMap(column => [
    ...(subject.statistics.has(column.name) ? [] : [filledOf(column)]),
    distinctCount(subject, column).sql,
    ...columnAsks(subject, column).map(it => it.sql),
  ])

const filledOf = (column: MeasuredColumn): string => `count(${column.sql})`

const columnAsks = (subject: MeasureSubject, column: MeasuredColumn): Ask[] => {
  const x = column.sql
  const asks: Ask[] = []
  if (isOrdered(column) && subject.statistics.get(column.name)?.bounds === undefined) {
    const cut = (sql: string): string => (column.kind === 'text' ? `left(${sql}, ${textMax})` : sql)
    asks.push({ name: 'min', sql: cut(`min(${x})`) }, { name: 'max', sql: cut(`max(${x})`) })
  }
  if (isNumber(column)) asks.push({ name: 'mean', sql: `avg(${finite(column, x)})` })
  if (column.kind === 'boolean') asks.push({ name: 'true_rate', sql: `avg(${x}::integer)` })
  const length = column.kind === 'text' ? `length(${x})` : column.kind === 'list' ? `len(${x})` : undefined
  if (length !== undefined) {
    asks.push(
      { name: 'min_length', sql: `min(${length})` },
      { name: 'max_length', sql: `max(${length})` },
      { name: 'mean_length', sql: `avg(${length})` },
    )
  }
  return asks
}

/** Profile and metrics from the answers. Reads the sample. */
export const profileOf = async (
  subject: MeasureSubject,
  facts: Facts,
): Promise<{ readonly profile: Profile; readonly metrics: readonly Metric[] }> => {
  const metrics: Metric[] = [{ name: 'rows', value: subject.rows }]
  const columns: Profile['columns'][number][] = []
  const samples = await readSample(subject)
  for (const column of subject.columns) {
    const sample = samples.get(column.name)
    const values = valuesOf(subject, column, facts)
    const counts = countsOf(subject, column, facts, values, sample)
    for (const [name, value] of Object.entries(counts)) metrics.push({ column: column.name, name, value })
    columns.push({ name: column.name, type: column.type, ...counts, ...values, ...sampledValues(sample) })
  }
  return { profile: { rows: subject.rows, columns }, metrics }
}

/** Minima, means, lengths and the like. */
const valuesOf = (subject: MeasureSubject, column: MeasuredColumn, facts: Facts): Record<string, unknown> => {
  const bounds = subject.statistics.get(column.name)?.bounds
  const values: Record<string, unknown> = bounds === undefined ? {} : { min: plain(bounds.min), max: plain(bounds.max) }
  for (const { name, sql } of columnAsks(subject, column)) {
    const fact = facts(sql)
    if (fact.ok) values[name] = plain(fact.value)
  }
  return values
}

/** The numbers of a column that say nothing of its values. */
const countsOf = (
  subject: MeasureSubject,
  column: MeasuredColumn,
  facts: Facts,
  values: Readonly<Record<string, unknown>>,
  sample: SampledColumn | undefined,
): Record<string, number> => {
  const { rows } = subject
  const counted = facts(filledOf(column))
  const nulls = subject.statistics.get(column.name)?.nulls ?? (counted.ok ? rows - numberOf(counted.value) : undefined)
  if (nulls === undefined) return {}
  const counts: Record<string, number> = { nulls, null_rate: rows === 0 ? 0 : nulls / rows }
  const distinct = distinctCount(subject, column)
  const answer = facts(distinct.sql)
  if (answer.ok) {
    const longest = column.kind === 'text' ? Number(values.max_length) * characterBytes : 0
    const seen = longest <= sampledTextMax ? sample?.seen : undefined
    counts.distinct_approx = estimateDistinct(distinct, numberOf(answer.value), rows - nulls, seen)
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
