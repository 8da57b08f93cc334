/** ODCS 3.2.0 `schema`: datasets and columns. */
import { z } from 'zod'
import { also, distinct, include, type Keys, keysBy, missingKey } from '../documents.ts'
import {
  authoritativeDefinitions,
  context,
  customProperties,
  scalar,
  stableId,
  synonyms,
  tags,
} from './contract-parts.ts'
import { columnRelationship, datasetRelationship, quality } from './contract-quality.ts'

const text = z.string().optional()
const count = z.int().min(0).optional()

const element = {
  id: stableId.optional(),
  physicalType: text.describe('Type in the engine: VARCHAR, DECIMAL(18,3), ...'),
  physicalName: text,
  description: text,
  businessName: text,
  deprecated: z.boolean().optional(),
  synonyms: synonyms.optional(),
  authoritativeDefinitions: authoritativeDefinitions.optional(),
  tags: tags.optional(),
  customProperties: customProperties.optional(),
  quality: z.array(quality).optional().describe('Checks.'),
}

/** What `logicalTypeOptions` may say of any type; which of it a type has is in `optionsOfType`. */
const options = z.looseObject({
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  pattern: text.describe('RE2, matched anywhere unless anchored.'),
  format: text,
  minimum: z.union([z.number(), z.string()]).optional(),
  exclusiveMinimum: z.union([z.number(), z.string()]).optional(),
  maximum: z.union([z.number(), z.string()]).optional(),
  exclusiveMaximum: z.union([z.number(), z.string()]).optional(),
  multipleOf: z.number().optional(),
  timezone: z.boolean().optional(),
  defaultTimezone: text,
  minItems: z.number().optional(),
  maxItems: z.number().optional(),
  uniqueItems: z.boolean().optional(),
  minProperties: z.number().optional(),
  maxProperties: z.number().optional(),
  required: z.array(z.string()).optional(),
  dimensions: z.number().optional(),
  normalized: z.boolean().optional(),
})

const numeric = (formats: [string, ...string[]]) =>
  z.strictObject({
    minimum: z.number().optional(),
    exclusiveMinimum: z.number().optional(),
    maximum: z.number().optional(),
    exclusiveMaximum: z.number().optional(),
    multipleOf: z.number().positive().optional(),
    format: z.enum(formats).optional(),
  })

const temporal = {
  format: text,
  minimum: text,
  exclusiveMinimum: text,
  maximum: text,
  exclusiveMaximum: text,
}

const moment = z.strictObject({ ...temporal, timezone: z.boolean().optional(), defaultTimezone: text })

const optionsOfType: Readonly<Record<string, z.ZodObject>> = {
  string: z.strictObject({ minLength: count, maxLength: count, pattern: text, format: text }),
  date: z.strictObject(temporal),
  timestamp: moment,
  time: moment,
  integer: numeric(['i8', 'i16', 'i32', 'i64', 'i128', 'u8', 'u16', 'u32', 'u64', 'u128']),
  number: numeric(['f32', 'f64']),
  object: z.strictObject({
    minProperties: count,
    maxProperties: count,
    required: distinct(z.array(z.string()).min(1)).optional(),
  }),
  array: z.strictObject({ minItems: count, maxItems: count, uniqueItems: z.boolean().optional() }),
  vector: z.strictObject({
    dimensions: z.int().min(1),
    elementType: z.enum(['bfloat16', 'binary', 'float16', 'float32', 'float64', 'int8', 'uint8']).optional(),
    distanceMetric: z.enum(['cosine', 'dotProduct', 'euclidean', 'hamming', 'manhattan']).optional(),
    embeddingModel: text,
    embeddingModelVersion: text,
    normalized: z.boolean().optional(),
  }),
}

export const logicalTypes = [
  'string',
  'date',
  'timestamp',
  'time',
  'number',
  'integer',
  'object',
  'array',
  'boolean',
  'map',
  'vector',
] as const

const enumValue = z.strictObject({
  value: scalar,
  label: text,
  id: stableId.optional(),
  description: text,
  customProperties: customProperties.optional(),
  authoritativeDefinitions: authoritativeDefinitions.optional(),
  tags: tags.optional(),
})

