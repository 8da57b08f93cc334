/** The one door for rows: a statement is validated, its datasets resolved and audited, and only then run, in a process that can open nothing else. */
import { copyFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Effects, type Limits, type Principal, type Problem, problem, WeftError } from '../base/index.ts'
import type { Batch, ColumnType, Relation } from '../engine/index.ts'
import {
  allowedRead,
  parseSelects,
  placeInText,
  type Select,
  type TableReference,
  tableReferences,
} from '../sql/index.ts'
import type { Db } from '../store/index.ts'
import { acceptRead, finishRead, type ReadDataset, recordRefusal } from './audit.ts'
import { draftName, type Rows } from './formats.ts'
import { findByReaderName, nearestReaderName, readerName } from './names.ts'
import { accessProblems } from './problems.ts'
import { type OpenableSnapshot, openSnapshots, type Storages } from './relation.ts'
import type { Reader, ReaderPool } from './sealed/pool.ts'
import type { ReadFailure, ReadJob } from './sealed/protocol.ts'
import { findSnapshot, type Served, servedSnapshots, snapshotsAt } from './served.ts'

export interface ReadParts {
  readonly db: Db
  readonly env: string
  readonly effects: Effects
  readonly limits: Pick<Limits, 'queryMemory' | 'queryTimeMs' | 'statementCharactersMax'>
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
  const opened = await open(parts, request)
  const first = await opened.start()
  return {
    columns: first,
    datasets: opened.datasets,
    batches: () => opened.batches(),
    close: () => opened.end('ended early'),
  }
}

/** Writes the whole answer as one Parquet file, whole or not at all. */
export const readParquet = async (
  parts: ReadParts,
  request: ReadRequest,
  path: string,
): Promise<{
  readonly columns: readonly ColumnType[]
  readonly rows: number
  readonly datasets: readonly ReadDataset[]
}> => {
  const opened = await open(parts, request)
  const output = join(opened.folder, 'answer.parquet')
  const columns = await opened.start(output)
  const rows = await opened.finish(async () => {
    const draft = draftName(path)
    try {
      await rename(output, draft).catch(() => copyFile(output, draft))
      await rename(draft, path)
    } catch (error) {
      await rm(draft, { force: true })
      throw error
    }
  })
  return { columns, rows, datasets: opened.datasets }
}

const open = async (parts: ReadParts, request: ReadRequest): Promise<OpenReading> => {
  const { sql } = request
  if (sql.length > parts.limits.statementCharactersMax)
    throw usage('query.too-long', 'the statement is longer than limits.statementCharactersMax', {
      found: `${sql.length} characters`,
      expected: `at most ${parts.limits.statementCharactersMax}`,
    })
  const reader = await parts.pool.take(request.signal)
  try {
    const select = await parse(reader, sql)
    const served = await chosenSnapshots(parts, request.at)
    const named = await resolve(parts, select, served)
    const snapshots = await openSnapshots(parts.db, parts.storages, [
      ...new Map(named.map(it => [it.snapshot.snapshot, it.snapshot])).values(),
    ])
    const datasets = snapshots.map(it => ({ dataset: it.served.dataset, snapshot: it.served.snapshot }))
    const audit = await acceptRead(parts.db, parts.effects, { ...entryOf(parts, request), datasets })
    return new OpenReading(parts, request, reader, named, snapshots, audit)
  } catch (error) {
    await parts.pool.give(reader)
    if (error instanceof WeftError)
      await recordRefusal(parts.db, parts.effects, { ...entryOf(parts, request), datasets: [] }, error.code)
    throw error
  }
}

const entryOf = (parts: ReadParts, { principal, purpose, exit, sql }: ReadRequest) => ({
  env: parts.env,
  principal,
  purpose,
  exit,
  sql,
})

type Code = keyof typeof accessProblems & string

const usage = (code: Code, message: string, detail: Partial<Problem> = {}): WeftError =>
  new WeftError('usage', { ...problem(accessProblems, code, message), ...detail })

/** A place in the statement has a line and a column, and no file. */
const spot = (sql: string, position: number | undefined): Partial<Problem> =>
  position === undefined ? {} : placeInText(sql, position)

const parse = async (reader: Reader, sql: string): Promise<Select> => {
  const [select] = await parseSelects(
    async ([text = '']) => {
      reader.send({ kind: 'parse', sql: text })
      const answer = await reader.next()
      if (answer.kind !== 'parsed') throw failureOf(answer.kind === 'failed' ? answer : lost, sql)
      return [answer.result]
    },
    [sql],
  )
  if (select === undefined || !select.ok) {
    const isOther = select !== undefined && /only SELECT|more than one|no statement/.test(select.message)
    throw usage(
      isOther ? 'query.not-a-select' : 'query.bad-statement',
      select?.message ?? 'the statement cannot be parsed',
      {
        ...spot(sql, select?.position),
      },
    )
  }
  const [refused] = allowedRead(select)
  if (refused !== undefined) {
    throw usage('query.not-allowed', refused.message, {
      found: refused.found,
      ...spot(sql, refused.position),
      ...(refused.help === undefined ? {} : { help: refused.help }),
    })
  }
  return select
}

