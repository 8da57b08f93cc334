/** The one door for rows: a statement is validated, its datasets resolved and audited, and only then run, in a process that can open nothing else. */
import { copyFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Effects, type Limits, type Principal, WeftError } from '../base/index.ts'
import type { ColumnType, Relation } from '../engine/index.ts'
import type { Db } from '../store/index.ts'
import { acceptRead, type ReadDataset, recordRefusal } from './audit.ts'
import { refused } from './failures.ts'
import { draftName, type Rows } from './formats.ts'
import { readColumns } from './read-columns.ts'
import { type OpenableSnapshot, openSnapshots, type Storages, verifySnapshots } from './relation.ts'
import { RunningStatement } from './running.ts'
import type { ReaderPool } from './sealed/pool.ts'
import {
  chosenSnapshots,
  type NamedSnapshot,
  parseStatement,
  refuseUnusedSnapshot,
  resolveTables,
} from './statement.ts'

/** What the composition root gives. */
export interface ReadParts {
  readonly db: Db
  readonly env: string
  readonly effects: Effects
  readonly limits: Pick<
    Limits,
    'queryMemory' | 'queryThreads' | 'queryTimeMs' | 'queryRowsMax' | 'statementCharactersMax'
  >
  readonly storages: Storages
  readonly pool: ReaderPool
}

export interface ReadRequest {
  readonly sql: string
  readonly principal: Principal
  readonly purpose: string
  /** Where the rows leave: `cli`. */
  readonly exit: string
  /** A snapshot's id, or an instant of ISO 8601: what was served then. */
  readonly at?: string
  readonly signal: AbortSignal
}

/** An answer on its way. The batches can be taken once; ending the loop early ends the statement. */
export interface Reading extends Rows {
  readonly columns: readonly ColumnType[]
  readonly datasets: readonly ReadDataset[]
  /** Ends the statement where nobody takes its rows. */
  close(): Promise<void>
}

/** Answers a SELECT. Throws `query.*`; whatever is thrown, the process is gone and the audit says how it ended. */
export const read = async (parts: ReadParts, request: ReadRequest): Promise<Reading> => {
  const { statement, job, datasets, verify } = await open(parts, request)
  const columns = await statement.start(job)
  return { columns, datasets, batches: () => statement.batches(verify), close: () => statement.end('ended early') }
}

/** Writes the whole answer as one Parquet file, whole or not at all. Throws as `read` does. */
export const readParquet = async (
  parts: ReadParts,
  request: ReadRequest,
  path: string,
): Promise<{
  readonly columns: readonly ColumnType[]
  readonly rows: number
  readonly datasets: readonly ReadDataset[]
}> => {
  const { statement, job, datasets, verify } = await open(parts, request)
  const output = join(statement.folder, 'answer.parquet')
  const columns = await statement.start(async () => ({ ...(await job()), output }))
  const rows = await statement.finish(async () => {
    await verify()
    await moveWhole(output, path)
  })
  return { columns, rows, datasets }
}

/** Also from one file system to another: there it is copied beside its place first. */
const moveWhole = async (from: string, to: string): Promise<void> => {
  const draft = draftName(to)
  try {
    await rename(from, draft).catch(() => copyFile(from, draft))
    await rename(draft, to)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

/** A statement that may run: its audit row is written. */
const open = async (parts: ReadParts, request: ReadRequest) => {
  const { db, env, effects, limits, storages } = parts
  const { sql, principal, purpose, exit } = request
  const entry = { env, principal, purpose, exit, sql }
  let statement: RunningStatement | undefined
  try {
    if (sql.length > limits.statementCharactersMax) throw tooLong(sql.length, limits.statementCharactersMax)
    statement = await RunningStatement.take(parts, request)
    const running = statement
    const select = await parseStatement(texts => running.parse(texts), sql)
    const named = await resolveTables(db, env, select, await chosenSnapshots(db, env, request.at))
    refuseUnusedSnapshot(request.at, named)
    const distinct = new Map(named.map(it => [it.snapshot.snapshot, it.snapshot]))
    const snapshots = await openSnapshots(db, storages, [...distinct.values()])
    const datasets = snapshots.map(it => ({ dataset: it.served.dataset, snapshot: it.served.snapshot }))
    running.refuseStopped()
    const manifests = new Map(snapshots.map(it => [it.served.snapshot, it.manifest]))
    const byName = new Map(named.map(it => [it.parts.join('.').toLowerCase(), manifests.get(it.snapshot.snapshot)]))
    const columns = readColumns(select, words => byName.get(words.join('.').toLowerCase()))
    running.accepted(await acceptRead(db, effects, { ...entry, datasets, columns }))
    const job = () => jobOf(parts, request, running, named, snapshots)
    return { statement: running, job, datasets, verify: () => verifySnapshots(snapshots) }
  } catch (thrown) {
    const error = statement?.reasonOf(thrown) ?? thrown
    await statement?.end('failed')
    await recordRefusal(db, effects, { ...entry, datasets: [] }, error instanceof WeftError ? error.code : 'failed')
    throw error
  }
}

const tooLong = (length: number, max: number): WeftError =>
  refused('query.too-long', 'the statement is longer than limits.statementCharactersMax', {
    found: `${length} characters`,
    expected: `at most ${max}`,
  })

/** The statement's own text, and its names over links to exactly the files of its snapshots. */
const jobOf = async (
  parts: ReadParts,
  request: ReadRequest,
  statement: RunningStatement,
  named: readonly NamedSnapshot[],
  snapshots: readonly OpenableSnapshot[],
) => {
  const inPlace = snapshots.filter(it => it.manifest.layout === 'referenced').flatMap(it => it.relation.files)
  const linked = await statement.link(
    snapshots.flatMap(it => it.relation.files),
    new Set(inPlace),
  )
  const moved = new Map(
    snapshots.map(({ served, relation }) => {
      const files = relation.files.map(file => linked.get(file) ?? file)
      return [served.snapshot, { ...relation, files } satisfies Relation]
    }),
  )
  return {
    sql: request.sql,
    relations: named.flatMap(({ parts: name, snapshot }) => {
      const relation = moved.get(snapshot.snapshot)
      return relation === undefined ? [] : [{ name, relation }]
    }),
    memory: parts.limits.queryMemory,
    threads: parts.limits.queryThreads,
    spill: join(statement.folder, 'spill'),
  }
}
