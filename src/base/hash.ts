/** Content hashes: SHA-256 (FIPS 180-4) in lower-case hexadecimal. */
import { hash } from 'node:crypto'

export const hashText = (text: string | Uint8Array): string => hash('sha256', text, 'hex')

/** JSON with sorted keys and without undefined, so that equal values have equal texts. Whole numbers as keys come first, in their order. */
export const canonicalJson = (value: unknown): string => {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  if (value instanceof Date) return JSON.stringify(value.toISOString())
  // One text that grows: lists of parts, or a sorted copy, take three times as long.
  if (Array.isArray(value)) {
    let text = '['
    for (const inner of value) text += text.length === 1 ? canonicalJson(inner) : `,${canonicalJson(inner)}`
    return `${text}]`
  }
  let text = '{'
  for (const key of sortedKeys(value)) {
    const inner = value[key]
    if (inner !== undefined) text += `${text.length === 1 ? '' : ','}${JSON.stringify(key)}:${canonicalJson(inner)}`
  }
  return `${text}}`
}

/** JavaScript keeps whole numbers before all other keys, whoever sorts them. */
const sortedKeys = <T extends object>(value: T): (keyof T)[] => {
  const keys = Object.keys(value) as (string & keyof T)[] // own keys
  const first = keys.findIndex(key => !(/^(0|[1-9]\d{0,9})$/.test(key) && Number(key) < 2 ** 32 - 1))
  return first <= 0 ? (first === 0 ? keys.sort() : keys) : [...keys.slice(0, first), ...keys.slice(first).sort()]
}

/** The hash of a plain value, whatever the order of its keys. */
export const hashValue = (value: unknown): string => hashText(canonicalJson(value))
