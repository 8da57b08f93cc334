/** Random numbers that are the same for the same seed. */
export type Random = () => number

/** mulberry32. */
export const randomOf = (seed: number): Random => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

export const below = (random: Random, count: number): number => Math.floor(random() * count)
export const pick = <Item>(random: Random, items: readonly Item[]): Item => items[below(random, items.length)] as Item // an index below the length
