/** What of the values a contract can promise: never empty, one of few, never below zero, a form that all have, the key. Pure. */
import type { ColumnDocument } from '../../domain/index.ts'
import { snakeName } from './names.ts'
import { type ColumnFacts, isPlain } from './observe.ts'
import { typeDocument } from './type-tree.ts'

/** What the mesh has words for. */
export interface Vocabulary {
  readonly terms: readonly {
    readonly id: string
    readonly name: string
    readonly type?: string | undefined
    readonly synonyms: readonly string[]
  }[]
  readonly classifications: readonly string[]
}

/** Fewer rows say nothing about what values a column can have. */
const rowsForEnum = 50
const enumValuesMax = 8
const valueCountMin = 5

export const columnDocument = (
  name: string,
  type: string,
  it: ColumnFacts,
  words: Vocabulary,
  keyPosition: number | undefined,
  isSource: boolean,
): ColumnDocument => {
  const { name: _, ...typed } = typeDocument(type, isSource)
  const options: NonNullable<ColumnDocument['logicalTypeOptions']> = {
    ...typed.logicalTypeOptions,
    ...optionsOf(it, typed.logicalType),
  }
  const term = termOf(it.name, typed.logicalType, words)
  return {
    name,
    ...(isSource && name !== it.name ? { physicalName: it.name } : {}),
    ...typed,
    ...(Object.keys(options).length === 0 ? {} : { logicalTypeOptions: options }),
    ...(it.rows > 1 && it.filled === it.rows ? { required: true } : {}),
    ...(keyPosition === undefined ? {} : { primaryKey: true, primaryKeyPosition: keyPosition }),
    // Values of people do not belong in a file that everybody reads, and a form says more than those that were seen.
    ...(isPersonal(it) || options.format !== undefined || options.pattern !== undefined
      ? {}
      : enumOf(it, typed.logicalType)),
    ...(isPersonal(it) ? suspicion(words) : {}),
    ...(term === undefined
      ? {}
      : { authoritativeDefinitions: [{ url: `weft:term/${term}`, type: 'businessDefinition' }] }),
  }
}

const optionsOf = (it: ColumnFacts, logicalType: string | undefined) => {
  if (it.filled === 0) return {}
  if (logicalType === 'integer' || logicalType === 'number') {
    const isNatural = it.negative === 0 && naturalNames.test(snakeName(it.name))
    return isNatural ? { minimum: 0 } : {}
  }
  if (logicalType !== 'string') return {}
  const format = Object.entries(it.formats).find(([, count]) => count === it.filled)?.[0]
  if (format !== undefined) return { format }
  const length = codeLength(it)
  return length === undefined ? {} : { pattern: `^[A-Z]{${length}}$` }
}

/** What can be no less than nothing; an amount may be a refund, and a change goes both ways. */
const naturalNames =
  /(^|_)(price|quantity|qty|count|number_of|num|age|weight|width|height|length|size|distance|duration|seconds|minutes|hours|bytes|rows|pieces|stock|population|percent|rate|score)($|_)/

/** Codes of countries (ISO 3166), languages and currencies (ISO 4217), where the name says so and all values agree. */
const codeLength = (it: ColumnFacts): number | undefined => {
  const name = snakeName(it.name)
  const values = it.values ?? []
  if (values.length === 0 || !/(^|_)(country|currency|lang|language|nation|iso)($|_)/.test(name)) return undefined
  return [2, 3].find(length => values.every(({ value }) => new RegExp(`^[A-Z]{${length}}$`).test(value)))
}

const enumOf = (it: ColumnFacts, logicalType: string | undefined): Pick<ColumnDocument, 'enum'> => {
  const { values } = it
  if (logicalType !== 'string' || values === undefined || it.filled < rowsForEnum) return {}
  const isStable =
    values.length <= enumValuesMax &&
    values.every(({ value, count }) => count >= valueCountMin && value.length <= 40 && !value.includes('${'))
  return isStable ? { enum: values.map(({ value }) => ({ value })) } : {}
}

const personalName =
  /(^|_)(e_?mail|phone|mobile|fax|first_?name|last_?name|sur_?name|full_?name|given_name|family_name|birth(day|date|_date)?|date_of_birth|dob|ssn|passport|iban|street|address|ip_address|gender)($|_)/
const classNames = ['personal', 'personal-data', 'pii', 'confidential.personal', 'confidential', 'restricted']

const isPersonal = (it: ColumnFacts): boolean =>
  (it.filled > 0 && it.formats.email === it.filled) || personalName.test(snakeName(it.name))

/** A person confirms it or takes it out. */
const suspicion = (words: Vocabulary): Pick<ColumnDocument, 'classification' | 'tags'> => {
  const known = classNames.find(name => words.classifications.includes(name))
  return known === undefined ? { tags: ['personal'] } : { classification: known }
}

const termOf = (name: string, logicalType: string | undefined, words: Vocabulary): string | undefined => {
  const word = snakeName(name)
  const fits = words.terms.filter(term => term.type === undefined || term.type === logicalType)
  const called = (term: Vocabulary['terms'][number]): string[] => [term.id, term.name, ...term.synonyms].map(snakeName)
  const exact = fits.find(term => called(term).includes(word))
  if (exact !== undefined) return exact.id
  const bare = word.replace(/_(id|code|key|no|number|name)$/, '')
  return fits.find(term => called(term).includes(bare))?.id
}

const keyName =
  /(^|_)(id|key|code|no|nr|number|num|uuid|guid|sku|isin|iban|ean|name|slug)$|^(id|key|code|uuid|ref)(_|$)/
const momentName = /(^|_)(date|day|time|timestamp|month|year|at|on|hour)($|_)/

const canBeKey = (it: ColumnFacts): boolean =>
  it.rows > 1 && it.filled === it.rows && isPlain(it.type) && it.type !== 'DOUBLE' && it.type !== 'BOOLEAN'

/** The one column that tells rows apart: unique, never null, and called like a key or standing first. */
export const keyColumn = (facts: readonly ColumnFacts[]): string | undefined => {
  const unique = facts.filter(it => canBeKey(it) && it.distinct === it.rows && !isMeasure(it))
  const named = unique.find(it => keyName.test(snakeName(it.name)))
  const [first] = facts
  return (named ?? unique.find(it => it === first))?.name
}

/** Fractions tell nothing apart. */
const isMeasure = (it: ColumnFacts): boolean => it.type === 'VARCHAR' && it.whole < it.filled && it.floats === it.filled

/** Pairs that may tell rows apart where no column does alone: what is called like keys, and days or instants. */
export const keyPairs = (facts: readonly ColumnFacts[]): [string, string][] => {
  const fit = facts.filter(it => {
    const name = snakeName(it.name)
    return canBeKey(it) && it.distinct > 1 && !isMeasure(it) && (keyName.test(name) || momentName.test(name))
  })
  const some = fit.slice(0, 5)
  return some.flatMap((one, index) =>
    some
      .slice(index + 1)
      .filter(other => one.distinct * other.distinct >= one.rows)
      .map((other): [string, string] => [one.name, other.name]),
  )
}
