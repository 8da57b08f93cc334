/** Texts as words that can be found: names are split, letters lose case and accents, plurals their s. Pure. */
import { editDistance } from '../base/index.ts'

const wordMax = 40

/** `ShopOrders`, `shop-orders` and `shop_orders` are the words `shop` and `order`. */
export const wordsOf = (text: string): string[] =>
  (
    text
      .normalize('NFKD')
      .replace(/\p{Mark}/gu, '')
      .replace(/([\p{Ll}\p{N}])(\p{Lu})/gu, '$1 $2')
      // `KPIs` is one word, `HTTPServer` two.
      .replace(/(\p{Lu})(?!\p{Lu}s(?![\p{L}\p{N}]))(\p{Lu}\p{Ll})/gu, '$1 $2')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  ).map(word => singular([...word].slice(0, wordMax).join('')))

/** A plural without its s. What is found begins with a word, so that `categorie` of `categories` need not be `category`. */
const singular = (word: string): string => (/[^siu0-9]s$/.test(word) && word.length > 3 ? word.slice(0, -1) : word)

/** What counts as the word itself where nothing that begins so is looked for: plurals of which more than an s is left, as of `batches` and `kpis`. */
export const formsOf = (word: string): readonly string[] => [word, `${word}s`, `${word}e`]

/** The words of a name with spaces between: how exact names and what they begin with are compared. */
export const keyOf = (name: string): string => wordsOf(name).join(' ')

/** Words that stand in every sentence: they are left out of descriptions, and of questions that have others. */
const common = new Set(
  'a an and are as at be but by for from had has have in into is it its no not of on or so than that the their then there they this to was were what when where which who will with'
    .split(' ')
    .map(word => wordsOf(word)[0]),
)

export const isCommon = (word: string): boolean => common.has(word)

/** The groups of three letters of a word, its ends marked: words that are alike share most of them. */
export const gramsOf = (word: string): string[] => {
  const letters = [...`^${word}$`]
  return [...new Set(letters.slice(2).map((_, index) => letters.slice(index, index + 3).join('')))]
}

const sameMax = 3

/** Of words that share groups of letters, those that may be meant by a mistyped one: the nearest, and a few that are equally near. */
export const meantBy = (word: string, candidates: readonly string[]): string[] => {
  const allowed = word.length < 5 ? 1 : word.length < 9 ? 2 : 3
  const near = candidates
    .map(it => ({ it, distance: editDistance(word, it) }))
    .filter(({ distance }) => distance <= allowed)
    .sort((a, b) => a.distance - b.distance || a.it.length - b.it.length || (a.it < b.it ? -1 : 1))
  return near
    .filter(({ distance }) => distance === near[0]?.distance)
    .map(({ it }) => it)
    .slice(0, sameMax)
}

/** Ways to cut a word in two, of at least two letters each: `orderlines` is `order` and `lines`. */
export const cutsOf = (word: string): (readonly [string, string])[] =>
  Array.from({ length: Math.max(0, word.length - 3) }, (_, index) => [
    word.slice(0, index + 2),
    wordsOf(word.slice(index + 2))[0] ?? '',
  ])
