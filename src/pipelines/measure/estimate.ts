/** What of a profile is estimated: distinct values, quantiles, frequent values. From all rows, or from what was kept of them and what has changed. */
import type { MeasuredColumn } from './column.ts'
import { bitmapOf, bitmapSql, cellOf, type DistinctCount, distinctSql } from './distinct.ts'
import { askAll, type Facts, factsTable } from './facts.ts'
import { numberOf } from './keys.ts'
import type { Estimates, Sketch } from './memory.ts'
import type { OpenParts } from './parts.ts'
import { keepSample, mergeSample, openSample, readSample, type SampledColumn, sampleOf, seesAllOf } from './sample.ts'
import type { MeasureSubject } from './subject.ts'

export interface ColumnEstimate {
  readonly distinct?: DistinctCount
  readonly sample?: SampledColumn
}

export interface Estimated {
  readonly columns: ReadonlyMap<string, ColumnEstimate>
  /** For the next measuring; absent where there are so few rows that it reads them all. */
  readonly memory?: Estimates
}

/** Cells that are set, of a sketch that is kept: an error of 2 to 3 in 100. */
const sketchMax = 2 ** 11
/** Cells that are looked at for it. */
const cellsMax = 2 ** 21
/** What is kept stands for the rows until they have doubled, or a quarter of them has gone. */
const growthMax = 2
const goneMax = 1 / 4

/** What is asked of all rows, and what has to be kept of the answer, for `wholeEstimates`. */
export const wholeAsks = (
  subject: MeasureSubject,
): { readonly asks: string[]; readonly keep: Record<string, string> } => {
  const sample = sampleOf(subject)
  const keep: Record<string, string> = sample === undefined ? {} : { sample }
  for (const [index, column] of subject.columns.entries()) {
    const bitmap = bitmapSql(subject, column)
    if (bitmap !== undefined) keep[`b${index}`] = bitmap
  }
  const asked = subject.columns.filter(it => !seesAllOf(subject, it))
  return { asks: asked.map(it => distinctSql(subject, it)), keep }
}

export const wholeEstimates = async (subject: MeasureSubject, facts: Facts): Promise<Estimated> => {
  const { session, table, rows } = subject
  const bitmap = bitmapOf(rows)
  const sample = await openSample(subject)
  const samples = await readSample(subject, sample)
  const distinct = new Map<string, DistinctCount>()
  for (const column of subject.columns) {
    const seen = seesAllOf(subject, column) ? samples.get(column.name)?.seen.distinct : undefined
    const fact = seen === undefined ? facts(distinctSql(subject, column)) : { ok: true as const, value: seen }
    if (!fact.ok) continue
    const set = numberOf(fact.value)
    const cells =
      seen !== undefined || bitmap === undefined ? {} : { bitmap: { cells: 2 ** bitmap.power, every: bitmap.every } }
    distinct.set(column.name, { set, ...cells })
  }
  const columns = await joined(subject, distinct, samples)
  const isKept = bitmap !== undefined && sample?.mask !== undefined
  const memory = isKept
    ? {
        wholeRows: rows,
        goneRows: 0,
        sketches: await sketchesOf(subject, bitmap, distinct),
        sample: await keepSample(subject, sample),
      }
    : undefined
  if (sample?.mask !== undefined) await session.run(`drop table ${sample.table}`)
  if (bitmap !== undefined || sample?.mask !== undefined) await session.run(`drop table if exists ${factsTable(table)}`)
  return memory === undefined ? { columns } : { columns, memory }
}

/** Whether what was kept stands for the rows that there are now. */
export const stillStands = (kept: Estimates | undefined, parts: OpenParts, rows: number): kept is Estimates =>
  kept !== undefined &&
  rows <= growthMax * kept.wholeRows &&
  goneOf(kept, parts) <= goneMax * kept.wholeRows &&
  bitmapOf(rows) !== undefined

const goneOf = (kept: Estimates, { memory, old }: OpenParts): number => kept.goneRows + memory.rows - old.rows

