/** A quote that was left open may close at another broken one, with rows between them as its text: CSV by the book, and rows lost without a word. */
import type { RelationColumn } from '../../engine/index.ts'

const sign = '[-+0-9.:TZ/ ]'
const numberOrTime = /^(U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|DECIMAL.*|DOUBLE|FLOAT|DATE|TIME.*)$/

/**
 * A pattern (of RE2 and of JavaScript) for a line within a text that looks like a row: as many fields, and digits where the columns are numbers or times.
 * Absent where there are none of these, since prose would look like it.
 */
export const rowWithin = (
  fields: readonly (string | undefined)[],
  columns: readonly RelationColumn[],
  delimiter: string,
): string | undefined => {
  const types = new Map(columns.map(column => [column.name, column.type]))
  const isTyped = fields.map(field => field !== undefined && numberOrTime.test(types.get(field) ?? ''))
  if (fields.length < 2 || !isTyped.includes(true)) return undefined
  const escaped = delimiter.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')
  const [first = ''] = delimiter
  const other = `[^${first === '\\' || first === '^' || first === ']' ? `\\${first}` : first}\\r\\n]*`
  return `\\n${isTyped.map(typed => (typed ? `${sign}*[0-9]${sign}*` : other)).join(escaped)}\\r?\\n`
}
