/**
 * The process that runs one reader's statement. It has an empty environment and a folder of its own, opens the files it was given and no others,
 * and ends with its parent, whatever happens. It never decides who may read what.
 */
import { rmSync } from 'node:fs'
import { WeftError } from '../../base/index.ts'
import { type Batch, openEngine, quoteName, quoteText, type Session, StatementError } from '../../engine/index.ts'
import { type FromChild, frameRows, frameWindow, type ReadFailure, type ReadJob, type ToChild } from './protocol.ts'

const folder = process.cwd()
let unanswered = 0
let onAck: () => void = () => {}

const send = (message: FromChild): Promise<void> =>
  new Promise((resolve, reject) => {
    process.send?.(message, undefined, {}, error => (error === null ? resolve() : reject(error)))
  })

const parse = async (sql: string): Promise<void> => {
  const engine = await openEngine('duckdb')
  const session = await engine.open({ memory: 128 * 1024 ** 2, threads: 1, scratch: folder })
  try {
    const [result] = await session.parse([sql])
    await send({ kind: 'parsed', result: result ?? { ok: false, message: 'cannot be parsed' } })
  } finally {
    await session.close()
  }
}

const read = async (job: ReadJob): Promise<void> => {
  const engine = await openEngine('duckdb')
  const session = await engine.openSealed({
    memory: job.memory,
    threads: job.threads,
    scratch: job.spill,
    relations: job.relations,
    ...(job.output === undefined ? {} : { writable: job.output }),
  })
  try {
    const columns = await bind(session, job.sql)
    if (columns === undefined) return
    await send({ kind: 'columns', columns })
    const rows = job.output === undefined ? await stream(session, job.sql) : await write(session, job.sql, job.output)
    await send({ kind: 'end', rows })
  } finally {
    await session.close()
  }
}

/** Binding sees no rows, so its message may be shown; what is thrown later may hold values. */
const bind = async (session: Session, sql: string) => {
  try {
    return await session.describe(sql)
  } catch (error) {
    await send(error instanceof StatementError ? refused(error) : failure(error))
    return undefined
  }
}

const refused = (error: StatementError): ReadFailure => ({
  kind: 'failed',
  reason: 'statement',
  text: `${error.errorClass}: ${error.engineMessage}`,
  ...(error.position === undefined ? {} : { position: error.position }),
})

const stream = async (session: Session, sql: string): Promise<number> => {
  const result = await session.query(sql)
  let rows = 0
  let waiting = 0
  let batches: Batch[] = []
  const flush = async (): Promise<void> => {
    if (batches.length === 0) return
    while (unanswered >= frameWindow) {
      await new Promise<void>(resolve => {
        onAck = resolve
      })
    }
    unanswered++
    await send({ kind: 'frame', batches })
    batches = []
    waiting = 0
  }
  for await (const batch of result.batches()) {
    rows += batch.rows
    waiting += batch.rows
    batches.push(batch)
    if (waiting >= frameRows) await flush()
  }
  await flush()
  return rows
}

/** The statement goes in as a text value, unchanged: pasted between brackets it could end them. */
const write = async (session: Session, sql: string, output: string): Promise<number> => {
  const columns = await session.describe(`select * from query(${quoteText(sql)})`)
  // Parquet has no 128-bit whole numbers; DuckDB would write doubles without a word.
  const selected = columns.map(({ name, type }, index) =>
    type === 'HUGEINT' || type === 'UHUGEINT'
      ? `cast(#${index + 1} as decimal(38, 0)) as ${quoteName(name)}`
      : `#${index + 1}`,
  )
  const [row] = await session.rows(
    `copy (select ${selected.join(', ')} from query(${quoteText(sql)})) to ${quoteText(output)} (format parquet, compression zstd)`,
  )
  return Number(row?.Count ?? 0)
}

const failure = (error: unknown): ReadFailure => {
  const code = error instanceof WeftError ? error.code : ''
  if (code === 'engine.out-of-memory') return { kind: 'failed', reason: 'memory', text: '' }
  if (code === 'engine.disk-full') return { kind: 'failed', reason: 'disk', text: '' }
  // Only our own wording of the engine's class is passed on; any other message may tell of rows.
  const text = error instanceof WeftError && /^[a-z -]{1,40} error while the statement ran$/.test(error.message)
  return {
    kind: 'failed',
    reason: 'runtime',
    text: text ? error.message : 'error while the statement ran',
  }
}

const take = async (message: ToChild): Promise<void> => {
  try {
    if (message.kind === 'parse') await parse(message.sql)
    else if (message.kind === 'read') await read(message)
    else {
      unanswered--
      onAck()
    }
  } catch (error) {
    await send(failure(error))
  }
}

process.on('message', message => {
  take(message as ToChild).catch(leave) // only our parent speaks on this channel
})

/** The parent is gone: nobody else would clear the folder, and a statement in the engine's threads would go on. */
const leave = (): void => {
  try {
    rmSync(folder, { recursive: true, force: true })
  } finally {
    process.kill(process.pid, 'SIGKILL')
  }
}
process.on('disconnect', leave)
// Ctrl-C reaches the whole group: the parent decides what ends.
process.on('SIGINT', () => {})

// What every statement needs is loaded before one arrives.
openEngine('duckdb').catch(leave)
