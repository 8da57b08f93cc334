/** The ladder of a search: rungs of hits, the best first, each a question to the index whose order is fixed. */
import { type RawBuilder, type SqlBool, sql } from 'kysely'
import type { Db } from '../store/index.ts'
import { beginOf, type Fields, keyOfTerms, labelQuery, type Narrowing, type Question, tsqueryOf } from './question.ts'
import { endOf } from './search-store.ts'

/** How well a hit fits, the best first; `listed` is what was asked for by operators alone. */
const order = ['exact', 'prefix', 'title', 'keyword', 'name', 'description', 'listed'] as const
export type Fit = (typeof order)[number]

export interface Row {
  readonly kind: string
  readonly subject: string
  readonly name: string
  readonly title: string | null
  readonly description: string | null
  readonly keywords: string
  readonly fit: Fit
}

type Condition = RawBuilder<SqlBool>

interface Rung {
  readonly isOfColumns: boolean
  readonly where: Condition
  /** How well each row fits. */
  readonly fit: RawBuilder<number>
  readonly order: RawBuilder<unknown>
  /** Its order is that of an index. Walked, that is quick where many fit; where few do, they are taken together and sorted. */
  readonly isWalked?: true
}

const fitIs = (fit: Fit): RawBuilder<number> => sql.lit(order.indexOf(fit))

const isColumn = sql<SqlBool>`kind = 'column'`
const isThing = sql<SqlBool>`kind <> 'column'`

const matches = (question: string): Condition => sql<SqlBool>`words @@ ${question}::tsquery`

/** Things before columns, as long as it is more than a description that fits. */
const rungsOf = ({ raw, terms }: Question): readonly Rung[] => {
  // Of several majors of one thing the newest comes first.
  const byRank = sql`fit, rank, length(name_key), product, major desc, subject`
  const byName = sql`name_key, product, major desc, subject`
  if (terms.length === 0) {
    const listed = { where: sql<SqlBool>`true`, fit: fitIs('listed') }
    return [
      { ...listed, isOfColumns: false, order: sql`rank, product, major desc, subject` },
      { ...listed, isOfColumns: true, order: sql`product, major desc, subject` },
    ]
  }
  const key = keyOfTerms(terms)
  const [inTitle, inKeywords, inNames, anywhere] = (['B', 'BC', 'ABC', 'ABCD'] as const).map(it => tsqueryOf(terms, it))
  const begin = beginOf(terms)
  const goesOn = sql<SqlBool>`(name_key >= ${begin} and name_key < ${endOf(begin)} and name_key <> ${key})`
  const begins = sql<SqlBool>`(name_key = ${key} or ${goesOn})`
  const thing = sql<number>`case when name_key = ${key} or subject = ${raw} then ${fitIs('exact')} when ${goesOn} then ${fitIs('prefix')}
    when ${matches(inTitle ?? '')} then ${fitIs('title')} when ${matches(inKeywords ?? '')} then ${fitIs('keyword')} else ${fitIs('name')} end`
  const description = (own: string): Condition =>
    sql<SqlBool>`(${matches(anywhere ?? '')} and not ${matches(own)} and subject <> ${raw})`
  return [
    {
      isOfColumns: false,
      where: sql<SqlBool>`(${matches(inNames ?? '')} or subject = ${raw})`,
      fit: thing,
      order: byRank,
    },
    {
      isOfColumns: true,
      where: sql<SqlBool>`(name_key = ${key} or subject = ${raw})`,
      fit: fitIs('exact'),
      order: byName,
    },
    {
      isOfColumns: true,
      where: goesOn,
      fit: fitIs('prefix'),
      order: byName,
    },
    {
      isOfColumns: true,
      where: sql<SqlBool>`(${matches(inNames ?? '')} and not ${begins} and subject <> ${raw})`,
      fit: fitIs('name'),
      order: byName,
      isWalked: true,
    },
    {
      isOfColumns: false,
      where: description(inNames ?? ''),
      fit: fitIs('description'),
      order: sql`rank, product, major desc, subject`,
    },
    {
      isOfColumns: true,
      where: sql<SqlBool>`(${description(inNames ?? '')} and not ${begins})`,
      fit: fitIs('description'),
      order: byName,
      isWalked: true,
    },
  ]
}

