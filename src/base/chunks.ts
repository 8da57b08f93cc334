/** A list in parts of at most `size`: a statement takes so many parameters and no more. */
export const chunks = <T>(list: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, index) => list.slice(index * size, (index + 1) * size))

/** Consecutive items side by side, as many as `sizeMax` allows together; a larger one is alone. */
export const chunksWithin = <T>(list: readonly T[], sizeOf: (item: T) => number, sizeMax: number): T[][] => {
  const found: T[][] = []
  let size = Number.POSITIVE_INFINITY
  for (const item of list) {
    if (size + sizeOf(item) > sizeMax) {
      found.push([])
      size = 0
    }
    size += sizeOf(item)
    found.at(-1)?.push(item)
  }
  return found
}