const lost: ReadFailure = { kind: 'failed', reason: 'lost', text: '' }

const chosenSnapshots = async (parts: ReadParts, at: string | undefined): Promise<Served> => {
  const { db, env } = parts
  if (at === undefined) return servedSnapshots(db, env)
  if (/^\d{4}-\d{2}-\d{2}/.test(at)) {
    const instant = new Date(
      at.length === 10 ? `${at}T23:59:59.999Z` : /(Z|[+-]\d{2}:?\d{2})$/.test(at) ? at : `${at}Z`,
    )
    if (Number.isNaN(instant.getTime()))
      throw usage('query.bad-instant', `"${at}" is no instant`, {
        found: at,
        expected: '2026-10-01T08:00:00Z, or the id of a snapshot',
      })
    return snapshotsAt(db, env, instant)
  }
  const found = await findSnapshot(db, env, at)
  if (found?.state !== 'published') {
    throw usage(
      found === undefined ? 'query.bad-instant' : 'query.snapshot-not-readable',
      found === undefined ? `no snapshot has the id "${at}"` : `snapshot ${at} is ${found.state}`,
      { found: at, expected: 'a published snapshot, or an instant such as 2026-10-01T08:00:00Z' },
    )
  }
  const { state: _, ...snapshot } = found
  const others = await snapshotsAt(db, env, snapshot.publishedAt)
  return new Map([...others, [snapshot.dataset, snapshot]])
}

interface Named {
  /** As the statement writes it. */
  readonly parts: readonly string[]
  readonly snapshot: Served extends ReadonlyMap<string, infer It> ? It : never
}

const resolve = async (parts: ReadParts, select: Select, served: Served): Promise<Named[]> => {
  const named = new Map<string, Named>()
  for (const reference of tableReferences(select)) {
    const subject = findByReaderName(reference.parts, served.keys())
    const snapshot = subject === undefined ? undefined : served.get(subject)
    if (snapshot === undefined) throw await unknownDataset(parts, select, reference, served)
    named.set(reference.parts.join('.').toLowerCase(), { parts: reference.parts, snapshot })
  }
  return [...named.values()]
}

const unknownDataset = async (
  parts: ReadParts,
  select: Select,
  { parts: name, position }: TableReference,
  served: Served,
): Promise<WeftError> => {
  const rows = await parts.db
    .selectFrom('entity')
    .select('subject')
    .where('env', '=', parts.env)
    .where('kind', '=', 'dataset')
    .where('removed_at', 'is', null)
    .execute()
  const known = rows.map(row => row.subject)
  const written = name.join('.')
  const place = spot(select.text, position)
  const isKnown = findByReaderName(name, known) !== undefined
  if (isKnown && !served.has(findByReaderName(name, known) ?? ''))
    return usage('query.not-published', `${written} has nothing published yet`, {
      found: written,
      help: 'weft status tells why',
      ...place,
    })
  const near = nearestReaderName(name, known)
  const names = [...new Set(known.map(readerName))].sort()
  return usage('query.unknown-dataset', `no dataset is called ${written}`, {
    found: written,
    ...(names.length === 0 ? {} : { expected: names.slice(0, 12).join(', ') }),
    ...(near === undefined ? {} : { help: `did you mean "${near}"?` }),
    ...place,
  })
}

/** A statement in its process, from start to audit. */
class OpenReading {
  readonly datasets: readonly ReadDataset[]
  private readonly parts: ReadParts
  private readonly request: ReadRequest
  private readonly reader: Reader
  private readonly named: readonly Named[]
  private readonly snapshots: readonly OpenableSnapshot[]
  private readonly audit: string
  private readonly startedMs = performance.now()
  private rows = 0
  private isEnded = false
  private stoppedBy: 'time' | 'person' | undefined
  private timer: NodeJS.Timeout | undefined
  private readonly onAbort = (): void => this.stop('person')

  constructor(
    parts: ReadParts,
    request: ReadRequest,
    reader: Reader,
    named: readonly Named[],
    snapshots: readonly OpenableSnapshot[],
    audit: string,
  ) {
    this.parts = parts
    this.request = request
    this.reader = reader
    this.named = named
    this.snapshots = snapshots
    this.audit = audit
    this.datasets = snapshots.map(it => ({ dataset: it.served.dataset, snapshot: it.served.snapshot }))
  }

