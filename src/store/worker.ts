/** PGlite in a thread of its own: a query blocks its thread, and ending the thread is the only way to end a query. */
import { parentPort, workerData } from 'node:worker_threads'
import { PGlite } from '@electric-sql/pglite'
import { parsers } from './types.ts'

export interface WorkerStart {
  readonly folder: string
  /** A ready data directory to begin with, for a folder that is not there yet. */
  readonly ready?: Uint8Array
}

export interface WorkerRequest {
  readonly id: number
  readonly sql: string
  /** Absent: a script of several statements without an answer. */
  readonly parameters?: readonly unknown[]
}

export type WorkerReply =
  | { readonly id: number; readonly rows: Record<string, unknown>[]; readonly affected: number }
  | { readonly id: number; readonly error: { readonly message: string; readonly code?: string } }

/** PGlite asks for all array types when it opens, a fifth of the time that it takes. The catalogue has no column and no parameter of such a type. */
class Catalogue extends PGlite {
  override async _initArrayTypes(): Promise<void> {}
}

// The default of 128 MB is laid out in full at every opening and takes a tenth of a second; pages that do not fit are in the system's cache.
const settings = ['-c', 'shared_buffers=16MB', '-c', 'timezone=UTC']

const start = workerData as WorkerStart // given by embedded.ts only
const port = parentPort
if (port !== null) {
  const options = start.ready === undefined ? {} : { loadDataDir: new Blob([start.ready as Uint8Array<ArrayBuffer>]) } // readFile gives bytes that no other thread shares
  const db = new Catalogue(start.folder, {
    parsers: { ...parsers },
    startParams: [...PGlite.defaultStartParams, ...settings],
    ...options,
  })
  await db.waitReady
  port.postMessage({ id: 0, rows: [], affected: 0 } satisfies WorkerReply)
  // One after the other: the database is one session.
  let last: Promise<void> = Promise.resolve()
  port.on('message', (request: WorkerRequest | 'close') => {
    last = last.then(async () => {
      if (request === 'close') {
        await db.close()
        port.postMessage({ id: -1, rows: [], affected: 0 } satisfies WorkerReply)
        return
      }
      port.postMessage(await answer(db, request))
    })
  })
}

async function answer(db: PGlite, request: WorkerRequest): Promise<WorkerReply> {
  const { id, sql, parameters } = request
  try {
    if (parameters === undefined) {
      await db.exec(sql)
      return { id, rows: [], affected: 0 }
    }
    const result = await db.query<Record<string, unknown>>(sql, [...parameters])
    return { id, rows: result.rows, affected: result.affectedRows ?? 0 }
  } catch (error) {
    const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? { code: error.code } : {}
    return { id, error: { message: error instanceof Error ? error.message : String(error), ...code } }
  }
}
