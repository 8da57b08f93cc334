/** Keys that another dataset does not have, by an anti join. A key with a NULL part refers to nothing. */
import { quoteName, type Relation } from '../../engine/index.ts'
import { type MeasuredColumn, measuredColumn, unknownColumn, valuesOfRow } from './column.ts'
import { refusalOf } from './facts.ts'
import { wholeKey } from './keys.ts'
import { defineRelation, type MeasureSubject } from './subject.ts'

/** A condition that is true for rows without their counterpart; the table under measure is named by its own name. */
export type Orphans =
  | { readonly ok: true; readonly condition: string }
  | { readonly ok: false; readonly reason: string }

export const findOrphans = async (
  subject: MeasureSubject,
  columns: readonly MeasuredColumn[],
  to: string,
  toColumns: readonly string[],
  relation: Relation | undefined,
): Promise<Orphans> => {
  if (relation === undefined) return { ok: false, reason: `nothing is published yet of ${to}` }
  try {
    const other = await defineRelation(subject.session, to, relation)
    const described = await subject.session.describe(`select * from ${other}`)
    const otherColumns = described.map(({ name, type }) => measuredColumn(name, quoteName(name), type))
    const pairs: string[] = []
    for (const [index, column] of columns.entries()) {
      const name = toColumns[index] ?? ''
      const target = otherColumns.find(it => it.name.toLowerCase() === name.toLowerCase())
      if (target === undefined) return { ok: false, reason: `${to}: ${unknownColumn(name, otherColumns)}` }
      if (column.lists.length > 0) return { ok: true, condition: orphanItems(subject, column, other, target) }
      pairs.push(equality(`${subject.table}.${column.sql}`, column, target))
    }
    const here = wholeKey(columns.map(it => ({ ...it, sql: `${subject.table}.${it.sql}` })))
    return {
      ok: true,
      condition: `${here} and not exists (select 1 from ${other} as other where ${pairs.join(' and ')})`,
    }
  } catch (error) {
    return { ok: false, reason: refusalOf(error) }
  }
}

/** Rows with an item that is a key of nothing: the keys without their counterpart first, then the rows that have one of them. */
const orphanItems = (
  { table }: MeasureSubject,
  column: MeasuredColumn,
  other: string,
  target: MeasuredColumn,
): string => {
  const values = valuesOfRow(column)
  const keys = `select distinct unnest(${values}) as item from ${table}`
  const orphans = `select list(item) from (${keys}) as keys where item is not null and not exists (select 1 from ${other} as other where ${equality('keys.item', column, target)})`
  return `list_has_any(${values}, (${orphans}))`
}

/** A text and something else are compared as texts: a cast of a text could fail. */
const equality = (sql: string, column: MeasuredColumn, target: MeasuredColumn): string => {
  const isMixed = (column.kind === 'text') !== (target.kind === 'text')
  const cast = isMixed ? '::varchar' : ''
  return `${sql}${cast} = other.${target.sql}${cast}`
}
