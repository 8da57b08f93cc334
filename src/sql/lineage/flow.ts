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

export class Flow {
  static readonly none = new Flow(new Map(), true)
  /** By leaf and how: where, in characters from 0. */
  private readonly entries: ReadonlyMap<number, number>
  private readonly isPlaced: boolean

  private constructor(entries: ReadonlyMap<number, number>, isPlaced: boolean) {
    this.entries = entries
    this.isPlaced = isPlaced
  }

  static ofLeaf(leaf: number): Flow {
    return new Flow(new Map([[leaf * width, unplaced]]), false)
  }

  static union(flows: Iterable<Flow>): Flow {
    let first: Flow | undefined
    let all: Map<number, number> | undefined
    let isPlaced = true
    for (const flow of flows) {
      if (flow.entries.size === 0 || flow === first) continue
      if (first === undefined) {
        first = flow
        isPlaced = flow.isPlaced
        continue
      }
      if (all === undefined && [...flow.entries.keys()].every(key => first?.entries.has(key))) continue
      all ??= new Map(first.entries)
      for (const [key, at] of flow.entries) if ((all.get(key) ?? unplaced) === unplaced) all.set(key, at)
      isPlaced &&= flow.isPlaced
    }
    if (first === undefined) return Flow.none
    return all === undefined ? first : new Flow(all, isPlaced)
  }

  /** As seen by a use of the value: a direct one keeps what decided about it, an indirect one decides by all of it. */
  by(how: How, position?: number): Flow {
    if (this.entries.size === 0 || how === 'identity') return this
    const entries = new Map<number, number>()
    const use = hows.indexOf(how)
    for (const [key, at] of this.entries) {
      const leaf = Math.floor(key / width)
      const next = combined(key % width, use)
      const place = use >= 5 ? (position ?? at) : at
      if (!entries.has(leaf * width + next)) entries.set(leaf * width + next, place)
    }
    return new Flow(entries, this.isPlaced || (use >= 5 && position !== undefined))
  }

  /** Where a column of a table is named for the first time. */
  placed(position: number | undefined): Flow {
    if (this.isPlaced || position === undefined) return this
    return new Flow(new Map([...this.entries].map(([key, at]) => [key, at === unplaced ? position : at])), true)
  }

  /** Every leaf with every way in which it flows, in the order in which they were met. */
  list(): { readonly leaf: number; readonly how: How; readonly position?: number }[] {
    return [...this.entries].map(([key, at]) => ({
      leaf: Math.floor(key / width),
      how: hows[key % width] ?? 'transformation',
      ...(at === unplaced ? {} : { position: at }),
    }))
  }

  get isEmpty(): boolean {
    return this.entries.size === 0
  }

  covers(other: Flow): boolean {
    for (const key of other.entries.keys()) if (!this.entries.has(key)) return false
    return true
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
