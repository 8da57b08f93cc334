/** Ways in which one thing flows into another: as the catalogue numbers them, as people say them, and what a way through several is. Pure. */
import type { How } from '../sql/index.ts'

/** `whole`: it is read, and no column of it tells how. */
export type FlowHow = How | 'whole'

/** Numbers of the catalogue are positions in this list: it only grows, and is no other list's copy. */
const hows: readonly FlowHow[] = [
  'identity',
  'transformation',
  'masked-transformation',
  'aggregation',
  'masked-aggregation',
  'join',
  'filter',
  'group-by',
  'sort',
  'window',
  'conditional',
  'whole',
]

export type Via = 'declared' | 'derived' | 'observed' | 'agreement'

const vias: readonly Via[] = ['declared', 'derived', 'observed', 'agreement']

export const howNumber = (how: FlowHow): number => hows.indexOf(how)
export const howOf = (number: number): FlowHow => hows[number] ?? 'whole'
export const viaNumber = (via: Via): number => vias.indexOf(via)
export const viaOf = (number: number): Via => vias[number] ?? 'derived'

/** What people are told. */
export type Use = 'copied' | 'renamed' | 'computed' | 'aggregated' | 'filter' | 'join' | 'group' | 'sort' | 'whole'

const uses: Readonly<Record<Exclude<FlowHow, 'identity'>, Use>> = {
  transformation: 'computed',
  'masked-transformation': 'computed',
  aggregation: 'aggregated',
  'masked-aggregation': 'aggregated',
  join: 'join',
  filter: 'filter',
  'group-by': 'group',
  sort: 'sort',
  window: 'group',
  conditional: 'computed',
  whole: 'whole',
}

/** Of an edge: a copy under another name is renamed. */
export const useOf = (how: FlowHow, isSameName: boolean): Use =>
  how === 'identity' ? (isSameName ? 'copied' : 'renamed') : uses[how]

const ranks: readonly Use[] = ['copied', 'renamed', 'computed', 'aggregated']

/**
 * Of a path of two, in the direction in which data flows: copied only where both copy. What only decides about the next thing has decided
 * about all that follows; the decision nearest to the end is told.
 */
export const composed = (first: Use, then: Use): Use => {
  if (first === 'whole' || then === 'whole') return 'whole'
  if (!ranks.includes(then)) return then
  if (!ranks.includes(first)) return first
  return ranks.indexOf(first) > ranks.indexOf(then) ? first : then
}

const strengths: readonly FlowHow[] = [
  'aggregation',
  'masked-aggregation',
  'transformation',
  'masked-transformation',
  'identity',
  'conditional',
  'window',
  'group-by',
  'join',
  'filter',
  'sort',
]

/** One word for many ways: what becomes of values before what only decides about them. */
export const rolledUp = (all: Iterable<FlowHow>): FlowHow => {
  const found = new Set(all)
  return strengths.find(it => found.has(it)) ?? 'whole'
}
