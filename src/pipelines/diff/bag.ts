/** Two sets of rows without a key, compared as bags: which rows, and how many of each, only one of them has. */
import type { Session } from '../../engine/index.ts'
import { areEqual } from './columns.ts'

export interface BagColumn {
  /** Needs no quotes. */
  readonly name: string
  readonly isApproximate: boolean
}

/** A table of the rows that only one side has is left in the session: `d` copies more in the later state, `net` of all that are equal to them. */
export const compareBags = async (
  session: Session,
  table: string,
  sides: { readonly before: string; readonly after: string },
  columns: readonly BagColumn[],
): Promise<{ readonly added: number; readonly removed: number }> => {
  const names = columns.map(it => it.name).join(', ')
  const rows = `select ${names}, 1 as side from (${sides.after}) union all select ${names}, -1 from (${sides.before})`
  const unequal = `select ${names}, sum(side)::bigint as d from (${rows}) group by all having sum(side) <> 0`
  const { select, by } = grouped(unequal, columns)
  await session.run(
    `create or replace temp table ${table} as select *, sum(d) over (partition by ${by.join(', ')}) as net from (${select})`,
  )
  const [found] = await session.rows(
    `select coalesce(sum(greatest(n, 0)), 0)::bigint as added, coalesce(sum(greatest(-n, 0)), 0)::bigint as removed from (select sum(d) as n from ${table} group by ${by.join(', ')})`,
  )
  return { added: Number(found?.added ?? 0), removed: Number(found?.removed ?? 0) }
}

/**
 * Floating numbers are no columns to group by. Among rows that have all else in common they are put in order, and a new group begins
 * where a number is not equal to the one before it: so noise of the last digits makes no difference, wherever it lies.
 */
const grouped = (
  rows: string,
  columns: readonly BagColumn[],
): { readonly select: string; readonly by: readonly string[] } => {
  const by = columns.filter(it => !it.isApproximate).map(it => it.name)
  let select = rows
  for (const [index, column] of columns.filter(it => it.isApproximate).entries()) {
    const { name } = column
    const over = `${by.length === 0 ? '' : `partition by ${by.join(', ')} `}order by ${name}`
    const stepped = `select *, lag(${name}) over (${over}) as p${index} from (${select})`
    const step = `case when ${areEqual(column, name, `p${index}`)} then 0 else 1 end`
    // Equal numbers are in one frame of the window, so that they are in one group.
    select = `select *, sum(${step}) over (${over}) as g${index} from (${stepped})`
    by.push(`g${index}`)
  }
  return { select, by }
}
