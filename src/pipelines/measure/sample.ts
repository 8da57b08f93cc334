/** Rows that stand for all: quantiles, deviations and frequent values come from them. */
import { quoteText, type Value } from '../../engine/index.ts'
import { finite, isNumber, isOrdered, type MeasuredColumn } from './column.ts'
import type { SeenValues } from './distinct.ts'
import { factsTable } from './facts.ts'
import { numberOf } from './keys.ts'
import type { Estimates } from './memory.ts'
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
/** Of the sample that is kept for the next measuring. */
const keptCells = 2 ** 15
const keptRowsMin = 2 ** 8
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

/** What chooses the rows of the sample: their hash, of which no bit of the mask is set. */
const hashOf = (kept: readonly MeasuredColumn[]): string =>
  kept
    .slice(0, hashedColumns)
    .map(it => `hash(${it.sql})`)
    .reduce((all, one) => `xor(${all}, ${one})`)

const maskOf = (rows: number, kept: readonly MeasuredColumn[]): number =>
  2 ** Math.floor(Math.log2(rows / sampleRows(kept.length))) - 1

/** Whether the dataset is its own sample, with this column in it: what the sample tells of it is exact. */
export const seesAllOf = (subject: MeasureSubject, column: MeasuredColumn): boolean => {
  const kept = sampledColumns(subject)
  return kept.includes(column) && subject.rows > 0 && subject.rows <= sampleRows(kept.length)
}

/** The list aggregate that keeps the sample's rows; undefined where the rows themselves are few enough. */
export const sampleOf = (subject: MeasureSubject): string | undefined => {
  const kept = sampledColumns(subject)
  if (subject.rows <= sampleRows(kept.length) || kept.length === 0) return undefined
  const fields = kept.map((column, index) => `c${index}: ${sampledValue(column)}`)
  const hash = hashOf(kept)
  return `list({h: ${hash}, ${fields.join(', ')}}) filter (where (${hash} & ${maskOf(subject.rows, kept)}) = 0)`
}

const sampledValue = (column: MeasuredColumn): string =>
  column.kind === 'text' ? `case when strlen(${column.sql}) <= ${sampledTextMax} then ${column.sql} end` : column.sql

/** Rows that stand for all: of a part of them, in a table of its own, `h` is the hash of each, and the mask is what chose them. */
export type Sample =
  | { readonly table: string; readonly mask: number }
  /** The dataset itself, as a SELECT. */
  | { readonly table: string; readonly mask?: undefined }

const sampleTable = (subject: MeasureSubject): string => `${subject.table}_sample`

/** The sample that `sampleOf` has kept in the table of facts, or all rows where they are few; undefined where there is nothing to sample. */
export const openSample = async (subject: MeasureSubject): Promise<Sample | undefined> => {
  const kept = sampledColumns(subject)
  if (kept.length === 0 || subject.rows === 0) return undefined
  if (sampleOf(subject) === undefined) {
    const values = kept.map((column, index) => `${column.sql} as c${index}`)
    return { table: `(select ${values.join(', ')} from ${subject.table})` }
  }
  const table = sampleTable(subject)
  const rows = `select row.* from (select unnest(sample) as row from ${factsTable(subject.table)})`
  await subject.session.run(`create or replace temp table ${table} as ${rows}`)
  return { table, mask: maskOf(subject.rows, kept) }
}

/** Rows of a sample as it is kept for the next measuring, few enough to be read and written each time. */
export const keepSample = async (
  subject: MeasureSubject,
  sample: Sample & { readonly mask: number },
): Promise<Estimates['sample']> => {
  const { session } = subject
  const kept = sampledColumns(subject)
  const rowsMax = Math.max(keptRowsMin, Math.floor(keptCells / kept.length))
  let { mask } = sample
  const countAt = async (): Promise<number> => {
    const [row] = await session.rows(`select count(*) as n from ${sample.table} where (h & ${mask}) = 0`)
    return numberOf(row?.n ?? 0)
  }
  while ((await countAt()) > rowsMax) mask = mask * 2 + 1
  const texts = ['h', ...kept.map((_, index) => `c${index}`)].map(it => `${it}::varchar`)
  const [row] = await session.rows(
    `select to_json(coalesce(list([${texts.join(', ')}]), []))::varchar as rows from ${sample.table} where (h & ${mask}) = 0`,
  )
  const rows: (string | null)[][] = JSON.parse(String(row?.rows))
  return { mask, rows }
}

