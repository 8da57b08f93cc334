/** Lines of sources that are no rows: kept beside the data, counted, and judged by the threshold of the pipeline. */
import { join } from 'node:path'
import { plainPlace } from '../../base/index.ts'
import type { Dataset, DatasetPipeline, Partition } from '../../domain/index.ts'
import { quoteText, type Session } from '../../engine/index.ts'
import type { ManifestSource } from '../../storage/index.ts'
import type { CheckResult, Measured } from '../measure/index.ts'
import { lateRows } from './late.ts'
import type { SourceTable } from './source-table.ts'
import type { PartitionName } from './table.ts'

export interface Rejects {
  readonly rows: number
  readonly lines: number
  readonly sources: readonly ManifestSource[]
  /** Parquet in the run's scratch folder; absent where there is none. */
  readonly path?: string
}

export interface RejectsInput {
  readonly session: Session
  /** What the dataset reads, and by what it is divided. */
  readonly sources: readonly { readonly table: SourceTable; readonly by?: Partition | undefined }[]
  /** Closed partitions for which something arrived. */
  readonly late: readonly PartitionName[]
  readonly built: ReadonlySet<PartitionName>
  /** The snapshot before: absolute path of its rejects, and its sources. */
  readonly before: { readonly path?: string | undefined; readonly sources: readonly ManifestSource[] }
  readonly folder: string
}

/** Those of files that were read now, and of the snapshot before those of files that are still the same. */
export const gatherRejects = async (input: RejectsInput): Promise<Rejects> => {
  const { session, late, built, before, folder } = input
  const manifests: ManifestSource[] = []
  const fresh: string[] = []
  for (const { table, by } of input.sources) {
    const closed =
      by === undefined
        ? undefined
        : await lateRows({ session, source: table, by, late, built, before: before.sources, folder })
    manifests.push(table.manifest(by, closed?.files))
    fresh.push(...table.batches().flatMap(it => it.landed.rejects.map(one => one.path)), ...(closed?.paths ?? []))
  }
  const files = manifests.flatMap(it => it.files)
  const rows = files.reduce((sum, file) => sum + (file.rejects ?? 0) + (file.late?.rows ?? 0), 0)
  const lines = files.reduce((sum, file) => sum + file.lines, 0)
  const untouched = input.sources.flatMap(source => source.table.untouched())
  const selects = [
    ...(fresh.length === 0 ? [] : [`select * from read_parquet([${fresh.map(quoteText).join(', ')}])`]),
    ...(before.path === undefined || untouched.length === 0
      ? []
      : [
          `select * from read_parquet(${quoteText(before.path)}) where uri in (${untouched.map(quoteText).join(', ')})`,
        ]),
  ]
  if (rows === 0 || selects.length === 0) return { rows, lines, sources: manifests }
  const path = join(folder, 'rejects.parquet')
  await session.run(
    `copy (select * from (${selects.join(' union all ')}) order by uri, line) to ${quoteText(path)} (format parquet, compression zstd)`,
  )
  return { rows, lines, path, sources: manifests }
}

/** The verdict on rejects: a threshold that is broken stops publication; without one, rejects are a warning. Undefined where there are none and nothing was asked. */
export const rejectsCheck = (
  dataset: Dataset,
  pipeline: DatasetPipeline | undefined,
  { rows, lines }: Pick<Rejects, 'rows' | 'lines'>,
): CheckResult | undefined => {
  const atMost = pipeline?.rejectsAtMost
  if (atMost === undefined && rows === 0) return undefined
  const limit =
    atMost === undefined ? 0 : atMost.endsWith('%') ? (lines * Number.parseFloat(atMost)) / 100 : Number(atMost)
  return {
    ...plainPlace(dataset.place),
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
