/** Pairs what two lists have in common by a key, each thing once. Pure but for the sets that it is given. */

/** Takes what it pairs out of both sets, in their order; what has no key stays. */
export const pairBy = <Thing>(
  left: Set<Thing>,
  open: Set<Thing>,
  key: (it: Thing) => string | undefined,
  pair: (from: Thing, to: Thing) => void,
): void => {
  const byKey = new Map<string, Thing[]>()
  for (const it of left) {
    const own = key(it)
    if (own === undefined) continue
    const same = byKey.get(own)
    if (same === undefined) byKey.set(own, [it])
    else same.push(it)
  }
  for (const to of [...open]) {
    const own = key(to)
    const from = own === undefined ? undefined : byKey.get(own)?.shift()
    if (from === undefined) continue
    left.delete(from)
    open.delete(to)
    pair(from, to)
  }
}