  get folder(): string {
    return this.reader.folder
  }

  /** Sends the statement; gives its columns. */
  async start(output?: string): Promise<readonly ColumnType[]> {
    const { limits } = this.parts
    this.request.signal.addEventListener('abort', this.onAbort, { once: true })
    this.timer = setTimeout(() => this.stop('time'), limits.queryTimeMs)
    return this.guarded(async () => {
      this.reader.send({ kind: 'read', ...(await this.job(output)) })
      const answer = await this.reader.next()
      if (answer.kind === 'columns') return answer.columns
      throw this.failure(answer.kind === 'failed' ? answer : lost)
    })
  }

  async *batches(): AsyncGenerator<Batch> {
    try {
      for (;;) {
        const answer = await this.guarded(() => this.reader.next())
        if (answer.kind === 'end') break
        if (answer.kind !== 'frame') throw await this.failed(answer.kind === 'failed' ? answer : lost)
        this.reader.send({ kind: 'ack' })
        for (const batch of answer.batches) {
          this.rows += batch.rows
          yield batch
        }
      }
      await this.end('done')
    } finally {
      await this.end('ended early')
    }
  }

  /** Waits for an answer that goes to a file; `keep` takes the file before the folder goes. */
  async finish(keep: () => Promise<void>): Promise<number> {
    return this.guarded(async () => {
      const answer = await this.reader.next()
      if (answer.kind !== 'end') throw this.failure(answer.kind === 'failed' ? answer : lost)
      await keep()
      this.rows = answer.rows
      await this.end('done')
      return answer.rows
    })
  }

  async end(outcome: string): Promise<void> {
    if (this.isEnded) return
    this.isEnded = true
    clearTimeout(this.timer)
    this.request.signal.removeEventListener('abort', this.onAbort)
    await this.parts.pool.give(this.reader)
    await finishRead(this.parts.db, this.audit, {
      outcome,
      rows: this.rows,
      durationMs: performance.now() - this.startedMs,
    })
  }

  private async job(output: string | undefined): Promise<ReadJob> {
    const files = this.snapshots.flatMap(it => it.relation.files)
    const linked = await this.reader.link(files)
    const bySnapshot = new Map(this.snapshots.map(it => [it.served.snapshot, it.relation]))
    return {
      sql: this.request.sql,
      relations: this.named.map(({ parts, snapshot }) => {
        const relation = bySnapshot.get(snapshot.snapshot)
        const moved: Relation = {
          kind: 'parquet',
          files: (relation?.files ?? []).map(file => linked.get(file) ?? file),
          ...(relation?.columns === undefined ? {} : { columns: relation.columns }),
        }
        return { name: parts, relation: moved }
      }),
      memory: this.parts.limits.queryMemory,
      threads: 2,
      spill: join(this.reader.folder, 'spill'),
      ...(output === undefined ? {} : { output }),
    }
  }

  private stop(by: 'time' | 'person'): void {
    this.stoppedBy ??= by
    // Ending the process is the only way to end whatever its threads are at.
    this.parts.pool.give(this.reader).catch(() => {})
  }

  private async guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      await this.end(error instanceof WeftError ? `failed: ${error.code}` : 'failed')
      throw error
    }
  }

  private async failed(failure: ReadFailure): Promise<WeftError> {
    const error = this.failure(failure)
    await this.end(`failed: ${error.code}`)
    return error
  }

  private failure(failure: ReadFailure): WeftError {
    if (this.stoppedBy === 'person')
      return new WeftError('interrupted', problem(accessProblems, 'query.interrupted', 'the query was interrupted'))
    if (this.stoppedBy === 'time')
      return failedWith('query.out-of-time', `the statement took longer than ${this.parts.limits.queryTimeMs} ms`)
    return failureOf(failure, this.request.sql)
  }
}

const failedWith = (code: Code, message: string): WeftError =>
  new WeftError('failed', problem(accessProblems, code, message))

const failureOf = (failure: ReadFailure, sql: string): WeftError => {
  switch (failure.reason) {
    case 'statement':
      return usage('query.bad-statement', failure.text, spot(sql, failure.position))
    case 'memory':
      return failedWith('query.out-of-memory', 'the statement needed more memory than limits.queryMemory')
    case 'disk':
      return failedWith('query.failed', 'the disk is full')
    case 'lost':
      return failedWith('query.reader-lost', 'the process that ran the statement is gone')
    case 'runtime':
      return failedWith('query.failed', failure.text)
    default:
      return failure.reason satisfies never
  }
}
