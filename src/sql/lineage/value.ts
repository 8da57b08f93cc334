/** A value in a query: what flows into it, and into each of its fields where they are known. Pure. */
import { foldName } from '../tree.ts'
import { Flow, type How, type Leaves } from './flow.ts'
import { fieldsOf, itemOf, mayHaveParts } from './type-text.ts'

export interface Value {
  readonly flow: Flow
  /** By name as DuckDB compares it; undefined where the value has no such field, or nobody knows its fields. */
  field(name: string): Value | undefined
  /** Fields in their order, with their names as they are written. */
  fields(): readonly { readonly name: string; readonly value: Value }[] | undefined
  /** An item of a list, or a value of a map; what is no list is its own item. */
  item(): Value
  readonly isList: boolean
  /** Whether something inside of it may be told apart. */
  readonly hasParts: boolean
}

const nowhere = (): undefined => undefined

/** A value of which no field is told apart. */
export const plain = (flow: Flow): Value => ({
  flow,
  field: nowhere,
  fields: nowhere,
  item: () => plain(flow),
  isList: false,
  hasParts: false,
})

export const nothing = plain(Flow.none)

/** A column of a table, or a field inside it. */
export const stored = (leaves: Leaves, table: string, path: readonly string[], type: string, at?: number): Value => {
  const flow = Flow.ofLeaf(leaves.number(table, path)).placed(at)
  if (!mayHaveParts(type)) return plain(flow)
  const inner = itemOf(type)
  const all = inner === undefined ? fieldsOf(type) : undefined
  const inside = (name: string, of: string): Value => stored(leaves, table, [...path, name], of, at)
  return {
    flow,
    field: name => {
      const found = all?.find(it => foldName(it.name) === foldName(name))
      return found === undefined ? undefined : inside(found.name, found.type)
    },
    fields: () => all?.map(it => ({ name: it.name, value: inside(it.name, it.type) })),
    item: () => (inner === undefined ? plain(flow) : stored(leaves, table, path, inner, at)),
    isList: inner !== undefined,
    hasParts: inner !== undefined || all !== undefined,
  }
}

/** A value that was put together from others. */
export const struct = (members: readonly { readonly name: string; readonly value: Value }[]): Value => {
  const flow = Flow.union(members.map(it => it.value.flow))
  const whole: Value = {
    flow,
    field: name => members.find(it => foldName(it.name) === foldName(name))?.value,
    fields: () => members,
    item: () => whole,
    isList: false,
    hasParts: true,
  }
  return whole
}

/** A list whose items are all such a value; `more` decides which items there are. */
export const list = (item: Value, more = Flow.none): Value => ({
  flow: Flow.union([item.flow, more]),
  field: () => undefined,
  fields: () => undefined,
  item: () => influenced(item, more),
  isList: true,
  hasParts: true,
})

/** The value as it is, with more that decides about it. */
export const influenced = (value: Value, more: Flow): Value =>
  more.isEmpty ? value : mapped(value, flow => Flow.union([flow, more]))

export const used = (value: Value, how: How, position?: number): Value =>
  how === 'identity' ? value : mapped(value, flow => flow.by(how, position))

export const placedAt = (value: Value, position: number | undefined): Value =>
  position === undefined ? value : mapped(value, flow => flow.placed(position))

/** One of several: a column of a set operation, or the branches of a CASE. */
export const either = (values: readonly Value[]): Value => {
  const [first, ...rest] = values
  if (first === undefined) return nothing
  if (rest.length === 0) return first
  const flow = Flow.union(values.map(it => it.flow))
  if (!values.some(it => it.hasParts)) return plain(flow)
  return {
    flow,
    field: name => {
      const fields = fieldsOfEither(values)
      return fields?.find(it => foldName(it.name) === foldName(name))?.value
    },
    fields: () => fieldsOfEither(values),
    item: () => either(values.map(it => it.item())),
    isList: values.some(it => it.isList),
    hasParts: true,
  }
}

/** Structures become one with the fields of all; those without names meet by their place. */
const fieldsOfEither = (values: readonly Value[]): ReturnType<Value['fields']> => {
  // NULL is of any type.
  const all = values.filter(it => it.hasParts || !it.flow.isEmpty).map(it => it.fields())
  if (!all.every(it => it !== undefined)) return undefined
  const byName = new Map<string, { readonly name: string; readonly values: Value[] }>()
  for (const fields of all)
    for (const [index, { name, value }] of fields.entries()) {
      const key = name === '' ? `#${index}` : foldName(name)
      const known = byName.get(key) ?? { name, values: [] }
      byName.set(key, known)
      known.values.push(value)
    }
  return [...byName.values()].map(it => ({ name: it.name, value: either(it.values) }))
}

const mapped = (value: Value, change: (flow: Flow) => Flow): Value => {
  const flow = change(value.flow)
  if (!value.hasParts) return flow === value.flow ? value : plain(flow)
  return {
    flow,
    field: name => {
      const found = value.field(name)
      return found === undefined ? undefined : mapped(found, change)
    },
    fields: () => value.fields()?.map(it => ({ name: it.name, value: mapped(it.value, change) })),
    item: () => mapped(value.item(), change),
    isList: value.isList,
    hasParts: true,
  }
}
