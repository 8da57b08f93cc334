/** Which column of one version is which of the next: by name, by the contract's own id, or because both are made from the same. Pure. */
import type { Element } from './elements.ts'
import { pairBy } from './pair-by.ts'

export interface Pair {
  readonly from: Element
  readonly to: Element
  readonly isRenamed: boolean
  readonly proposal?: string
}

export interface Pairs {
  readonly pairs: readonly Pair[]
  /** `aliasOf` is the deprecated column that the new one is a copy of. */
  readonly added: readonly { readonly it: Element; readonly aliasOf?: string }[]
  readonly removed: readonly Element[]
}

/** What a column is made from, as a text that is equal where it is the same; undefined where nobody knows. */
export type Origin = (column: string) => string | undefined

const nothingKnown: Origin = () => undefined

export const pairColumns = (
  before: readonly Element[],
  after: readonly Element[],
  originBefore: Origin = nothingKnown,
  originAfter: Origin = nothingKnown,
): Pairs => {
  const pairs: Pair[] = []
  const left = new Set(before)
  const open = new Set(after)
  // What keeps its name is the same; a new column with the id of one that is gone is that one.
  pairBy(left, open, lastOf, (from, to) => pairs.push({ from, to, isRenamed: false }))
  pairBy(
    left,
    open,
    it => it.document.id,
    (from, to) => pairs.push({ from, to, isRenamed: true }),
  )
  for (const to of open) {
    const from = onlySource(to, left, open, originBefore, originAfter)
    if (from === undefined) continue
    pairs.push({ from, to, isRenamed: true, proposal: stepsOf(lastOf(from), lastOf(to)) })
    left.delete(from)
    open.delete(to)
  }
  const kept = pairs.filter(it => !it.isRenamed).map(it => it.to)
  return {
    pairs,
    added: [...open].map(it => {
      const aliasOf = keptUnder(it, kept, originAfter)
      return aliasOf === undefined ? { it } : { it, aliasOf: lastOf(aliasOf) }
    }),
    removed: [...left],
  }
}

const lastOf = (it: Element): string => it.document.name ?? it.name

/** The one column that is gone and was made from the same, of the same type; with two of them nobody can tell. */
const onlySource = (
  to: Element,
  left: ReadonlySet<Element>,
  open: ReadonlySet<Element>,
  originBefore: Origin,
  originAfter: Origin,
): Element | undefined => {
  const origin = originAfter(lastOf(to))
  if (origin === undefined) return undefined
  const [from, second] = [...left].filter(it => it.type === to.type && originBefore(lastOf(it)) === origin)
  const rivals = [...open].filter(it => it.type === to.type && originAfter(lastOf(it)) === origin)
  return second === undefined && rivals.length === 1 ? from : undefined
}

/** A column that is still there, deprecated, of the same type, and made from the same or naming the new one as its successor. */
const keptUnder = (it: Element, kept: readonly Element[], origin: Origin): Element | undefined => {
  const own = origin(lastOf(it))
  return kept.find(
    old =>
      old.document.deprecated === true &&
      old.type === it.type &&
      (successorOf(old) === lastOf(it) || (own !== undefined && origin(lastOf(old)) === own)),
  )
}

const successorOf = ({ document }: Element): unknown =>
  document.customProperties?.find(it => it.property === 'successor')?.value

const stepsOf = (from: string, to: string): string =>
  `add ${to} beside ${from}, both made from the same; mark ${from} deprecated with ${to} as its successor; remove ${from} with the next major`
