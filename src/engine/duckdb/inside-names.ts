/** Names inside of structures, as files have them, turned into those of a contract. Pure. */
import { insideOf } from '../../domain/index.ts'
import { quoteName, quoteText } from '../engine.ts'

/** An SQL expression with the type of what it gives. */
export interface Typed {
  readonly sql: string
  readonly type: string
}

/**
 * What was found, with the names of `to` inside of it where `from` has the names of the files: both are one type but for names.
 * Types of values stay as they are found, and so do fields that `from` does not have.
 */
export const renamedInside = (found: Typed, from: string, to: string, depth = 0): Typed => {
  const [is, own, wanted] = [insideOf(found.type), insideOf(from), insideOf(to)]
  if (from === to || is === undefined) return found
  const it = `name${depth}`
  if (is.kind === 'list' && own?.kind === 'list' && wanted?.kind === 'list') {
    const item = renamedInside({ sql: it, type: is.item }, own.item, wanted.item, depth + 1)
    return { sql: `list_transform(${found.sql}, lambda ${it}: ${item.sql})`, type: `${item.type}[]` }
  }
  if (is.kind === 'map' && own?.kind === 'map' && wanted?.kind === 'map') {
    const key = renamedInside({ sql: `${it}.key`, type: is.key }, own.key, wanted.key, depth + 1)
    const value = renamedInside({ sql: `${it}.value`, type: is.value }, own.value, wanted.value, depth + 1)
    const entries = `list_transform(map_entries(${found.sql}), lambda ${it}: {k: ${key.sql}, v: ${value.sql}})`
    return { sql: `map_from_entries(${entries})`, type: `MAP(${key.type}, ${value.type})` }
  }
  if (is.kind !== 'struct' || own?.kind !== 'struct' || wanted?.kind !== 'struct') return found
  const fields = is.fields.map(({ name, type }) => {
    const index = own.fields.findIndex(it => it.name.toLowerCase() === name.toLowerCase())
    const [source, target] = [own.fields[index], wanted.fields[index]]
    const value = { sql: `struct_extract(${found.sql}, ${quoteText(name)})`, type }
    if (source === undefined || target === undefined) return { name, ...value }
    return { name: target.name, ...renamedInside(value, source.type, target.type, depth) }
  })
  const packed = fields.map(({ name, sql }) => `${quoteName(name)} := ${sql}`)
  return {
    sql: `case when ${found.sql} is null then null else struct_pack(${packed.join(', ')}) end`,
    type: `STRUCT(${fields.map(({ name, type }) => `${quoteName(name)} ${type}`).join(', ')})`,
  }
}
