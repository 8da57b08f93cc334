/** Who reads a port: who declares it, whose models read it, and who really did, with when they last did. */
import { chunks } from '../base/index.ts'
import type { Db } from '../store/index.ts'
import { parseAddress } from './names.ts'

export interface PortReader {
  readonly kind: 'product' | 'team' | 'person' | 'application'
  readonly name: string
  /** The team that answers for it, with its owners; a person's own name. */
  readonly owner: string
  /** Every way in which it is known: one that declares and reads has both. */
  readonly via: readonly Via[]
  /** Of the reads that were looked at. */
  readonly lastReadAt?: string
  readonly reads: number
}

export type Via = 'declared' | 'derived' | 'agreement' | 'observed'

/** A reader that files or the catalogue tell of, whether or not it has ever read. */
export interface KnownReader extends Pick<PortReader, 'kind' | 'name' | 'owner'> {
  readonly port: string
  readonly via: Exclude<Via, 'observed'>
}

export interface ObservedRead {
  readonly port: string
  /** `person:ria`, `product:finance.revenue`, `operator:ria`. */
  readonly principal: string
  readonly lastReadAt: Date
  readonly reads: number
}

/**
 * Reads of ports since an instant, a day being the least that is told apart; at most so many readers of each port, the last first.
 * Of these datasets, or of all.
 */
export const observedReads = async (
  db: Db,
  env: string,
  since: Date,
  readersMax: number,
  datasets?: readonly string[],
): Promise<ObservedRead[]> => {
  const all = datasets === undefined ? await readsSince(db, env, since) : []
  for (const part of chunks(datasets ?? [], 500)) all.push(...(await readsSince(db, env, since, part)))
  const found = new Map<string, Map<string, ObservedRead>>()
  for (const { dataset, principal, last_at, reads } of all) {
    const at = parseAddress(dataset)
    if (at === undefined) continue
    const port = `${at.domain}.${at.product}.${at.port}.v${at.major}`
    const of = found.get(port) ?? new Map<string, ObservedRead>()
    found.set(port, of)
    const before = of.get(principal)
    const lastReadAt = before === undefined || before.lastReadAt < last_at ? last_at : before.lastReadAt
    of.set(principal, { port, principal, lastReadAt, reads: (before?.reads ?? 0) + Number(reads) })
  }
  return [...found.values()].flatMap(of =>
    [...of.values()].sort((a, b) => b.lastReadAt.getTime() - a.lastReadAt.getTime()).slice(0, readersMax),
  )
}

const readsSince = (db: Db, env: string, since: Date, datasets?: readonly string[]) => {
  const query = db
    .selectFrom('read_day')
    .select(eb => [
      'dataset',
      'principal',
      eb.fn.max<Date>('last_at').as('last_at'),
      eb.fn.sum<string>('reads').as('reads'),
    ])
    .where('env', '=', env)
    .where('last_at', '>=', since)
    .groupBy(['dataset', 'principal'])
  return (datasets === undefined ? query : query.where('dataset', 'in', datasets)).execute()
}

/** What is known and what was seen as one list for each port, products first, then by name. Pure. */
export const portReaders = (
  known: readonly KnownReader[],
  observed: readonly ObservedRead[],
  ownerOf: (product: string) => string,
): Map<string, readonly PortReader[]> => {
  const ports = new Map<string, Map<string, PortReader>>()
  const add = (port: string, reader: Omit<PortReader, 'via'> & { readonly via: Via }): void => {
    const of = ports.get(port) ?? new Map<string, PortReader>()
    ports.set(port, of)
    const { via, ...rest } = reader
    const key = `${reader.kind} ${reader.name}`
    const before = of.get(key)
    of.set(key, { ...before, ...rest, reads: rest.reads + (before?.reads ?? 0), via: [...(before?.via ?? []), via] })
  }
  const seen = new Set<string>()
  for (const { port, ...reader } of known) {
    const key = `${port} ${reader.kind} ${reader.name} ${reader.via}`
    if (!seen.has(key)) add(port, { ...reader, reads: 0 })
    seen.add(key)
  }
  for (const { port, principal, lastReadAt, reads } of observed) {
    const kind = principal.slice(0, principal.indexOf(':'))
    const name = principal.slice(kind.length + 1)
    const isProduct = kind === 'product'
    // A product that reads its own port is no reader of it.
    if (isProduct && port.startsWith(`${name}.`)) continue
    const owner = isProduct ? ownerOf(name) : name
    const who = isProduct ? 'product' : kind === 'application' ? 'application' : 'person'
    add(port, { kind: who, name, owner, via: 'observed', lastReadAt: lastReadAt.toISOString(), reads })
  }
  return new Map(
    [...ports].map(([port, of]) => [
      port,
      [...of.values()].sort(
        (a, b) =>
          Number(b.kind === 'product') - Number(a.kind === 'product') ||
          (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
      ),
    ]),
  )
}
