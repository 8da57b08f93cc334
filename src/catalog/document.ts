/** Reads values out of a document as it was parsed. What is not there, or not of that kind, is absent: a page shows what there is. */

type Step = string | number

const valueAt = (body: unknown, path: readonly Step[]): unknown => {
  let value = body
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return undefined
    value = Reflect.get(value, step)
  }
  return value
}

export const textAt = (body: unknown, ...path: Step[]): string | undefined => {
  const value = valueAt(body, path)
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined
}

/** A text, number or boolean as a text. */
export const wordAt = (body: unknown, ...path: Step[]): string | undefined => {
  const value = valueAt(body, path)
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : textAt(body, ...path)
}

export const listAt = (body: unknown, ...path: Step[]): readonly unknown[] => {
  const value = valueAt(body, path)
  return Array.isArray(value) ? value : []
}

export const textsAt = (body: unknown, ...path: Step[]): string[] =>
  listAt(body, ...path).flatMap(it => (typeof it === 'string' ? [it] : []))

/** The first object of a list whose key has the value. */
export const itemWith = (list: readonly unknown[], key: string, value: string): unknown =>
  list.find(it => textAt(it, key) === value)
