/** Operations of this slice: data.query, data.export. */
import { z } from 'zod'
import { assert, type OperationContext, operation } from '../base/index.ts'
import type { ColumnType } from '../engine/index.ts'
import type { ReadDataset } from './audit.ts'
import { jsonRow, writeFileWhole, writeRows } from './formats.ts'
import { type ReadParts, type ReadRequest, read, readParquet } from './read.ts'
import type { JsonValue } from './values.ts'

export interface Answer {
  readonly columns: readonly ColumnType[]
  readonly rows: readonly (readonly JsonValue[])[]
  readonly rowCount: number
  /** True where the limit cut the answer. */
  readonly truncated: boolean
  readonly datasets: readonly ReadDataset[]
}

export interface QueryingParts {
  reads(): Promise<ReadParts>
}

export const queryOperation = operation({
  name: 'data.query',
  effect: 'read',
  permission: 'data.read',
  summary: 'Answers one SELECT over what is published.',
  input: z.object({ sql: z.string(), at: z.string().optional(), limit: z.number().int().min(0).optional() }),
  async run(context: OperationContext<QueryingParts>, input): Promise<Answer> {
    const parts = await context.parts.reads()
    const reading = await read(parts, requestOf(context, input))
    const rows: JsonValue[][] = []
    const limit = input.limit ?? parts.limits.queryRowsMax
    let truncated = false
    for await (const batch of reading.batches()) {
      const taken = Math.min(batch.rows, limit - rows.length)
      for (let row = 0; row < taken; row++) rows.push(jsonRow(batch, row))
      truncated = taken < batch.rows
      if (truncated) break
    }
    return { columns: reading.columns, rows, rowCount: rows.length, truncated, datasets: reading.datasets }
  },
})

const exportInput = z.object({
  sql: z.string(),
  at: z.string().optional(),
  limit: z.number().int().min(0).optional(),
  format: z.enum(['csv', 'json', 'ndjson', 'parquet']),
  /** An absolute path; absent, the rows go to the output as they come, which Parquet cannot. */
  file: z.string().optional(),
})

export const exportOperation = operation({
  name: 'data.export',
  effect: 'read',
  permission: 'data.read',
  summary: 'Writes the answer to one SELECT as CSV, JSON, NDJSON or Parquet, without holding it.',
  input: exportInput,
  async run(
    context: OperationContext<QueryingParts>,
    input,
  ): Promise<{ readonly rows: number; readonly truncated: boolean }> {
    const parts = await context.parts.reads()
    const { format, file, limit } = input
    const request = requestOf(context, input)
    if (format === 'parquet') {
      assert(file !== undefined, 'Parquet goes to a file')
      return { rows: (await readParquet(parts, request, file)).rows, truncated: false }
    }
    const reading = await read(parts, request)
    const options = limit === undefined ? {} : { rowsMax: limit }
    return file === undefined
      ? writeRows(reading, format, context.output ?? process.stdout, options)
      : writeFileWhole(file, sink => writeRows(reading, format, sink, options))
  },
})

/** A request of the command line. */
const requestOf = (
  { principal, purpose, signal }: OperationContext<unknown>,
  input: { readonly sql: string; readonly at?: string | undefined },
): ReadRequest => ({
  sql: input.sql,
  principal,
  purpose,
  exit: 'cli',
  signal,
  ...(input.at === undefined ? {} : { at: input.at }),
})
