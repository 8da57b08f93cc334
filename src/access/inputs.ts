/** What a build may read: exactly what the product's declared input ports cover, all from one look at the catalogue. */
import { type Effects, hashValue } from '../base/index.ts'
import type { Contract, Dataset, Mesh, Product } from '../domain/index.ts'
import type { Relation } from '../engine/index.ts'
import { modelReads } from '../lineage/index.ts'
import type { Manifest } from '../storage/index.ts'
import type { Db } from '../store/index.ts'
import { acceptRead } from './audit.ts'
import { locateSnapshots, type OpenableSnapshot, openSnapshots, type Storages, verifySnapshots } from './relation.ts'
import { type Served, type ServedSnapshot, servedSnapshots } from './served.ts'

/** A file of a source outside the mesh. */
export interface InputFile {
  /** Absolute. */
  readonly path: string
  /** What manifests name it. */
  readonly uri: string
  readonly bytes: number
  /** Equal means unchanged. */
  readonly etag: string
}

export interface InputDataset {
  readonly dataset: string
  readonly snapshot: string
  readonly manifest: Manifest
  readonly relation: Relation & { readonly kind: 'parquet' }
  readonly fingerprint: string
}

export interface ResolvedInputs {
  readonly ports: readonly {
    readonly input: string
    readonly port: string
    readonly datasets: readonly InputDataset[]
  }[]
  readonly sources: readonly {
    readonly input: string
    readonly contract: Contract
    readonly datasets: readonly Dataset[]
    readonly files: readonly InputFile[]
  }[]
  /** Input ports that cannot be read now; a build that has any must not start. */
  readonly missing: readonly { readonly port: string; readonly reason: string }[]
  /** The state of any published dataset at the same look: for foreign keys, which the platform checks, never for models. */
  served(dataset: string): Promise<Relation | undefined>
  /** The same with its manifest: what an increment takes over. Files in place may have changed. */
  snapshot(dataset: string): Promise<OpenableSnapshot | undefined>
}

export interface ResolveRequest {
  readonly db: Db
  readonly env: string
  readonly mesh: Mesh
  readonly product: Product
  readonly storages: Storages
  /** The files of a source's contract; what it throws is passed on. */
  readonly listSource: (contract: Contract) => Promise<readonly InputFile[]>
  /** An earlier look at the catalogue, so that several products of one wave see the same. */
  readonly served?: Served
}

/** Resolves a product's input ports. A product's own ports are no input of it. */
export const resolveInputs = async (request: ResolveRequest): Promise<ResolvedInputs> => {
  const { db, env, mesh, product, storages } = request
  const served = request.served ?? (await servedSnapshots(db, env))
  const byPort = new Map<string, ServedSnapshot[]>()
  for (const one of served.values()) byPort.set(one.port, [...(byPort.get(one.port) ?? []), one])
  const ports: ResolvedInputs['ports'][number][] = []
  const sources: ResolvedInputs['sources'][number][] = []
  const missing: ResolvedInputs['missing'][number][] = []
  for (const { subject: input, target } of product.inputs) {
    if (target.kind === 'unknown') {
      missing.push({ port: input, reason: 'it names no port and no source that is known' })
    } else if (target.kind === 'source') {
      const files = await request.listSource(target.contract)
      sources.push({ input, contract: target.contract, datasets: target.datasets, files })
    } else {
      const found = [...(byPort.get(target.port) ?? [])].sort((a, b) => a.dataset.localeCompare(b.dataset))
      const absent = datasetsOf(mesh, target.port).filter(dataset => !found.some(it => it.dataset === dataset))
      if (found.length === 0) missing.push({ port: target.port, reason: 'nothing of it is published yet' })
      else if (absent.length > 0)
        missing.push({ port: target.port, reason: `${absent.join(', ')} is not published yet` })
      else ports.push({ input, port: target.port, datasets: (await openSnapshots(db, storages, found)).map(asInput) })
    }
  }
  const located = new Map<string, Promise<OpenableSnapshot[]>>()
  const snapshot = async (dataset: string): Promise<OpenableSnapshot | undefined> => {
    const one = served.get(dataset)
    if (one === undefined) return undefined
    const locating = located.get(dataset) ?? locateSnapshots(db, storages, [one])
    located.set(dataset, locating)
    return (await locating)[0]
  }
  const openable = async (dataset: string): Promise<Relation | undefined> => {
    const one = await snapshot(dataset)
    if (one !== undefined) await verifySnapshots([one])
    return one?.relation
  }
  return { ports, sources, missing, snapshot, served: openable }
}

const datasetsOf = (mesh: Mesh, port: string): string[] =>
  [...mesh.products.values()]
    .flatMap(product => product.outputs)
    .filter(output => output.subject === port)
    .flatMap(output => output.datasets.map(dataset => dataset.subject))

const asInput = ({ served, manifest, relation }: OpenableSnapshot): InputDataset => ({
  dataset: served.dataset,
  snapshot: served.snapshot,
  manifest,
  relation,
  fingerprint: hashValue([served.dataset, served.snapshot, served.revision, relation.columns]),
})

/**
 * Writes the audit row of a build's reads; to be called before the build starts. The run's id stands for the statement. All input ports are
 * opened; what the models use of them is what lineage is told.
 */
export const auditInputs = async (
  db: Db,
  effects: Effects,
  build: { readonly env: string; readonly product: string; readonly run: string; readonly inputs: ResolvedInputs },
): Promise<string> => {
  const datasets = build.inputs.ports.flatMap(port => port.datasets)
  const opened = datasets.map(it => it.dataset)
  const known = await modelReads(db, build.env, build.product)
  const used = known.filter(({ subject }) => opened.some(it => subject === it || subject.startsWith(`${it}.`)))
  return acceptRead(db, effects, {
    env: build.env,
    principal: { kind: 'product', name: build.product },
    purpose: 'build',
    exit: 'build',
    sql: build.run,
    datasets,
    ...(known.length === 0 ? {} : { used }),
  })
}

/** What a dataset serves now, for the platform's own checks; undefined where nothing is published. */
export const readDataset = async (request: {
  readonly db: Db
  readonly env: string
  readonly mesh?: Mesh
  readonly storages: Storages
  readonly dataset: string
}): Promise<Relation | undefined> => {
  const served = (await servedSnapshots(request.db, request.env)).get(request.dataset)
  if (served === undefined) return undefined
  return (await openSnapshots(request.db, request.storages, [served]))[0]?.relation
}
