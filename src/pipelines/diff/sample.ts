/** Which rows are compared where that is not all: chosen by the hash of their key, so that both sides have the same ones. Pure. */

/** A share of all rows (above 0, at most 1), or about so many of the side that has more. */
export type Sample = { readonly share: number } | { readonly rows: number }

/** `rows` are those of the side that has more. */
export const shareOf = (sample: Sample, rows: number): number =>
  Math.min(1, 'share' in sample ? sample.share : rows === 0 ? 1 : sample.rows / rows)

/** SQL that holds for the share of rows, by the names of columns that both sides have as one type. */
export const isSampled = (names: readonly string[], share: number): string => {
  if (share >= 1) return 'true'
  // Hashes are spread over 64 bits, of which a double tells 53.
  const last = BigInt(Math.ceil(share * 2 ** 53)) * 2n ** 11n - 1n
  return `hash(${names.join(', ')}) <= ${last}::ubigint`
}
