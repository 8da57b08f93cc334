/** What a word means among all that lineage knows: a subject, an end of one, a reader's name; of a column, behind the name of its dataset. */
import { sql } from 'kysely'
import { nearest, problem, WeftError } from '../base/index.ts'
import type { Db } from '../store/index.ts'
import type { NodeKind } from './node.ts'
import { lineageProblems } from './problems.ts'
import type { GraphNode } from './walk.ts'

/** Where a word can mean several kinds of things, the first of these is meant. */
const kinds: readonly NodeKind[] = [
  'product',
  'dataset',
  'column',
  'outputPort',
  'inputPort',
  'source',
  'external',
  'agreement',
]

/** The one thing that is meant. Throws `lineage.unknown-subject` with the nearest name, or `lineage.ambiguous` with the choices. */
export const resolveNode = async (db: Db, env: string, word: string): Promise<GraphNode> => {
  const found = (await exact(db, env, word)) ?? (await byEnd(db, env, word)) ?? (await columnNamed(db, env, word))
  if (found === undefined || found.length === 0) throw await unknownSubject(db, env, word)
  const [first, second] = found
  if (first === undefined || second === undefined) return first ?? { id: 0, kind: 'external', subject: word }
  throw new WeftError(
    'usage',
    problem(lineageProblems, 'lineage.ambiguous', `"${word}" can mean ${found.length} things`, {
      found: word,
      expected: found
        .slice(0, 12)
        .map(it => it.subject)
        .join(', '),
    }),
  )
}

/** Of the first kind that there is; of several majors of one thing the newest. Undefined where there is none. */
const chosen = (rows: readonly GraphNode[]): GraphNode[] | undefined => {
  const kind = kinds.find(it => rows.some(row => row.kind === it))
  if (kind === undefined) return undefined
  const newest = new Map<string, GraphNode>()
  for (const row of rows) {
    if (row.kind !== kind) continue
    const key = row.subject.replace(major, '')
    const before = newest.get(key)
    if (before === undefined || majorOf(before.subject) < majorOf(row.subject)) newest.set(key, row)
  }
  return [...newest.values()]
}

const major = /\.v(\d+)(?=\.|$)/

const majorOf = (subject: string): number => Number(major.exec(subject)?.[1] ?? 0)

const exact = async (db: Db, env: string, word: string): Promise<GraphNode[] | undefined> => {
  const { rows } = await sql<GraphNode>`select id, kind, subject from lineage_node
    where env = ${env} and kind in (${sql.join(kinds)}) and subject = ${word} and live`.execute(db)
  return chosen(rows)
}

/** `orders.v2`, `shop-orders.orders`, `sales.shop_orders.order_lines`, `sales.shop_orders_v1.orders`; letters' case does not count. */
const byEnd = async (db: Db, env: string, word: string): Promise<GraphNode[] | undefined> => {
  const end = `.${word.toLowerCase().replaceAll('-', '_')}`
  // What cannot be it is passed over before anything is made of its parts.
  const last = end.slice(end.lastIndexOf('.'))
  const { rows } = await sql<GraphNode>`select id, kind, subject from (
      select id, kind, subject, '.' || replace(lower(subject), '-', '_') as whole,
        string_to_array(replace(lower(subject), '-', '_'), '.') as part
      from lineage_node where env = ${env} and live and kind <> 'column'
        and strpos('.' || replace(lower(subject), '-', '_'), ${last}) > 0 offset 0) n
    where ${end}::text in (right(whole, ${end.length}), right(regexp_replace(whole, '[.]v[0-9]+(?=[.]|$)', ''), ${end.length}))
      or kind = 'dataset' and ${end}::text in (
        '.' || part[1] || '.' || part[2] || '.' || part[5], '.' || part[2] || '.' || part[5],
        '.' || part[1] || '.' || part[2] || '_' || part[4] || '.' || part[5])
    order by subject limit 100`.execute(db)
  return chosen(rows)
}

const columnNamed = async (db: Db, env: string, word: string): Promise<GraphNode[] | undefined> => {
  const at = word.lastIndexOf('.')
  if (at < 0) return undefined
  const head = word.slice(0, at)
  const datasets = ((await exact(db, env, head)) ?? (await byEnd(db, env, head)) ?? []).map(it => it.id)
  if (datasets.length === 0) return undefined
  const { rows } = await sql<GraphNode>`select c.id, c.kind, c.subject from lineage_node c
    join lineage_node d on d.id = c.parent_id where c.kind = 'column' and c.live and d.id in (${sql.join(datasets)})
    and lower(c.subject) = lower(d.subject || ${word.slice(at)})`.execute(db)
  return chosen(rows)
}

/** Names that a slip is compared with: so many that it takes no time. */
const namesMax = 20_000

const unknownSubject = async (db: Db, env: string, word: string): Promise<WeftError> => {
  const names = await db
    .selectFrom('lineage_node')
    .select('subject')
    .where('env', '=', env)
    .where('live', '=', true)
    .where('kind', 'in', ['product', 'outputPort', 'dataset'])
    .orderBy('subject')
    .limit(namesMax)
    .execute()
  const at = word.lastIndexOf('.')
  const columns = at < 0 ? [] : await columnsLike(db, env, word.slice(0, at))
  const subjects = names.map(row => row.subject)
  const near = nearest(word, [...columns, ...subjects]) ?? byLast(word, subjects)
  return new WeftError(
    'usage',
    problem(lineageProblems, 'lineage.unknown-subject', `nothing that is applied is called "${word}"`, {
      found: word,
      help: near === undefined ? 'what is in the files alone is not known yet: weft apply' : `did you mean "${near}"?`,
    }),
  )
}

/** The columns of what stands before a word's last dot, so that a slip in a column is found. */
const columnsLike = async (db: Db, env: string, head: string): Promise<string[]> => {
  const datasets = ((await exact(db, env, head)) ?? (await byEnd(db, env, head)) ?? []).map(it => it.id)
  if (datasets.length === 0) return []
  const rows = await db
    .selectFrom('lineage_node')
    .select('subject')
    .where('parent_id', 'in', datasets)
    .where('kind', '=', 'column')
    .where('live', '=', true)
    .execute()
  return rows.map(row => `${head}${row.subject.slice(row.subject.lastIndexOf('.'))}`)
}

const byLast = (word: string, subjects: readonly string[]): string | undefined => {
  const byEnding = new Map(subjects.map(it => [it.slice(it.lastIndexOf('.') + 1), it]))
  const near = nearest(word.slice(word.lastIndexOf('.') + 1), byEnding.keys())
  return near === undefined ? undefined : byEnding.get(near)
}
