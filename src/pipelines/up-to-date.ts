/** Which products serve exactly what they would build: told from keys alone, without opening a file of data. */
import { WeftError } from '../base/index.ts'
import type { Mesh, Product } from '../domain/index.ts'
import { type BuildKeys, buildKeys, type InputFingerprint, portFingerprint, sourceFingerprint } from './build-key.ts'
import type { RunParts } from './parts.ts'
import { activeHolds, servedPublications } from './publication-store.ts'
import { type DatasetRun, noChecks } from './run.ts'
import { listSource } from './sources/source.ts'
import { snapshotSizes } from './store.ts'

/** What a port serves, or would after adopting: the snapshots and the keys that they were built with. */
export interface ServedPort {
  readonly seq: number
  readonly datasets: readonly {
    readonly dataset: string
    readonly snapshot: string
    readonly buildKey: string
    readonly rows?: number
    readonly bytes?: number
  }[]
}

/** By the port's subject. `publications` are those that are served, where they were read already. */
export const servedPorts = async (
  { store: { db }, env }: RunParts,
  publications?: Awaited<ReturnType<typeof servedPublications>>,
): Promise<Map<string, ServedPort>> => {
  publications ??= await servedPublications(db, env)
  const ids = [...publications.values()].flatMap(it => it.datasets.map(dataset => dataset.snapshot))
  const sizes = await snapshotSizes(db, ids)
  return new Map(
    [...publications].map(([port, it]) => [
      port,
      {
        seq: it.seq,
        datasets: it.datasets.map(({ dataset, snapshot }) => ({
          dataset,
          snapshot,
          buildKey: sizes.get(snapshot)?.buildKey ?? '',
          rows: sizes.get(snapshot)?.rows ?? 0,
          bytes: sizes.get(snapshot)?.bytes ?? 0,
        })),
      },
    ]),
  )
}

/** By the names of the input ports. Undefined where an input cannot be told now: a run will say what is wrong. */
export const inputFingerprints = async (
  parts: RunParts,
  product: Product,
  served: ReadonlyMap<string, ServedPort>,
): Promise<InputFingerprint[] | undefined> => {
  const found: InputFingerprint[] = []
  for (const input of product.inputs) {
    const { target } = input
    if (target.kind === 'unknown') continue
    if (target.kind === 'port') {
      const port = served.get(target.port)
      if (port === undefined) return undefined
      found.push({ input: input.name, fingerprint: portFingerprint(port.datasets) })
      continue
    }
    try {
      const files = await listSource(target.contract, parts.rootPath(target.contract.root), parts.limits)
      found.push({ input: input.name, fingerprint: sourceFingerprint(files) })
    } catch (error) {
      if (error instanceof WeftError) return undefined
      throw error
    }
  }
  return found
}

/** Whether every dataset of the product was built with the very key of its port. */
export const servesKeys = (product: Product, served: ReadonlyMap<string, ServedPort>, keys: BuildKeys): boolean =>
  product.outputs
    .filter(port => port.datasets.length > 0)
    .every(port =>
      port.datasets.every(dataset =>
        served
          .get(port.subject)
          ?.datasets.some(it => it.dataset === dataset.subject && it.buildKey === keys.ports.get(port.subject)),
      ),
    )

/** What a product goes on serving. */
export const unchangedDatasets = (product: Product, served: ReadonlyMap<string, ServedPort>): DatasetRun[] =>
  product.outputs.flatMap(port =>
    (served.get(port.subject)?.datasets ?? []).map(it => ({
      dataset: it.dataset,
      state: 'unchanged' as const,
      snapshot: it.snapshot,
      rows: it.rows ?? 0,
      bytes: it.bytes ?? 0,
      checks: noChecks,
    })),
  )

export interface UpToDate {
  readonly key: string
  readonly datasets: readonly DatasetRun[]
}

/** Of products in an order in which each comes after what it reads, those that have nothing to do. A product on hold is none of them, nor is one downstream of a product that has to be built. */
export const upToDateProducts = async (
  parts: RunParts,
  mesh: Mesh,
  ordered: readonly string[],
  upstream: (product: Product) => readonly string[],
): Promise<Map<string, UpToDate>> => {
  const engine = await parts.engine()
  const served = await servedPorts(parts)
  const holds = await activeHolds(parts.store.db, parts.env, parts.effects.now())
  const found = new Map<string, UpToDate>()
  for (const subject of ordered) {
    const product = mesh.products.get(subject)
    if (product === undefined || [subject, ...product.outputs.map(port => port.subject)].some(it => holds.has(it)))
      continue
    if (upstream(product).some(it => ordered.includes(it) && !found.has(it))) continue
    const inputs = await inputFingerprints(parts, product, served)
    if (inputs === undefined) continue
    const keys = buildKeys(product, inputs, engine, parts.effects.now(), parts.keepRows)
    if (!servesKeys(product, served, keys)) continue
    found.set(subject, { key: keys.whole, datasets: unchangedDatasets(product, served) })
  }
  return found
}
