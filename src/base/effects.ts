/** What reaches outside the program: clock, ids, log. Decisions never touch it; acts are given it. */
import { randomBytes } from 'node:crypto'

export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>

/** Event name and fields. No secret and no row value is ever a field. */
export interface Log {
  info(event: string, fields?: LogFields): void
  warn(event: string, fields?: LogFields): void
  error(event: string, fields?: LogFields): void
}

export interface Effects {
  /** The instant, taken once an operation. */
  now(): Date
  /** A new UUIDv7 (RFC 9562 section 5.7): ids sort by the time of their making. */
  id(): string
  readonly log: Log
}

export const silentLog: Log = { info: () => {}, warn: () => {}, error: () => {} }

/** A UUID of version 7: 48 bits of Unix milliseconds, 74 random bits. */
export const uuidV7 = (nowMs: number): string => {
  const bytes = randomBytes(16)
  bytes.writeUIntBE(nowMs, 0, 6)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** The real clock and ids. */
export const systemEffects = (log: Log = silentLog): Effects => ({
  now: () => new Date(),
  id: () => uuidV7(Date.now()),
  log,
})
