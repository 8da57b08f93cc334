/** Lines of sources that are no rows: kept beside the data, counted, and judged by the threshold of the pipeline. */
import { join } from 'node:path'
import type { Dataset, DatasetPipeline } from '../../domain/index.ts'
import { quoteText, type Session } from '../../engine/index.ts'
import type { CheckResult, Measured } from '../measure/index.ts'
import type { SourceTable } from './source-table.ts'

export interface Rejects {
  readonly rows: number
  readonly lines: number
  /** Parquet in the run's scratch folder; absent where there is none. */
  readonly path?: string
}

/** Those of files that were read now, and of the snapshot before those of files that are still the same. */
export const gatherRejects = async (
  session: Session,
  sources: readonly SourceTable[],
  /** Absolute path of the rejects of the snapshot before. */
  before: string | undefined,
  folder: string,
): Promise<Rejects> => {
  const files = sources.flatMap(source => source.manifest(undefined).files)
  const rows = files.reduce((sum, file) => sum + (file.rejects ?? 0), 0)
  const lines = files.reduce((sum, file) => sum + file.lines, 0)
  if (rows === 0) return { rows, lines }
  const fresh = sources.flatMap(source => source.landings().flatMap(it => it.rejects.map(one => one.path)))
  const untouched = sources.flatMap(source => source.untouched())
  const selects = [
    ...(fresh.length === 0 ? [] : [`select * from read_parquet([${fresh.map(quoteText).join(', ')}])`]),
    ...(before === undefined || untouched.length === 0
      ? []
      : [`select * from read_parquet(${quoteText(before)}) where uri in (${untouched.map(quoteText).join(', ')})`]),
  ]
  if (selects.length === 0) return { rows, lines }
  const path = join(folder, 'rejects.parquet')
  await session.run(
    `copy (select * from (${selects.join(' union all ')}) order by uri, line) to ${quoteText(path)} (format parquet, compression zstd)`,
  )
  return { rows, lines, path }
}

/** The verdict on rejects: a threshold that is broken stops publication; without one, rejects are a warning. Undefined where there are none and nothing was asked. */
export const rejectsCheck = (
  dataset: Dataset,
  pipeline: DatasetPipeline | undefined,
  { rows, lines }: Rejects,
): CheckResult | undefined => {
  const atMost = pipeline?.rejectsAtMost
  if (atMost === undefined && rows === 0) return undefined
  const limit =
    atMost === undefined ? 0 : atMost.endsWith('%') ? (lines * Number.parseFloat(atMost)) / 100 : Number(atMost)
  return {
    ...dataset.place,
    dataset: dataset.subject,
    check: 'rejects',
    kind: 'rejects',
    dimension: 'conformity',
    severity: atMost === undefined ? 'warning' : 'error',
    state: rows <= limit ? 'passed' : 'failed',
    found: `${rows} of ${lines} lines are no rows`,
    expected: `at most ${atMost ?? '0'}`,
    rowsFailed: rows,
    rows: lines,
  }
}

/** The verdict on what did not become rows stands with those on the rows. */
export const withCheck = (measured: Measured, check: CheckResult): Measured => ({
  ...measured,
  measurement: {
    ...measured.measurement,
    checks: [...measured.measurement.checks, check],
    metrics: [...measured.measurement.metrics, { name: 'rejects', value: check.rowsFailed ?? 0 }],
  },
})
