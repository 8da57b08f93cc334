/** What a SELECT of a reader or a model may consist of: a closed list. A node or function that is not on it is refused, also one that a newer engine brings. Pure. */
import { didYouMean } from '../base/index.ts'
import { allowedFunctions, allowedOperators, allowedTableFunctions } from './allowed-functions.ts'
import { columnsIn, nameOf } from './functions.ts'
import { type Content, choices, commonFields, namedTypes, operatorKinds, structures, typeIds } from './grammar.ts'
import { foldName, isNode, type JsonNode, nodeAt, placeOf, type Select, textAt } from './tree.ts'

export interface Refusal {
  readonly message: string
  readonly found: string
  /** In characters from 0. */
  readonly position?: number
  readonly help?: string
}

/** Everything that is not on the list, in the order of the tree; empty where all is. */
export const allowedRead = (select: Select): Refusal[] => {
  const refused: Refusal[] = []
  look(select.tree, 'query', select.tree, refused)
  return refused
}

/** Looks at a value that must be of the content; `near` is the closest node around it, which may know its place. */
const look = (value: unknown, content: Content, near: JsonNode, refused: Refusal[]): void => {
  if (content === 'constant' || isNothing(value)) return
  if (Array.isArray(value)) {
    for (const one of value) look(one, content, near, refused)
  } else if (isNode(value)) lookAtNode(value, content, near, refused)
  else if (content !== 'plain')
    refused.push(refusal(near, `a value where the engine has a ${content} is not allowed`, content))
}

const isNothing = (value: unknown): boolean =>
  value === null ||
  value === undefined ||
  value === '' ||
  value === false ||
  (Array.isArray(value) && value.length === 0)

const lookAtNode = (node: JsonNode, content: Content, near: JsonNode, refused: Refusal[]): void => {
  const kind = textAt(node, content === 'expression' ? 'class' : 'type')
  const fields = fieldsOf(content, kind)
  if (fields === undefined) {
    refused.push(refusal(node, `${nodeWords[kind] ?? sayable(kind || content)} is not allowed`, kind || content))
    return
  }
  const found = meaningRefusal(node, content, kind, near)
  if (found !== undefined) refused.push(found)
  for (const [key, value] of Object.entries(node)) {
    if (isNothing(value) || (commonFields.has(key) && !isNode(value))) continue
    const inner = Object.hasOwn(fields, key) ? fields[key] : undefined
    if (inner === undefined || inner === 'nothing') refused.push(refusal(node, `${sayable(key)} is not allowed`, key))
    else look(value, inner, typeof node.position === 'number' ? node : near, refused)
  }
}

const fieldsOf = (content: Content, kind: string): Readonly<Record<string, Content>> | undefined => {
  if (content === 'plain' || content === 'constant' || content === 'nothing') return undefined
  if (!isChoice(content)) return structures[content]
  const kinds: Readonly<Record<string, Readonly<Record<string, Content>>>> = choices[content]
  return Object.hasOwn(kinds, kind) ? kinds[kind] : undefined
}

const isChoice = (content: keyof typeof choices | keyof typeof structures): content is keyof typeof choices =>
  Object.hasOwn(choices, content)

const nodeWords: Readonly<Record<string, string>> = {
  SHOW_REF: 'DESCRIBE, SHOW or SUMMARIZE',
  PARAMETER: 'a parameter',
  DEFAULT: 'DEFAULT',
}

const sayable = (name: string): string => name.toLowerCase().replaceAll('_', ' ')

const refusal = (node: JsonNode, message: string, found: string, help?: string): Refusal => ({
  message,
  found,
  ...placeOf(node),
  ...(help === undefined ? {} : { help }),
})

