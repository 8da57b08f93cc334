/** What a product's content follows from: equal keys, equal rows. Pure. */
import { hashValue } from '../base/index.ts'
import type { Product } from '../domain/index.ts'
import { momentPattern } from '../sql/index.ts'
import { horizonsOf, type RowsKept } from './incremental/left-out.ts'
import { columnsRead } from './sources/source.ts'

/** One input as it was when it was read: a source's files or a port's snapshots, as one hash. */
export interface InputFingerprint {
  readonly input: string
  readonly fingerprint: string
}

/** Hash of the files of a source: names, sizes and times of change. */
export const sourceFingerprint = (files: readonly { readonly uri: string; readonly etag: string }[]): string =>
  hashValue(files.map(file => [file.uri, file.etag]))

/** Hash of the snapshots that a port serves. */
export const portFingerprint = (
  snapshots: readonly { readonly dataset: string; readonly snapshot: string }[],
): string => hashValue([...snapshots].map(it => [it.dataset, it.snapshot]).sort())

/**
 * Models, contracts (columns and rules), partitions, up to when rows are too old, the inputs and the engine's major version in one hash.
 * Descriptions are no part of it: they change no row and no verdict.
 */
export const buildKey = (
  product: Product,
  inputs: readonly InputFingerprint[],
  engine: { readonly name: string; readonly version: string },
  now: Date,
  keepRows: (dataset: string) => readonly RowsKept[],
): string =>
  hashValue({
    // A model that asks what day it is has another answer on the next one.
    ...(product.models.some(model => momentPattern.test(model.text)) ? { on: now.toISOString().slice(0, 10) } : {}),
    engine: `${engine.name} ${engine.version.split('.').slice(0, 2).join('.')}`,
    inputs: [...inputs].sort((a, b) => a.input.localeCompare(b.input)),
    models: product.models.map(model => [model.dataset, model.hash]).sort(),
    datasets: product.outputs.flatMap(port =>
      port.datasets.map(dataset => ({
        subject: dataset.subject,
        columns: dataset.columns.map(({ name, id, type, nullable }) => ({ name, id, type, nullable })),
        rules: dataset.rules.map(({ id, severity, test }) => ({ id, severity, test })),
        pipeline: product.datasets[dataset.subject],
        ...leftOutBefore(keepRows(dataset.subject), now),
      })),
    ),
    sources: product.inputs.flatMap(input =>
      input.target.kind === 'source'
        ? input.target.datasets.map(dataset => ({
            name: dataset.name,
            columns: columnsRead(dataset.columns),
            read:
              input.target.kind === 'source' ? input.target.contract.servers.map(it => [it.format, it.options]) : [],
          }))
        : [],
    ),
  })

const leftOutBefore = (rules: readonly RowsKept[], now: Date): { readonly leftOutBefore?: readonly string[] } => {
  const horizons = horizonsOf(rules, now.getTime())
  return horizons.length === 0 ? {} : { leftOutBefore: horizons.map(it => `${it.by} ${it.before}`) }
}
