/** SQL of the tables of lineage. Every function takes `db` first. Lists go as one JSON text: a statement takes any number of them. */
import { sql } from 'kysely'
import { chunks } from '../base/index.ts'
import type { Db } from '../store/index.ts'
import type { Edge, Owned, Unknown } from './derive.ts'
import { howNumber, viaNumber } from './how.ts'
import { keyOf, levels, type NodeKey, parentOf } from './node.ts'

export interface Written {
  readonly added: number
  readonly closed: number
}

/** Numbers of nodes; those that are not there yet are made, with all that they lie in. */
export const nodeIds = async (db: Db, env: string, keys: Iterable<NodeKey>): Promise<Map<string, number>> => {
  const all = new Map<string, NodeKey>()
  for (const key of keys)
    for (let one: NodeKey | undefined = key; one !== undefined && !all.has(keyOf(one)); one = parentOf(one))
      all.set(keyOf(one), one)
  const ids = await knownIds(db, env, [...all.values()])
  // What lies in another thing comes after it.
  for (let depth = 0; depth < 5; depth++) {
    const missing = [...all.values()].filter(key => depthOf(key) === depth && !ids.has(keyOf(key)))
    if (missing.length === 0) continue
    const rows = missing.map(key => {
      const parent = parentOf(key)
      return { ...key, parent: parent === undefined ? null : (ids.get(keyOf(parent)) ?? null) }
    })
    for (const part of chunks(rows, 5000))
      await sql`insert into lineage_node (env, kind, subject, parent_id) select ${env}, kind, subject, parent
        from jsonb_to_recordset(${JSON.stringify(part)}::jsonb) as v(kind text, subject text, parent integer)
        on conflict do nothing`.execute(db)
    for (const [key, id] of await knownIds(db, env, missing)) ids.set(key, id)
  }
  return ids
}

const depthOf = (key: NodeKey): number => {
  const parent = parentOf(key)
  return parent === undefined ? 0 : depthOf(parent) + 1
}

const knownIds = async (db: Db, env: string, keys: readonly NodeKey[]): Promise<Map<string, number>> => {
  const ids = new Map<string, number>()
  for (const part of chunks(keys, 5000)) {
    // One lookup for each name, whatever the planner believes of a table that nobody has analysed: the limit says so.
    const { rows } = await sql<{ id: number; kind: string; subject: string }>`select n.id, v.kind, v.subject
      from jsonb_to_recordset(${JSON.stringify(part)}::jsonb) as v(kind text, subject text) cross join lateral (
        select id from lineage_node where env = ${env} and kind = v.kind and subject = v.subject limit 1) n`.execute(db)
    for (const row of rows) ids.set(`${row.kind} ${row.subject}`, row.id)
  }
  return ids
}

/** An edge as the catalogue has it. */
interface Row {
  readonly owner_id: number
  readonly from_id: number
  readonly to_id: number
  readonly level: number
  readonly how: number
  readonly via: number
  readonly line: number | null
  readonly col: number | null
}

const rowKey = (it: Row): string =>
  `${it.owner_id} ${it.from_id} ${it.to_id} ${it.level} ${it.how} ${it.via} ${it.line} ${it.col}`

/**
 * Replaces what these owners say, each as a whole: edges that stay are not touched, others are closed or added, and the versions before keep
 * theirs. An owner that says nothing new gets no new version.
 */
