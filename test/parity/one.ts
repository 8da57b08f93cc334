/** Shorthand for cases: one column `a` with its values, or one file. */
import type { CaseDataset, CheckCase, Format, Property } from './case.ts'
import { rowsOf } from './standard.ts'

export type Body = Readonly<Record<string, unknown>>

export interface One {
  readonly property: Property
  readonly type: string
  readonly values: readonly string[]
  readonly fails?: readonly string[]
  readonly format?: Format
  readonly quality?: readonly Body[]
}

export const number: Property = { name: 'n', logicalType: 'integer' }

export const one = (name: string, it: One): CheckCase => ({
  name,
  format: it.format ?? 'parquet',
  datasets: {
    rows: {
      properties: [number, { name: 'a', ...it.property }],
      ...(it.quality === undefined ? {} : { quality: it.quality }),
      rows: rowsOf(it.values, it.type),
    },
  },
  fails: it.fails ?? [],
})

export const text = (options: Body, more: Body = {}): Property => ({
  logicalType: 'string',
  logicalTypeOptions: options,
  ...more,
})
export const check = (it: Body, of: Property = { logicalType: 'string' }): Property => ({
  ...of,
  quality: [{ id: 'check', ...it }],
})
export const file = (name: string, format: Format, dataset: CaseDataset, fails: readonly string[] = []): CheckCase => ({
  name,
  format,
  datasets: { rows: dataset },
  fails,
})
