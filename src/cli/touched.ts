/** Consequences for people: one line for each consumer. */
import type { Consequence } from '../planner/index.ts'
import { printable, type Terminal } from './terminal.ts'

/** One line for each consumer of what changes, or of each thing that does: which columns reach it, what becomes of them, and through how many datasets. */
export const touchedLines = (
  { style }: Terminal,
  consequences: readonly Consequence[],
  withSubject = false,
): string[] => {
  const lines = new Map<string, Consequence[]>()
  for (const it of consequences) {
    const key = `${withSubject ? it.subject : ''} ${it.consumer.kind} ${it.consumer.name}`
    lines.set(key, [...(lines.get(key) ?? []), it])
  }
  return [...lines.values()].map(all => {
    const [first] = all
    if (first === undefined) return ''
    const of = withSubject ? `  of ${first.subject}` : ''
    const owner = first.owner === first.consumer.name ? '' : printable(first.owner)
    return `${printable(`${nameOf(first)}  ${whatOf(all)}${of}`)}  ${style(owner, 'dim')}`.trimEnd()
  })
}

const nameOf = ({ consumer }: Consequence): string =>
  consumer.kind === 'product' ? consumer.name : `${consumer.name} (${consumer.kind})`

/** `unit_price aggregated, filter; 2 hops`. */
const whatOf = (all: readonly Consequence[]): string => {
  const columns = [...new Set(all.flatMap(it => it.columns))].sort()
  const hows = [...new Set(all.map(it => it.how))]
  const hops = Math.min(...all.map(it => it.hops))
  const named = columns.length > namedMax ? `${columns.length} columns` : columns.join(', ')
  const via = [...new Set(all.map(it => it.via))].filter(it => it !== 'derived')
  return [
    `${named} ${hows.join(', ')}`.trim(),
    ...(via.length === 0 ? [] : [via.join(', ')]),
    ...(hops > 1 ? [`${hops} hops`] : []),
  ].join('; ')
}

const namedMax = 4
