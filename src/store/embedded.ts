/** The embedded catalogue: PGlite in a worker behind our lock, with a Kysely dialect of its own. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Worker } from 'node:worker_threads'
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely'
import { problem, WeftError } from '../base/index.ts'
import { takeLock } from './lock.ts'
import { migrate, migrationsHash, readyArchive } from './migrations.ts'
import { storeProblems } from './problems.ts'
import type { Database } from './schema.ts'
import type { Store } from './store.ts'
import type { WorkerReply, WorkerRequest, WorkerStart } from './worker.ts'

export interface EmbeddedOptions {
  readonly folder: string
  readonly lockPath: string
  readonly statementTimeMs: number
}

/** Says that the data directory was once whole: without it a folder is what an interrupted first start left. It holds the hash of the migrations that ran; empty, they are to be looked at. */
const marker = 'weft-complete'

export const openEmbedded = async (options: EmbeddedOptions): Promise<Store> => {
  const { folder, lockPath } = options
  const unlock = takeLock(lockPath)
  try {
    mkdirSync(dirname(folder), { recursive: true })
    if (existsSync(folder) && !existsSync(join(folder, marker))) rmSync(folder, { recursive: true, force: true })
    const isNew = !existsSync(folder)
    const ready = isNew
      ? await readyArchive().then(path => (path === undefined ? undefined : readFile(path)))
      : undefined
    const session = new Session({ folder, ...(ready === undefined ? {} : { ready }) }, options.statementTimeMs)
    await session.opened
    const db = new Kysely<Database>({
      dialect: {
        createAdapter: () => new PostgresAdapter(),
        createDriver: () => new SessionDriver(session),
        createIntrospector: it => new PostgresIntrospector(it),
        createQueryCompiler: () => new PostgresQueryCompiler(),
      },
    })
    await migrateOnce(session, join(folder, marker), isNew)
    return {
      kind: 'embedded',
      db,
      transaction: work => db.transaction().execute(work),
      close: async () => {
        await session.close()
        unlock()
      },
    }
  } catch (error) {
    unlock()
    throw error
  }
}

/** Asking the database which migrations ran takes a tenth of the opening. The marker is emptied before any runs: an interruption leaves no hash that is not true. */
const migrateOnce = async (session: Session, path: string, isNew: boolean): Promise<void> => {
  const hash = await migrationsHash()
  if (!isNew) {
    if (readFileSync(path, 'utf8') === hash) return
    writeFileSync(path, '')
  }
  await migrate(
    sql => session.script(sql),
    (sql, parameters) => session.query(sql, parameters),
  )
  writeFileSync(path, hash)
}

/** The worker's other end: one session, statements in turn. */
class Session {
  readonly opened: Promise<void>
  private readonly worker: Worker
  private readonly waiting = new Map<
    number,
    { resolve: (reply: { rows: Record<string, unknown>[]; affected: number }) => void; reject: (error: Error) => void }
  >()
  private readonly statementTimeMs: number
  private next = 1
  private failure: Error | undefined
  private turn: Promise<void> = Promise.resolve()

  constructor(start: WorkerStart, statementTimeMs: number) {
    this.statementTimeMs = statementTimeMs
    this.worker = new Worker(new URL('../../dist/store/worker.js', import.meta.url), { workerData: start })
    this.opened = this.expect(0).then(() => {})
    this.worker.on('message', (reply: WorkerReply) => {
      const one = this.waiting.get(reply.id)
      this.waiting.delete(reply.id)
      if (this.waiting.size === 0) this.worker.unref()
      if ('error' in reply) one?.reject(errorOf(reply.error))
      else one?.resolve(reply)
    })
    this.worker.on('error', error =>
      this.fail(
        new WeftError(
          'unreachable',
          problem(storeProblems, 'store.unreachable', `the embedded catalogue cannot be opened: ${error.message}`),
          { cause: error },
        ),
      ),
    )
    this.worker.on('exit', () =>
      this.fail(
        new WeftError('unreachable', problem(storeProblems, 'store.unreachable', 'the embedded catalogue was closed')),
      ),
    )
  }

  private expect(id: number): Promise<{ rows: Record<string, unknown>[]; affected: number }> {
    if (this.failure !== undefined) return Promise.reject(this.failure)
    this.worker.ref()
    return new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject }))
  }

  private fail(error: Error): void {
    this.failure ??= error
    for (const one of this.waiting.values()) one.reject(error)
    this.waiting.clear()
  }

  private async send(
    request: Omit<WorkerRequest, 'id'>,
  ): Promise<{ rows: Record<string, unknown>[]; affected: number }> {
    const id = this.next++
    const reply = this.expect(id)
    this.worker.postMessage({ id, ...request } satisfies WorkerRequest)
    const timer = setTimeout(() => {
      this.fail(
        new WeftError(
          'failed',
          problem(
            storeProblems,
            'store.timeout',
            `a statement on the catalogue took longer than ${this.statementTimeMs} ms`,
          ),
        ),
      )
      void this.worker.terminate()
    }, this.statementTimeMs)
    return reply.finally(() => clearTimeout(timer))
  }

  query(sql: string, parameters: readonly unknown[]): Promise<{ rows: Record<string, unknown>[]; affected: number }> {
    return this.send({ sql, parameters })
  }

  async script(sql: string): Promise<void> {
    await this.send({ sql })
  }

  /** Waits for its turn on the one session; the answer ends the turn. */
  async acquire(): Promise<() => void> {
    const before = this.turn
    let release = (): void => {}
    this.turn = new Promise(resolve => {
      release = resolve
    })
    await before
    return release
  }

  async close(): Promise<void> {
    if (this.failure === undefined) {
      const closed = this.expect(-1)
      this.worker.postMessage('close')
      await closed.catch(() => undefined)
    }
    this.failure ??= new Error('closed')
    await this.worker.terminate()
  }
}

/** Kysely's driver: every connection is the one session, held by one user at a time. */
class SessionDriver implements Driver {
  private readonly session: Session
  private readonly releases = new Map<DatabaseConnection, () => void>()

  constructor(session: Session) {
    this.session = session
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    const release = await this.session.acquire()
    const { session } = this
    const connection: DatabaseConnection = {
      async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
        const { rows, affected } = await session.query(query.sql, query.parameters)
        return { rows: rows as R[], numAffectedRows: BigInt(affected) } // the tables' types are what R is made from
      },
      // biome-ignore lint/correctness/useYield: the embedded catalogue answers whole
      async *streamQuery() {
        throw new Error('the embedded catalogue does not stream')
      },
    }
    this.releases.set(connection, release)
    return connection
  }

  async beginTransaction(): Promise<void> {
    await this.session.script('begin')
  }

  async commitTransaction(): Promise<void> {
    await this.session.script('commit')
  }

  async rollbackTransaction(): Promise<void> {
    await this.session.script('rollback')
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    this.releases.get(connection)?.()
    this.releases.delete(connection)
  }

  async destroy(): Promise<void> {}
}

const errorOf = (error: { message: string; code?: string }): Error =>
  error.code === '23505' || error.code === '40001'
    ? new WeftError('blocked', problem(storeProblems, 'store.conflict', 'somebody else wrote the same thing first'), {
        cause: new Error(error.message),
      })
    : new Error(`catalogue: ${error.message}`)
