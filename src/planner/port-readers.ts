/** Readers of ports as files, catalogue and audit know them together. */
import { type KnownReader, type PortReader, portReaders, type Via } from '../access/index.ts'
import { oncePer } from '../base/index.ts'
import { type Mesh, ownerOf, type Product, productOf } from '../domain/index.ts'
import { portReads } from '../lineage/index.ts'
import type { RunParts } from '../pipelines/index.ts'
import type { CheckedMesh } from './check.ts'
import type { Entity, ModelBody } from './desired.ts'
import type { AppliedEntity } from './diff.ts'
import type { Consequence } from './plan.ts'

type Known = Pick<Entity, 'kind' | 'subject' | 'parent' | 'body'> | AppliedEntity

export type ReadersOfPorts = ReadonlyMap<string, readonly PortReader[]>

/** Who reads each port by these definitions, and who has read it within the notice period. */
export const readersOfPorts = async (
  parts: RunParts,
  mesh: Mesh,
  entities: readonly Known[],
  datasets?: readonly string[],
): Promise<ReadersOfPorts> => {
  const { store, env, effects, limits } = parts
  const now = effects.now()
  const since = new Date(now.getTime() - limits.noticePeriodMs)
  const observed = await portReads(store.db, env, since, limits.readersMax, datasets)
  const owner = ownersOf(mesh, entities)
  return portReaders(knownReaders(mesh, entities, now, owner), observed, owner)
}

/** Who reads each port by these definitions; who has really read is known to a catalogue only. */
export const readersInFiles = (mesh: Mesh, entities: readonly Known[], now: Date): ReadersOfPorts => {
  const owner = ownersOf(mesh, entities)
  return portReaders(knownReaders(mesh, entities, now, owner), [], owner)
}

/** What readers are known by once a plan of these roots is applied; told from the mesh, since entities are made of products that change only. */
export const readingAfter = (
  { mesh, reads }: Pick<CheckedMesh, 'mesh' | 'reads'>,
  applied: ReadonlyMap<string, AppliedEntity>,
  givenRoots: ReadonlySet<string>,
): Known[] => [
  // Ports that go are still what an agreement means; what the files say comes after them, and holds.
  ...[...applied.values()].filter(it => it.kind === 'outputPort'),
  ...[...mesh.products.values()].flatMap(product => readingOf(product, reads)),
  ...mesh.others
    .filter(it => it.kind === 'agreement')
    .map(({ subject, body }): Known => ({ kind: 'agreement', subject, body })),
  ...[...applied.values()].filter(it => !givenRoots.has(it.root)),
]

const readingOf = ({ subject: parent, inputs, outputs, models }: Product, reads: CheckedMesh['reads']): Known[] => [
  ...inputs.flatMap(({ subject, target }): Known[] =>
    target.kind === 'port' ? [{ kind: 'inputPort', subject, parent, body: { port: target.port } }] : [],
  ),
  ...outputs.map(
    ({ subject, contract }): Known => ({ kind: 'outputPort', subject, parent, body: { contract: contract?.id } }),
  ),
  ...models.map(({ dataset, text }): Known => {
    const body: ModelBody = { text, reads: reads.get(dataset) ?? [] }
    return { kind: 'model', subject: dataset, parent: dataset, body }
  }),
]

const ownersOf = (mesh: Mesh, entities: readonly Known[]): ((product: string) => string) => {
  const teams = new Map(
    entities.flatMap(it => {
      if (it.kind !== 'product') return []
      const { team } = it.body as { team?: string } // bodies of products are written by desired.ts only
      return [[it.subject, team ?? 'nobody'] as const]
    }),
  )
  return product => (mesh.products.has(product) ? ownerOf(mesh, product) : (teams.get(product) ?? 'nobody'))
}

