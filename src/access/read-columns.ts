/** Which columns a statement reads, whether its answer has them or they decide about it. Pure. */
import { columnKey, type NodeKey } from '../lineage/index.ts'
import { columnLineage, type Select } from '../sql/index.ts'

/** `columnsOf` gives a dataset with the columns of the snapshot that a name means. */
export const readColumns = (
  select: Select,
  columnsOf: (
    parts: readonly string[],
  ) =>
    | { readonly dataset: string; readonly columns: readonly { readonly name: string; readonly type: string }[] }
    | undefined,
): NodeKey[] => {
  const lineage = columnLineage(select, parts => {
    const found = columnsOf(parts)
    return found === undefined ? undefined : { id: found.dataset, columns: found.columns }
  })
  const read = new Map<string, NodeKey>()
  for (const { table, path } of [...lineage.columns.flatMap(it => it.inputs), ...lineage.rows, ...lineage.named]) {
    const [column] = path
    if (column !== undefined) read.set(`${table}.${column}`, columnKey(table, column))
  }
  return [...read.values()]
}
