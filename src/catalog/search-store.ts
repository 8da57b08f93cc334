/** SQL of the search index's own tables. Every function takes `db` first. */
import { sql } from 'kysely'
import { chunks } from '../base/index.ts'
import { countGrown, type Db, type Store } from '../store/index.ts'
import {
  entryOf,
  foundAs,
  foundKinds,
  type IndexedChange,
  nameKeyOf,
  type SearchEntry,
  vectorOf,
  vocabularyOf,
} from './entry.ts'
import { gramsOf } from './words.ts'

/** Raised when rows are made otherwise: an index of another format is made anew. */
const format = 2

/** Writes what a step of a plan has written, in its transaction; the rows of all other things stay as they are. */
export const indexChanges = async (db: Db, env: string, changes: readonly IndexedChange[]): Promise<void> => {
  if (!(await isCurrent(db, env))) return rebuild(db, env)
  await removeEntries(db, env, changes)
  await insertEntries(db, env, changes)
}

/** Makes the index of a catalogue that was filled by an older version, and lets the database count it anew when it has grown. */
export const ensureIndex = async (store: Store, env: string): Promise<void> => {
  if (!(await isCurrent(store.db, env))) await store.transaction(db => rebuild(db, env))
  await countGrown(store.db, ['search_entry', 'search_gram', 'search_word'])
}

const isCurrent = async (db: Db, env: string): Promise<boolean> => {
  const row = await db.selectFrom('search_index').select('format').where('env', '=', env).executeTakeFirst()
  return row?.format === format
}

const rebuildAtOnce = 1000

/** From all that is applied, a chunk at a time. */
const rebuild = async (db: Db, env: string): Promise<void> => {
  for (const table of ['search_entry', 'search_gram', 'search_word'] as const)
    await db.deleteFrom(table).where('env', '=', env).execute()
  let after = ''
  for (;;) {
    const rows = await db
      .selectFrom('entity as e')
      .innerJoin('definition as d', 'd.entity_id', 'e.id')
      .leftJoin('entity as p', 'p.id', 'e.parent_id')
      .select(['e.id', 'e.kind', 'e.subject', 'p.subject as parent', 'd.body'])
      .where('e.env', '=', env)
      .where('e.removed_at', 'is', null)
      .where('e.id', '>', after)
      .where('d.revision', '=', eb =>
        eb
          .selectFrom('definition as n')
          .select(n => n.fn.max('n.revision').as('r'))
          .whereRef('n.entity_id', '=', 'e.id'),
      )
      .orderBy('e.id')
      .limit(rebuildAtOnce)
      .execute()
    await insertEntries(
      db,
      env,
      rows.map(({ parent, ...row }) => ({ ...row, change: 'added', ...(parent === null ? {} : { parent }) })),
    )
    const last = rows.at(-1)
    if (last === undefined || rows.length < rebuildAtOnce) break
    after = last.id
  }
  await db
    .insertInto('search_index')
    .values({ env, format })
    .onConflict(conflict => conflict.column('env').doUpdateSet({ format }))
    .execute()
}

const removeEntries = async (db: Db, env: string, changes: readonly IndexedChange[]): Promise<void> => {
  const gone = new Map<string, string[]>()
  for (const it of changes) {
    const kind = foundAs(it.kind)
    if (kind === undefined || it.change === 'added') continue
    // A port whose contract stays is found by that.
    if (it.kind === 'outputPort' && it.change === 'changed' && entryOf(it) === undefined) continue
    gone.set(kind, [...(gone.get(kind) ?? []), it.renamedFrom ?? it.subject])
  }
  for (const [kind, subjects] of gone)
    for (const part of chunks(subjects, 1000))
      await db
        .deleteFrom('search_entry')
        .where('env', '=', env)
        .where('kind', '=', kind)
        .where('subject', 'in', part)
        .execute()
}

