/** Exact decimal numbers: thresholds and bounds are compared without a detour through binary fractions. */

/** `digits` / 10^`scale`. */
export interface Decimal {
  readonly digits: bigint
  readonly scale: number
}

const pattern = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/

/** The number that a text or a number says; undefined where it is none (NaN and infinities too). */
export const parseDecimal = (value: string | number | bigint): Decimal | undefined => {
  if (typeof value === 'bigint') return { digits: value, scale: 0 }
  const match = pattern.exec(String(value).trim())
  const whole = match?.[2] ?? ''
  const fraction = match?.[3] ?? ''
  if (match === null || whole + fraction === '') return undefined
  const digits = BigInt(`${whole}${fraction}`) * (match[1] === '-' ? -1n : 1n)
  const scale = fraction.length - Number(match[4] ?? 0)
  return scale >= 0 ? { digits, scale } : { digits: digits * 10n ** BigInt(-scale), scale: 0 }
}

/** Below, equal or above zero, as a is below, equal or above b. */
export const compareDecimals = (a: Decimal, b: Decimal): number => {
  const scale = Math.max(a.scale, b.scale)
  const difference = atScale(a, scale) - atScale(b, scale)
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

/** a x b. */
export const multiplyDecimals = (a: Decimal, b: Decimal): Decimal => ({
  digits: a.digits * b.digits,
  scale: a.scale + b.scale,
})

/** The nearest number of the scale that is not above (floor) or not below (ceiling), in units of the scale. */
export const roundDecimal = (it: Decimal, scale: number, direction: 'floor' | 'ceiling'): bigint => {
  if (it.scale <= scale) return atScale(it, scale)
  const unit = 10n ** BigInt(it.scale - scale)
  const toZero = it.digits / unit
  if (toZero * unit === it.digits) return toZero
  if (direction === 'floor') return it.digits < 0n ? toZero - 1n : toZero
  return it.digits < 0n ? toZero : toZero + 1n
}

/** Whether it has no more digits after the point than `scale`. */
export const fitsScale = (it: Decimal, scale: number): boolean =>
  it.scale <= scale || it.digits % 10n ** BigInt(it.scale - scale) === 0n

/** `-12.50` for -1250 units of scale 2. */
export const decimalText = (units: bigint, scale: number): string => {
  const text = String(units < 0n ? -units : units).padStart(scale + 1, '0')
  const sign = units < 0n ? '-' : ''
  return scale === 0 ? sign + text : `${sign}${text.slice(0, -scale)}.${text.slice(-scale)}`
}

const atScale = (it: Decimal, scale: number): bigint => it.digits * 10n ** BigInt(scale - it.scale)
