/** Made when it is first asked for, and once. What failed is tried again when it is asked for again. */
export const lazy = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let made: Promise<T> | undefined
  return () => {
    made ??= make().catch(error => {
      made = undefined
      throw error
    })
    return made
  }
}

/** What follows from a thing alone, found once: for things that never change. */
export const oncePer = <Thing extends object, T>(find: (thing: Thing) => T): ((thing: Thing) => T) => {
  const found = new WeakMap<Thing, { readonly value: T }>()
  return thing => {
    const before = found.get(thing) ?? { value: find(thing) }
    found.set(thing, before)
    return before.value
  }
}
