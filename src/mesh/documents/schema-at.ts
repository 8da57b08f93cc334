/** A part of a document, and the schema of it. Pure. */
import { z } from 'zod'
import type { Path } from '../../domain/index.ts'

/** Follows a path through objects, lists, records, unions and wrappers; undefined where the schema has no such part. */
export const schemaAt = (schema: z.core.$ZodType, path: Path, body: unknown): z.core.$ZodType | undefined => {
  let at: z.core.$ZodType | undefined = unwrap(schema, body)
  let value: unknown = body
  for (const step of path) {
    value = typeof value === 'object' && value !== null ? new Map(Object.entries(value)).get(String(step)) : undefined
    at = at === undefined ? undefined : inside(at, step)
    at = at === undefined ? undefined : unwrap(at, value)
  }
  return at
}

const inside = (schema: z.core.$ZodType, step: string | number): z.core.$ZodType | undefined => {
  if (schema instanceof z.ZodObject) return Object.hasOwn(schema.shape, step) ? schema.shape[String(step)] : undefined
  if (schema instanceof z.ZodArray) return schema.element
  if (schema instanceof z.ZodRecord) return schema.valueType
  return undefined
}

const unwrap = (schema: z.core.$ZodType, value: unknown): z.core.$ZodType | undefined => {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault)
    return unwrap(schema.unwrap(), value)
  if (schema instanceof z.ZodLazy) return unwrap(schema.unwrap(), value)
  if (!(schema instanceof z.ZodUnion)) return schema
  const options = schema.options.map(it => unwrap(it, value)).filter(it => it !== undefined)
  const isList = Array.isArray(value)
  const isMap = typeof value === 'object' && value !== null && !isList
  return (
    options.find(it =>
      isList ? it instanceof z.ZodArray : isMap ? it instanceof z.ZodObject || it instanceof z.ZodRecord : false,
    ) ?? options[0]
  )
}

export const valueAt = (body: unknown, path: Path): unknown => {
  let value: unknown = body
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return undefined
    value = Object.hasOwn(value, step) ? new Map(Object.entries(value)).get(String(step)) : undefined
  }
  return value
}
