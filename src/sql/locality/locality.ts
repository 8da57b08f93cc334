/**
 * Whether a model can be built partition by partition: each row that it delivers depends only on rows of the same partition of the tables that are divided.
 * What cannot be proved is refused with its reason, so that an increment is never another answer than the whole. Pure.
 */
import { foldName, type Select } from '../tree.ts'
import type { Grain } from './grain.ts'
import { columnsFor, type Keys, type LocalTable, type Occurrence, type Refused, restrict } from './scope.ts'
import { type Link, Walker } from './walker.ts'

export type Locality =
  | {
      readonly ok: true
      /** The column by which each divided table is divided, by its folded name as written. */
      readonly keys: ReadonlyMap<string, string>
      /** Every row comes from a divided table: without rows of its partition there, a partition is empty. */
      readonly isRooted: boolean
    }
  | { readonly ok: false; readonly table: string; readonly refused: Refused }

/** `table` tells what a table's name means; undefined for one that is not divided and whose columns nobody knows. */
export const partitionLocality = (
  select: Select,
  partition: { readonly column: string; readonly grain: Grain },
  table: (parts: readonly string[]) => LocalTable | undefined,
): Locality => {
  const walker = new Walker(partition.grain, table)
  const { columns, tables } = walker.query(select.tree, new Map(), undefined)
  const delivered = columns.find(it => foldName(it.name) === foldName(partition.column))
  for (const one of tables)
    restrict(one, columnsFor(one, delivered?.keys ?? []), {
      reason: `${partition.column} is no column of ${one.name}: it is computed, or it may be NULL where the other has a value`,
    })
  settleLinks(walker.links, tables, delivered?.keys ?? [])
  const failed = walker.occurrences.find(it => it.columns.size === 0)
  if (failed !== undefined) return refusedOf(failed)
  const keys = new Map<string, string>()
  for (const name of new Set(walker.occurrences.map(it => it.name))) {
    const sets = walker.occurrences.filter(it => it.name === name).map(it => it.columns)
    const column = [...(sets[0] ?? [])].find(it => sets.every(set => set.has(it)))
    if (column === undefined)
      return { ok: false, table: name, refused: { reason: `${name} is read by another column at each place` } }
    keys.set(name, column)
  }
  return { ok: true, keys, isRooted: (delivered?.keys.length ?? 0) > 0 && delivered?.isPartial === false }
}

const refusedOf = (of: Occurrence): Locality => ({
  ok: false,
  table: of.name,
  refused: of.refused ?? { reason: `no column of ${of.name} can say a partition` },
})

/** What an outer query binds has the column that is tied to the key of the outer one, and lies as far before it as both together. */
const settleLinks = (links: readonly Link[], free: readonly Occurrence[], delivered: Keys): void => {
  const settled = new Map<Occurrence, number>()
  for (const one of free)
    settled.set(one, Math.max(0, ...delivered.filter(key => key.of === one).map(key => key.usedMs)))
  let open = [...new Set(links.map(it => it.of))].filter(it => !settled.has(it))
  for (let before = open.length + 1; open.length > 0 && open.length < before; ) {
    before = open.length
    open = open.filter(one => {
      const found = links.flatMap(it => {
        const used = it.outer
          .filter(key => key.of.columns.has(key.column))
          .flatMap(key => settled.get(key.of) ?? [])
          .map(outer => outer + it.reachMs)
          .filter(total => total <= one.reachMs)
        return it.of === one && used.length > 0 ? [{ column: it.column, used: Math.max(...used) }] : []
      })
      if (found.length === 0) return true
      restrict(
        one,
        found.map(it => it.column),
        { reason: `${one.name} is tied to no partition of the outer query` },
      )
      settled.set(one, Math.max(...found.map(it => it.used)))
      return false
    })
  }
  for (const one of open) restrict(one, [], { reason: `${one.name} is tied to no partition of the outer query` })
}
