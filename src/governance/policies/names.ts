/** What the paths of expressions can be: those of the files, with their links followed. Pure. */
import { z } from 'zod'
import { type ColumnDocument, contractDocument, productDocument } from '../../domain/index.ts'
import type { Name, Names, Scope } from './expression-check.ts'

const nothing: Names = {}
const text: Name = { type: 'text', names: () => nothing }
const number: Name = { type: 'number', names: () => nothing }
const anything: Name = {}
const many = (names: () => Names): Name => ({ isMany: true, names })

/** The names inside what a schema describes. */
const nameOf = (schema: z.core.$ZodType): Name => {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodLazy)
    return nameOf(schema.unwrap())
  if (schema instanceof z.ZodArray) return { ...nameOf(schema.element), isMany: true }
  if (schema instanceof z.ZodString || schema instanceof z.ZodEnum || schema instanceof z.ZodLiteral) return text
  if (schema instanceof z.ZodNumber) return number
  if (schema instanceof z.ZodBoolean) return { type: 'boolean', names: () => nothing }
  if (schema instanceof z.ZodObject) {
    const isStrict = schema.def.catchall instanceof z.ZodNever
    return isStrict ? { names: () => namesIn(schema) } : anything
  }
  if (schema instanceof z.ZodUnion) {
    const inner = schema.options.map(nameOf).flatMap(it => (it.names === undefined ? [] : [it.names]))
    return inner.length < schema.options.length
      ? anything
      : { names: () => Object.assign({}, ...inner.map(it => it())) }
  }
  return anything
}

const namesIn = (schema: z.ZodObject): Names =>
  Object.fromEntries(Object.entries(schema.shape).map(([key, part]) => [key, nameOf(part)]))

const inside = (schema: z.ZodObject, key: string): Names => nameOf(schema.shape[key]).names?.() ?? nothing

const domainNames = (): Names => ({
  id: text,
  name: text,
  subject: text,
  parent: text,
  stage: text,
  storage: text,
  engine: text,
  description: anything,
  scope: { ...text, isMany: true },
  tags: { ...text, isMany: true },
  jurisdictions: { ...text, isMany: true },
  team: { names: teamNames },
  responsibilities: many(() => ({ id: text, text, acknowledgedBy: text, acknowledgedOn: text })),
  limits: anything,
  products: many(productNames),
  customProperties: anything,
})

/** People by their role in domain.yaml, where a product's team has its members. */
const teamNames = (): Names => ({
  ...inside(productDocument, 'team'),
  owner: { ...text, isMany: true },
  developer: { ...text, isMany: true },
  steward: { ...text, isMany: true },
})

const productNames = (): Names => {
  const inputs = (): Names => ({
    ...inside(productDocument, 'inputPorts'),
    kind: text,
    major: number,
    contract: { names: contractNames },
  })
  return {
    ...namesIn(productDocument),
    subject: text,
    slug: text,
    stage: text,
    owner: { ...text, isMany: true },
    domain: { names: domainNames, type: 'text' },
    team: { names: teamNames },
    inputs: many(inputs),
    inputPorts: many(inputs),
    outputs: many(portNames),
    outputPorts: many(portNames),
    consumers: { isMany: true },
  }
}

const portNames = (): Names => ({
  ...inside(productDocument, 'outputPorts'),
  subject: text,
  major: number,
  status: text,
  contract: { names: contractNames },
  datasets: many(datasetNames),
})

const contractNames = (): Names => ({ ...namesIn(contractDocument), datasets: many(datasetNames) })

const datasetNames = (): Names => ({
  ...inside(contractDocument, 'schema'),
  subject: text,
  columns: many(columnNames),
  properties: many(columnNames),
})

const columnNames = (): Names => {
  const schema = contractDocument.shape.schema.unwrap().element.shape.properties.unwrap().element
  const written = nameOf(schema).names?.() ?? nothing
  return { ...written, subject: text, type: text, terms: { ...text, isMany: true } } satisfies Partial<
    Record<keyof ColumnDocument, Name>
  > &
    Names
}

const things: Readonly<Record<string, () => Names>> = {
  domain: domainNames,
  product: productNames,
  port: portNames,
  contract: contractNames,
  dataset: datasetNames,
  column: columnNames,
}

/** From the inside out: a rule on one can speak of all that it is inside of. */
const layers = ['column', 'dataset', 'port', 'product', 'domain'] as const
export const standardSubjects = [...layers].reverse()

/** What the rules of a standard can speak of. */
export const standardScope = (on: (typeof layers)[number]): Scope => {
  const outward: string[] = layers.slice(layers.indexOf(on))
  if (outward.includes('port')) outward.push('contract')
  return {
    names: {
      ...Object.fromEntries(outward.map(thing => [thing, { names: things[thing] ?? (() => nothing) }])),
      mesh: anything,
    },
    isOpen: false,
  }
}

/** What filters can speak of besides columns. */
export const filterScope = (lookups: readonly string[]): Scope => ({
  names: {
    principal: anything,
    purpose: text,
    lookup: { names: () => Object.fromEntries(lookups.map(name => [name, anything])) },
  },
  isOpen: true,
})
