/** Measuring what has changed: answers over all rows from those over the rows that were added and taken away, and from what was found before. */
import { quoteText, type Relation, type Session, type Value } from '../../engine/index.ts'
import type { Ask } from './ask.ts'
import type { MeasuredColumn } from './column.ts'
import { askAll, type Fact, type Facts } from './facts.ts'
import { countRepeats, keyCount, numberOf, wholeKey } from './keys.ts'
import { keyOf, type Memory, readMemory } from './memory.ts'
import type { MeasureInput } from './result.ts'
import { type MeasureSubject, openPart } from './subject.ts'

export interface OpenParts {
  readonly memory: Memory
  /** Files that were measured before and are still there. */
  readonly old: MeasureSubject
  readonly fresh: MeasureSubject
  /** Files that were measured before and are there no more; absent where nobody can read them. */
  readonly gone?: MeasureSubject
  /** Nothing was taken away. */
  readonly isKept: boolean
  readonly changedOther: (dataset: string) => boolean
}

/** The parts of a dataset, where what was found before can be trusted to be about them. Where no file of before is left there is nothing to gain. */
export const openParts = async (input: MeasureInput, all: MeasureSubject): Promise<OpenParts | undefined> => {
  const { parts, dataset } = input
  if (parts === undefined || ('files' in parts.old && parts.old.files.length === 0)) return undefined
  const memory = readMemory(parts.before)
  if (memory === undefined || memory.columns !== columnsKey(all)) return undefined
  const open = (relation: Relation): Promise<MeasureSubject> => openPart(all, dataset, relation)
  const old = await open(parts.old)
  const fresh = await open(parts.fresh)
  const gone = parts.gone === undefined ? undefined : await open(parts.gone)
  const isWhole = gone === undefined ? old.rows <= memory.rows : old.rows + gone.rows === memory.rows
  if (!isWhole || old.rows + fresh.rows !== all.rows) return undefined
  const isKept = old.rows === memory.rows
  return { memory, old, fresh, isKept, changedOther: parts.changedOther, ...(gone === undefined ? {} : { gone }) }
}

export const columnsKey = (subject: MeasureSubject): string => keyOf(subject.columns.map(it => [it.name, it.type]))

/** What each ask answers over all rows; undefined for those that have to be asked of all of them. */
export const askParts = async (parts: OpenParts, asks: readonly Ask[]): Promise<(sql: string) => Fact | undefined> => {
  const { memory, fresh, old, gone, isKept } = parts
  const before = new Map(
    asks.flatMap(ask => {
      const answer = ask.merge === 'whole' ? undefined : memory.facts[keyOf(ask.sql)]
      return answer === undefined ? [] : [[ask, answer] as const]
    }),
  )
  const of = (subject: MeasureSubject, some: readonly Ask[]): Promise<Facts> =>
    askAll(subject.session, subject.table, new Set(some.map(it => it.sql)))
  const known = [...before.keys()]
  const ofFresh = await of(fresh, known)
  // None of the rows that are left fails what none has failed.
  const isNothing = (ask: Ask): boolean => before.get(ask) === null || (ask.merge === 'sum' && before.get(ask) === 0)
  const touched = isKept ? [] : known.filter(ask => !isNothing(ask))
  const ofGone = gone === undefined ? undefined : await of(gone, touched)
  const isLost = (ask: Ask): boolean => {
    const taken = ofGone?.(ask.sql)
    if (taken?.ok !== true) return true
    return ask.merge !== 'sum' && String(taken.value) === String(before.get(ask))
  }
  const lost = touched.filter(isLost)
  const ofOld = await of(old, lost)
  const kept = (ask: Ask): Fact => {
    if (lost.includes(ask)) return ofOld(ask.sql)
    const value = before.get(ask) ?? null
    const taken = touched.includes(ask) && ask.merge === 'sum' ? ofGone?.(ask.sql) : undefined
    return { ok: true, value: taken?.ok === true ? numberOf(value) - numberOf(taken.value) : value }
  }
  const pairs = known.map(ask => ({ ask, sides: [kept(ask), ofFresh(ask.sql)] as const }))
  const merged = await mergeAll(fresh.session, pairs)
  return sql => merged.get(sql)
}

interface Pair {
  readonly ask: Ask
  readonly sides: readonly [Fact, Fact]
}

