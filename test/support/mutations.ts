/** Small mistakes made in a document at random, the same for the same seed. */

export interface Mutation {
  readonly kind: string
  /** Where, indices as `[]`: `schema[].name`. */
  readonly path: string
  readonly body: unknown
}

type Random = (below: number) => number

/** Marsaglia's xorshift, 32 bits. */
export const randomOf = (seed: number): Random => {
  let state = seed | 1
  return below => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

const pick = <T>(list: readonly T[], random: Random): T => {
  const one = list[random(list.length)]
  if (one === undefined) throw new Error('nothing to pick from')
  return one
}

interface Spot {
  readonly parent: Record<string, unknown> | unknown[]
  readonly key: string | number
  readonly path: string
}

const spots = (value: unknown, path: string): Spot[] => {
  if (Array.isArray(value))
    return value.flatMap((inner, key) => [{ parent: value, key, path: `${path}[]` }, ...spots(inner, `${path}[]`)])
  if (typeof value !== 'object' || value === null) return []
  const parent = value as Record<string, unknown> // no list and not null
  return Object.keys(parent).flatMap(key => {
    const here = path === '' ? key : `${path}.${key}`
    return [{ parent, key, path: here }, ...spots(parent[key], here)]
  })
}

const get = ({ parent, key }: Spot): unknown => (Array.isArray(parent) ? parent[Number(key)] : parent[key])
const set = ({ parent, key }: Spot, value: unknown): void => {
  if (Array.isArray(parent)) parent[Number(key)] = value
  else parent[key] = value
}

/** The values that each key has anywhere in the documents: what a person could have put in a wrong place. */
export const poolOf = (bodies: readonly unknown[]): Map<string, unknown[]> => {
  const pool = new Map<string, unknown[]>()
  for (const { key, ...spot } of bodies.flatMap(body => spots(body, ''))) {
    if (typeof key !== 'string') continue
    const values = pool.get(key) ?? []
    if (values.length < 50) values.push(get({ key, ...spot }))
    pool.set(key, values)
  }
  return pool
}

type Mutator = (spot: Spot, random: Random, pool: Map<string, unknown[]>) => boolean

const isKeyed = (spot: Spot): spot is Spot & { parent: Record<string, unknown>; key: string } =>
  !Array.isArray(spot.parent)

const typo = (word: string, random: Random): string => {
  const at = random(word.length)
  switch (random(3)) {
    case 0:
      return word.slice(0, at) + word.slice(at + 1)
    case 1:
      return `${word.slice(0, at)}q${word.slice(at)}`
    default:
      return `${word.slice(0, at)}q${word.slice(at + 1)}`
  }
}

const mutators: Readonly<Record<string, Mutator>> = {
  'drop key': spot => {
    if (!isKeyed(spot)) return false
    return delete spot.parent[spot.key]
  },
  'rename key': (spot, random) => {
    if (!isKeyed(spot)) return false
    const name = typo(spot.key, random)
    if (Object.hasOwn(spot.parent, name)) return false
    spot.parent[name] = spot.parent[spot.key]
    return delete spot.parent[spot.key]
  },
  'unknown key': (spot, random) => {
    if (!isKeyed(spot)) return false
    spot.parent[pick(['extra', 'notes', 'x-own'], random)] = pick<unknown>(['a', 1, [], {}], random)
    return true
  },
  'wrong type': (spot, random) => {
    set(spot, pick<unknown>(['a text', 1.5, 7, -1, true, null, [], {}, ['a'], { a: 1 }], random))
    return true
  },
  'wrong word': (spot, random) => {
    const value = get(spot)
    if (typeof value !== 'string' || value === '') return false
    set(spot, typo(value, random))
    return true
  },
  'other word': (spot, random, pool) => {
    const values = isKeyed(spot) ? pool.get(spot.key) : undefined
    if (values === undefined) return false
    set(spot, structuredClone(pick(values, random)))
    return true
  },
  'key from elsewhere': (spot, random, pool) => {
    if (!isKeyed(spot)) return false
    const [key, values] = pick([...pool], random)
    spot.parent[key] = structuredClone(pick(values, random))
    return true
  },
  'doubled entry': (spot, random) => {
    const value = get(spot)
    if (!Array.isArray(value) || value.length === 0) return false
    value.push(structuredClone(pick(value, random)))
    return true
  },
  'empty list or map': spot => {
    const value = get(spot)
    if (typeof value !== 'object' || value === null) return false
    set(spot, Array.isArray(value) ? [] : {})
    return true
  },
}

/** One mistake in a copy of the document. */
export const mutate = (body: unknown, random: Random, pool: Map<string, unknown[]>): Mutation => {
  for (;;) {
    const copy = structuredClone(body)
    const spot = pick(spots(copy, ''), random)
    const [kind, change] = pick(Object.entries(mutators), random)
    if (change(spot, random, pool)) return { kind, path: spot.path, body: copy }
  }
}
