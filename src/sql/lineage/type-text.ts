/** What is inside a type, from its text as DuckDB writes it. Pure. */

/** A quick look: false where neither of the two below finds anything. */
export const mayHaveParts = (type: string): boolean => type.endsWith(']') || /^(struct|map)\(/i.test(type)

/** Fields of a STRUCT; undefined for any other type. */
export const fieldsOf = (type: string): { readonly name: string; readonly type: string }[] | undefined => {
  const inside = /^STRUCT\((.*)\)$/is.exec(type)?.[1]
  if (inside === undefined) return undefined
  return partsOf(inside).map(part => {
    const quoted = /^"((?:[^"]|"")*)"\s+(.*)$/s.exec(part)
    if (quoted !== null) return { name: (quoted[1] ?? '').replaceAll('""', '"'), type: quoted[2] ?? '' }
    const space = part.indexOf(' ')
    return { name: part.slice(0, space), type: part.slice(space + 1).trim() }
  })
}

/** The type of an item of a list or an array, or of a value of a map. */
export const itemOf = (type: string): string | undefined => {
  const list = /^(.*)\[\d*\]$/s.exec(type)?.[1]
  if (list !== undefined) return list
  const map = /^MAP\((.*)\)$/is.exec(type)?.[1]
  return map === undefined ? undefined : partsOf(map)[1]
}

/** Parts between commas that are in no bracket and in no quotes. */
const partsOf = (text: string): string[] => {
  const parts: string[] = []
  let depth = 0
  let isQuoted = false
  let from = 0
  for (let at = 0; at < text.length; at++) {
    const letter = text[at]
    if (letter === '"') isQuoted = !isQuoted
    else if (isQuoted) continue
    else if (letter === '(' || letter === '[') depth++
    else if (letter === ')' || letter === ']') depth--
    else if (letter === ',' && depth === 0) {
      parts.push(text.slice(from, at).trim())
      from = at + 1
    }
  }
  const last = text.slice(from).trim()
  return last === '' ? parts : [...parts, last]
}
