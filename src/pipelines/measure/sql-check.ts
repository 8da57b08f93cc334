/** Checks of type sql: one SELECT over the dataset whose first value is compared. */
import { quoteName, type Session, type Vector } from '../../engine/index.ts'
import { refusalOf } from './facts.ts'
import { type Amount, ratioOf } from './threshold.ts'

/** The first value of the first row, or why there is none, in words. */
export type CheckedValue =
  | { readonly ok: true; readonly value: Amount }
  | { readonly ok: false; readonly reason: string }

/** In the order in which ODCS and the tools around it name them: the dataset, then the column. */
const tableNames = 'table|object|dataset|model'
const columnNames = 'property|column'
const placeholder = new RegExp(`"?\\$?\\{\\s*(${tableNames}|${columnNames}|schema|database)\\s*\\}"?`, 'g')

/** What a check may call in FROM; all others reach outside of the dataset. */
const harmlessFunctions = new Set(['range', 'generate_series', 'unnest'])

/** Runs the check over the table under measure. It sees that table and nothing else. */
export const runSqlCheck = async (
  session: Session,
  table: string,
  query: string,
  column: string | undefined,
): Promise<CheckedValue> => {
  const filled = fillPlaceholders(query, table, column)
  if (filled === undefined) return { ok: false, reason: 'the check names ${column}, and it belongs to no column' }
  const text = filled.trim().replace(/;\s*$/, '')
  const [parsed] = await session.parse([text])
  if (parsed?.ok !== true) {
    return { ok: false, reason: `the check is no single SELECT: ${parsed?.message ?? 'it cannot be parsed'}` }
  }
  const tree: unknown = JSON.parse(parsed.json)
  if (statementCount(tree) !== 1) return { ok: false, reason: 'the check is no single SELECT' }
  const foreign = foreignSource(tree, table)
  if (foreign !== undefined) {
    return { ok: false, reason: `the check reads ${foreign}; it can read its own dataset only, as \${table}` }
  }
  try {
    const result = await session.query(text)
    for await (const batch of result.batches()) {
      const [vector] = batch.vectors
      if (batch.rows > 0 && vector !== undefined) return { ok: true, value: firstOf(vector) }
    }
    return { ok: true, value: null }
  } catch (error) {
    return { ok: false, reason: refusalOf(error) }
  }
}

/** `${table}`, `{table}` and `"${table}"` alike; undefined where a column is named and the check has none. */
export const fillPlaceholders = (query: string, table: string, column: string | undefined): string | undefined => {
  let isComplete = true
  const filled = query.replace(placeholder, (_, name: string) => {
    if (name === 'schema') return 'main'
    if (name === 'database') return 'memory'
    if (name !== 'property' && name !== 'column') return table
    isComplete &&= column !== undefined
    return (column ?? '').split('.').map(quoteName).join('.')
  })
  return isComplete ? filled : undefined
}

const statementCount = (tree: unknown): number =>
  typeof tree === 'object' && tree !== null && 'statements' in tree && Array.isArray(tree.statements)
    ? tree.statements.length
    : 0

/** The first table or function in FROM that is not the dataset itself, nor a common table expression of the check. */
const foreignSource = (tree: unknown, table: string): string | undefined => {
  const sources: string[] = []
  const known = new Set([table])
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) for (const inner of node) visit(inner)
    if (Array.isArray(node) || typeof node !== 'object' || node === null) return
    const it = node as Readonly<Record<string, unknown>> // an object of parsed JSON
    if (it.type === 'BASE_TABLE') sources.push(String(it.table_name))
    if (it.type === 'TABLE_FUNCTION' && !harmlessFunctions.has(functionName(it.function))) {
      sources.push(`${functionName(it.function)}()`)
    }
    if (it.type === 'SHOW_REF') sources.push('the catalogue')
    for (const name of expressionNames(it.cte_map)) known.add(name)
    for (const inner of Object.values(it)) visit(inner)
  }
  visit(tree)
  return sources.find(name => !known.has(name.toLowerCase()))
}

const functionName = (node: unknown): string =>
  typeof node === 'object' && node !== null && 'function_name' in node ? String(node.function_name).toLowerCase() : ''

const expressionNames = (node: unknown): string[] => {
  const map = typeof node === 'object' && node !== null && 'map' in node ? node.map : undefined
  if (!Array.isArray(map)) return []
  return map.flatMap(entry =>
    typeof entry === 'object' && entry !== null && 'key' in entry ? [String(entry.key).toLowerCase()] : [],
  )
}

const firstOf = ({ data, valid, type }: Vector): Amount => {
  if (valid !== undefined && ((valid[0] ?? 0) & 1) === 0) return null
  const value: unknown = data[0]
  if (value === null || value === undefined) return null
  if (type === 'BOOLEAN') return Number(value) === 1
  if (type === 'DATE') return instantText(Number(value) * 86_400_000).slice(0, 10)
  if (type.startsWith('TIMESTAMP') && typeof value === 'bigint') return instantText(Number(value / 1000n))
  if (typeof value === 'number' || typeof value === 'bigint') return ratioOf(value) ?? String(value)
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
  return type.startsWith('DECIMAL') ? (ratioOf(text) ?? text) : text
}

const instantText = (milliseconds: number): string => {
  const instant = new Date(milliseconds)
  return Number.isNaN(instant.getTime()) ? 'beyond all dates' : instant.toISOString()
}
