/** Columns that stand in the names of folders, as Hive and Spark write them: `country=FR/part.parquet`. Pure. */

const folders = (path: string): [string, string][] =>
  path
    .split('/')
    .slice(0, -1)
    .flatMap(part => {
      const [, name, value] = /^([^=]+)=(.*)$/s.exec(part) ?? []
      return name === undefined || value === undefined ? [] : [[name, value] as [string, string]] // a pair of two texts
    })

/** The names that every path has, in their order. */
export const pathColumns = (paths: readonly string[]): string[] => {
  const [first, ...others] = paths
  if (first === undefined) return []
  return others.reduce(
    (kept, path) => {
      if (kept.length === 0) return kept
      const names = new Set(folders(path).map(([name]) => name))
      return kept.filter(name => names.has(name))
    },
    [...new Set(folders(first).map(([name]) => name))],
  )
}

/** What Hive and Spark write where the value is null. */
const nothing = '__HIVE_DEFAULT_PARTITION__'

/** The text of a name in a path, decoded; null where it stands for nothing. */
export const pathText = (path: string, name: string): string | null => {
  const [, text = ''] = folders(path).find(it => it[0] === name) ?? []
  return text === '' || text === nothing ? null : decoded(text)
}

/** A sign of percent that begins no code is one. */
const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
