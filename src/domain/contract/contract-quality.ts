/** ODCS 3.2.0 `quality` and `relationships`. */
import { z } from 'zod'
import { canonicalJson } from '../../base/index.ts'
import { also, type Keys, keysBy } from '../documents.ts'
import { authoritativeDefinitions, customProperties, stableId, tags } from './contract-parts.ts'

export const qualityTypes = ['text', 'library', 'sql', 'custom'] as const
export const qualityMetrics = ['nullValues', 'missingValues', 'invalidValues', 'duplicateValues', 'rowCount'] as const
export const qualityDimensions = [
  'accuracy',
  'completeness',
  'conformity',
  'consistency',
  'coverage',
  'timeliness',
  'uniqueness',
] as const
export const qualityOperators = [
  'mustBe',
  'mustNotBe',
  'mustBeGreaterThan',
  'mustBeGreaterOrEqualTo',
  'mustBeLessThan',
  'mustBeLessOrEqualTo',
  'mustBeBetween',
  'mustNotBeBetween',
] as const

const text = z.string().optional()
const common = [
  'id authoritativeDefinitions businessImpact customProperties description dimension method name',
  'schedule scheduler severity tags type unit',
].flatMap(line => line.split(' '))

const range = also(z.tuple([z.number(), z.number()]), (value, report) => {
  if (value[0] === undefined || canonicalJson(value[0]) !== canonicalJson(value[1])) return
  report({
    code: 'document.duplicate-value',
    message: 'the two ends of a range are the same',
    found: String(value[0]),
    expected: 'two different numbers; mustBe for one',
  })
})

const qualityShape = also(
  z.strictObject({
    id: stableId.optional(),
    name: text,
    description: text,
    type: z.enum(qualityTypes).optional().describe('How the check is written; library where a metric is named.'),
    metric: z.enum(qualityMetrics).optional().describe('What a library check measures.'),
    rule: text.describe('The name of `metric` before 3.1.'),
    arguments: z.record(z.string(), z.unknown()).optional().describe('What the metric is told: properties, values.'),
    query: text.describe('SQL whose first value is compared; ${table}, ${column} and the like are filled in.'),
    engine: text.describe('Program that runs a custom check.'),
    implementation: z
      .union([z.string(), z.record(z.string(), z.unknown())])
      .optional()
      .describe('What the engine of a custom check is given.'),
    mustBe: z.unknown().optional(),
    mustNotBe: z.unknown().optional(),
    mustBeGreaterThan: z.number().optional(),
    mustBeGreaterOrEqualTo: z.number().optional(),
    mustBeLessThan: z.number().optional(),
    mustBeLessOrEqualTo: z.number().optional(),
    mustBeBetween: range.optional().describe('Both ends belong to the range.'),
    mustNotBeBetween: range.optional(),
    unit: text.describe('rows or percent.'),
    severity: text.describe('error stops publication; warning and info do not.'),
    dimension: z.enum(qualityDimensions).optional(),
    businessImpact: text,
    method: text,
    schedule: text,
    scheduler: text,
    tags: tags.optional(),
    authoritativeDefinitions: authoritativeDefinitions.optional(),
    customProperties: customProperties.optional(),
  }),
  (value, report) => {
    if (!isLibrary(value) && value.type !== 'sql') return
    const [first, ...more] = qualityOperators.filter(operator => value[operator] !== undefined)
    if (first === undefined) {
      const message = 'a check without an operator that says what must hold'
      const expected = `one of ${qualityOperators.join(', ')}`
      report({ code: 'document.missing-key', message, expected, oneOf: qualityOperators })
    }
    for (const second of more) {
      const message = `a check has one operator; ${first} is there already`
      report({ path: [second], at: 'key', code: 'document.wrong-value', message, found: second })
    }
  },
)

const isLibrary = (value: Readonly<Record<string, unknown>>): boolean =>
  value.type === 'library' || typeof value.metric === 'string'

/** The keys of a check that says no type: what it holds tells what it was meant to be. */
const keysWithoutType = (value: Readonly<Record<string, unknown>>): Keys => {
  const has = (keys: readonly string[]): boolean => keys.some(key => value[key] !== undefined)
  const required = has(['query', ...custom]) ? ['type'] : has(library) ? ['metric'] : []
  return { of: 'a check', allowed: Object.keys(qualityShape.shape), required }
}

const library = ['metric', 'rule', 'arguments', ...qualityOperators]
const custom = ['engine', 'implementation']

/** One check of a dataset or a column. */
export const quality = keysBy(qualityShape, value => {
  const { type } = value
  const ofMetric = isLibrary(value) ? library : []
  if (type === undefined && !isLibrary(value)) return keysWithoutType(value)
  switch (type) {
    case undefined:
    case 'library':
      return { of: 'a check of type library', allowed: [...common, ...library], required: ['metric'] }
    case 'sql':
      return {
        of: 'a check of type sql',
        allowed: [...common, 'query', ...qualityOperators, ...ofMetric],
        required: ['query'],
      }
    case 'custom':
      return { of: 'a check of type custom', allowed: [...common, ...custom, ...ofMetric], required: custom }
    case 'text':
      return { of: 'a check of type text', allowed: [...common, ...ofMetric], required: [] }
    default:
      return { of: 'a check', allowed: Object.keys(qualityShape.shape), required: [] }
  }
})

const reference = z
  .string()
  .regex(
    new RegExp(
      [
        '^[A-Za-z_][A-Za-z0-9_\\-]*(\\.[A-Za-z_][A-Za-z0-9_\\-]*)+$',
        '^(?:(?:https?:\\/\\/)?[A-Za-z0-9._\\-\\/]+\\.ya?ml#)?\\/?[A-Za-z_][A-Za-z0-9_]*\\/[^\\s.#/\\\\@!%&^]+(?:\\/[A-Za-z_][A-Za-z0-9_]*\\/[^\\s.#/\\\\@!%&^]+)*$',
      ].join('|'),
    ),
    { abort: true, error: 'it must be dataset.column, or contract.yaml#/schema/<id>/properties/<id>' },
  )
  .describe('dataset.column, or a path into a contract: contract.yaml#/schema/<id>/properties/<id>.')
const references = z.union([reference, z.array(reference).min(1)])

const relationship = {
  id: text,
  type: z.enum(['foreignKey']).optional(),
  customProperties: customProperties.optional(),
}

/** At a column: it says only where it leads. */
export const columnRelationship = z.strictObject({
  ...relationship,
  to: references.describe('What the column is a key of.'),
})

/** At a dataset: from one or several of its columns to as many of another. */
export const datasetRelationship = also(
  z.strictObject({ ...relationship, from: references, to: references }),
  ({ from, to }, report) => {
    const isReference = (it: unknown): boolean => typeof it === 'string' || Array.isArray(it)
    if (!isReference(from) || !isReference(to) || Array.isArray(from) === Array.isArray(to)) return
    const message = '`from` and `to` are both one reference or both a list'
    report({ path: ['to'], code: 'document.wrong-type', message, expected: Array.isArray(from) ? 'a list' : 'a text' })
  },
)
