/** What flows into a value: columns of tables, each with how and where. Immutable; what is equal is shared, so that long chains of queries stay linear. Pure. */

/**
 * After OpenLineage's ColumnLineageDatasetFacet: a value is made from its `direct` inputs; the others decide about it.
 * `masked` marks values that do not show what they are made from.
 */
export const hows = [
  'identity',
  'transformation',
  'masked-transformation',
  'aggregation',
  'masked-aggregation',
  'join',
  'filter',
  'group-by',
  'sort',
  'window',
  'conditional',
] as const

export type How = (typeof hows)[number]

export const isDirect = (how: How): boolean => hows.indexOf(how) < 5

/** A column, or a field inside it: `['address', 'city']`. An item of a list has the path of the list. */
export interface Leaf {
  readonly table: string
  readonly path: readonly string[]
}

const unplaced = -1
const width = 16

/** Up to so many entries looking through them is faster than a map, and most flows have one or two. */
const fewEntries = 12

/** A leaf with a way in which it flows is one number; beside it stands where, in characters from 0. Both in the order in which they were met. */
class Entries {
  readonly keys: number[] = []
  readonly places: number[] = []
  private index: Map<number, number> | undefined

  find(key: number): number {
    if (this.keys.length <= fewEntries) return this.keys.indexOf(key)
    this.index ??= new Map(this.keys.map((it, at) => [it, at]))
    return this.index.get(key) ?? -1
  }

  add(key: number, place: number): void {
    const at = this.find(key)
    if (at >= 0) {
      if (this.places[at] === unplaced) this.places[at] = place
      return
    }
    this.index?.set(key, this.keys.length)
    this.keys.push(key)
    this.places.push(place)
  }

  addAll({ keys, places }: Entries): void {
    for (let at = 0; at < keys.length; at++) this.add(keys[at] ?? 0, places[at] ?? unplaced)
  }

  hasAll({ keys }: Entries): boolean {
    for (const key of keys) if (this.find(key) < 0) return false
    return true
  }
}

export class Flow {
  static readonly none = new Flow(new Entries(), true)
  /** Not changed any more. */
  private readonly entries: Entries
  private readonly isPlaced: boolean

  private constructor(entries: Entries, isPlaced: boolean) {
    this.entries = entries
    this.isPlaced = isPlaced
  }

  static ofLeaf(leaf: number): Flow {
    const entries = new Entries()
    entries.add(leaf * width, unplaced)
    return new Flow(entries, false)
  }

  static union(flows: Iterable<Flow>): Flow {
    let first: Flow | undefined
    let all: Entries | undefined
    let isPlaced = true
    for (const flow of flows) {
      if (flow.isEmpty || flow === first) continue
      if (first === undefined) {
        first = flow
        isPlaced = flow.isPlaced
        continue
      }
      if (all === undefined) {
        if (first.entries.hasAll(flow.entries)) continue
        all = new Entries()
        all.addAll(first.entries)
      }
      all.addAll(flow.entries)
      isPlaced &&= flow.isPlaced
    }
    if (first === undefined) return Flow.none
    return all === undefined ? first : new Flow(all, isPlaced)
  }

  /** As seen by a use of the value: a direct one keeps what decided about it, an indirect one decides by all of it. */
  by(how: How, position?: number): Flow {
    if (this.isEmpty || how === 'identity') return this
    const entries = new Entries()
    const use = hows.indexOf(how)
    const { keys, places } = this.entries
    for (let index = 0; index < keys.length; index++) {
      const [key, at] = [keys[index] ?? 0, places[index] ?? unplaced]
      const is = key % width
      entries.add(key - is + combined(is, use), use >= 5 ? (position ?? at) : at)
    }
    return new Flow(entries, this.isPlaced || (use >= 5 && position !== undefined))
  }

  /** Where a column of a table is named for the first time. */
  placed(position: number | undefined): Flow {
    if (this.isPlaced || position === undefined) return this
    const entries = new Entries()
    const { keys, places } = this.entries
    for (let index = 0; index < keys.length; index++) {
      const at = places[index] ?? unplaced
      entries.add(keys[index] ?? 0, at === unplaced ? position : at)
    }
    return new Flow(entries, true)
  }

  /** Every leaf with every way in which it flows, in the order in which they were met. */
  list(): { readonly leaf: number; readonly how: How; readonly position?: number }[] {
    const { keys, places } = this.entries
    return keys.map((key, index) => {
      const at = places[index] ?? unplaced
      const [leaf, how] = [Math.floor(key / width), hows[key % width] ?? 'transformation']
      return at === unplaced ? { leaf, how } : { leaf, how, position: at }
    })
  }

  get isEmpty(): boolean {
    return this.entries.keys.length === 0
  }

  covers(other: Flow): boolean {
    return this.entries.hasAll(other.entries)
  }
}

/** By position in `hows`: of what a value is already, and how it is used now. */
const combined = (is: number, use: number): number => {
  if (use >= 5) return use
  if (is >= 5) return is
  const isMasked = is === 2 || is === 4 || use === 2 || use === 4
  const isAggregated = is >= 3 || use >= 3
  return (isAggregated ? 3 : 1) + (isMasked ? 1 : 0)
}

/** Numbers for leaves. */
export class Leaves {
  private readonly numbers = new Map<string, number>()
  private readonly all: Leaf[] = []

  number(table: string, path: readonly string[]): number {
    const key = [table, ...path].join('\0')
    const known = this.numbers.get(key)
    if (known !== undefined) return known
    this.numbers.set(key, this.all.length)
    return this.all.push({ table, path }) - 1
  }

  at(number: number): Leaf {
    return this.all[number] ?? { table: '', path: [] }
  }
}
