/** The embedded catalogue: PGlite in a worker behind our lock, with a Kysely dialect of its own. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CompiledQuery, DatabaseConnection, Driver, QueryResult } from 'kysely'
import { problem, WeftError } from '../base/index.ts'
import { takeLock } from './lock.ts'
import { migrate, migrationsHash, readyArchive } from './migrations.ts'
import { storeProblems } from './problems.ts'
import type { Database } from './schema.ts'
import { Session } from './session.ts'
import type { Store } from './store.ts'

export interface EmbeddedOptions {
  readonly folder: string
  readonly lockPath: string
  readonly statementTimeMs: number
  /** Called when the lock is taken, before anything is opened. */
  readonly onLocked?: () => void
}

/** Lies in the data directory and says how far it came: the hash of the migrations that it has. Empty, they are to be looked at. */
const marker = 'weft-complete'
/** What the marker says while a first start is at work: an interrupted one is begun again. */
const unfinished = 'unfinished'

export const openEmbedded = async (options: EmbeddedOptions): Promise<Store> => {
  const { folder, lockPath } = options
  const unlock = takeLock(lockPath)
  let session: Session | undefined
  try {
    options.onLocked?.()
    const isNew = prepareFolder(folder)
    const archive = isNew ? await readyArchive() : undefined
    const ready = archive === undefined ? undefined : await readFile(archive)
    const opened = new Session({ folder, ...(ready === undefined ? {} : { ready }) }, options.statementTimeMs)
    session = opened
    // Kysely is many files: they are read while the worker starts.
    const [kysely] = await Promise.all([import('kysely'), opened.opened])
    const db = new kysely.Kysely<Database>({
      dialect: {
        createAdapter: () => new kysely.PostgresAdapter(),
        createDriver: () => new SessionDriver(opened),
        createIntrospector: it => new kysely.PostgresIntrospector(it),
        createQueryCompiler: () => new kysely.PostgresQueryCompiler(),
      },
    })
    await migrateOnce(opened, join(folder, marker), isNew)
    return {
      kind: 'embedded',
      db,
      transaction: work => db.transaction().execute(work),
      close: async () => {
        await opened.close()
        unlock()
      },
    }
  } catch (error) {
    // The worker first: whoever takes the lock next must find nobody in the folder.
    await session?.close()
    unlock()
    throw error
  }
}

/** Whether a catalogue is to be made in the folder. What is in it and not ours is left alone. */
const prepareFolder = (folder: string): boolean => {
  const path = join(folder, marker)
  mkdirSync(folder, { recursive: true })
  const names = readdirSync(folder)
  if (names.includes(marker)) {
    if (readFileSync(path, 'utf8') !== unfinished) return false
    for (const name of names) rmSync(join(folder, name), { recursive: true, force: true })
  } else if (names.length > 0) {
    throw new WeftError(
      'unreachable',
      problem(storeProblems, 'store.unreachable', 'the folder of the catalogue holds something else', {
        help: 'name a folder that is empty or not there; if an interrupted first start left this one, remove it',
      }),
    )
  }
  writeFileSync(path, unfinished)
  return true
}

/** A migration may write all of a large catalogue anew, and would be begun again at each opening if it were ended. */
const migrationMs = 3_600_000

/** Asking the database which migrations ran takes a tenth of the opening. The marker is emptied before any runs: an interruption leaves no hash that is not true. */
const migrateOnce = async (session: Session, path: string, isNew: boolean): Promise<void> => {
  const hash = await migrationsHash()
  if (!isNew) {
    if (readFileSync(path, 'utf8') === hash) return
    writeFileSync(path, '')
  }
  await migrate(
    sql => session.script(sql, migrationMs),
    (sql, parameters) => session.query(sql, parameters),
  )
  writeFileSync(path, hash)
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