/** A sample that was kept, without what has gone and with what has come. */
export const mergeSample = async (
  subject: MeasureSubject,
  before: Estimates['sample'],
  fresh: string,
  gone: string | undefined,
): Promise<Sample & { readonly mask: number }> => {
  const { session } = subject
  const kept = sampledColumns(subject)
  const table = sampleTable(subject)
  const values = kept.map((column, index) => `r[${index + 2}]::${column.type} as c${index}`)
  const text = quoteText(JSON.stringify(before.rows))
  await session.run(
    `create or replace temp table ${table} as select r[1]::ubigint as h, ${values.join(', ')} from (select unnest(from_json(${text}, '[["VARCHAR"]]')) as r)`,
  )
  const hash = hashOf(kept)
  if (gone !== undefined) await session.run(`delete from ${table} where h in (select ${hash} from ${gone})`)
  const come = kept.map((column, index) => `${sampledValue(column)} as c${index}`)
  await session.run(
    `insert into ${table} select ${hash} as h, ${come.join(', ')} from ${fresh} where (${hash} & ${before.mask}) = 0`,
  )
  return { table, mask: before.mask }
}

/** What the sample tells, by column. */
export const readSample = async (
  subject: MeasureSubject,
  sample: Sample | undefined,
): Promise<ReadonlyMap<string, SampledColumn>> => {
  const kept = sampledColumns(subject)
  const found = new Map<string, SampledColumn>()
  if (sample === undefined) return found
  const { table } = sample
  for (let from = 0; from < kept.length; from += columnsPerStatement) {
    const part = kept
      .slice(from, from + columnsPerStatement)
      .map((column, index) => ({ column, x: `c${from + index}` }))
    const spread = await readSpread(subject, table, part)
    const rows = numberOf(spread.n ?? 0)
    const frequent = await readFrequent(subject, table, part, rows)
    for (const { column, x } of part) {
      const values = spread[`q_${x}`]
      const deviation = spread[`dev_${x}`]
      found.set(column.name, {
        ...(Array.isArray(values)
          ? { quantiles: Object.fromEntries(quantiles.map((q, at) => [`p${q}`, values[at] ?? null])) }
          : {}),
        ...(deviation === undefined ? {} : { deviation }),
        ...(frequent.get(x) ?? { topValues: [], seen: { distinct: 0, once: 0 } }),
        ...(sample.mask === undefined ? {} : { sampledRows: rows }),
      })
    }
  }
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
  rows: number,
): Promise<ReadonlyMap<string, Pick<SampledColumn, 'topValues' | 'seen'>>> => {
  const selects = part.map(({ column, x }) => {
    const isFrequent = column.kind === 'text' ? `n > 1 and strlen(v) <= ${sampledTextMax}` : 'n > 1'
    return `select '${x}' as x, count(*) as distinct_values, count_if(n = 1) as once, max({n: n, v: v::varchar}, ${topMax}) filter (where ${isFrequent}) as top from (select ${x} as v, count(*) as n from ${sample} where ${x} is not null group by ${x})`
  })
  const found = await session.rows(selects.join(' union all '))
  return new Map(
    found.map(row => {
      const top = Array.isArray(row.top) ? row.top.flatMap(it => frequentOf(it, rows)) : []
      const seen = { distinct: numberOf(row.distinct_values ?? 0), once: numberOf(row.once ?? 0) }
      return [String(row.x), { topValues: top, seen }] as const
    }),
  )
}

const frequentOf = (entry: unknown, rows: number): { readonly value: string; readonly share: number }[] =>
  typeof entry === 'object' && entry !== null && 'n' in entry && 'v' in entry
    ? [{ value: String(entry.v), share: Number(entry.n) / rows }]
    : []
