/** What a measuring leaves behind for the next one, so that rows which have not changed are not read again. A plain JSON value. */
import { z } from 'zod'
import { hashValue } from '../../base/index.ts'
import type { Value } from '../../engine/index.ts'

const answer = z.union([z.string(), z.number(), z.boolean(), z.null()])

/** Which cells of a bitmap of hashes are set, of the first `cells` of 2^`power`; one in `every` hashes was looked at. */
const sketch = z.object({
  power: z.number(),
  every: z.number(),
  cells: z.number(),
  set: z.array(z.number()),
})

const estimates = z.object({
  /** Rows when all of them were last read, and how many have gone since. */
  wholeRows: z.number(),
  goneRows: z.number(),
  sketches: z.record(z.string(), sketch),
  /** Rows as texts, after the hash of each; those whose hash has no bit of the mask. */
  sample: z.object({ mask: z.number(), rows: z.array(z.array(z.string().nullable())) }),
})

const memory = z.object({
  version: z.literal(1),
  rows: z.number(),
  /** Names and types: other columns are another dataset. */
  columns: z.string(),
  /** By the hash of what was asked. */
  facts: z.record(z.string(), answer),
  /** Rows that repeat a key, by the hash of its columns. */
  repeats: z.record(z.string(), z.number()),
  /** Rows without their counterpart, by the hash of the relationship. */
  orphans: z.record(z.string(), z.number()),
  estimates: estimates.optional(),
})

export type Memory = z.output<typeof memory>
export type Estimates = z.output<typeof estimates>
export type Sketch = z.output<typeof sketch>

/** What was left behind; undefined where it was by another version, or is none: then everything is read. */
export const readMemory = (value: unknown): Memory | undefined => memory.safeParse(value).data

export const keyOf = (asked: unknown): string => hashValue(asked).slice(0, 20)

/** As JSON can hold it: large whole numbers are texts. */
export const storableAnswer = (value: Value): z.output<typeof answer> | undefined => {
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  return typeof value === 'object' && value !== null ? undefined : value
}