export const partEstimates = async (subject: MeasureSubject, parts: OpenParts, kept: Estimates): Promise<Estimated> => {
  const { session } = subject
  const sketches = await addCells(subject, parts.fresh, kept.sketches)
  const distinct = new Map<string, DistinctCount>(
    Object.entries(sketches).map(([name, { power, every, cells, set }]) => [
      name,
      { set: set.length, bitmap: { cells, every: (every * 2 ** power) / cells } },
    ]),
  )
  const sample = await mergeSample(subject, kept.sample, parts.fresh.table, parts.gone?.table)
  const columns = await joined(subject, distinct, await readSample(subject, sample))
  const memory = {
    wholeRows: kept.wholeRows,
    goneRows: goneOf(kept, parts),
    sketches,
    sample: await keepSample(subject, sample),
  }
  await session.run(`drop table ${sample.table}`)
  return { columns, memory }
}

const joined = async (
  subject: MeasureSubject,
  distinct: ReadonlyMap<string, DistinctCount>,
  samples: ReadonlyMap<string, SampledColumn>,
): Promise<ReadonlyMap<string, ColumnEstimate>> =>
  new Map(
    subject.columns.map(({ name }) => {
      const [count, sample] = [distinct.get(name), samples.get(name)]
      return [
        name,
        { ...(count === undefined ? {} : { distinct: count }), ...(sample === undefined ? {} : { sample }) },
      ]
    }),
  )

/** Of each bitmap the first cells, as many as hold what is kept: values are spread evenly over the cells (Wegman's adaptive sampling, Flajolet 1990). */
const sketchesOf = async (
  { session, table, columns }: MeasureSubject,
  { power, every }: { readonly power: number; readonly every: number },
  distinct: ReadonlyMap<string, DistinctCount>,
): Promise<Record<string, Sketch>> => {
  const kept = columns.flatMap(({ name }, index) => {
    const set = distinct.get(name)?.set
    if (set === undefined) return []
    const surplus = Math.max(0, Math.ceil(Math.log2(set / sketchMax)))
    const cells = Math.min(cellsMax, 2 ** (power - surplus))
    return [{ name, cells, sql: `left(b${index}::varchar, ${cells}) as f${index}`, field: `f${index}` }]
  })
  if (kept.length === 0) return {}
  const [row] = await session.rows(`select ${kept.map(it => it.sql).join(', ')} from ${factsTable(table)}`)
  return Object.fromEntries(
    kept.map(({ name, cells, field }) => [name, { power, every, cells, set: setIn(String(row?.[field] ?? '')) }]),
  )
}

/** Where the ones of a text of bits are. */
const setIn = (bits: string): number[] => {
  const set: number[] = []
  for (let at = bits.indexOf('1'); at >= 0; at = bits.indexOf('1', at + 1)) set.push(at)
  return set
}

const addCells = async (
  subject: MeasureSubject,
  fresh: MeasureSubject,
  sketches: Readonly<Record<string, Sketch>>,
): Promise<Record<string, Sketch>> => {
  const asked = subject.columns.flatMap(column => {
    const sketch = sketches[column.name]
    return sketch === undefined ? [] : [{ name: column.name, sketch, sql: freshCells(column, sketch) }]
  })
  const facts = await askAll(fresh.session, fresh.table, new Set(asked.map(it => it.sql)))
  return Object.fromEntries(
    asked.map(({ name, sketch, sql }) => {
      const fact = facts(sql)
      const more = fact.ok && Array.isArray(fact.value) ? fact.value.map(Number) : []
      return [name, thinned({ ...sketch, set: [...new Set([...sketch.set, ...more])] })]
    }),
  )
}

const freshCells = (column: MeasuredColumn, { power, every, cells }: Sketch): string => {
  const cell = cellOf(column, power)
  const chosen = every === 1 ? '' : ` and (hash(${column.sql}) & ${every - 1}) = 0`
  return `list_distinct(list(${cell}) filter (where ${column.sql} is not null${chosen} and ${cell} < ${cells}))`
}

const thinned = (sketch: Sketch): Sketch => {
  let { cells, set } = sketch
  while (set.length > sketchMax) {
    cells /= 2
    const below = cells
    set = set.filter(it => it < below)
  }
  return { ...sketch, cells, set }
}
