/** The valid name that a person most likely meant. */

/** Edits (insert, delete, replace, swap of neighbours) from one word to the other: optimal string alignment, Damerau 1964. */
export const editDistance = (from: string, to: string): number => {
  let beforePrevious: number[] = []
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let i = 1; i <= from.length; i++) {
    const current = [i]
    for (let j = 1; j <= to.length; j++) {
      const replaced = (previous[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1)
      let best = Math.min((previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1, replaced)
      if (i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]) {
        best = Math.min(best, (beforePrevious[j - 2] ?? 0) + 1)
      }
      current.push(best)
    }
    beforePrevious = previous
    previous = current
  }
  return previous[to.length] ?? 0
}

/** The nearest of the valid names, letters' case aside; undefined where none is within a third of the word's length (at least 2 edits). */
export const nearest = (word: string, valid: Iterable<string>): string | undefined => {
  const lower = word.toLowerCase()
  const allowed = Math.max(2, Math.floor(word.length / 3))
  let best: { name: string; distance: number } | undefined
  for (const name of valid) {
    if (Math.abs(name.length - word.length) > allowed) continue
    const distance = editDistance(lower, name.toLowerCase())
    if (distance <= allowed && distance < (best?.distance ?? Number.POSITIVE_INFINITY)) best = { name, distance }
  }
  return best?.name
}

/** `did you mean "x"?`, or undefined. */
export const didYouMean = (word: string, valid: Iterable<string>): string | undefined => {
  const name = nearest(word, valid)
  return name === undefined ? undefined : `did you mean "${name}"?`
}
