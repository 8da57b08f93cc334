/** A SELECT's tree as DuckDB gives it (`json_serialize_sql`), with places in characters. Pure but for the parser that is passed in. */

/** A node of the tree: objects carry `class` or `type`. */
export type JsonNode = Readonly<Record<string, unknown>>

export interface Select {
  readonly text: string
  /** The outermost query node. */
  readonly tree: JsonNode
  /** The names that the outermost SELECT delivers, where it says them. */
  readonly outputs: readonly { readonly name: string; readonly position?: number }[]
}

export interface SelectFailure {
  readonly ok: false
  readonly message: string
  /** In characters from 0. */
  readonly position?: number
}

/** The engine's parser: trees as JSON texts, in the order given. */
export type Parse = (
  texts: readonly string[],
) => Promise<readonly ({ readonly ok: true; readonly json: string } | SelectFailure)[]>

/** Parses texts that are one SELECT each. Whatever else a text is becomes a failure with its reason. */
export const parseSelects = async (
  parse: Parse,
  texts: readonly string[],
): Promise<(({ readonly ok: true } & Select) | SelectFailure)[]> => {
  const parsed = await parse(texts)
  return texts.map((text, index) => {
    const one = parsed[index]
    if (one === undefined) return { ok: false, message: 'cannot be parsed' }
    return one.ok ? selectOf(text, one.json) : { ...one, message: plainMessage(one.message) }
  })
}

const selectOf = (text: string, json: string): ({ readonly ok: true } & Select) | SelectFailure => {
  const root: unknown = JSON.parse(json)
  const statements = nodesAt(root, 'statements')
  const [first, second] = statements
  if (first === undefined) return { ok: false, message: 'there is no statement', position: 0 }
  if (second !== undefined) return { ok: false, message: 'there is more than one statement' }
  const tree = nodeAt(first, 'node')
  if (tree === undefined) return { ok: false, message: 'only SELECT is a question', position: 0 }
  const placed = withPlaces(tree, text)
  return { ok: true, text, tree: placed, outputs: outputsOf(placed) }
}

/** What DuckDB says to something that is no SELECT is about its own function. */
const plainMessage = (message: string): string =>
  /Only SELECT statements can be serialized/i.test(message)
    ? 'only SELECT is allowed here'
    : (message.split('\n')[0] ?? message)

/** `query_location` counts bytes and overflows where there is no place: as `position`, in characters, where there is one. */
const withPlaces = (tree: JsonNode, text: string): JsonNode => {
  const toCharacter = characterAt(text)
  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(walk)
    if (!isNode(value)) return value
    const copy: Record<string, unknown> = {}
    for (const [key, inner] of Object.entries(value)) {
      if (key === 'query_location') {
        const position = typeof inner === 'number' ? toCharacter(inner) : undefined
        if (position !== undefined) copy.position = position
      } else copy[key] = walk(inner)
    }
    return copy
  }
  return walk(tree) as JsonNode // a node stays a node
}

const characterAt = (text: string): ((byte: number) => number | undefined) => {
  const bytes = Buffer.byteLength(text)
  if (bytes === text.length) return byte => (byte <= bytes ? byte : undefined)
  const buffer = Buffer.from(text)
  return byte => (byte <= bytes ? buffer.subarray(0, byte).toString('utf8').length : undefined)
}

const outputsOf = (tree: JsonNode): Select['outputs'] => {
  if (tree.type !== 'SELECT_NODE') {
    const left = nodeAt(tree, 'left') ?? nodesAt(tree, 'children')[0]
    return left === undefined ? [] : outputsOf(nodeAt(left, 'node') ?? left)
  }
  return nodesAt(tree, 'select_list').flatMap(item => {
    const alias = textAt(item, 'alias')
    const names = item.column_names
    const name = alias !== '' ? alias : Array.isArray(names) ? String(names.at(-1)) : ''
    const position = positionOf(item)
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

/** The node's own place, else that of the first inside it. */
export const positionOf = (node: JsonNode): number | undefined => {
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
