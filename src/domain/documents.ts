/** Parts that documents of several kinds share, and the way in which a document says more about itself than its shape. */
import { z } from 'zod'
import { canonicalJson, nearest, parseDuration, parseSize } from '../base/index.ts'

/** What a check of ours found, relative to the value that it looked at. The mapping to problems is in mesh/documents/validate.ts. */
export interface Finding {
  readonly path?: readonly (string | number)[]
  /** Whether the key or the value is wrong; the value where absent. */
  readonly at?: 'key' | 'value'
  readonly code:
    | 'document.unknown-key'
    | 'document.missing-key'
    | 'document.wrong-type'
    | 'document.wrong-value'
    | 'document.duplicate-value'
    | 'document.wrong-expression'
  readonly message: string
  readonly found?: string | undefined
  readonly expected?: string | undefined
  readonly help?: string | undefined
  /** Of a missing key: any of these would do. */
  readonly oneOf?: readonly string[]
  /** Characters of a text that are meant, from 0; `to` is the one after the last. */
  readonly span?: { readonly from: number; readonly to: number }
}

/** A value while zod looks at it, with what was found so far. */
type Payload = z.core.ParsePayload
type Look<T> = (value: T, report: (finding: Finding) => void, payload: Payload) => void

/** Adds a check that runs even where a part of the value is wrong already, so that all mistakes of a file are told at once. */
export const also = <T extends z.ZodType>(schema: T, look: Look<Readonly<Record<string, unknown>>>): T => {
  const check = z.check<unknown>(payload => {
    const { value } = payload
    // An array's keys are of no use to a check of an object, and harm nothing.
    if (typeof value !== 'object' || value === null) return
    // An object was just asked for.
    look(value as Readonly<Record<string, unknown>>, finding => report(payload, finding), payload)
  })
  check._zod.def.when = () => true
  return schema.check(check)
}

/** Adds a check of a text, run where it is one. */
export const textThat = (schema: z.ZodString, look: Look<string>): z.ZodString =>
  schema.check(z.check<string>(payload => look(payload.value, finding => report(payload, finding), payload)))

const report = (payload: Payload, finding: Finding): void => {
  payload.issues.push({
    code: 'custom',
    input: payload.value,
    path: [...(finding.path ?? [])],
    message: finding.message,
    params: { finding },
    continue: true,
  })
}

/** Looks at a part of a value with one more schema, chosen by the rest of the value. */
export const include = (
  payload: Payload,
  schema: z.ZodType,
  value: unknown,
  path: readonly (string | number)[],
): void => {
  const inner = schema._zod.run({ value, issues: [] }, { async: false })
  // Without promises in the schema, and there are none, the answer is there at once.
  if (inner instanceof Promise) return
  for (const issue of inner.issues) payload.issues.push({ ...issue, path: [...path, ...(issue.path ?? [])] })
}

/** A list in which nothing occurs twice. */
export const distinct = <T extends z.ZodArray>(schema: T): T =>
  also(schema, (value, report) => {
    if (!Array.isArray(value)) return
    const seen = new Set<string>()
    for (const [index, entry] of value.entries()) {
      const text = canonicalJson(entry)
      if (seen.has(text)) {
        const found = typeof entry === 'string' ? entry : text.slice(0, 80)
        report({ path: [index], code: 'document.duplicate-value', message: 'the same entry occurs twice', found })
      }
      seen.add(text)
    }
  })

/** Which keys an object may and must have, given what it says of itself. */
export interface Keys {
  /** `a server of type local` */
  readonly of: string
  readonly allowed: readonly string[]
  readonly required: readonly string[]
}

const keysOfSchema = new WeakMap<z.core.$ZodType, (value: Readonly<Record<string, unknown>>) => Keys>()

/** The keys that are valid for a value of this schema: those of its shape, fewer where it was made by `keysBy`. */
export const validKeys = (schema: z.core.$ZodType, value: unknown): readonly string[] => {
  const narrow = keysOfSchema.get(schema)
  if (narrow && typeof value === 'object' && value !== null) return narrow({ ...value }).allowed
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : []
}

