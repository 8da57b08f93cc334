/** Keys of rows that fail, so that somebody can look at them where the data is. */
import type { Value } from '../../engine/index.ts'
import { type MeasuredColumn, resolveColumn } from './column.ts'
import type { FailingKeys, MeasureInput } from './result.ts'
import type { MeasureSubject } from './subject.ts'
import type { Judged } from './verdict.ts'

/** At most `max` distinct keys of every rule that failed on rows: the dataset's primary key, or the rule's own columns where it has none. */
export const failingKeys = async (
  subject: MeasureSubject,
  columns: MeasureInput['columns'],
  judged: readonly Judged[],
  max: number,
): Promise<FailingKeys[]> => {
  const failed = judged.filter(it => it.check.state === 'failed' && (it.check.rowsFailed ?? 0) > 0)
  const key = primaryKey(subject, columns)
  const found: FailingKeys[] = []
  for (const { question, check, condition } of failed) {
    const named = key.length > 0 ? key : question.columns
    if (condition === undefined || named.length === 0 || max <= 0) continue
    // Of items the whole list is told.
    const list = named.map((column, index) => `${column.lists[0]?.list ?? column.sql} as k${index}`).join(', ')
    const rows = await subject.session.rows(
      `select distinct ${list} from ${subject.table} where ${condition} order by all limit ${Math.floor(max)}`,
    )
    found.push({
      check: check.check,
      columns: named.map(it => it.name),
      rows: rows.map(row => named.map((_, index) => storable(row[`k${index}`] ?? null))),
    })
  }
  return found
}

const primaryKey = (subject: MeasureSubject, columns: MeasureInput['columns']): MeasuredColumn[] =>
  columns
    .filter(it => it.primaryKeyPosition !== undefined)
    .sort((a, b) => (a.primaryKeyPosition ?? 0) - (b.primaryKeyPosition ?? 0))
    .flatMap(it => {
      const column = resolveColumn(it.name, subject.columns)
      return column === undefined ? [] : [column]
    })

/** JSON has no whole numbers beyond 2^53 and no infinities: they are kept as texts. */
const storable = (value: Value): Value => {
  if (typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value))) return String(value)
  return Array.isArray(value) ? value.map(storable) : value
}
