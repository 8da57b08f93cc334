/** Contracts as they are found in the wild, in the form of the newest standard: what can be understood is, and said. Pure. */

/** Something that was read in another way than it was written. */
export interface Remark {
  readonly path: readonly (string | number)[]
  readonly at: 'key' | 'value'
  readonly message: string
  readonly found: string
  readonly expected: string
}

type Body = Record<string, unknown>

/** A copy in which known slips are mended, with a remark for each. What is no object stays as it is. */
export const lenientContract = (body: unknown): { readonly body: unknown; readonly remarks: readonly Remark[] } => {
  const remarks: Remark[] = []
  if (!isBody(body)) return { body, remarks }
  const copy: Body = { ...body }
  if (Array.isArray(copy.schema)) copy.schema = copy.schema.map((it, index) => dataset(it, ['schema', index], remarks))
  if (Array.isArray(copy.slaProperties))
    copy.slaProperties = copy.slaProperties.map((it, index) => promise(it, ['slaProperties', index], remarks))
  return { body: copy, remarks }
}

const isBody = (value: unknown): value is Body => typeof value === 'object' && value !== null && !Array.isArray(value)

const dataset = (value: unknown, path: readonly (string | number)[], remarks: Remark[]): unknown => {
  if (!isBody(value)) return value
  const copy: Body = { ...value }
  if (Array.isArray(copy.properties))
    copy.properties = copy.properties.map((it, index) => column(it, [...path, 'properties', index], remarks))
  checks(copy, path, remarks)
  return copy
}

const column = (value: unknown, path: readonly (string | number)[], remarks: Remark[]): unknown => {
  if (!isBody(value)) return value
  const copy: Body = { ...value }
  for (const key of ['isNullable', 'nullable']) {
    if (typeof copy[key] !== 'boolean') continue
    const isNullable = copy[key]
    delete copy[key]
    copy.required ??= !isNullable
    remarks.push({
      path: [...path, key],
      at: 'key',
      message: `"${key}" is no key of the standard; read as required: ${!isNullable}`,
      found: key,
      expected: 'required',
    })
  }
  if (Array.isArray(copy.properties))
    copy.properties = copy.properties.map((it, index) => column(it, [...path, 'properties', index], remarks))
  checks(copy, path, remarks)
  return copy
}

/** Names that metrics had before 3.1. */
const renamed: Readonly<Record<string, string>> = {
  nullCheck: 'nullValues',
  duplicateCount: 'duplicateValues',
  duplicateCheck: 'duplicateValues',
  validValues: 'invalidValues',
  uniqueCheck: 'duplicateValues',
  countCheck: 'rowCount',
}

const checks = (owner: Body, path: readonly (string | number)[], remarks: Remark[]): void => {
  if (!Array.isArray(owner.quality)) return
  owner.quality = owner.quality.map((it: unknown, index: number) => {
    if (!isBody(it) || typeof it.rule !== 'string' || it.metric !== undefined) return it
    // `rule` names a metric only in library checks.
    if (it.type !== undefined && it.type !== 'library') return it
    const { rule, ...rest } = it
    const metric = renamed[rule] ?? rule
    remarks.push({
      path: [...path, 'quality', index, 'rule'],
      at: 'key',
      message: `"rule" was the name of "metric" before 3.1; read as metric: ${metric}`,
      found: 'rule',
      expected: 'metric',
    })
    return { ...rest, metric }
  })
}

/** The unit `m` means minutes to one tool and months to another. */
const promise = (value: unknown, path: readonly (string | number)[], remarks: Remark[]): unknown => {
  if (!isBody(value) || value.unit !== 'm') return value
  remarks.push({
    path: [...path, 'unit'],
    at: 'value',
    message: 'the unit "m" is minutes to some tools and months to others; read as minutes',
    found: 'm',
    expected: 'min or mo',
  })
  return { ...value, unit: 'min' }
}
