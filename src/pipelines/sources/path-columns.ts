/** Columns that stand in the names of folders, as Hive and Spark write them: `country=FR/part.parquet`. Pure. */
import type { Dataset } from '../../domain/index.ts'
import type { RelationColumn } from '../../engine/index.ts'

/** The names that every path has, in their order. */
export const pathColumns = (paths: readonly string[]): string[] => {
  const named = (path: string): string[] =>
    path
      .split('/')
      .slice(0, -1)
      .flatMap(part => /^([^=]+)=/.exec(part)?.[1] ?? [])
  const [first, ...others] = paths
  if (first === undefined) return []
  return others.reduce((kept, path) => {
    if (kept.length === 0) return kept
    const names = named(path)
    return kept.filter(name => names.includes(name))
  }, named(first))
}

/** The declared columns; one that all paths name is read from there. */
export const relationColumns = (dataset: Dataset, files: readonly string[]): RelationColumn[] => {
  const inPath = pathColumns(files)
  return dataset.columns.map(({ name, type }) => ({ name, type, ...(inPath.includes(name) ? { isInPath: true } : {}) }))
}