/** Sums here; the least and the greatest by the engine, whose order is the one that counts. */
const mergeAll = async (session: Session, pairs: readonly Pair[]): Promise<ReadonlyMap<string, Fact>> => {
  const merged = new Map<string, Fact>()
  const extremes: { readonly sql: string; readonly text: string }[] = []
  for (const { ask, sides } of pairs) {
    const [a, b] = sides
    if (!a.ok || !b.ok) merged.set(ask.sql, a.ok ? b : a)
    else if (ask.merge === 'sum') merged.set(ask.sql, { ok: true, value: numberOf(a.value) + numberOf(b.value) })
    else {
      const literal = (value: Value): string =>
        value === null ? `null::${ask.type}` : `${quoteText(String(value))}::${ask.type}`
      extremes.push({ sql: ask.sql, text: `${ask.merge}(${literal(a.value)}, ${literal(b.value)})` })
    }
  }
  const texts = new Set(extremes.map(it => it.text))
  const [row = {}] =
    texts.size === 0
      ? []
      : await session.rows(`select ${[...texts].map((it, index) => `${it} as f${index}`).join(', ')}`)
  const list = [...texts]
  for (const { sql, text } of extremes) merged.set(sql, { ok: true, value: row[`f${list.indexOf(text)}`] ?? null })
  return merged
}

export const repeatsKey = (columns: readonly MeasuredColumn[]): string => keyOf(columns.map(it => [it.sql, it.type]))

/** Whether the rows of before had no key twice: then those that are left have none. */
export const wereUnique = (parts: OpenParts | undefined, columns: readonly MeasuredColumn[]): boolean =>
  parts?.memory.repeats[repeatsKey(columns)] === 0

/**
 * Rows that repeat a key, where the old ones do not: those among the fresh rows, and fresh keys that an old row has. The fresh keys are the small side of
 * the join, so that the engine skips the row groups of old files whose bounds they are outside of.
 */
export const repeatsOfParts = async (
  { fresh, old }: OpenParts,
  columns: readonly MeasuredColumn[],
): Promise<number | string> => {
  if (fresh.rows === 0) return 0
  const count = keyCount(fresh, columns)
  const asked = [...(count.wholeRows === undefined ? [count.whole] : []), ...(count.isExact ? [count.distinct] : [])]
  const facts = await askAll(fresh.session, fresh.table, new Set(asked))
  const among = await countRepeats(fresh, count, facts)
  if (typeof among === 'string' || old.rows === 0) return among
  const keys = columns.map((it, index) => `${it.sql} as k${index}`).join(', ')
  const same = columns.map((_, index) => `old.k${index} = fresh.k${index}`).join(' and ')
  const select = (table: string): string => `select ${keys} from ${table} where ${wholeKey(columns)}`
  const [row] = await fresh.session.rows(
    `select count(*) as n from (${select(old.table)}) as old semi join (${select(fresh.table)}) as fresh on ${same}`,
  )
  return among + numberOf(row?.n ?? 0)
}

/** Rows of some of the dataset's files that have no counterpart, or why they cannot be counted. */
type CountOrphans = (subject: MeasureSubject) => Promise<number | string>

/**
 * Rows without their counterpart: the fresh ones, and the old ones as they were found where neither they nor the other dataset are different; else they are
 * counted again. A key into the dataset itself finds all that it found before while nothing is taken away.
 */
export const orphansOfParts = async (
  parts: OpenParts,
  key: string,
  to: { readonly dataset: string; readonly isSelf: boolean },
  count: CountOrphans,
): Promise<number | string> => {
  const before = parts.memory.orphans[key]
  const isSame = to.isSelf ? parts.isKept && before === 0 : !parts.changedOther(to.dataset)
  const ofOld =
    before === undefined || !isSame
      ? await count(parts.old)
      : before === 0 || parts.isKept
        ? before
        : parts.gone === undefined
          ? await count(parts.old)
          : subtract(before, await count(parts.gone))
  const ofFresh = await count(parts.fresh)
  return typeof ofOld === 'string' ? ofOld : typeof ofFresh === 'string' ? ofFresh : ofOld + ofFresh
}

const subtract = (before: number, taken: number | string): number | string =>
  typeof taken === 'string' ? taken : before - taken
