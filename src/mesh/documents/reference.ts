/** What editors and the reference know of each kind: a JSON Schema, and its keys as rows. Both come from the schemas that files are read with. */
import { z } from 'zod'
import { policyRule, policyTypes, ruleKeys } from '../../governance/index.ts'
import { type DocumentKind, documentSchemas } from './kinds.ts'

interface Schema {
  readonly type?: string | readonly string[]
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly description?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly prefixItems?: readonly Schema[]
  readonly additionalProperties?: Schema | boolean
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, Schema>>
}

/** JSON Schema 2020-12, for editors. Checks that depend on several values are in it only for the rules of policies. */
export const jsonSchemaOf = (kind: DocumentKind): object => ({ title: kind, ...schemaOf(kind) })

const schemaOf = (kind: DocumentKind): Schema => {
  const schema = plain(documentSchemas[kind])
  if (kind !== 'Policy') return schema
  const { $schema: _, ...rule } = plain(policyRule) as Schema & { $schema?: string } // the dialect stands at the top only
  const rules = { ...schema.properties?.rules, items: rule }
  const allOf = policyTypes.map(type => {
    const { must, may } = ruleKeys[type]
    const names = { enum: ['id', 'name', 'description', ...must, ...may] }
    return {
      if: { properties: { type: { const: type } }, required: ['type'] },
      // biome-ignore lint/suspicious/noThenProperty: `then` is a word of JSON Schema.
      then: { properties: { rules: { items: { required: must, propertyNames: names } } } },
    }
  })
  return { ...schema, properties: { ...schema.properties, rules }, allOf } as Schema // with one more word of JSON Schema
}

const plain = (schema: z.ZodType): Schema =>
  z.toJSONSchema(schema, { target: 'draft-2020-12', unrepresentable: 'any', io: 'input' }) as Schema // JSON Schema is what it makes

/** One key of a kind, as the reference lists it. */
export interface KeyRow {
  /** `schema[].properties[].name`; `<name>` stands for any key. */
  readonly path: string
  readonly type: string
  /** Where what it is inside of is there. */
  readonly required: boolean
  readonly description: string
}

/** All keys of a kind, in the order of its schema. A part that can be inside itself is told once. */
export const describeKind = (kind: DocumentKind): KeyRow[] => {
  const top = schemaOf(kind)
  const definitions = top.$defs ?? {}
  const rows: KeyRow[] = []
  const open = new Set<string>()
  const walk = (given: Schema, path: string): void => {
    const { $ref } = given
    if ($ref === '#' || ($ref !== undefined && open.has($ref))) return
    if ($ref !== undefined) open.add($ref)
    const schema = target(given, definitions)
    for (const [key, part] of Object.entries(schema.properties ?? {})) {
      const here = path === '' ? key : `${path}.${key}`
      rows.push({
        path: here,
        type: typeOf(part, definitions),
        required: schema.required?.includes(key) === true,
        description: part.description ?? target(part, definitions).description ?? '',
      })
      walk(part, here)
    }
    const { items, additionalProperties } = schema
    if (items !== undefined) walk(items, `${path}[]`)
    if (typeof additionalProperties === 'object' && Object.keys(additionalProperties).length > 0)
      walk(additionalProperties, `${path}.<name>`)
    for (const option of [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]) walk(option, path)
    if ($ref !== undefined) open.delete($ref)
  }
  walk(top, '')
  return rows
}

const target = (schema: Schema, definitions: Readonly<Record<string, Schema>>): Schema =>
  schema.$ref === undefined ? schema : (definitions[schema.$ref.replace('#/$defs/', '')] ?? schema)

/** In the words of the reference: `text`, `list of texts`, `map`, `one of a, b`. */
const typeOf = (given: Schema, definitions: Readonly<Record<string, Schema>>): string => {
  const schema = target(given, definitions)
  if (schema.const !== undefined) return String(schema.const)
  if (schema.enum !== undefined) return `one of ${schema.enum.join(', ')}`
  const options = schema.anyOf ?? schema.oneOf
  if (options !== undefined) return [...new Set(options.map(it => typeOf(it, definitions)))].join(' or ')
  switch (schema.type) {
    case 'array':
      return schema.prefixItems === undefined
        ? `list of ${typeOf(schema.items ?? {}, definitions)}`
        : `list of ${schema.prefixItems.length}`
    case 'object':
      return 'map'
    case 'string':
      return 'text'
    case 'integer':
      return 'whole number'
    case 'number':
    case 'boolean':
      return schema.type
    case 'null':
      return 'nothing'
    default:
      return 'anything'
  }
}
