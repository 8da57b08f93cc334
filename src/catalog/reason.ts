/** Why a hit is one, and the part of its description that shows it. Pure. */
import type { Narrowing, Term } from './question.ts'
import type { Fit, Row } from './rungs.ts'
import { formsOf, wordsOf } from './words.ts'

const scores: Readonly<Record<Fit, number>> = {
  exact: 100,
  prefix: 90,
  title: 80,
  keyword: 70,
  name: 60,
  description: 20,
  listed: 10,
}

/** From 0 to 100: hits are told from the highest to the lowest. Columns come behind things, and a word that was read otherwise costs a fifth. */
export const scoreOf = ({ fit, kind }: Pick<Row, 'fit' | 'kind'>, isReadOtherwise: boolean): number => {
  const isColumn = kind === 'column'
  const base = isColumn ? scores[fit] / 2 : fit === 'description' ? scores.description + 5 : scores[fit]
  return Math.round(base * (isReadOtherwise ? 0.8 : 1) * 10) / 10
}

/** All words that a question looks for. */
export const soughtWords = (terms: readonly Term[]): string[] => [...new Set(terms.flatMap(it => it.options.flat()))]

/** `its name is that`, `title has order, its domain or product line`. */
export const whyOf = (row: Row, terms: readonly Term[], narrowing: Narrowing): string => {
  if (row.fit === 'listed') return `is ${asked(narrowing).join(' and ')}`
  const quote = (words: readonly string[]): string => words.map(it => `"${it}"`).join(', ')
  if (row.fit === 'exact') return 'its name is exactly that'
  if (row.fit === 'prefix')
    return `its name begins with ${quote([terms.map(it => (isAsTyped(it) ? it.typed : (it.options[0] ?? []).join(' '))).join(' ')])}`
  const parts: readonly (readonly [string, string])[] = [
    ['name', row.name],
    ['title', row.title ?? ''],
    ['keywords', row.keywords],
    ['description', row.description ?? ''],
  ]
  const sought = soughtWords(terms)
  const has = hasAsMeant(terms)
  const left = new Set(sought)
  const said: string[] = []
  for (const [part, text] of preferred(parts, row.fit)) {
    const there = sought.filter(word => left.has(word) && has(text, word))
    if (there.length === 0) continue
    for (const word of there) left.delete(word)
    said.push(
      `${part} has ${quote(part === 'keywords' ? keywordsWith(text, there, has) : writtenIn(text, there, has))}`,
    )
  }
  const around = sought.filter(word => left.has(word) && has(row.subject, word))
  if (around.length > 0) said.push(`it lies in ${quote(writtenIn(row.subject, around, has))}`)
  return said.join(', ')
}

/** The part that decided comes first. */
const preferred = <T extends readonly [string, string]>(parts: readonly T[], fit: Fit): T[] => {
  const first = fit === 'keyword' ? 'keywords' : fit
  return [...parts].sort((a, b) => Number(b[0] === first) - Number(a[0] === first))
}

type Has = (text: string, word: string) => boolean

const begins: Has = (text, word) => wordsOf(text).some(it => it.startsWith(word))

/** Whole words are not found at the beginning of others. */
const hasAsMeant = (terms: readonly Term[]): Has => {
  const whole = new Set(soughtWords(terms.filter(it => it.isWhole)))
  return (text, word) =>
    whole.has(word) ? formsOf(word).some(form => wordsOf(text).includes(form)) : begins(text, word)
}

const isAsTyped = ({ word, options }: Term): boolean => options[0]?.join(' ') === word

/** The words as the text writes them. */
const writtenIn = (text: string, words: readonly string[], has: Has): string[] => {
  const tokens = text.match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
  return [...new Set(words.map(word => tokens.find(token => has(token, word)) ?? word))]
}

const keywordsWith = (text: string, words: readonly string[], has: Has): string[] =>
  text.split(', ').filter(keyword => words.some(word => has(keyword, word)))

const asked = ({ kinds, domains, owners, statuses, tags, has: labels }: Narrowing): string[] => [
  ...kinds.map(it => `kind:${it}`),
  ...domains.map(it => `domain:${it}`),
  ...owners.map(it => `owner:${it}`),
  ...statuses.map(it => `status:${it}`),
  ...tags.map(it => `tag:${it}`),
  ...labels.map(it => `has:${it}`),
]

const snippetMax = 140

/** The sentence or part of one that has the first of the words; else how the description begins. */
export const snippetOf = (description: string | null, words: readonly string[]): string => {
  if (description === null) return ''
  if (description.length <= snippetMax) return description
  const at = firstOf(description, words)
  if (at === undefined || at < snippetMax - 20) return `${cut(description.slice(0, snippetMax))} …`
  const sentence = description.lastIndexOf('. ', at)
  const begin = sentence >= 0 && at - sentence < 100 ? sentence + 2 : description.indexOf(' ', at - 60) + 1
  const part = description.slice(begin, begin + snippetMax)
  return `… ${begin + snippetMax < description.length ? `${cut(part)} …` : part}`
}

const cut = (text: string): string => text.slice(0, Math.max(text.lastIndexOf(' '), snippetMax / 2))

const firstOf = (text: string, words: readonly string[]): number | undefined => {
  for (const match of text.matchAll(/[\p{L}\p{M}\p{N}]+/gu))
    if (words.some(word => begins(match[0], word))) return match.index
  return undefined
}
