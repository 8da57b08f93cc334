/** What a reader's statement asks for: parsed, held against the list of what is allowed, its names resolved to snapshots. Nothing is read yet. */
import type { WeftError } from '../base/index.ts'
import {
  allowedRead,
  type Parse,
  parseSelects,
  type Select,
  type TableReference,
  tableReferences,
} from '../sql/index.ts'
import type { Db } from '../store/index.ts'
import { refused, type Spot, spot } from './failures.ts'
import { findByReaderName, majorReaderName, nearestReaderName, readerName } from './names.ts'
import { findSnapshot, type Served, type ServedSnapshot, servedSnapshots, snapshotsAt } from './served.ts'
import { type RetiredDataset, retiredDatasets } from './tombstones.ts'

/** Parses and validates. Throws `query.not-a-select`, `query.bad-statement`, `query.not-allowed`. */
export const parseStatement = async (parse: Parse, sql: string): Promise<Select> => {
  const [select] = await parseSelects(parse, [sql])
  if (select === undefined) throw refused('query.bad-statement', 'the statement cannot be parsed')
  if (!select.ok) {
    const code = select.reason === 'not-one-select' ? 'query.not-a-select' : 'query.bad-statement'
    throw refused(code, select.message, spot(sql, select.position))
  }
  const [first] = allowedRead(select)
  if (first === undefined) return select
  const { message, found, position, help } = first
  throw refused('query.not-allowed', message, {
    found,
    ...spot(sql, position),
    ...(help === undefined ? {} : { help }),
  })
}

/** What is served now, at an instant, or when a snapshot was first published, with that snapshot in its place. */
export const chosenSnapshots = async (db: Db, env: string, at: string | undefined): Promise<Served> => {
  if (at === undefined) return servedSnapshots(db, env)
  if (/^\d{4}-\d{2}-\d{2}([T ]|$)/.test(at)) return snapshotsAt(db, env, instantOf(at))
  const found = await findSnapshot(db, env, at)
  if (found === undefined)
    throw refused('query.bad-instant', `no snapshot has the id "${at}"`, { found: at, expected: expectedAt })
  if (found.state !== 'published')
    throw refused('query.snapshot-not-readable', `snapshot ${at} is ${found.state}`, {
      found: at,
      expected: expectedAt,
    })
  const { state: _, ...snapshot } = found
  const others = await snapshotsAt(db, env, snapshot.publishedAt)
  return new Map([...others, [snapshot.dataset, snapshot]])
}

const expectedAt = 'the id of a published snapshot, or an instant such as 2026-10-01T08:00:00Z'

/** A day is its end; an instant without a zone is in UTC, as everything that is stored. */
const instantOf = (at: string): Date => {
  const isDay = at.length === 10
  const hasZone = /(Z|[+-]\d{2}:?\d{2})$/i.test(at)
  const instant = new Date(isDay ? `${at}T23:59:59.999Z` : hasZone ? at : `${at}Z`)
  if (!Number.isNaN(instant.getTime())) return instant
  throw refused('query.bad-instant', `"${at}" is no instant`, { found: at, expected: expectedAt })
}

/** A snapshot that the statement does not read was meant for another statement. Throws `query.snapshot-not-readable`. */
export const refuseUnusedSnapshot = (at: string | undefined, named: readonly NamedSnapshot[]): void => {
  if (at === undefined || /^\d{4}-\d{2}-\d{2}([T ]|$)/.test(at)) return
  if (named.some(it => it.snapshot.snapshot === at)) return
  throw refused('query.snapshot-not-readable', `the statement does not read the dataset of snapshot ${at}`, {
    found: at,
    expected: 'a snapshot of a dataset that the statement names',
  })
}

export interface NamedSnapshot {
  /** As the statement writes it. */
  readonly parts: readonly string[]
  readonly snapshot: ServedSnapshot
}

/** Every table of the statement as a snapshot. Throws `query.unknown-dataset` and `query.not-published` for the first that is none. */
export const resolveTables = async (db: Db, env: string, select: Select, served: Served): Promise<NamedSnapshot[]> => {
  const named = new Map<string, NamedSnapshot>()
  for (const reference of tableReferences(select)) {
    const subject = findByReaderName(reference.parts, served.keys())
    const snapshot = subject === undefined ? undefined : served.get(subject)
    if (snapshot === undefined) throw await unresolved(db, env, select, reference)
    named.set(reference.parts.join('.').toLowerCase(), { parts: reference.parts, snapshot })
  }
  return [...named.values()]
}

const unresolved = async (
  db: Db,
  env: string,
  select: Select,
  { parts, position }: TableReference,
): Promise<WeftError> => {
  const rows = await db
    .selectFrom('entity')
    .select(['id', 'subject'])
    .where('env', '=', env)
    .where('kind', '=', 'dataset')
    .where('removed_at', 'is', null)
    .execute()
  const known = new Map(rows.map(row => [row.subject, row.id]))
  const written = parts.join('.')
  const place = spot(select.text, position)
  const subject = findByReaderName(parts, known.keys())
  if (subject !== undefined) {
    const why = whyUnpublished[(await newestState(db, env, known.get(subject) ?? '')) ?? 'none']
    return refused('query.not-published', `${written} has nothing published${why}`, { found: written, ...place })
  }
  const retired = await retiredDatasets(db, env)
  const gone = findByReaderName(
    parts,
    retired.map(it => it.dataset),
  )
  const one = retired.find(it => it.dataset === gone)
  if (one !== undefined) return refusedRetired(written, one, known.keys(), place)
  const near = nearestReaderName(parts, known.keys())
  const names = [...new Set([...known.keys()].map(readerName))].sort()
  return refused('query.unknown-dataset', `no dataset is called ${written}`, {
    found: written,
    ...(names.length === 0 ? {} : { expected: names.slice(0, 12).join(', ') }),
    ...(near === undefined ? {} : { help: `did you mean "${near}"?` }),
    ...place,
  })
}

/** With the dataset of the same name of the successor, where it has one. */
const refusedRetired = (
  written: string,
  { dataset, tombstone }: RetiredDataset,
  known: Iterable<string>,
  place: Partial<Spot>,
): WeftError => {
  const { at, by, successor, reason } = tombstone
  const name = dataset.slice(tombstone.port.length)
  const next = [...known].find(it => it === `${successor}${name}`)
  const instead = next === undefined ? successor : majorReaderName(next)
  const why = reason === undefined ? '' : `: ${reason}`
  return refused('query.retired', `${written} was retired on ${at.toISOString().slice(0, 10)} by ${by}${why}`, {
    found: written,
    ...(instead === undefined ? {} : { expected: instead, help: `read ${instead} instead` }),
    ...place,
  })
}

/** What became of the newest build of a dataset that cannot be read. */
const whyUnpublished: Readonly<Record<'none' | 'staged' | 'quarantined' | 'kept' | 'expired', string>> = {
  none: ': it was not built yet',
  staged: ' yet: a build is under way or ended before it was published',
  quarantined: ': its newest snapshot failed its checks and is quarantined',
  kept: ' at that time',
  expired: ': the files of its snapshots were removed',
}

const newestState = async (db: Db, env: string, datasetId: string) => {
  const row = await db
    .selectFrom('snapshot')
    .select('state')
    .where('env', '=', env)
    .where('dataset_id', '=', datasetId)
    .orderBy('created_at', 'desc')
    .executeTakeFirst()
  return row?.state
}