/** What a node of an allowed kind says that is still not allowed. */
const meaningRefusal = (node: JsonNode, content: Content, kind: string, near: JsonNode): Refusal | undefined => {
  if (content === 'tableCall') return tableFunctionRefusal(node)
  if (content === 'type') return typeRefusal(node, near)
  if (content === 'table') return kind === 'BASE_TABLE' ? tableRefusal(node) : undefined
  if (content !== 'expression') return undefined
  if (kind === 'FUNCTION' || kind === 'WINDOW') return functionRefusal(node)
  if (kind === 'CAST') return castRefusal(node)
  const operator = textAt(node, 'type')
  if (kind === 'OPERATOR' && !operatorKinds.has(operator))
    return refusal(node, `${sayable(operator)} is not allowed`, operator)
  return undefined
}

const functionRefusal = (node: JsonNode): Refusal | undefined => {
  const name = nameOf(node)
  const schema = foldName(textAt(node, 'schema'))
  const catalog = foldName(textAt(node, 'catalog'))
  if ((catalog !== '' && catalog !== 'system') || (schema !== '' && schema !== 'main')) {
    const full = [catalog, schema, name].filter(it => it !== '').join('.')
    const help = allowedFunctions.has(name) ? `write ${name}(${schema}) where ${schema} is a column` : undefined
    return refusal(node, `the function ${full} is not allowed`, full, help)
  }
  // An operator can be written as a call, `"+"(1, 2)`: which of both it was does not matter.
  if (allowedFunctions.has(name) || allowedOperators.has(name)) return undefined
  return refusal(
    node,
    `the function ${name} is not known here, or not allowed`,
    name,
    didYouMean(name, allowedFunctions),
  )
}

const tableFunctionRefusal = (call: JsonNode): Refusal | undefined => {
  const name = nameOf(call)
  const schema = foldName(textAt(call, 'schema'))
  const isBare = (schema === '' || schema === 'main') && textAt(call, 'catalog') === ''
  if (call.class === 'FUNCTION' && isBare && allowedTableFunctions.has(name)) return undefined
  return refusal(call, `the table function ${name} is not allowed: a statement reads datasets and nothing else`, name)
}

/** A path as a table, or the engine's own tables. Whether any other name means a dataset is for the caller to find out. */
const tableRefusal = (node: JsonNode): Refusal | undefined => {
  const name = textAt(node, 'table_name')
  const schema = foldName(textAt(node, 'schema_name'))
  if (/[/\\:*?]|\.(csv|tsv|json|jsonl|ndjson|parquet|db|duckdb|gz|zst|txt)$/i.test(name))
    return refusal(node, 'a file is no dataset', name)
  const isEngines = schema === 'information_schema' || schema === 'pg_catalog'
  if (isEngines || (textAt(node, 'catalog_name') === '' && /^(sqlite_|duckdb_|pg_)/i.test(name))) {
    const full = schema === '' ? name : `${schema}.${name}`
    return refusal(node, `${full} belongs to the engine, not to the mesh`, full)
  }
  return undefined
}

const typeRefusal = (node: JsonNode, near: JsonNode): Refusal | undefined => {
  const id = textAt(node, 'id').split(' ')[0] ?? ''
  if (!typeIds.has(id)) return refusal(near, `the type ${sayable(id)} is not allowed`, id)
  if (id !== 'UNBOUND') return undefined
  const info = nodeAt(node, 'type_info')
  const name = info === undefined ? '' : textAt(info, 'name')
  return namedTypes.has(foldName(name)) ? undefined : refusal(near, `no type is called ${name}`, name)
}

/** A list cast to an array of fixed length gave wrong values over CASE in DuckDB 1.5, without an error; literals are safe. */
const castRefusal = (node: JsonNode): Refusal | undefined => {
  if (nodeAt(node, 'cast_type')?.id !== 'ARRAY' || columnsIn(node.child).length === 0) return undefined
  const message = 'a cast of columns to an array of fixed length is not allowed'
  return refusal(node, message, 'ARRAY', 'a list, such as x::float[], has the same values')
}
