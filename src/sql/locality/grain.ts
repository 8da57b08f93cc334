/** Which expressions keep the partition of a value: equal partitions before, equal partitions after. Pure. */
import { nameOf } from '../functions.ts'
import { isNode, type JsonNode, nodeAt, nodesAt, textAt } from '../tree.ts'

export type Grain = 'hour' | 'day' | 'month' | 'year' | 'value'

const hourParts = ['microsecond', 'microseconds', 'millisecond', 'milliseconds', 'second', 'minute', 'hour']
/** Units to which a moment can be cut without leaving its partition. */
const finer: Readonly<Record<Grain, readonly string[]>> = {
  hour: hourParts,
  day: [...hourParts, 'day'],
  month: [...hourParts, 'day', 'month'],
  year: [...hourParts, 'day', 'month', 'quarter', 'year'],
  value: [],
}

/** Casts to seconds and milliseconds round up into the next partition, and so are none of these. */
const moments = /^(DATE|TIMESTAMP|TIMESTAMP WITH TIME ZONE|TIMESTAMPTZ)$/
const exactWords = /^(VARCHAR|TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT|UTINYINT|USMALLINT|UINTEGER|UBIGINT|DATE)$/

/** Whether a column of this type can say the partition of a row. */
export const canBeKey = (type: string, grain: Grain): boolean =>
  grain === 'value' ? exactWords.test(type) : moments.test(type)

export const castType = (node: JsonNode): string => textAt(nodeAt(node, 'cast_type') ?? {}, 'id')

/** The expression inside a cast or a cut that keeps partitions; undefined where it may not. */
export const keptInside = (node: JsonNode, grain: Grain): JsonNode | undefined => {
  if (node.class === 'CAST') {
    return keepsType(castType(node), grain) && node.try_cast !== true ? nodeAt(node, 'child') : undefined
  }
  if (node.class !== 'FUNCTION' || !['date_trunc', 'datetrunc'].includes(nameOf(node))) return undefined
  const [unit, value] = nodesAt(node, 'children')
  const word = nodeAt(unit, 'value')?.value
  return typeof word === 'string' && finer[grain].includes(word.toLowerCase()) ? value : undefined
}

const keepsType = (type: string, grain: Grain): boolean => {
  if (grain === 'value') return type === 'VARCHAR'
  return type === 'DATE' ? grain !== 'hour' : moments.test(type)
}

const dayMs = 86_400_000
/** The longest that a unit can be, so that a reach is never told too short. */
const unitMs: Readonly<Record<string, number>> = {
  to_seconds: 1_000,
  to_minutes: 60_000,
  to_hours: 3_600_000,
  to_days: dayMs,
  to_weeks: 7 * dayMs,
  to_months: 31 * dayMs,
  to_years: 366 * dayMs,
}

/** Milliseconds of a constant interval, or of a number of days; undefined where it is computed. */
export const reachOf = (node: JsonNode | undefined): number | undefined => {
  if (node === undefined) return undefined
  if (node.class === 'CONSTANT') {
    const number = constantNumber(node)
    return number === undefined ? undefined : number * dayMs
  }
  const unit = node.class === 'FUNCTION' ? unitMs[nameOf(node)] : undefined
  const number = unit === undefined ? undefined : constantNumber(node)
  return unit === undefined || number === undefined ? undefined : number * unit
}

/** The only constant inside casts and roundings. */
const constantNumber = (node: JsonNode): number | undefined => {
  if (node.class === 'CONSTANT') {
    const value = nodeAt(node, 'value')?.value
    const number = Number(value)
    return (typeof value === 'number' || typeof value === 'string') && number >= 0 ? number : undefined
  }
  if (node.class === 'CAST') {
    const child = nodeAt(node, 'child')
    return child === undefined ? undefined : constantNumber(child)
  }
  if (node.class !== 'FUNCTION' || !(nameOf(node) === 'trunc' || nameOf(node) in unitMs)) return undefined
  const [child, second] = nodesAt(node, 'children')
  return child !== undefined && second === undefined ? constantNumber(child) : undefined
}

/** The parts of a condition that must all hold. */
export const conjuncts = (condition: unknown): JsonNode[] => {
  if (!isNode(condition)) return []
  return condition.type === 'CONJUNCTION_AND' ? nodesAt(condition, 'children').flatMap(conjuncts) : [condition]
}
