/** Which columns of two states of a dataset are the same, and how their values are compared. Pure. */
import { type ColumnType, quoteName } from '../../engine/index.ts'
import type { ColumnDiff } from './result.ts'

/** A column that both sides have; `before` and `after` are expressions over the rows of either, of one type. */
export interface SharedColumn {
  readonly name: string
  readonly nameBefore: string
  readonly before: string
  readonly after: string
  /** Of both expressions. */
  readonly type: string
  /** A floating number: equal up to 1e-9 of the larger one. */
  readonly isApproximate: boolean
  readonly retyped?: { readonly before: string; readonly after: string }
}

export interface Columns {
  /** In the order of the contract's primary key; empty where rows have none on both sides. */
  readonly key: readonly SharedColumn[]
  readonly values: readonly SharedColumn[]
  readonly added: readonly ColumnType[]
  readonly removed: readonly ColumnType[]
}

/** Names are matched as SQL does, without their case. `key` names columns of the later state, `renamed` has old names by later ones. */
export const matchColumns = (
  before: readonly ColumnType[],
  after: readonly ColumnType[],
  key: readonly string[],
  renamed: ReadonlyMap<string, string> = new Map(),
): Columns => {
  const old = new Map(before.map(column => [column.name.toLowerCase(), column]))
  const oldName = ({ name }: ColumnType): string => (renamed.get(name) ?? name).toLowerCase()
  const kept = new Set(after.map(oldName))
  const shared = after.flatMap(column => {
    const was = old.get(oldName(column))
    return was === undefined ? [] : [sharedColumn(was, column)]
  })
  const keys = key.map(name => shared.find(it => it.name === name))
  const isWhole = keys.length > 0 && keys.every(it => it !== undefined)
  const whole = isWhole ? keys.filter(it => it !== undefined) : []
  return {
    key: whole,
    values: shared.filter(it => !whole.includes(it)),
    added: after.filter(column => !old.has(oldName(column))),
    removed: before.filter(column => !kept.has(column.name.toLowerCase())),
  }
}

const sharedColumn = (was: ColumnType, now: ColumnType): SharedColumn => {
  const names = { name: now.name, nameBefore: was.name }
  const [before, after] = [quoteName(was.name), quoteName(now.name)]
  if (was.type === now.type) return { ...names, before, after, type: now.type, isApproximate: isFloating(now.type) }
  const type = commonType(was.type, now.type)
  return {
    ...{ ...names, type, isApproximate: isFloating(type) },
    before: `cast(${before} as ${type})`,
    after: `cast(${after} as ${type})`,
    retyped: { before: was.type, after: now.type },
  }
}

const isFloating = (type: string): boolean => type === 'DOUBLE' || type === 'FLOAT'

/** A type that holds the values of both as they are, so that a cast neither fails nor makes two values equal; else their texts. */
export const commonType = (before: string, after: string): string => {
  const [a, b] = [digitsOf(before), digitsOf(after)]
  if (a !== undefined && b !== undefined) {
    const [whole, scale] = [Math.max(a.whole, b.whole), Math.max(a.scale, b.scale)]
    return whole + scale <= 38 ? `DECIMAL(${whole + scale},${scale})` : 'VARCHAR'
  }
  const isNumber = (type: string): boolean => isFloating(type) || digitsOf(type) !== undefined
  if (isNumber(before) && isNumber(after)) return 'DOUBLE'
  const moments = ['DATE', 'TIMESTAMP', 'TIMESTAMP_S', 'TIMESTAMP_MS']
  if (moments.includes(before) && moments.includes(after)) return 'TIMESTAMP'
  return 'VARCHAR'
}

const wholeDigits: Readonly<Record<string, number>> = {
  ...{ TINYINT: 3, SMALLINT: 5, INTEGER: 10, BIGINT: 19 },
  ...{ UTINYINT: 3, USMALLINT: 5, UINTEGER: 10, UBIGINT: 20 },
}

const digitsOf = (type: string): { readonly whole: number; readonly scale: number } | undefined => {
  const whole = wholeDigits[type]
  if (whole !== undefined) return { whole, scale: 0 }
  const decimal = /^DECIMAL\((\d+),\s*(\d+)\)$/.exec(type)
  return decimal === null ? undefined : { whole: Number(decimal[1]) - Number(decimal[2]), scale: Number(decimal[2]) }
}

const tolerance = '1e-9'

/** SQL that is true where two values of a column are equal; never NULL. NULL equals NULL, NaN equals NaN, nested values are equal as a whole. */
export const areEqual = ({ isApproximate }: Pick<SharedColumn, 'isApproximate'>, a: string, b: string): string => {
  const same = `${a} is not distinct from ${b}`
  if (!isApproximate) return `(${same})`
  // Beside an infinity every difference would be small, and NaN is the largest number of all.
  const near = `isfinite(${a}) and isfinite(${b}) and abs(${a} - ${b}) <= ${tolerance} * greatest(abs(${a}), abs(${b}))`
  return `(${same} or coalesce(${near}, false))`
}

/** What became of each column, in the order of the later state, removed ones last. `changed` has the rows by column; without it nobody can say. */
export const columnDiffs = (
  { key, values, removed }: Columns,
  order: readonly ColumnType[],
  changed: ReadonlyMap<string, number> | undefined,
): ColumnDiff[] => {
  const shared = new Map([...key, ...values].map(column => [column.name, column]))
  const count = (name: string): number | null => (changed === undefined ? null : (changed.get(name) ?? 0))
  const present = order.map(({ name, type }): ColumnDiff => {
    const column = shared.get(name)
    if (column === undefined) return { name, changed: count(name), change: 'added', after: type }
    const retyped = column.retyped === undefined ? {} : { change: 'retyped' as const, ...column.retyped }
    const isRenamed = column.nameBefore.toLowerCase() !== name.toLowerCase()
    const renamed = isRenamed ? { change: 'renamed' as const, was: column.nameBefore } : {}
    return { name, changed: count(name), ...retyped, ...renamed }
  })
  const gone = removed.map(({ name, type }): ColumnDiff => {
    return { name, changed: count(name), change: 'removed', before: type }
  })
  return [...present, ...gone]
}
