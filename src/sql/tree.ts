/** A SELECT's tree as DuckDB gives it (`json_serialize_sql`), with places in characters. Pure but for the parser that is passed in. */

/** A node of the tree: objects carry `class` or `type`. Whole numbers that a double cannot hold, and what JSON has no number for, are texts. */
export type JsonNode = Readonly<Record<string, unknown>>

export interface Select {
  readonly text: string
  /** The outermost query node. `query_location` is replaced by `position`: characters from 0, absent where there is none. */
  readonly tree: JsonNode
  /** The names that the outermost SELECT delivers, where it says them. */
  readonly outputs: readonly { readonly name: string; readonly position?: number }[]
}

export interface SelectFailure {
  readonly ok: false
  /** Whether the text is no SQL, or something else than one SELECT. */
  readonly reason: 'syntax' | 'not-one-select'
  readonly message: string
  /** In characters from 0. */
  readonly position?: number
}

/** The engine's parser: trees as JSON texts, in the order given. Its places count code points. */
export type Parse = (
  texts: readonly string[],
) => Promise<
  readonly (
    | { readonly ok: true; readonly json: string }
    | { readonly ok: false; readonly message: string; readonly position?: number }
  )[]
>

/** Nodes inside nodes; deeper trees would overflow the stack of whoever walks them. DuckDB itself ends expressions at 1,000. */
const depthMax = 1_500

/** Parses texts that are one SELECT each. Whatever else a text is becomes a failure with its reason. */
export const parseSelects = async (
  parse: Parse,
  texts: readonly string[],
): Promise<(({ readonly ok: true } & Select) | SelectFailure)[]> => {
  const parsed = await parse(texts)
  return texts.map((text, index) => {
    const one = parsed[index]
    // What stands behind it would be run or not, as whoever takes the text counts its length.
    if (text.includes('\0')) return { ...syntaxFailure('there is a character of code 0'), position: text.indexOf('\0') }
    if (one === undefined) return syntaxFailure('cannot be parsed')
    return one.ok ? selectOf(text, one.json) : failureOf(text, one.message, one.position)
  })
}

const syntaxFailure = (message: string): SelectFailure => ({ ok: false, reason: 'syntax', message })
const notOneSelect = (message: string): SelectFailure => ({ ok: false, reason: 'not-one-select', message })

const selectOf = (text: string, json: string): ({ readonly ok: true } & Select) | SelectFailure => {
  const root = losslessJson(json)
  const [first, second] = nodesAt(root, 'statements')
  if (first === undefined) return notOneSelect('there is no statement')
  if (second !== undefined) return notOneSelect('there is more than one statement')
  const tree = nodeAt(first, 'node')
  if (tree === undefined) return notOneSelect('only SELECT is allowed here')
  // `$1` without its list of parameters would look like any other expression; the list stands beside the query node.
  if (nodesAt(first, 'named_param_map').length > 0) return notOneSelect('a statement has no parameters here')
  const placed = withPlaces(tree, text)
  if (placed === undefined) return syntaxFailure(`nested deeper than ${depthMax} levels`)
  if (nodeAt(placed, 'from_table')?.type === 'SHOW_REF') return notOneSelect('only SELECT is allowed here')
  return { ok: true, text, tree: placed, outputs: outputsOf(placed, text) }
}

const failureOf = (text: string, message: string, position: number | undefined): SelectFailure => {
  // What DuckDB says to something that is no SELECT is about its own function.
  if (/Only SELECT statements can be serialized/i.test(message)) return notOneSelect('only SELECT is allowed here')
  const failure = syntaxFailure(message.split('\n')[0] ?? message)
  if (position === undefined) return failure
  return { ...failure, position: [...text].slice(0, position).join('').length }
}

