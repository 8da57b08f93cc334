/** Which products differ between files and catalogue, told from hashes; what is the same needs no further look. */
import { type Cache, hashText } from '../base/index.ts'
import { type Mesh, type Product, productOf } from '../domain/index.ts'
import type { Db } from '../store/index.ts'
import { appliedHashes, definitionsToken, standAlone } from './applied-store.ts'
import { desiredEntities, type ModelReads } from './desired.ts'

type Reads = ReadonlyMap<string, readonly ModelReads[]>

/** Subjects of products; those that only the catalogue has are among them. */
export const differingProducts = async (
  db: Db,
  env: string,
  mesh: Mesh,
  reads: Reads,
  cache: Cache,
): Promise<ReadonlySet<string>> => {
  // Read first: what is kept may be newer than its token, and is then looked at again.
  const token = await definitionsToken(db)
  const before = cache.get('compared') as Compared | undefined // written below only, by this very build of the program
  const units = new Map([...mesh.products.values()].map(product => [product.subject, unitOf(product, reads)]))
  const [same, differing] =
    before?.token === token ? stillSame(before, units) : compare(await appliedHashes(db, env), mesh, reads, units)
  const now: Compared = { token, same: [...same].sort(), differing: [...differing].sort() }
  if (JSON.stringify(now) !== JSON.stringify(before)) cache.set('compared', now)
  return differing
}

interface Compared {
  readonly token: string
  /** Products whose files said so when the catalogue said the same: `subject unit`. */
  readonly same: readonly string[]
  readonly differing: readonly string[]
}

type Units = ReadonlyMap<string, string>
type Sides = readonly [same: ReadonlySet<string>, differing: ReadonlySet<string>]

/** As nothing was applied since, a product that is the same stays the same as long as its files say what they said. */
const stillSame = (before: Compared, units: Units): Sides => {
  const known = new Set(before.same)
  const same = new Set<string>()
  const differing = new Set(before.differing)
  for (const [subject, unit] of units) {
    const line = `${subject} ${unit}`
    if (known.has(line)) same.add(line)
    else differing.add(subject)
  }
  for (const line of known) if (!same.has(line)) differing.add(line.slice(0, line.lastIndexOf(' ')))
  return [same, differing]
}

const compare = (applied: Awaited<ReturnType<typeof appliedHashes>>, mesh: Mesh, reads: Reads, units: Units): Sides => {
  const before = new Map(
    applied.filter(it => !standAlone.has(it.kind)).map(it => [`${it.kind} ${it.subject}`, `${it.hash} ${it.root_id}`]),
  )
  const differing = new Set<string>()
  const onlyProducts = { ...mesh, domains: new Map(), others: [] }
  // One by one: the bodies of a large mesh do not fit into memory beside all the rest.
  for (const product of mesh.products.values()) {
    for (const [key, { hash, root }] of desiredEntities(onlyProducts, reads, [product])) {
      if (before.get(key) !== `${hash} ${root}`) differing.add(product.subject)
      before.delete(key)
    }
  }
  for (const key of before.keys()) differing.add(productOf(key.slice(key.indexOf(' ') + 1)))
  const same = [...units].filter(([subject]) => !differing.has(subject)).map(([subject, unit]) => `${subject} ${unit}`)
  return [new Set(same), differing]
}

/** One text for all that a product's entities are made from: equal units, equal entities. */
const unitOf = (product: Product, reads: Reads): string => {
  const { root, subject, domain, hash, datasets, limits, schedule, inputs, outputs, models } = product
  return hashText(
    JSON.stringify([
      [root, subject, domain, hash, datasets, limits, schedule ?? null],
      inputs.map(({ subject, target }) => [
        subject,
        target.kind,
        target.kind === 'port' ? target.port : target.kind === 'source' ? target.contract.hash : null,
      ]),
      outputs.map(port => [
        port.subject,
        port.kind,
        port.contract?.hash ?? null,
        // Keys lead into other contracts.
        port.datasets.map(dataset => [dataset.subject, dataset.rules.map(rule => rule.test)]),
      ]),
      models.map(model => [model.dataset, hashText(model.text), reads.get(model.dataset) ?? []]),
    ]),
  )
}