const knownReaders = (
  mesh: Mesh,
  entities: readonly Known[],
  now: Date,
  owner: (product: string) => string,
): KnownReader[] => {
  const contracts = new Map(
    entities.flatMap(it => {
      if (it.kind !== 'outputPort') return []
      const { contract } = it.body as { contract?: string } // bodies are written by desired.ts only
      return contract === undefined ? [] : [[contract, it.subject] as const]
    }),
  )
  const product = (port: string, name: string, via: KnownReader['via']): KnownReader[] =>
    productOf(port) === name ? [] : [{ port, kind: 'product', name, owner: owner(name), via }]
  return entities.flatMap(({ kind, subject, parent, body }): KnownReader[] => {
    if (kind === 'inputPort') {
      const { port } = body as { port?: string } // as above
      return port === undefined ? [] : product(port, parent ?? productOf(subject), 'declared')
    }
    if (kind === 'model') {
      const ports = (body as ModelBody).reads.map(it => it.dataset.slice(0, it.dataset.lastIndexOf('.'))) // as above
      return [...new Set(ports)].flatMap(port => product(port, productOf(subject), 'derived'))
    }
    return kind === 'agreement' ? agreed(mesh, contracts, body as Agreement, now, owner) : [] // kept whole, and checked before
  })
}

interface Agreement {
  readonly status?: string
  readonly endTimestamp?: string
  readonly provider: {
    readonly dataProductId: string
    readonly outputPortId?: string
    readonly dataContractId?: string
  }
  readonly consumer: { readonly dataProductId?: string; readonly userId?: string; readonly teamId?: string }
}

const productsById = oncePer((mesh: Mesh) => new Map([...mesh.products.values()].map(it => [it.id, it])))

/** By its subject or by its id. */
const productCalled = (mesh: Mesh, name = ''): Product | undefined =>
  mesh.products.get(name) ?? productsById(mesh).get(name)

/** One that is in force and names a port: by its contract, else by its id. */
const agreed = (
  mesh: Mesh,
  contracts: ReadonlyMap<string, string>,
  { status, endTimestamp, provider, consumer }: Agreement,
  now: Date,
  owner: (product: string) => string,
): KnownReader[] => {
  if (status !== undefined && status !== 'approved' && status !== 'active') return []
  if (endTimestamp !== undefined && Date.parse(endTimestamp) < now.getTime()) return []
  const { outputPortId, dataContractId } = provider
  const port =
    contracts.get(dataContractId ?? '') ??
    productCalled(mesh, provider.dataProductId)?.outputs.find(it => it.id !== undefined && it.id === outputPortId)
      ?.subject
  if (port === undefined) return []
  const { dataProductId, userId, teamId } = consumer
  if (dataProductId !== undefined) {
    const found = productCalled(mesh, dataProductId)?.subject ?? dataProductId
    return [{ port, kind: 'product', name: found, owner: owner(found), via: 'agreement' }]
  }
  if (userId !== undefined) return [{ port, kind: 'person', name: userId, owner: userId, via: 'agreement' }]
  return teamId === undefined ? [] : [{ port, kind: 'team', name: teamId, owner: teamId, via: 'agreement' }]
}

const ways: Readonly<Record<Via, string>> = {
  declared: 'declares it',
  derived: 'its models read it',
  agreement: 'has an agreement',
  observed: 'read it',
}

/** `marketing.buying-hours (letters): declares it, its models read it; last read 2026-11-29, on 3 days`. */
export const readerWords = ({ name, owner, via, lastReadAt, days }: PortReader): string => {
  const how = via.filter(it => it !== 'observed').map(it => ways[it])
  const last =
    lastReadAt === undefined ? [] : [`last read ${lastReadAt.slice(0, 10)}, on ${days} ${days === 1 ? 'day' : 'days'}`]
  return `${name}${owner === name ? '' : ` (${owner})`}: ${[how.join(', '), ...last].filter(it => it !== '').join('; ')}`
}

const strongest = ['derived', 'declared', 'agreement', 'observed'] as const

/** Each reader of a port as somebody whom a change of the whole port touches. */
export const touchedReaders = (port: string, readers: readonly PortReader[]): Consequence[] =>
  readers.map(({ kind, name, owner, via }) => ({
    consumer: { kind, name },
    owner,
    subject: port,
    columns: [],
    how: 'whole',
    via: strongest.find(it => via.includes(it)) ?? 'observed',
    reaches: [],
    hops: 1,
  }))
