/** What a rule found and expected, in words with counts and the contract's own bounds; never a value of a row. Pure. */
import type { Constant, RuleTest } from '../../domain/index.ts'
import { thresholdWords } from './threshold.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
const valuesShownMax = 5

/** `3 rows below 0`: what of `failed` rows is wrong. */
export const foundWords = (test: RuleTest, failed: number, rows: number): string => {
  const subject = failed === 0 ? 'no row' : failed === 1 ? '1 row' : `${failed} rows`
  if ('unit' in test) {
    const share = test.unit === 'percent' ? `${percentText(failed, rows)}%: ` : ''
    return `${share}${subject} of ${rows} ${faultOf(test)}`
  }
  return test.kind === 'rowCount' ? subject.replace('no row', '0 rows') : `${subject} ${faultOf(test)}`
}

/** `at least 0`: what the rule expects. */
export const expectedWords = (test: RuleTest): string => {
  if ('unit' in test) return thresholdWords(test.threshold, test.unit === 'percent' ? '% of the rows' : ' rows')
  switch (test.kind) {
    case 'required':
      return 'a value in every row'
    case 'unique':
      return 'no value twice'
    case 'primaryKey':
      return 'a whole key in every row, and none twice'
    case 'enum':
      return amongWords(test.values)
    case 'minimum':
      return `at least ${test.value}`
    case 'exclusiveMinimum':
      return `above ${test.value}`
    case 'maximum':
      return `at most ${test.value}`
    case 'exclusiveMaximum':
      return `below ${test.value}`
    case 'multipleOf':
      return `multiples of ${test.value}`
    case 'minLength':
      return `at least ${test.value} characters`
    case 'maxLength':
      return `at most ${test.value} characters`
    case 'minItems':
      return `at least ${test.value} items`
    case 'maxItems':
      return `at most ${test.value} items`
    case 'minProperties':
      return `at least ${test.value} members with a value`
    case 'maxProperties':
      return `at most ${test.value} members with a value`
    case 'dimensions':
      return `${test.value} dimensions`
    case 'normalized':
      return 'vectors of length 1'
    case 'uniqueItems':
      return 'no item twice'
    case 'pattern':
      return `texts like ${test.pattern}`
    case 'format':
    case 'numberFormat':
    case 'dateFormat':
      return `format ${test.format}`
    case 'rowCount':
      return thresholdWords(test.threshold, ' rows')
    case 'sql':
      return thresholdWords(test.threshold, '')
    case 'foreignKey':
      return `keys of ${test.to}`
    case 'freshness':
    case 'retention':
      return `at most ${ageWords(test.maxAgeMs)} old`
    case 'frequency':
      return `at most ${ageWords(test.maxGapMs)} apart`
    case 'unsupported':
      return `a check of ${test.engine}`
  }
}

/** What is wrong with rows that fail; nothing is said of rules that judge no rows. */
const faultOf = (test: RuleTest): string => {
  switch (test.kind) {
    case 'rowCount':
    case 'sql':
    case 'freshness':
    case 'retention':
    case 'frequency':
    case 'unsupported':
      return ''
    case 'required':
    case 'nullValues':
      return 'without a value'
    case 'missingValues':
      return 'without a value that counts'
    case 'unique':
    case 'duplicateValues':
      return 'with a value that another row has'
    case 'primaryKey':
      return 'without a key of its own'
    case 'enum':
      return 'with another value'
    case 'invalidValues':
      return 'with an invalid value'
    case 'minimum':
      return `below ${test.value}`
    case 'exclusiveMinimum':
      return `at or below ${test.value}`
    case 'maximum':
      return `above ${test.value}`
    case 'exclusiveMaximum':
      return `at or above ${test.value}`
    case 'multipleOf':
      return `with no multiple of ${test.value}`
    case 'minLength':
      return `shorter than ${test.value} characters`
    case 'maxLength':
      return `longer than ${test.value} characters`
    case 'minItems':
      return `with fewer than ${test.value} items`
    case 'maxItems':
      return `with more than ${test.value} items`
    case 'minProperties':
      return `with fewer than ${test.value} members`
    case 'maxProperties':
      return `with more than ${test.value} members`
    case 'dimensions':
      return `without ${test.value} dimensions`
    case 'normalized':
      return 'not of length 1'
    case 'uniqueItems':
      return 'with an item twice'
    case 'pattern':
      return 'unlike the pattern'
    case 'format':
    case 'numberFormat':
    case 'dateFormat':
      return `not of format ${test.format}`
    case 'foreignKey':
      return `with a key that ${test.to} does not have`
  }
}

const amongWords = (values: readonly Constant[]): string =>
  values.length <= valuesShownMax ? `one of ${values.map(String).join(', ')}` : `one of ${values.length} values`

/** With as many digits as tell it from its neighbours, at most 6. */
const percentText = (part: number, whole: number): string =>
  whole === 0 ? '0' : String(Number(((part * 100) / whole).toPrecision(6)))

/** `31h`, `2min 5s`, `4d 3h`: the two greatest units that count. */
export const ageWords = (ageMs: number): string => {
  const parts = (large: number, largeName: string, small: number, smallName: string): string => {
    const rest = Math.floor((ageMs % large) / small)
    return `${Math.floor(ageMs / large)}${largeName}${rest === 0 ? '' : ` ${rest}${smallName}`}`
  }
  if (ageMs >= 3 * dayMs) return parts(dayMs, 'd', hourMs, 'h')
  if (ageMs >= hourMs) return parts(hourMs, 'h', minuteMs, 'min')
  if (ageMs >= minuteMs) return parts(minuteMs, 'min', 1000, 's')
  return `${Math.floor(ageMs / 1000)}s`
}
