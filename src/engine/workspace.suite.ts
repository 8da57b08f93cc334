/** What the engine's suites share: an engine, a session and a folder for every test, all gone after it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect } from 'vitest'
import { WeftError } from '../base/index.ts'
import type { Batch, CsvOptions, Engine, RelationColumn, Result, Session, SessionOptions, Value } from './index.ts'

export interface Workspace {
  readonly engine: Engine
  readonly session: Session
  readonly folder: string
  /** Makes a file in the folder; gives its path. */
  file(name: string, content: string | Uint8Array): Promise<string>
  /** A new, empty folder. */
  emptyFolder(): Promise<string>
  /** Another session of the engine, closed after the test. */
  open(options?: Partial<SessionOptions>): Promise<Session>
  /** The same, sealed. */
  openSealed(options: Partial<Parameters<Engine['openSealed']>[0]>): Promise<Session>
  /** The rows of CSV texts with these columns, each `name TYPE`. */
  csv(texts: readonly (string | Uint8Array)[], columns: readonly string[], options?: CsvOptions): Promise<Rows>
  /** Writes a SELECT with these columns as one Parquet file. */
  parquet(sql: string, columns: readonly RelationColumn[]): Promise<string>
}

export type Rows = Record<string, Value>[]

const megabyte = 1024 ** 2

/** Columns from `name TYPE`; ids count from 1. */
export const columnsOf = (texts: readonly string[]): (RelationColumn & { readonly id: number })[] =>
  texts.map((text, index) => {
    const space = text.indexOf(' ')
    return { name: text.slice(0, space), type: text.slice(space + 1), id: index + 1 }
  })

/** Opens a workspace before each test of the suite that calls it. The answer gives the one of the test that runs. */
export const useWorkspace = (openEngine: () => Promise<Engine>): (() => Workspace) => {
  let current: Workspace | undefined
  let sessions: Session[] = []
  beforeEach(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'weft-engine-'))
    const engine = await openEngine()
    const settings: SessionOptions = { memory: 256 * megabyte, threads: 2, scratch: folder }
    const kept = async (opening: Promise<Session>): Promise<Session> => {
      const session = await opening
      sessions.push(session)
      return session
    }
    const session = await kept(engine.open(settings))
    const file: Workspace['file'] = async (name, content) => {
      await writeFile(join(folder, name), content)
      return join(folder, name)
    }
    const emptyFolder = () => mkdtemp(join(folder, 'empty-'))
    current = {
      engine,
      session,
      folder,
      file,
      emptyFolder,
      open: options => kept(engine.open({ ...settings, ...options })),
      openSealed: options => kept(engine.openSealed({ ...settings, relations: [], ...options })),
      csv: async (texts, columns, options = {}) => {
        const files = await Promise.all(texts.map((text, index) => file(`file-${index}.csv`, text)))
        await session.define(['read'], { kind: 'csv', files, columns: columnsOf(columns), options })
        return session.rows('select * from read')
      },
      parquet: async (sql, columns) => {
        const [written] = await session.write(sql, { folder: await emptyFolder(), columns })
        if (written === undefined) throw new Error('nothing was written')
        return written.path
      },
    }
  })
  afterEach(async () => {
    for (const session of sessions) await session.close()
    sessions = []
    if (current !== undefined) await rm(current.folder, { recursive: true, force: true })
    current = undefined
  })
  return () => {
    if (current === undefined) throw new Error('the workspace is there in tests only')
    return current
  }
}

/** The error of our class that a piece of work ends with. */
export const refusalOf = async (work: Promise<unknown>): Promise<WeftError> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(WeftError)
  if (!(error instanceof WeftError)) throw error
  return error
}

/** Everything that a person or a log could see of an error, with its causes. */
export const textOf = (error: unknown): string =>
  error instanceof Error
    ? [error.message, error.stack, JSON.stringify(error), textOf(error.cause)].join('\n')
    : String(error ?? '')

export const batchesOf = async (result: Result): Promise<Batch[]> => {
  const batches: Batch[] = []
  for await (const batch of result.batches()) batches.push(batch)
  return batches
}
