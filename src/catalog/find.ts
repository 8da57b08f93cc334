/** Finds things by words: exact and what begins so, then what was meant by a mistyped word, in a fixed order, a page at a time. */
import { problem, WeftError } from '../base/index.ts'
import type { Db } from '../store/index.ts'
import { catalogProblems } from './problems.ts'
import { anyOf, type Question, readings, type Term } from './question.ts'
import { scoreOf, snippetOf, soughtWords, whyOf } from './reason.ts'
import { anyThings, climb } from './rungs.ts'
import { isKnown, knownOf, wordsLike } from './search-store.ts'
import { cutsOf, meantBy } from './words.ts'

export interface Hit {
  readonly subject: string
  readonly kind: string
  readonly title: string
  /** Of the description; empty where there is none. */
  readonly snippet: string
  readonly why: string
  /** From 0 to 100. */
  readonly score: number
}

export interface Found {
  readonly hits: readonly Hit[]
  /** Counted up to the limit `hitsMax`; `isMore` says that there are more. */
  readonly total: number
  readonly isMore: boolean
  /** Gives the next page. */
  readonly next?: string
  /** Words that were read otherwise than they were typed. */
  readonly read: readonly { readonly word: string; readonly as: readonly string[] }[]
  /** The words that were looked for, without endings: what to mark in a hit. */
  readonly words: readonly string[]
  /** Where nothing was found: things that have some of the words, or nearly. */
  readonly near: readonly { readonly kind: string; readonly subject: string }[]
}

export interface Page {
  readonly limit: number
  readonly cursor?: string
  /** As far as a search counts and pages. */
  readonly hitsMax: number
}

const nearMax = 5

export const findThings = async (db: Db, env: string, question: Question, page: Page): Promise<Found> => {
  const offset = offsetOf(page)
  const take = Math.min(page.hitsMax, offset + page.limit)
  let terms = await withWhole(db, env, question.terms)
  const look = () => climb(db, env, { ...question, terms }, take, page.hitsMax + 1)
  let found = await look()
  if (found.rows.length === 0 && terms.some(it => it.isWhole)) {
    terms = question.terms
    found = await look()
  }
  if (found.rows.length === 0 && terms.length > 0) {
    terms = await meant(db, env, terms)
    if (readings(terms).length > 0) found = await look()
  }
  const read = readings(terms)
  const words = soughtWords(terms)
  const isEmpty = found.rows.length === 0
  const end = Math.min(found.total, page.hitsMax)
  return {
    hits: found.rows.slice(offset).map(row => ({
      subject: row.subject,
      kind: row.kind,
      title: row.title ?? row.name,
      snippet: snippetOf(row.description, words),
      why: whyOf(row, terms, question.narrowing),
      score: scoreOf(row, read.length > 0),
    })),
    total: end,
    isMore: found.total > page.hitsMax,
    ...(take < end ? { next: String(take) } : {}),
    read: isEmpty ? [] : read,
    words,
    near: isEmpty && terms.length > 0 ? await anyThings(db, env, anyOf(terms), nearMax) : [],
  }
}

const offsetOf = ({ cursor = '0', hitsMax }: Page): number => {
  const offset = /^\d{1,9}$/.test(cursor) ? Number(cursor) : Number.NaN
  if (offset < hitsMax) return offset
  throw new WeftError(
    'usage',
    problem(catalogProblems, 'find.wrong-cursor', `a search cannot go on from "${cursor}"`, { found: cursor }),
  )
}

/** Of an alphabet, too many words begin so, and nobody is helped by all of them. */
const short = /^[a-z0-9]{1,2}$/

/**
 * Of several words only the last may be the beginning of another one, unless it is very short; the others are whole where there is such a
 * word. To gather all that begins like a short or usual word is most of the work.
 */
const withWhole = async (db: Db, env: string, terms: readonly Term[]): Promise<readonly Term[]> => {
  if (terms.length < 2) return terms
  const settled = terms.slice(0, -1).map(it => it.word)
  const known = await knownOf(db, env, settled)
  const isWhole = (word: string, index: number): boolean =>
    short.test(word) || (index < settled.length && known.has(word))
  return terms.map((it, index) => (isWhole(it.word, index) ? { ...it, isWhole: true } : it))
}

/** Words with which nothing begins, as what they may mean: two words written as one, or the nearest words that there are. */
const meant = async (db: Db, env: string, terms: readonly Term[]): Promise<Term[]> => {
  const read: Term[] = []
  for (const term of terms) {
    const options =
      term.word.length < 3 || (await isKnown(db, env, term.word)) ? [] : await optionsOf(db, env, term.word)
    read.push(options.length === 0 ? term : { ...term, options })
  }
  return read
}

const optionsOf = async (db: Db, env: string, word: string): Promise<string[][]> => {
  const cuts = cutsOf(word)
  const known = await knownOf(db, env, cuts.flat())
  const cut = cuts.filter(parts => parts.every(part => known.has(part))).sort((a, b) => shortest(b) - shortest(a))[0]
  if (cut !== undefined && shortest(cut) > 2) return [[...cut]]
  return meantBy(word, await wordsLike(db, env, word)).map(it => [it])
}

const shortest = (parts: readonly string[]): number => Math.min(...parts.map(it => it.length))
