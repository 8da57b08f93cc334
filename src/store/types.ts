/** One table of types for both drivers, whose defaults differ: int8 is a number or an error, numeric stays text, timestamptz is a Date, jsonb a value. */

/** A whole number that does not fit is an error, never a rounded one. */
const int8 = (text: string): number => {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} is too large for a number`)
  return value
}

/** `2026-11-25 01:02:03.456+00`: PostgreSQL writes the zone's hours alone. */
const instant = (text: string): Date => new Date(text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00'))

const same = (text: string): string => text

/** Parsers by PostgreSQL's type numbers (pg_type.dat): int8, numeric, date, timestamp, timestamptz, json, jsonb. */
export const parsers: Readonly<Record<number, (text: string) => unknown>> = {
  20: int8,
  1700: same,
  1082: same,
  1114: same,
  1184: instant,
  114: text => JSON.parse(text) as unknown,
  3802: text => JSON.parse(text) as unknown,
}