export const replaceOwned = async (db: Db, env: string, at: Date, owned: readonly Owned[]): Promise<Written> => {
  if (owned.length === 0) return { added: 0, closed: 0 }
  const ids = await nodeIds(
    db,
    env,
    owned.flatMap(one => [one.owner, ...(one.things ?? []), ...one.edges.flatMap(edge => [edge.from, edge.to])]),
  )
  const idOf = (key: NodeKey): number => ids.get(keyOf(key)) ?? 0
  const owners = owned.map(one => idOf(one.owner))
  const [live, versions] = [await liveEdges(db, owners), await newestVersions(db, owners)]
  const added: (Row & { since: number; seq: number })[] = []
  const closed: Closed[] = []
  const definitions: object[] = []
  for (const one of owned) {
    const owner = idOf(one.owner)
    const wanted = new Map(one.edges.map(edge => rowOf(edge, owner, idOf)).map(row => [rowKey(row), row]))
    const before = live.get(owner) ?? new Map()
    const version = versions.get(owner)
    const gone = [...before].filter(([key]) => !wanted.has(key))
    const fresh = [...wanted].filter(([key]) => !before.has(key))
    const wide = JSON.stringify(one.wide)
    const isSame = version !== undefined && version.hash === one.hash && version.file === one.file
    if (isSame && gone.length === 0 && fresh.length === 0 && version.wide === wide) continue
    const revision = (version?.revision ?? 0) + 1
    definitions.push({ owner_id: owner, revision, hash: one.hash, file: one.file, wide: one.wide, at })
    for (const [, edge] of gone) closed.push({ owner_id: owner, since: edge.since, seq: edge.seq, until: revision })
    fresh.forEach(([, row], seq) => {
      added.push({ ...row, since: revision, seq })
    })
  }
  if (definitions.length > 0)
    await sql`insert into lineage_definition select * from jsonb_to_recordset(${JSON.stringify(definitions)}::jsonb)
      as v(owner_id integer, revision integer, hash text, file text, wide jsonb, at timestamptz)`.execute(db)
  await closeEdges(db, closed)
  for (const part of chunks(added, 10_000))
    await sql`insert into lineage_edge (owner_id, since, seq, from_id, to_id, level, how, via, line, col)
      select * from jsonb_to_recordset(${JSON.stringify(part)}::jsonb) as v(owner_id integer, since integer, seq integer,
      from_id integer, to_id integer, level smallint, how smallint, via smallint, line integer, col integer)`.execute(
      db,
    )
  await revive(db, [...ids.values()])
  return { added: added.length, closed: closed.length }
}

/** What is named again is there again. */
const revive = async (db: Db, ids: readonly number[]): Promise<void> => {
  await sql`update lineage_node set live = true where not live and id = any((${listOf(ids)}::text)::integer[])`.execute(
    db,
  )
}

const rowOf = (edge: Edge, owner: number, idOf: (key: NodeKey) => number): Row => ({
  owner_id: owner,
  from_id: idOf(edge.from),
  to_id: idOf(edge.to),
  level: levels[edge.level],
  how: howNumber(edge.how),
  via: viaNumber(edge.via),
  line: edge.line ?? null,
  col: edge.column ?? null,
})

/** Whole numbers as PostgreSQL writes a list of them: `{1,2}`. */
export const listOf = (ids: Iterable<number>): string => `{${[...ids].join()}}`

/** Said so that the planner does not bring the index of all live edges into it, which holds them all. */
const isLive = sql`coalesce(until, 0) = 0`

const liveEdges = async (
  db: Db,
  owners: readonly number[],
): Promise<Map<number, Map<string, Row & { since: number; seq: number }>>> => {
  // Owner by owner behind a fence: else the planner, who believes that an owner has a share of all edges, goes through all of them.
  const { rows } = await sql<Row & { since: number; seq: number }>`select e.*
    from unnest((${listOf(owners)}::text)::integer[]) as o(id) cross join lateral (
      select owner_id, since, seq, from_id, to_id, level, how, via, line, col from lineage_edge
      where owner_id = o.id and ${isLive} offset 0) e`.execute(db)
  const found = new Map<number, Map<string, Row & { since: number; seq: number }>>()
  for (const row of rows) {
    const own = found.get(row.owner_id) ?? new Map<string, Row & { since: number; seq: number }>()
    found.set(row.owner_id, own)
    own.set(rowKey(row), row)
  }
  return found
}

const newestVersions = async (
  db: Db,
  owners: readonly number[],
): Promise<Map<number, { revision: number; hash: string; file: string; wide: string }>> => {
  const { rows } = await sql<{ owner_id: number; revision: number; hash: string; file: string; wide: unknown }>`
    select d.* from unnest((${listOf(owners)}::text)::integer[]) as o(id) cross join lateral (
      select owner_id, revision, hash, file, wide from lineage_definition
      where owner_id = o.id order by revision desc limit 1) d`.execute(db)
  return new Map(rows.map(row => [row.owner_id, { ...row, wide: JSON.stringify(ordered(row.wide)) }]))
}

/** jsonb has an order of keys of its own. */
const ordered = (wide: unknown): Unknown[] => {
  const all = wide as readonly Unknown[] // written by replaceOwned only
  return all.map(({ reason, line, column }) => ({
    reason,
    ...(line === undefined ? {} : { line }),
    ...(column === undefined ? {} : { column }),
  }))
}

