/** Rows that stand for all: quantiles, deviations and frequent values come from them. */
import type { Value } from '../../engine/index.ts'
import { finite, isNumber, isOrdered, type MeasuredColumn } from './column.ts'
import type { SeenValues } from './distinct.ts'
import { numberOf } from './keys.ts'
import type { MeasureSubject } from './subject.ts'

export interface SampledColumn {
  /** Of the sample's values, or of all where `sampledRows` is absent: by name, `p5` to `p95`. Numbers, dates and instants only. */
  readonly quantiles?: Readonly<Record<string, Value>>
  /** Standard deviation, of numbers. */
  readonly deviation?: Value
  /** Values that more than one row has, as texts, with their share of the rows. */
  readonly topValues: readonly { readonly value: string; readonly share: number }[]
  readonly sampledRows?: number
  readonly seen: SeenValues
}

/** A dataset of at most so many rows is its own sample; of a larger one so many to twice as many are chosen by the hash of the row. */
const sampleRowsMax = 2 ** 14
const sampleRowsMin = 2 ** 10
/** Many columns have fewer rows each, so that a sample of long texts stays small. */
const sampleCells = 2 ** 20
/** Columns whose hashes choose the sample: more would cost and change nothing. */
const hashedColumns = 8
/** Bytes of a text. Longer ones are no frequent values, and would make the sample large. */
export const sampledTextMax = 200
const topMax = 10
const columnsPerStatement = 50
const quantiles = [5, 25, 50, 75, 95]

const sampledColumns = (subject: MeasureSubject): MeasuredColumn[] =>
  subject.columns.filter(it => isOrdered(it) || it.kind === 'boolean')

const sampleRows = (columns: number): number =>
  Math.min(sampleRowsMax, Math.max(sampleRowsMin, Math.floor(sampleCells / columns)))

/** The list aggregate that keeps the sample's rows; undefined where the rows themselves are few enough. */
export const sampleOf = (subject: MeasureSubject): string | undefined => {
  const kept = sampledColumns(subject)
  if (subject.rows <= sampleRows(kept.length) || kept.length === 0) return undefined
  const fields = kept.map((column, index) => `c${index}: ${sampledValue(column)}`)
  const hash = kept
    .slice(0, hashedColumns)
    .map(it => `hash(${it.sql})`)
    .reduce((all, one) => `xor(${all}, ${one})`)
  const mask = 2 ** Math.floor(Math.log2(subject.rows / sampleRows(kept.length))) - 1
  return `list({${fields.join(', ')}}) filter (where (${hash} & ${mask}) = 0)`
}

const sampledValue = (column: MeasuredColumn): string =>
  column.kind === 'text' ? `case when strlen(${column.sql}) <= ${sampledTextMax} then ${column.sql} end` : column.sql

/** What the sample tells, by column. Where `sampleOf` gave an aggregate, the table of facts holds its answer; it is dropped. */
export const readSample = async (subject: MeasureSubject): Promise<ReadonlyMap<string, SampledColumn>> => {
  const { session, table } = subject
  const kept = sampledColumns(subject)
  if (kept.length === 0 || subject.rows === 0) return new Map()
  const isPart = sampleOf(subject) !== undefined
  const name = `${table}_sample`
  const source = isPart
    ? `select row.* from (select unnest(sample) as row from ${table}_facts)`
    : `select ${kept.map((column, index) => `${sampledValue(column)} as c${index}`).join(', ')} from ${table}`
  await session.run(`create or replace temp table ${name} as ${source}`)
  const found = new Map<string, SampledColumn>()
  for (let from = 0; from < kept.length; from += columnsPerStatement) {
    const part = kept
      .slice(from, from + columnsPerStatement)
      .map((column, index) => ({ column, x: `c${from + index}` }))
    const spread = await readSpread(subject, name, part)
    const frequent = await readFrequent(subject, name, part)
    for (const { column, x } of part) {
      const values = spread[`q_${x}`]
      const deviation = spread[`dev_${x}`]
      found.set(column.name, {
        ...(Array.isArray(values)
          ? { quantiles: Object.fromEntries(quantiles.map((q, at) => [`p${q}`, values[at] ?? null])) }
          : {}),
        ...(deviation === undefined ? {} : { deviation }),
        ...(frequent.get(x) ?? { topValues: [], seen: { distinct: 0, once: 0 } }),
        ...(isPart ? { sampledRows: numberOf(spread.n ?? 0) } : {}),
      })
    }
  }
  await session.run(`drop table ${name}`)
  if (isPart) await session.run(`drop table ${table}_facts`)
  return found
}

interface Part {
  readonly column: MeasuredColumn
  readonly x: string
}

/** Quantiles and deviations of all columns, and the number of rows as `n`. */
const readSpread = async (
  { session }: MeasureSubject,
  sample: string,
  part: readonly Part[],
): Promise<Readonly<Record<string, Value>>> => {
  const shares = quantiles.map(q => q / 100).join(', ')
  const asks = part.flatMap(({ column, x }) => [
    ...(isOrdered(column) && column.kind !== 'text' ? [`quantile_disc(${x}, [${shares}]) as q_${x}`] : []),
    ...(isNumber(column) ? [`stddev_samp(${finite(column, x)}) as dev_${x}`] : []),
  ])
  const [row = {}] = await session.rows(`select ${['count(*) as n', ...asks].join(', ')} from ${sample}`)
  return row
}

/** The most frequent values of each column, how many values there are, and how many only one row has. */
const readFrequent = async (
  { session }: MeasureSubject,
  sample: string,
  part: readonly Part[],
): Promise<ReadonlyMap<string, Pick<SampledColumn, 'topValues' | 'seen'>>> => {
  const selects = part.map(
    ({ x }) =>
      `select '${x}' as x, count(*) as distinct_values, count_if(n = 1) as once, max({n: n, v: v::varchar}, ${topMax}) filter (where n > 1) as top from (select ${x} as v, count(*) as n from ${sample} where ${x} is not null group by ${x})`,
  )
  const rows = await session.rows(
    `select *, (select count(*) from ${sample}) as n from (${selects.join(' union all ')})`,
  )
  return new Map(
    rows.map(row => {
      const top = Array.isArray(row.top) ? row.top.flatMap(it => frequentOf(it, numberOf(row.n ?? 0))) : []
      const seen = { distinct: numberOf(row.distinct_values ?? 0), once: numberOf(row.once ?? 0) }
      return [String(row.x), { topValues: top, seen }] as const
    }),
  )
}

const frequentOf = (entry: unknown, rows: number): { readonly value: string; readonly share: number }[] =>
  typeof entry === 'object' && entry !== null && 'n' in entry && 'v' in entry
    ? [{ value: String(entry.v), share: Number(entry.n) / rows }]
    : []
