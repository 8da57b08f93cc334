/** Who reads a port: who declares it, whose models read it, and who really did, with when they last did. */
import type { PortRead } from '../lineage/index.ts'

export interface PortReader {
  readonly kind: 'product' | 'team' | 'person' | 'application'
  readonly name: string
  /** The team that answers for it, with its owners; a person's own name. */
  readonly owner: string
  /** Every way in which it is known: one that declares and reads has both. */
  readonly via: readonly Via[]
  /** To the day. */
  readonly lastReadAt?: string
  /** On how many days it has read, as far as anybody remembers. */
  readonly days: number
}

const vias = ['declared', 'derived', 'agreement', 'observed'] as const

export type Via = (typeof vias)[number]

/** A reader that files or the catalogue tell of, whether or not it has ever read. */
export interface KnownReader extends Pick<PortReader, 'kind' | 'name' | 'owner'> {
  readonly port: string
  readonly via: Exclude<Via, 'observed'>
}

/** What is known and what was seen as one list for each port, products first, then by name. Pure. */
export const portReaders = (
  known: readonly KnownReader[],
  observed: readonly PortRead[],
  ownerOf: (product: string) => string,
): Map<string, readonly PortReader[]> => {
  const ports = new Map<string, Map<string, PortReader>>()
  const add = (port: string, reader: Omit<PortReader, 'via'> & { readonly via: Via }): void => {
    const of = ports.get(port) ?? new Map<string, PortReader>()
    ports.set(port, of)
    const { via, ...rest } = reader
    const key = `${reader.kind} ${reader.name}`
    const before = of.get(key)
    of.set(key, { ...before, ...rest, days: rest.days + (before?.days ?? 0), via: [...(before?.via ?? []), via] })
  }
  const seen = new Set<string>()
  for (const { port, ...reader } of known) {
    const key = `${port} ${reader.kind} ${reader.name} ${reader.via}`
    if (!seen.has(key)) add(port, { ...reader, days: 0 })
    seen.add(key)
  }
  for (const { port, reader, lastAt, days } of observed) {
    const kind = reader.slice(0, reader.indexOf(':'))
    const name = reader.slice(kind.length + 1)
    const isProduct = kind === 'product'
    // A product that reads its own port is no reader of it.
    if (isProduct && port.startsWith(`${name}.`)) continue
    const owner = isProduct ? ownerOf(name) : name
    const who = isProduct ? 'product' : kind === 'application' ? 'application' : 'person'
    add(port, { kind: who, name, owner, via: 'observed', lastReadAt: lastAt.toISOString(), days })
  }
  return new Map(
    [...ports].map(([port, of]) => [
      port,
      [...of.values()]
        .map(inOrder)
        .sort(
          (a, b) =>
            Number(b.kind === 'product') - Number(a.kind === 'product') ||
            (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
        ),
    ]),
  )
}

/** The catalogue tells in no order what it knows. */
const inOrder = (reader: PortReader): PortReader => ({ ...reader, via: vias.filter(it => reader.via.includes(it)) })
