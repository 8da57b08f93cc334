/** One value of a batch as text, as JSON and as CSV shows it: nothing is rounded, instants are ISO 8601 in UTC. Pure. */
import type { Vector } from '../engine/index.ts'

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue }

export const isNull = (vector: Vector, row: number): boolean =>
  vector.valid !== undefined && ((vector.valid[row >> 3] ?? 0) & (1 << (row & 7))) === 0

/** The value as JSON carries it without loss: whole numbers beyond 2^53, decimals, instants and what is no number are texts. */
export const jsonValue = (vector: Vector, row: number): JsonValue => {
  if (isNull(vector, row)) return null
  return jsonOf(vector.type, vector.data[row])
}

const jsonOf = (type: string, value: unknown): JsonValue => {
  if (type === 'BOOLEAN') return typeof value === 'boolean' ? value : value === 1
  if (type === 'DATE' && typeof value === 'number') return dateText(value)
  if (typeof value === 'bigint' && type.startsWith('TIMESTAMP')) return timestampText(type, value, 'T')
  return plain(value)
}

const plain = (value: unknown): JsonValue => {
  if (value === null || value === undefined) return null
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString()
  if (typeof value === 'number') return Number.isFinite(value) ? value : numberText(value)
  if (typeof value === 'string' || typeof value === 'boolean') return value
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]))
  return String(value)
}

/** The value as a person reads it in a table or a CSV file; null for NULL. */
export const cell = (vector: Vector, row: number): string | null => {
  if (isNull(vector, row)) return null
  const { type } = vector
  const value = vector.data[row]
  if (typeof value === 'bigint' && type.startsWith('TIMESTAMP')) return timestampText(type, value, ' ')
  if (typeof value === 'string') return value
  const json = jsonOf(type, value)
  if (json === null) return null
  return typeof json === 'object' ? JSON.stringify(json) : String(json)
}

const numberText = (value: number): string =>
  Number.isNaN(value) ? 'NaN' : value === Number.POSITIVE_INFINITY ? 'Infinity' : '-Infinity'

const daysMax = 2_147_483_647
const dayMicros = 86_400_000_000n
const microsMax = 9_223_372_036_854_775_807n

const dateText = (days: number): string => {
  if (Math.abs(days) === daysMax) return days > 0 ? 'infinity' : '-infinity'
  const { year, month, day } = civil(days)
  return `${yearText(year)}-${two(month)}-${two(day)}`
}

const timestampText = (type: string, micros: bigint, between: 'T' | ' '): string => {
  if (micros === microsMax || micros === -microsMax) return micros > 0n ? 'infinity' : '-infinity'
  const inDay = ((micros % dayMicros) + dayMicros) % dayMicros
  const days = Number((micros - inDay) / dayMicros)
  const seconds = Number(inDay / 1_000_000n)
  const fraction = (inDay % 1_000_000n).toString().padStart(6, '0').replace(/0+$/, '')
  const time = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
  const zone = type.includes('TIME ZONE') || type === 'TIMESTAMPTZ' ? 'Z' : ''
  return `${dateText(days)}${between}${time}${fraction === '' ? '' : `.${fraction}`}${zone}`
}

/** Days since 1970 as a date of the Gregorian calendar, extended both ways (Hinnant, "chrono-compatible low-level date algorithms", 2013). */
const civil = (days: number): { year: number; month: number; day: number } => {
  const shifted = days + 719_468
  const era = Math.floor(shifted / 146_097)
  const ofEra = shifted - era * 146_097
  const yearOfEra = Math.floor(
    (ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365,
  )
  const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const shiftedMonth = Math.floor((5 * ofYear + 2) / 153)
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: ofYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1,
  }
}

const two = (value: number): string => String(value).padStart(2, '0')
const yearText = (year: number): string =>
  year < 0
    ? `-${String(-year).padStart(6, '0')}`
    : year > 9999
      ? `+${String(year).padStart(6, '0')}`
      : String(year).padStart(4, '0')
