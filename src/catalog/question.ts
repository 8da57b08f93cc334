/** What a person types into a search: words, and operators that narrow it. Pure. */
import { didYouMean, problem, WeftError } from '../base/index.ts'
import { type FoundKind, foundKinds, lexeme } from './entry.ts'
import { catalogProblems } from './problems.ts'
import { formsOf, isCommon, wordsOf } from './words.ts'

/** One word of a question. Each option is what it may mean: words that are all needed; the first is the word itself unless there is none such. */
export interface Term {
  readonly word: string
  /** As typed. */
  readonly typed: string
  readonly options: readonly (readonly string[])[]
  /** Only the word itself is looked for, and nothing that begins so. */
  readonly isWhole?: true
}

export interface Narrowing {
  readonly kinds: readonly FoundKind[]
  readonly domains: readonly string[]
  readonly owners: readonly string[]
  readonly statuses: readonly string[]
  readonly tags: readonly string[]
  readonly has: readonly string[]
}

export interface Question {
  /** As typed, for whoever types a whole subject. */
  readonly raw: string
  readonly terms: readonly Term[]
  readonly narrowing: Narrowing
}

export const operators = ['domain', 'owner', 'status', 'tag', 'kind', 'has', 'col'] as const

const wordsMax = 12

/** Throws a usage error for an operator or a kind that is not known. */
export const questionOf = (text: string, kind?: string): Question => {
  const given: Record<(typeof operators)[number], string[]> = {
    domain: [],
    owner: [],
    status: [],
    tag: [],
    kind: kind === undefined ? [] : [kind],
    has: [],
    col: [],
  }
  const rest: string[] = []
  for (const [whole, name, quoted, plain] of text.matchAll(/(?:([A-Za-z]+):)?(?:"([^"]*)"|(\S+))/g)) {
    const value = (quoted ?? plain ?? '').trim()
    if (name === undefined) rest.push(value)
    else {
      const operator = operators.find(it => it === name.toLowerCase())
      if (operator === undefined) throw wrongOperator(name, whole)
      if (value !== '') given[operator].push(value)
    }
  }
  const words = new Map([...rest, ...given.col].flatMap(typedWords))
  const telling = [...words].filter(([word]) => !isCommon(word))
  return {
    raw: rest.join(' ').toLowerCase(),
    terms: (telling.length > 0 ? telling : [...words])
      .slice(0, wordsMax)
      .map(([word, typed]) => ({ word, typed, options: [[word]] })),
    narrowing: {
      kinds: [...given.kind.map(kindOf), ...(given.col.length > 0 ? (['column'] as const) : [])],
      domains: given.domain.map(it => it.toLowerCase()),
      owners: given.owner.map(it => it.toLowerCase()),
      statuses: given.status.map(it => it.toLowerCase()),
      tags: given.tag.map(it => it.toLowerCase()),
      has: given.has.map(it => it.toLowerCase()),
    },
  }
}

/** The words of a text with how they were typed. */
const typedWords = (text: string): (readonly [string, string])[] => {
  const words = wordsOf(text)
  return words.map(word => [word, words.length === 1 ? text.toLowerCase() : word])
}

const kindOf = (word: string): FoundKind => {
  const lower = word.toLowerCase().replace(/s$/, '')
  const found = lower === 'port' ? 'outputPort' : foundKinds.find(it => it.toLowerCase() === lower)
  if (found !== undefined) return found
  throw new WeftError(
    'usage',
    problem(catalogProblems, 'find.wrong-operator', `nothing has the kind "${word}"`, {
      found: word,
      expected: foundKinds.join(', '),
      help: didYouMean(word, foundKinds),
    }),
  )
}

const wrongOperator = (name: string, whole: string): WeftError =>
  new WeftError(
    'usage',
    problem(catalogProblems, 'find.wrong-operator', `a search has no operator "${name}:"`, {
      found: whole,
      expected: operators.map(it => `${it}:`).join(', '),
      help: didYouMean(name, operators) ?? 'put a text with a colon into quotes',
    }),
  )

export const isNarrowed = (it: Narrowing): boolean => Object.values(it).some(list => list.length > 0)

/** Parts of an entry that words are looked for in, as weights: title, keywords, name; with D the description too. */
export type Fields = 'B' | 'BC' | 'ABC' | 'ABCD'

/**
 * All words in these parts, as a tsquery. A word finds what begins with it, unless it is taken as whole. Where names count, a word may also be in the names around,
 * as long as one of several is the thing's own.
 */
export const tsqueryOf = (terms: readonly Term[], fields: Fields): string => {
  const found = (lexemeOf: string, { isWhole }: Term, within = ''): string =>
    isWhole
      ? formsOf(lexemeOf)
          .map(it => (within === '' ? lexeme(it) : `${lexeme(it)}:${within}`))
          .join(' | ')
      : `${lexeme(lexemeOf)}:*${within}`
  const plain = (word: string, of: Term): string => {
    const chosen = found(`.${word}`, of, fields.includes('A') ? '' : fields)
    return fields === 'ABCD' ? `${chosen} | ${found(word, of)}` : chosen
  }
  const hasAround = terms.length > 1 && fields.includes('A')
  const word = (it: string, of: Term): string =>
    hasAround ? `(${plain(it, of)} | ${found(`^${it}`, of)})` : `(${plain(it, of)})`
  const term = (of: Term): string =>
    of.options.map(option => `(${option.map(it => word(it, of)).join(' & ')})`).join(' | ')
  const all = terms.map(it => `(${term(it)})`).join(' & ')
  if (!hasAround) return all
  return `${all} & (${terms.flatMap(of => of.options.flat().map(it => plain(it, of))).join(' | ')})`
}

/** Any of the words, anywhere: what is near when all together find nothing. */
export const anyOf = (terms: readonly Term[]): string =>
  terms
    .flatMap(it => it.options.flat())
    .map(word => `${lexeme(`.${word}`)}:*`)
    .join(' | ')

/** Personal data goes by both names. */
const synonyms: Readonly<Record<string, readonly string[]>> = {
  pii: ['pii', 'personal'],
  personal: ['pii', 'personal'],
}

export const labelQuery = (label: string): string =>
  (synonyms[label] ?? [label]).map(it => lexeme(`#${it}`)).join(' | ')

/** The name that is meant where the words are one. */
export const keyOfTerms = (terms: readonly Term[]): string => terms.map(it => (it.options[0] ?? []).join(' ')).join(' ')

/** How names begin that go on after what was asked for: with another word where the last one is whole. */
export const beginOf = (terms: readonly Term[]): string => `${keyOfTerms(terms)}${terms.at(-1)?.isWhole ? ' ' : ''}`

/** What the question reads otherwise than it was typed. */
export const readings = (terms: readonly Term[]): { readonly word: string; readonly as: readonly string[] }[] =>
  terms
    .filter(it => it.options.length !== 1 || it.options[0]?.join(' ') !== it.word)
    .map(it => ({ word: it.typed, as: it.options.map(option => option.join(' ')) }))
