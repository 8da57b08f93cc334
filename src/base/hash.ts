/** Content hashes: SHA-256 (FIPS 180-4) in lower-case hexadecimal. */
import { hash } from 'node:crypto'

export const hashText = (text: string | Uint8Array): string => hash('sha256', text, 'hex')

/** JSON with sorted keys and without undefined, so that equal values have equal texts. */
export const canonicalJson = (value: unknown): string => JSON.stringify(sorted(value)) ?? 'null'

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted)
  if (value instanceof Date) return value.toISOString()
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  )
}

/** The hash of a plain value, whatever the order of its keys. */
export const hashValue = (value: unknown): string => hashText(canonicalJson(value))