/** Conditions that every rung has. */
const narrowed = async (db: Db, env: string, narrowing: Narrowing): Promise<Condition> => {
  const { kinds, domains, owners, statuses, tags, has } = narrowing
  const all: Condition[] = [sql<SqlBool>`env = ${env}`]
  const among = (column: string, values: readonly string[]): Condition =>
    values.length === 0
      ? sql<SqlBool>`false`
      : sql<SqlBool>`${sql.ref(column)} in (${sql.join(values.map(it => sql`${it}`))})`
  if (kinds.length > 0) all.push(among('kind', kinds))
  if (domains.length > 0) all.push(among('domain', domains))
  for (const owner of owners) {
    const owned = await ownedBy(db, env, owner)
    all.push(sql<SqlBool>`(${among('domain', owned.domains)} or ${among('product', owned.products)})`)
  }
  if (statuses.length > 0) all.push(sql<SqlBool>`lower(status) in (${sql.join(statuses.map(it => sql`${it}`))})`)
  for (const tag of tags) all.push(matches(labelQuery(tag)))
  for (const label of has) {
    const inside = (column: string): RawBuilder<unknown> =>
      sql`(select ${sql.ref(column)} from search_entry where env = ${env} and ${isColumn} and ${matches(labelQuery(label))})`
    all.push(
      sql<SqlBool>`(${matches(labelQuery(label))} or (kind = 'dataset' and subject in ${inside('dataset')}) or (kind = 'product' and subject in ${inside('product')}))`,
    )
  }
  return sql.join<SqlBool>(all, sql` and `)
}

const ownersMax = 10_000

/** Domains whose team or people have the word, and products with such a team of their own. */
const ownedBy = async (db: Db, env: string, word: string): Promise<{ domains: string[]; products: string[] }> => {
  const rows = await db
    .selectFrom('search_entry')
    .select(['kind', 'subject'])
    .where('env', '=', env)
    .where('kind', 'in', ['domain', 'product'])
    .where('owner', 'like', `%${word.replaceAll(/[%_\\]/g, '\\$&')}%`)
    .orderBy('subject')
    .limit(ownersMax)
    .execute()
  const of = (kind: string): string[] => rows.filter(it => it.kind === kind).map(it => it.subject)
  return { domains: of('domain'), products: of('product') }
}

/** The best hits in their order, at most `take`; and how many there are, counted up to `countMax`. */
export const climb = async (
  db: Db,
  env: string,
  question: Question,
  take: number,
  countMax: number,
): Promise<{ readonly rows: readonly Row[]; readonly total: number }> => {
  const common = await narrowed(db, env, question.narrowing)
  const { kinds } = question.narrowing
  const wants = (rung: Rung): boolean =>
    kinds.length === 0 || (rung.isOfColumns ? kinds.includes('column') : kinds.some(it => it !== 'column'))
  const rows: Row[] = []
  for (const rung of rungsOf(question).filter(wants)) {
    if (rows.length >= take) break
    const found = await ask(db, common, rung, take - rows.length)
    rows.push(...found.map(row => ({ ...row, fit: order[row.fit] ?? 'name' })))
  }
  // A page that is not full is all there is.
  return { rows, total: rows.length < take ? rows.length : await count(db, common, question, countMax) }
}

type Answer = Omit<Row, 'fit'> & { readonly fit: number; readonly n: number }

const fewMax = 3000

const ask = async (db: Db, common: Condition, rung: Rung, take: number): Promise<readonly Answer[]> => {
  const of = sql<SqlBool>`${common} and ${rung.isOfColumns ? isColumn : isThing} and ${rung.where}`
  const rows = sql`kind, subject, name, name_key, title, description, keywords, rank, product, major, ${rung.fit} as fit`
  // The database guesses badly how many have a rare word, and would walk all names to find a handful.
  if (rung.isWalked) {
    const few = await sql<Answer>`
      select * from (select *, count(*) over () as n from (select ${rows} from search_entry where ${of} limit ${fewMax + 1}) as fitting) as few
      order by ${rung.order} limit ${take}`.execute(db)
    if ((few.rows[0]?.n ?? 0) <= fewMax) return few.rows
  }
  const { rows: walked } = await sql<Answer>`
    select ${rows}, 0 as n from search_entry where ${of} order by ${rung.order} limit ${take}`.execute(db)
  return walked
}

/** Things, then columns: by their names first, which alone are often more than are counted. */
const count = async (db: Db, common: Condition, { raw, terms }: Question, countMax: number): Promise<number> => {
  const fitting = (fields: Fields): Condition =>
    terms.length === 0 ? sql<SqlBool>`true` : sql<SqlBool>`(${matches(tsqueryOf(terms, fields))} or subject = ${raw})`
  const one = async (kind: Condition, fields: Fields): Promise<number> => {
    const { rows } = await sql<{ n: number }>`
      select count(*) as n from (select 1 from search_entry where ${common} and ${kind} and ${fitting(fields)} limit ${countMax}) as found`.execute(
      db,
    )
    return rows[0]?.n ?? 0
  }
  const things = await one(isThing, 'ABCD')
  if (things >= countMax || things + (await one(isColumn, 'ABC')) >= countMax) return countMax
  return Math.min(countMax, things + (await one(isColumn, 'ABCD')))
}

/** A few things that have any of the words in their names. */
export const anyThings = async (
  db: Db,
  env: string,
  question: string,
  take: number,
): Promise<{ readonly kind: string; readonly subject: string }[]> => {
  const { rows } = await sql<{ kind: string; subject: string }>`
    select kind, subject from search_entry where env = ${env} and ${isThing} and ${matches(question)}
    order by rank, length(name_key), product, major desc, subject limit ${take}`.execute(db)
  return rows
}