interface Closed {
  readonly owner_id: number
  readonly since: number
  readonly seq: number
  readonly until: number
}

/** Owner by owner: each statement goes through the edges of one alone. */
const closeEdges = async (db: Db, closed: readonly Closed[]): Promise<void> => {
  const byOwner = new Map<number, Closed[]>()
  for (const edge of closed) {
    const own = byOwner.get(edge.owner_id) ?? []
    byOwner.set(edge.owner_id, own)
    own.push(edge)
  }
  for (const [owner, edges] of byOwner) {
    const keys = listOf(edges.map(it => it.since * 2 ** 31 + it.seq))
    await sql`update lineage_edge set until = ${edges[0]?.until ?? null}::integer where owner_id = ${owner}
      and ${isLive} and since * 2147483648::bigint + seq = any((${keys}::text)::bigint[])`.execute(db)
  }
}

/** What was taken out of the mesh says nothing more. Its versions stay, so that older snapshots can be explained. */
export const removeNodes = async (db: Db, env: string, at: Date, keys: readonly NodeKey[]): Promise<Written> => {
  const ids = [...(await knownIds(db, env, keys)).values()]
  if (ids.length === 0) return { added: 0, closed: 0 }
  const list = listOf(ids)
  await sql`update lineage_node set live = false where live and id = any((${list}::text)::integer[])`.execute(db)
  return silence(db, at, ids)
}

/** Closes all that these owners say. */
const silence = async (db: Db, at: Date, owners: readonly number[]): Promise<Written> => {
  const live = await liveEdges(db, owners)
  if (live.size === 0) return { added: 0, closed: 0 }
  const versions = await newestVersions(db, [...live.keys()])
  const closed = [...live].flatMap(([owner, edges]) =>
    [...edges.values()].map(({ since, seq }) => ({
      owner_id: owner,
      since,
      seq,
      until: (versions.get(owner)?.revision ?? 0) + 1,
    })),
  )
  const definitions = [...live.keys()].map(owner => ({
    owner_id: owner,
    revision: (versions.get(owner)?.revision ?? 0) + 1,
    hash: '',
    file: '',
    wide: [],
    at,
  }))
  await sql`insert into lineage_definition select * from jsonb_to_recordset(${JSON.stringify(definitions)}::jsonb)
    as v(owner_id integer, revision integer, hash text, file text, wide jsonb, at timestamptz)`.execute(db)
  await closeEdges(db, closed)
  return { added: 0, closed: closed.length }
}

/** A model that is gone while its dataset stays. */
export const silenceOwners = async (db: Db, env: string, at: Date, keys: readonly NodeKey[]): Promise<Written> =>
  silence(db, at, [...(await knownIds(db, env, keys)).values()])

/** A renamed column keeps its number, and with it all that was known of it; where the new name was there before, that one goes on. */
export const renameNode = async (db: Db, env: string, from: NodeKey, to: NodeKey): Promise<void> => {
  await sql`update lineage_node set subject = ${to.subject} where env = ${env} and kind = ${from.kind}
    and subject = ${from.subject} and not exists (select 1 from lineage_node o where o.env = ${env}
    and o.kind = ${to.kind} and o.subject = ${to.subject})`.execute(db)
}

/**
 * Somebody has read these. One row for each thing and reader, written at most once a day, so that their number is that of readers and not of reads.
 */
export const observeReads = async (
  db: Db,
  read: { readonly env: string; readonly reader: string; readonly at: Date; readonly keys: readonly NodeKey[] },
): Promise<void> => {
  const { env, reader, at, keys } = read
  if (keys.length === 0) return
  // A column that was dropped since may be read in an older snapshot, and is not there again for it.
  const [columns, others] = [keys.filter(it => it.kind === 'column'), keys.filter(it => it.kind !== 'column')]
  const ids = new Map([...(await nodeIds(db, env, others)), ...(await knownIds(db, env, columns))])
  const wanted = keys.flatMap(key => ids.get(keyOf(key)) ?? [])
  await sql`insert into lineage_read as r (node_id, reader, first_at, last_at, days)
    select distinct id, ${reader}::text, ${at}::timestamptz, ${at}::timestamptz, 1
    from unnest((${listOf(wanted)}::text)::integer[]) as v(id)
    on conflict (node_id, reader) do update set last_at = excluded.last_at, days = r.days + 1
    where r.last_at < date_trunc('day', excluded.last_at)`.execute(db)
}
