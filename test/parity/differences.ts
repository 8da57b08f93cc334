/** Where Weft means to judge otherwise than datacontract-cli, with the reason. */
import type { Compared, State } from './verdict.ts'

export interface Difference {
  readonly what: string
  readonly why: string
  /** Of the comparisons: these, and no others, have these states. */
  readonly kinds: readonly string[]
  /** Names of cases; all where absent. */
  readonly cases?: RegExp
  /** The check's dataset and property; all where absent. */
  readonly checks?: RegExp
  readonly weft?: State
  readonly other: State
}

export const differences: readonly Difference[] = [
  {
    what: 'multipleOf, format, minProperties, maxProperties, and service levels of frequency',
    why: 'the standard has them; datacontract-cli does not run them',
    kinds: ['multipleOf', 'minProperties', 'maxProperties', 'format', 'numberFormat', 'frequency'],
    other: 'not run',
  },
  {
    what: 'the list `required` of an object',
    why: 'it is one more way to say that members have values; datacontract-cli does not run it',
    kinds: ['required'],
    cases: /^object\.required/,
    checks: /a\.b /,
    other: 'not run',
  },
  {
    what: 'service levels of latency',
    why: 'the standard says latency where others say freshness; datacontract-cli runs only the latter',
    kinds: ['freshness'],
    cases: /^latency/,
    other: 'not run',
  },
  {
    what: 'keys and values of maps',
    why: 'datacontract-cli does not run checks on them yet, and says so',
    kinds: ['maxLength', 'required'],
    checks: /\[(key|value)\]/,
    other: 'not run',
  },
  {
    what: 'items of lists in lists',
    why: 'datacontract-cli does not run checks on them yet, and says so',
    kinds: ['minimum'],
    checks: /\[\]\[\]/,
    other: 'not run',
  },
  {
    what: 'keys into another dataset from items of a list',
    why: 'a relationship is one at any depth; datacontract-cli reads those of columns only',
    kinds: ['foreignKey'],
    checks: /\[\]/,
    other: 'not run',
  },
  {
    what: 'repeats in percent',
    why: 'a unit belongs to every metric of rows; datacontract-cli refuses it for this one',
    kinds: ['duplicateValues'],
    cases: /^percent of duplicates/,
    other: 'not run',
  },
  {
    what: 'invalid values by minimum and maximum',
    why: 'arguments are free in the standard; datacontract-cli knows valid values and a pattern',
    kinds: ['invalidValues'],
    cases: /^a range of invalid values/,
    other: 'not run',
  },
  {
    what: 'how repeats are counted',
    why: 'the unit is rows: a value three times is two rows too many. datacontract-cli counts the value once',
    kinds: ['duplicateValues'],
    cases: /^three of a kind/,
    weft: 'passed',
    other: 'failed',
  },
  {
    what: 'percent at its bound',
    why: 'Weft compares the two whole numbers, datacontract-cli a percentage of six digits',
    kinds: ['nullValues'],
    cases: /^a third is not/,
    weft: 'failed',
    other: 'passed',
  },
  {
    what: 'members of an item that is NULL',
    why: 'a member of what is not there is not missing, in a list as anywhere; that the item must be there is its own `required`',
    kinds: ['required'],
    cases: /^members of items that are NULL/,
    weft: 'passed',
    other: 'failed',
  },
  {
    what: 'two items without a value, in a list whose items are unique',
    why: 'NULL is no value that could be there twice, as in columns. `uniqueItems` does count them, in both',
    kinds: ['unique'],
    cases: /^two items without a value$/,
    weft: 'passed',
    other: 'failed',
  },
  {
    what: 'dates that are kept as texts',
    why: 'the physical type says that they are texts, and `format` how they are written; datacontract-cli reads them as dates',
    kinds: ['file'],
    cases: /^(date|time)\.format broken/,
    weft: 'passed',
    other: 'refused',
  },
  {
    what: 'the format of dates that are kept as texts',
    why: 'datacontract-cli asks nothing for it',
    kinds: ['dateFormat'],
    cases: /^(timestamp\.format|(date|time)\.format kept)/,
    other: 'not run',
  },
  {
    what: 'vectors',
    why: 'datacontract-cli cannot read a file with one',
    kinds: ['file'],
    cases: /^vector/,
    weft: 'passed',
    other: 'refused',
  },
  {
    what: 'numbers of which the contract says only the logical type',
    why: 'Weft keeps integer as BIGINT and number as DOUBLE; datacontract-cli has room for 32 bits, and for three digits after the point',
    kinds: ['file'],
    cases: /^(infinity above|no number at all below|a large whole number)/,
    weft: 'passed',
    other: 'refused',
  },
  {
    what: 'a floating number that is above its maximum by less than a thousandth',
    why: 'as above: datacontract-cli has rounded it before it looks',
    kinds: ['maximum'],
    cases: /^a floating number beside/,
    weft: 'failed',
    other: 'passed',
  },
  {
    what: 'numbers that do not fit their type without rounding',
    why: 'a file that would be changed by reading it is refused; datacontract-cli rounds',
    kinds: ['file'],
    cases: /^(a fraction where a whole number|more digits than a decimal)/,
    weft: 'refused',
    other: 'passed',
  },
]

export const isOf = (difference: Difference, it: Compared): boolean =>
  difference.kinds.includes(it.kind) &&
  (difference.cases?.test(it.name) ?? true) &&
  (difference.checks?.test(it.check) ?? true)

/** Whether the comparison differs as the list says. */
export const isMeant = (difference: Difference, it: Compared): boolean =>
  isOf(difference, it) &&
  it.other === difference.other &&
  (difference.weft === undefined || it.weft === difference.weft)