const insertEntries = async (db: Db, env: string, changes: readonly IndexedChange[]): Promise<void> => {
  const entries = new Map(
    changes
      .filter(it => it.change !== 'removed')
      .flatMap(it => entryOf(it) ?? [])
      .map(entry => [`${entry.kind} ${entry.subject}`, entry]),
  )
  for (const part of chunks([...entries.values()], 500))
    await db
      .insertInto('search_entry')
      .values(part.map(entry => rowOf(env, entry)))
      .onConflict(conflict =>
        conflict.columns(['env', 'kind', 'subject']).doUpdateSet(eb => ({
          name: eb.ref('excluded.name'),
          name_key: eb.ref('excluded.name_key'),
          title: eb.ref('excluded.title'),
          description: eb.ref('excluded.description'),
          keywords: eb.ref('excluded.keywords'),
          owner: eb.ref('excluded.owner'),
          status: eb.ref('excluded.status'),
          words: eb.ref('excluded.words'),
        })),
      )
      .execute()
  await insertWords(db, env, [...entries.values()])
}

const rowOf = (env: string, entry: SearchEntry) => ({
  env,
  kind: entry.kind,
  subject: entry.subject,
  rank: foundKinds.indexOf(entry.kind),
  name: entry.name,
  name_key: nameKeyOf(entry),
  title: entry.title ?? null,
  description: entry.description ?? null,
  keywords: entry.keywords.join(', '),
  domain: entry.domain ?? null,
  product: entry.product ?? null,
  dataset: entry.dataset ?? null,
  major: majorIn(entry.subject),
  owner: entry.owner ?? null,
  status: entry.status ?? null,
  words: sql<string>`${vectorOf(entry)}::tsvector`,
})

const majorIn = (subject: string): number => Number(/\.v(\d{1,4})(?=\.|$)/.exec(subject)?.[1] ?? 0)

/** Words stay when the last thing that has them goes: one that finds nothing does no harm, and the next making anew drops it. */
const insertWords = async (db: Db, env: string, entries: readonly SearchEntry[]): Promise<void> => {
  // In one order, so that two writers never wait for each other.
  const words = [...new Set(entries.flatMap(vocabularyOf))].sort()
  for (const part of chunks(words, 1000)) {
    const fresh = await db
      .insertInto('search_word')
      .values(part.map(word => ({ env, word })))
      .onConflict(conflict => conflict.doNothing())
      .returning('word')
      .execute()
    const grams = fresh.flatMap(({ word }) => gramsOf(word).map(gram => ({ env, gram, word })))
    for (const some of chunks(grams, 2000))
      await db
        .insertInto('search_gram')
        .values(some)
        .onConflict(conflict => conflict.doNothing())
        .execute()
  }
}

const candidatesMax = 60

/** Words that share the most groups of letters with one, the best first. */
export const wordsLike = async (db: Db, env: string, word: string): Promise<string[]> => {
  const grams = gramsOf(word)
  const rows = await db
    .selectFrom('search_gram')
    .select(eb => ['word', eb.fn.countAll<number>().as('shared')])
    .where('env', '=', env)
    .where('gram', 'in', grams)
    .groupBy('word')
    .orderBy('shared', 'desc')
    .orderBy(sql`length(word)`)
    .orderBy('word')
    .limit(candidatesMax)
    .execute()
  return rows.map(row => row.word)
}

/** Behind every text that begins with another one. */
export const endOf = (start: string): string => `${start}\u{10ffff}`

/** Whether any word begins so. */
export const isKnown = async (db: Db, env: string, word: string): Promise<boolean> => {
  const row = await db
    .selectFrom('search_word')
    .select('word')
    .where('env', '=', env)
    .where('word', '>=', word)
    .where('word', '<', endOf(word))
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** Those of some words that are there. */
export const knownOf = async (db: Db, env: string, words: readonly string[]): Promise<Set<string>> => {
  if (words.length === 0) return new Set()
  const rows = await db
    .selectFrom('search_word')
    .select('word')
    .where('env', '=', env)
    .where('word', 'in', words)
    .execute()
  return new Set(rows.map(row => row.word))
}

/** Whether anything was applied. */
export const hasEntries = async (db: Db, env: string): Promise<boolean> =>
  (await db.selectFrom('search_entry').select('kind').where('env', '=', env).limit(1).executeTakeFirst()) !== undefined
