/** What a product's content follows from: equal keys, equal rows. Pure. */
import { hashValue } from '../base/index.ts'
import type { OutputPort, Product } from '../domain/index.ts'
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

/** The key of the whole product, which its runs have, and of each port by its subject, which its snapshots have. */
export interface BuildKeys {
  readonly whole: string
  readonly ports: ReadonlyMap<string, string>
}

/** A port's key follows from what its models may read of the product: that another major comes or goes makes it no other. */
export const buildKeys = (product: Product, ...rest: Rest<Parameters<typeof buildKey>>): BuildKeys => {
  const whole = buildKey(product, ...rest)
  const ports = product.outputs.map(port => {
    const reach = reachOf(product, port)
    return [port.subject, reach === product ? whole : buildKey(reach, ...rest)] as const
  })
  return { whole, ports: new Map(ports) }
}

type Rest<Parameters extends readonly unknown[]> = Parameters extends readonly [unknown, ...infer More] ? More : never

/** The product without the datasets that no model and no rule of a port's can mean; itself where that is none. A name that is only mentioned counts as read. */
const reachOf = (product: Product, port: OutputPort): Product => {
  if (product.outputs.length === 1) return product
  const all = product.outputs.flatMap(it => it.datasets.map(dataset => ({ dataset, major: it.major })))
  const byName = new Map(all.map(it => [`${it.major} ${it.dataset.name.toLowerCase()}`, it]))
  const texts = new Map(product.models.map(it => [it.dataset, it.text.toLowerCase()]))
  const reached = new Set(all.filter(it => port.datasets.includes(it.dataset)))
  // What is added while it is walked is visited as well.
  for (const { dataset, major } of reached) {
    const text = `${texts.get(dataset.subject) ?? ''} ${JSON.stringify(dataset.rules.map(it => it.test)).toLowerCase()}`
    for (const other of all) {
      const name = other.dataset.name.toLowerCase()
      if (!text.includes(name) && !name.includes('"')) continue
      const isHidden = other.major !== major && byName.has(`${major} ${name}`)
      if (!isHidden || text.includes(`v${other.major}`)) reached.add(other)
    }
  }
  const subjects = new Set([...reached].map(it => it.dataset.subject))
  return {
    ...product,
    outputs: product.outputs.map(it => ({ ...it, datasets: it.datasets.filter(one => subjects.has(one.subject)) })),
    models: product.models.filter(it => subjects.has(it.dataset)),
  }
}

const leftOutBefore = (rules: readonly RowsKept[], now: Date): { readonly leftOutBefore?: readonly string[] } => {
  const horizons = horizonsOf(rules, now.getTime())
  return horizons.length === 0 ? {} : { leftOutBefore: horizons.map(it => `${it.by} ${it.before}`) }
}