/** An object whose valid and required keys depend on its values; the schema lists all that occur in any case. */
export const keysBy = <T extends z.ZodObject>(
  schema: T,
  choose: (value: Readonly<Record<string, unknown>>) => Keys,
): T => {
  const checked = also(schema, (value, report) => {
    // That a list stands here has been told already.
    if (Array.isArray(value)) return
    const keys = choose(value)
    for (const key of Object.keys(value)) {
      if (keys.allowed.includes(key) || value[key] === undefined) continue
      report({
        path: [key],
        at: 'key',
        code: 'document.unknown-key',
        message: `unknown key "${key}" in ${keys.of}`,
        found: key,
        expected: keys.allowed.join(', '),
      })
    }
    for (const key of keys.required) {
      if (value[key] === undefined) report(missingKey(key, keys.of))
    }
  })
  keysOfSchema.set(checked, choose)
  return checked
}

export const missingKey = (key: string, of: string): Finding => ({
  path: [key],
  code: 'document.missing-key',
  message: `missing key "${key}" in ${of}`,
  expected: key,
})

/** A value that is not one of the valid ones. */
export const wrongValue = (value: string, valid: readonly string[], what: string): Finding => {
  const meant = nearest(value, valid)
  return {
    code: 'document.wrong-value',
    message: `unknown ${what} "${value}"`,
    found: value,
    expected: valid.join(', '),
    help: meant === undefined ? undefined : `did you mean "${meant}"?`,
  }
}

const pattern = (accept: (text: string) => boolean, what: string, expected: string): z.ZodString =>
  textThat(z.string(), (text, report) => {
    if (!accept(text)) {
      report({ code: 'document.wrong-value', message: `"${text}" is no ${what}`, found: text, expected })
    }
  })

/** The id of a thing of ours. */
export const slug = pattern(
  text => /^[a-z][a-z0-9-]*$/.test(text),
  'id',
  'a lower-case letter, then lower-case letters, digits and hyphens',
)
/** A dotted id: `personal.identifier`. */
export const dottedSlug = pattern(
  text => /^[a-z][a-z0-9-]*(\.[a-z0-9][a-z0-9-]*)*$/.test(text),
  'id',
  'lower-case words joined by dots',
)
export const duration = pattern(
  text => parseDuration(text) !== undefined,
  'duration',
  'a number with a unit: s, min, h, d, w, mo or y, as in 30h',
)
export const size = pattern(
  text => parseSize(text) !== undefined,
  'size',
  'a number with a unit: B, KB, MB, GB or TB, as in 2GB',
)
/** A day of the calendar, ISO 8601. */
export const day = pattern(
  text => /^\d{4}-\d{2}-\d{2}$/.test(text) && isRealDay(text),
  'date',
  'a day of the calendar, as in "2026-10-01"',
)
export const instant = pattern(
  text =>
    /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.test(text) && isRealDay(text.slice(0, 10)),
  'instant',
  'an instant with its zone, as in "2026-10-01T08:00:00Z"',
)

const isRealDay = (text: string): boolean => {
  const [year = 0, month = 0, dayOfMonth = 0] = text.split('-').map(Number)
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  const days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0
  return dayOfMonth >= 1 && dayOfMonth <= days
}

/** `customProperties` of the standards and of our own kinds. */
export const customPropertiesWith = (id: z.ZodString) =>
  z.array(
    z.strictObject({
      id: id.optional(),
      property: z.string().describe('Name of the property.'),
      value: z.unknown().describe('Its value, of any shape.'),
      description: z.string().optional(),
      vendor: z.string().optional().describe('Whose property it is; weft for those that the platform reads.'),
    }),
  )

/** What every kind of ours has besides `kind`. */
export const ownHeader = {
  apiVersion: z.literal('weft/v1').describe('Version of the shape of this file.'),
  name: z.string().optional().describe('Name for people; the id where absent.'),
  description: z
    .strictObject({
      purpose: z.string().optional().describe('What it is for.'),
      usage: z.string().optional().describe('How it is used well.'),
      limitations: z.string().optional().describe('What it is no good for.'),
    })
    .optional()
    .describe('What it is, for readers.'),
  tags: z.array(z.string()).optional().describe('Words to find and group by.'),
  customProperties: customPropertiesWith(z.string())
    .optional()
    .describe('Properties that neither the standards nor Weft have.'),
}
