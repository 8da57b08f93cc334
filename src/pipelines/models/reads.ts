/** What a model reads of the datasets that it names: columns, and how each is used. Pure. */
import type { Dataset } from '../../domain/index.ts'
import { type Use, useOf } from '../../lineage/index.ts'
import { columnLineage, type Lineage, type Select } from '../../sql/index.ts'

export interface Read {
  /** The dataset's subject. */
  readonly dataset: string
  readonly columns: readonly string[]
  readonly how: Use
}

/** `find` tells the dataset that a table's name means; names of common table expressions never reach it. */
export const lineageOf = (select: Select, find: (parts: readonly string[]) => Dataset | undefined): Lineage =>
  columnLineage(select, parts => {
    const dataset = find(parts)
    return dataset === undefined ? undefined : { id: dataset.subject, columns: dataset.columns }
  })

/** What is read of datasets that are known, in a fixed order. */
export const readsOf = (select: Select, find: (parts: readonly string[]) => Dataset | undefined): Read[] => {
  const datasets = new Set<string>()
  const lineage = lineageOf(select, parts => {
    const dataset = find(parts)
    if (dataset !== undefined) datasets.add(dataset.subject)
    return dataset
  })
  return readsIn(lineage, datasets)
}

/** The same of a lineage that is there already; `datasets` are those that are known. */
export const readsIn = (lineage: Lineage, datasets: ReadonlySet<string>): Read[] => {
  const found = new Map<string, Map<Use, Set<string>>>()
  const add = (table: string, [column]: readonly string[], how: Use): void => {
    if (!datasets.has(table)) return
    const byUse = found.get(table) ?? new Map<Use, Set<string>>()
    found.set(table, byUse)
    const columns = byUse.get(how) ?? new Set<string>()
    byUse.set(how, columns)
    if (column !== undefined) columns.add(column)
  }
  for (const { name, inputs } of lineage.columns)
    for (const { table, path, how } of inputs) {
      const isSame = path.length === 1 && path[0]?.toLowerCase() === name.toLowerCase()
      add(table, path, useOf(how, isSame))
    }
  for (const { table, path, how } of lineage.rows) add(table, path, how === 'identity' ? 'computed' : useOf(how, true))
  for (const { table, path } of lineage.named) {
    const isUsed = [...(found.get(table)?.values() ?? [])].some(columns => columns.has(path[0] ?? ''))
    if (!isUsed) add(table, path, 'computed')
  }
  // That a dataset is read as a whole is worth telling only where no column of it is.
  for (const table of lineage.tables) if (!found.has(table)) add(table, [], 'whole')
  return [...found].flatMap(([dataset, byUse]) =>
    [...byUse].map(([how, columns]) => ({ dataset, how, columns: [...columns].sort() })),
  )
}
