/** What is asked of the rows in one pass, and how the answer over all files follows from the answers over some. Pure. */

/** An aggregate over the rows. */
export interface Ask {
  readonly sql: string
  /**
   * Of the rows of several files together: the sum of the answers, the least or the greatest of them; `whole`: it has to be asked of all at once.
   * Of none it is 0 or NULL.
   */
  readonly merge: 'sum' | 'least' | 'greatest' | 'whole'
  /** Of the least and the greatest: the type of the answer. */
  readonly type: string
}

export const sumAsk = (sql: string): Ask => ({ sql, merge: 'sum', type: 'DOUBLE' })
export const leastAsk = (sql: string, type: string): Ask => ({ sql, merge: 'least', type })
export const greatestAsk = (sql: string, type: string): Ask => ({ sql, merge: 'greatest', type })
export const wholeAsk = (sql: string): Ask => ({ sql, merge: 'whole', type: '' })
