/** Texts that a comma inside `{ }` has cut: `{ purpose: Whom we know, and how. }` is a text and a key without a value to YAML. Pure. */
import type { Path } from '../../domain/index.ts'

export interface SplitRemark {
  readonly path: Path
  readonly at: 'key'
  readonly message: string
  readonly found: string
  readonly expected: string
}

/** A copy in which such keys are part of the text again, with a remark for each. */
export const joinSplitTexts = (body: unknown): { readonly body: unknown; readonly remarks: readonly SplitRemark[] } => {
  const remarks: SplitRemark[] = []
  const walk = (value: unknown, path: Path): unknown => {
    if (Array.isArray(value)) return value.map((inner, index) => walk(inner, [...path, index]))
    if (typeof value !== 'object' || value === null) return value
    const copy: Record<string, unknown> = {}
    let last: string | undefined
    for (const [key, inner] of Object.entries(value)) {
      const before = last === undefined ? undefined : copy[last]
      if (inner === null && last !== undefined && typeof before === 'string' && isRestOfText(key)) {
        copy[last] = `${before}, ${key}`
        remarks.push({
          path: [...path, key],
          at: 'key',
          message: `a comma inside { } ends a text; read as one text of "${last}"`,
          found: key,
          expected: 'the text in quotes',
        })
        continue
      }
      copy[key] = walk(inner, [...path, key])
      last = key
    }
    return copy
  }
  return { body: walk(body, []), remarks }
}

/** No key has a space in it or ends like a sentence. */
const isRestOfText = (key: string): boolean => /\s|[.!?]$/.test(key)
