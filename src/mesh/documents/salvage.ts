/** A document that has mistakes, as it was most likely meant, so that one mistake does not look like many elsewhere. Pure. */
import type { DocumentKind } from './kinds.ts'
import { valueAt } from './schema-at.ts'
import type { Placed } from './validate.ts'

type Verdict = { readonly value?: unknown; readonly findings: readonly Placed[] }

/** Mending one part can bring the next mistake to light. */
const attemptsMax = 6

/** Undefined where it cannot be told what was meant. What decides about access is never read with a part left out. */
export const salvaged = (kind: DocumentKind, body: unknown, look: (body: unknown) => Verdict): unknown => {
  const mayLeaveOut = kind !== 'Policy' && kind !== 'AccessAgreement'
  const copy = structuredClone(body)
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const { value, findings } = look(copy)
    if (value !== undefined) return value
    const isChanged = findings.map(it => mend(copy, it, mayLeaveOut)).includes(true)
    if (!isChanged) return undefined
  }
  return undefined
}

/** Changes the body where it can; says whether it did. */
const mend = (body: unknown, { code, path, help }: Placed, mayLeaveOut: boolean): boolean => {
  const parent = valueAt(body, path.slice(0, -1))
  const key = path.at(-1)
  if (typeof parent !== 'object' || parent === null || key === undefined || code === 'document.missing-key')
    return false
  const target = parent as Record<string | number, unknown> // an object was just asked for
  if (!Object.hasOwn(target, key)) return false
  const meant = /^did you mean "(.*)"\?$/.exec(help ?? '')?.[1]
  if (code === 'document.unknown-key' && meant !== undefined && !Object.hasOwn(target, meant)) {
    target[meant] = target[key]
    delete target[key]
    return true
  }
  if (code === 'document.wrong-value' && meant !== undefined && meant !== target[key]) {
    target[key] = meant
    return true
  }
  if (code === 'document.wrong-type' && typeof target[key] === 'number') {
    target[key] = String(target[key])
    return true
  }
  // Leaving out an entry of a list would move the places of those behind it.
  if (!mayLeaveOut || Array.isArray(parent)) return false
  delete target[key]
  return true
}