const columnKeys = {
  ...element,
  logicalType: z.enum(logicalTypes).optional().describe('Type in any engine.'),
  logicalTypeOptions: options.optional().describe('More about the type: ranges, lengths, pattern.'),
  primaryKey: z.boolean().optional(),
  primaryKeyPosition: z.int().optional().describe('From 1.'),
  required: z.boolean().optional().describe('No NULL.'),
  unique: z.boolean().optional(),
  semanticType: z.enum(['column', 'measure', 'dimension']).optional(),
  partitioned: z.boolean().optional(),
  partitionKeyPosition: z.int().optional(),
  classification: text.describe('How sensitive it is; a dotted word of the mesh.'),
  encryptedName: text,
  transformSourceObjects: z.array(z.string()).optional(),
  transformLogic: text,
  transformDescription: text,
  examples: z.array(z.unknown()).optional(),
  enum: distinct(z.array(enumValue).min(1)).optional().describe('The only values that it may have.'),
  criticalDataElement: z.boolean().optional(),
  relationships: z.array(columnRelationship).optional(),
}

const leaf = z.strictObject({ ...columnKeys, name: text })

/** Something that a list or map holds: a column that needs no name. */
export interface ItemDocument extends z.output<typeof leaf> {
  readonly properties?: ColumnDocument[] | undefined
  readonly items?: ItemDocument | undefined
  readonly map?: { readonly key: ItemDocument; readonly value: ItemDocument } | undefined
}

export interface ColumnDocument extends Omit<ItemDocument, 'name'> {
  readonly name: string
}

// The types stand apart from the values, so that each can refer to itself.
const anyItem: z.ZodType<ItemDocument> = z.lazy(() => item)
const anyColumn: z.ZodType<ColumnDocument> = z.lazy(() => column)

const inside = {
  properties: z.array(anyColumn).optional().describe('Columns inside a structure.'),
  items: anyItem.optional().describe('What a list holds.'),
  map: z.strictObject({ key: anyItem, value: anyItem }).optional().describe('What a map holds.'),
}

const itemShape = z.strictObject({ ...columnKeys, name: text, ...inside })
const columnShape = z.strictObject({ ...columnKeys, name: z.string().describe('Name of the column.'), ...inside })

const nested = ['properties', 'items', 'map']
const nestedOfType: Readonly<Record<string, string>> = { object: 'properties', array: 'items', map: 'map' }
const plainKeys = Object.keys(itemShape.shape).filter(key => !nested.includes(key))

const columnKeysBy = (value: Readonly<Record<string, unknown>>): Keys => {
  const type = logicalTypes.find(known => known === value.logicalType)
  const all = { of: 'a column', allowed: [...plainKeys, ...nested], required: [] }
  if (type === undefined) {
    // Only a map says by its keys what it is; the other parts are valid without a type.
    const isUntypedMap = value.logicalType === undefined && value.map !== undefined
    return isUntypedMap ? { ...all, required: ['logicalType'] } : all
  }
  const inner = nestedOfType[type]
  return {
    of: `a column of logicalType ${type}`,
    allowed: inner === undefined ? plainKeys : [...plainKeys, inner],
    required: type === 'map' ? ['map'] : [],
  }
}

const checkOptions = <T extends z.ZodObject>(schema: T): T =>
  also(schema, (value, report, payload) => {
    const { logicalType, logicalTypeOptions } = value
    if (typeof logicalTypeOptions !== 'object' || logicalTypeOptions === null) return
    if (logicalType === undefined) {
      if (Object.keys(logicalTypeOptions).length > 0)
        report(missingKey('logicalType', 'a column with logicalTypeOptions'))
      return
    }
    const ofType = typeof logicalType === 'string' ? optionsOfType[logicalType] : undefined
    if (ofType) include(payload, ofType, logicalTypeOptions, ['logicalTypeOptions'])
  })

const item = keysBy(checkOptions(itemShape), columnKeysBy)
const column = keysBy(checkOptions(columnShape), columnKeysBy)

/** A dataset: a table, a file, a topic. */
export const dataset = z.strictObject({
  ...element,
  name: z.string().describe('Name of the dataset.'),
  logicalType: z.enum(['object']).optional(),
  dataGranularityDescription: text.describe('What one row stands for.'),
  properties: z.array(column).optional().describe('Columns.'),
  relationships: z.array(datasetRelationship).optional(),
  context: context.optional(),
})