/** DuckDB writes 64-bit numbers, Infinity and NaN as they are: a double would round the first, JSON has no words for the others. */
const losslessJson = (json: string): unknown => {
  // Text by text is slow, and nearly all large numbers are the absent places; this key with these quotes stands in no literal.
  const placed = json.replaceAll('"query_location":18446744073709551615', '"query_location":null')
  return JSON.parse(/[:[,]-?(?:\d{16}|Infinity|NaN)/.test(placed) ? withLargeAsText(placed) : placed)
}

const withLargeAsText = (json: string): string =>
  json.replace(/"[^"\\]*(?:\\.[^"\\]*)*"|-?(?:Infinity|NaN)|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/gs, token =>
    token.startsWith('"') || isExact(token) ? token : `"${token}"`,
  )

const isExact = (token: string): boolean =>
  /^-?\d+$/.test(token) ? Number.isSafeInteger(Number(token)) : Number.isFinite(Number(token))

/** `query_location` counts bytes and is the largest 64-bit number where there is no place. Undefined where the tree is too deep. */
const withPlaces = (tree: JsonNode, text: string): JsonNode | undefined => {
  const toCharacter = characterAt(text)
  let isTooDeep = false
  const copyOf = (value: unknown, depth: number): unknown => {
    if (Array.isArray(value)) return value.map(inner => copyOf(inner, depth))
    if (!isNode(value)) return value
    if (depth > depthMax) {
      isTooDeep = true
      return undefined
    }
    const copy: Record<string, unknown> = {}
    for (const key in value) {
      const inner = value[key]
      if (key !== 'query_location') copy[key] = copyOf(inner, depth + 1)
      else if (typeof inner === 'number') {
        const position = toCharacter(inner)
        if (position !== undefined) copy.position = position
      }
    }
    return copy
  }
  const placed = copyOf(tree, 0)
  return isTooDeep || !isNode(placed) ? undefined : placed
}

/** Characters by bytes of UTF-8. */
const characterAt = (text: string): ((byte: number) => number | undefined) => {
  const bytes = Buffer.byteLength(text)
  if (bytes === text.length) return byte => (byte <= bytes ? byte : undefined)
  const characters = new Uint32Array(bytes + 1)
  let byte = 0
  let character = 0
  for (const point of text) {
    const end = byte + Buffer.byteLength(point)
    characters.fill(character, byte, end)
    byte = end
    character += point.length
  }
  characters[bytes] = text.length
  return at => characters[at]
}

/** Where the alias itself stands, behind `as`; the expression's own place where there is none. */
const aliasAt = (text: string, alias: string, position: number | undefined): number | undefined => {
  if (alias === '' || position === undefined) return position
  const escaped = alias.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const match = new RegExp(`\\bas\\s+"?(?=${escaped}\\b)`, 'i').exec(text.slice(position))
  return match === null ? position : position + match.index + match[0].length
}

const outputsOf = (tree: JsonNode, text: string): Select['outputs'] => {
  if (tree.type !== 'SELECT_NODE') {
    const left = nodeAt(tree, 'left')
    return left === undefined ? [] : outputsOf(left, text)
  }
  return nodesAt(tree, 'select_list').flatMap(item => {
    const alias = textAt(item, 'alias')
    const names = item.column_names
    const name = alias !== '' ? alias : Array.isArray(names) ? String(names.at(-1)) : ''
    const position = aliasAt(text, alias, positionOf(item))
    return name === '' ? [] : [{ name, ...(position === undefined ? {} : { position }) }]
  })
}

export const isNode = (value: unknown): value is JsonNode =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const nodeAt = (node: unknown, key: string): JsonNode | undefined => {
  const value = isNode(node) ? node[key] : undefined
  return isNode(value) ? value : undefined
}

export const nodesAt = (node: unknown, key: string): JsonNode[] => {
  const value = isNode(node) ? node[key] : undefined
  return Array.isArray(value) ? value.filter(isNode) : []
}

export const textAt = (node: JsonNode, key: string): string => {
  const value = node[key]
  return typeof value === 'string' ? value : ''
}

/** Names compare as DuckDB compares them: the letters A to Z without their case, all others as they are. */
export const foldName = (name: string): string => name.replace(/[A-Z]+/g, letters => letters.toLowerCase())

/** The node's own place, else that of the first inside it, as a field. */
export const placeOf = (node: JsonNode): { readonly position?: number } => {
  const position = positionOf(node)
  return position === undefined ? {} : { position }
}

const positionOf = (node: JsonNode): number | undefined => {
  if (typeof node.position === 'number') return node.position
  for (const value of Object.values(node)) {
    for (const inner of Array.isArray(value) ? value : [value]) {
      const position = isNode(inner) ? positionOf(inner) : undefined
      if (position !== undefined) return position
    }
  }
  return undefined
}

/** Line and column, from 1, of a position in characters. */
export const placeInText = (text: string, position: number): { readonly line: number; readonly column: number } => {
  const before = text.slice(0, Math.max(0, position))
  const lineStart = before.lastIndexOf('\n') + 1
  return { line: before.split('\n').length, column: [...before.slice(lineStart)].length + 1 }
}
