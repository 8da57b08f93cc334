/** Checks of type sql: one SELECT over the dataset whose first value is compared. */
import { quoteName, type Session, type Vector } from '../../engine/index.ts'
import { allowedRead, parseSelects, tableReferences } from '../../sql/index.ts'
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

/** Runs the check over the table under measure. It sees that table and nothing else. */
export const runSqlCheck = async (
  session: Session,
  table: string,
  query: string,
  column: string | undefined,
): Promise<CheckedValue> => {
  const check = await readableCheck(session, table, query, column)
  if (!check.ok) return check
  try {
    const result = await session.query(check.text)
    for await (const batch of result.batches()) {
      const [vector] = batch.vectors
      if (batch.rows > 0 && vector !== undefined) return { ok: true, value: firstOf(vector) }
    }
    return { ok: true, value: null }
  } catch (error) {
    return { ok: false, reason: refusalOf(error) }
  }
}

/** The statement of a check with its placeholders filled in, judged by the same closed list as models and queries; or why it is none, in words. */
export const readableCheck = async (
  session: Session,
  table: string,
  query: string,
  column: string | undefined,
): Promise<{ readonly ok: true; readonly text: string } | { readonly ok: false; readonly reason: string }> => {
  const filled = fillPlaceholders(query, table, column)
  if (filled === undefined) return { ok: false, reason: 'the check names ${column}, and it belongs to no column' }
  const text = filled.trim().replace(/;\s*$/, '')
  const [select] = await parseSelects(texts => session.parse(texts), [text])
  if (select?.ok !== true) {
    return { ok: false, reason: `the check is no single SELECT: ${select?.message ?? 'it cannot be parsed'}` }
  }
  const [refused] = allowedRead(select)
  if (refused !== undefined) return { ok: false, reason: `the check may not be run: ${refused.message}` }
  const foreign = tableReferences(select).find(it => !isTable(it.parts, table))
  if (foreign !== undefined) {
    const name = foreign.parts.join('.')
    return { ok: false, reason: `the check reads ${name}; it can read its own dataset only, as \${table}` }
  }
  return { ok: true, text }
}

/** `${schema}.${table}` and `${database}.${schema}.${table}` are the table too. */
const isTable = (parts: readonly string[], table: string): boolean => {
  const whole = ['memory', 'main', table]
  return parts.every((part, index) => part.toLowerCase() === whole[whole.length - parts.length + index])
}

/** `${table}`, `{table}` and `"${table}"` alike; undefined where a column is named and the check has none. */
const fillPlaceholders = (query: string, table: string, column: string | undefined): string | undefined => {
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
