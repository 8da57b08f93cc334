/** Whether every value of one type is a value of another: how DuckDB casts, and Parquet readers promote, without loss. Pure. */

export type TypeRelation = 'same' | 'widened' | 'narrowed' | 'changed'

/** Of two plain types in their one spelling; what is inside of structures, lists and maps is compared by itself. */
export const typeRelation = (from: string, to: string): TypeRelation => {
  if (from === to) return 'same'
  if (holds(to, from)) return 'widened'
  return holds(from, to) ? 'narrowed' : 'changed'
}

/** Bits by name; a sign costs one. */
const whole: Readonly<Record<string, { readonly bits: number; readonly isSigned: boolean; readonly digits: number }>> =
  {
    TINYINT: { bits: 8, isSigned: true, digits: 3 },
    SMALLINT: { bits: 16, isSigned: true, digits: 5 },
    INTEGER: { bits: 32, isSigned: true, digits: 10 },
    BIGINT: { bits: 64, isSigned: true, digits: 19 },
    HUGEINT: { bits: 128, isSigned: true, digits: 39 },
    UTINYINT: { bits: 8, isSigned: false, digits: 3 },
    USMALLINT: { bits: 16, isSigned: false, digits: 5 },
    UINTEGER: { bits: 32, isSigned: false, digits: 10 },
    UBIGINT: { bits: 64, isSigned: false, digits: 20 },
    UHUGEINT: { bits: 128, isSigned: false, digits: 39 },
  }

/** Seconds, milliseconds, microseconds. Nanoseconds reach from 1677 to 2262 only, so they hold none of the others. */
const instants = ['TIMESTAMP_S', 'TIMESTAMP_MS', 'TIMESTAMP']

/** Whole numbers that a float or a double holds exactly, in bits. */
const mantissa: Readonly<Record<string, number>> = { FLOAT: 24, DOUBLE: 53 }

const holds = (wide: string, narrow: string): boolean => {
  const [big, small] = [whole[wide], whole[narrow]]
  if (big !== undefined && small !== undefined) {
    if (small.isSigned && !big.isSigned) return false
    return big.isSigned === small.isSigned ? big.bits >= small.bits : big.bits > small.bits
  }
  const [a, b] = [decimal(wide), decimal(narrow)]
  if (a !== undefined && b !== undefined) return a.scale >= b.scale && a.whole >= b.whole
  if (small !== undefined && a !== undefined) return a.whole >= small.digits
  if (big?.isSigned && b !== undefined) return b.scale === 0 && b.whole < big.digits
  if (small !== undefined && mantissa[wide] !== undefined) return small.bits <= mantissa[wide]
  if (narrow === 'FLOAT') return wide === 'DOUBLE'
  if (narrow === 'DATE') return instants.includes(wide)
  if (instants.includes(narrow)) return instants.indexOf(wide) >= instants.indexOf(narrow)
  return wide === 'VARCHAR' && (narrow === 'UUID' || narrow === 'JSON')
}

/** Digits before and behind the point. */
const decimal = (type: string): { readonly whole: number; readonly scale: number } | undefined => {
  const match = /^DECIMAL\((\d+),(\d+)\)$/.exec(type)
  return match === null ? undefined : { whole: Number(match[1]) - Number(match[2]), scale: Number(match[2]) }
}
