/** A session: one in-memory instance that sees what is defined in it. Every stream has a connection of its own: another statement on the same one would end it silently. */
import {
  type DuckDBConnection,
  type DuckDBInstance,
  type DuckDBPreparedStatement,
  StatementType,
} from '@duckdb/node-api'
import { assert, problem, WeftError } from '../../base/index.ts'
import type { Partition } from '../../domain/index.ts'
import {
  type Batch,
  type ColumnType,
  type ParsedSelect,
  type ParseFailure,
  type PartitionContent,
  partitionText,
  quoteName,
  quoteText,
  type Relation,
  type RelationName,
  type Result,
  type Session,
  type Value,
  type WriteOptions,
  type WrittenFile,
} from '../engine.ts'
import { engineProblems } from '../problems.ts'
import { engineError, notAllowed } from './error.ts'
import { readFooters } from './footer.ts'
import { boundValues } from './parameter.ts'
import { parseTexts } from './parse.ts'
import { selectOf } from './relation.ts'
import { batchOf, plainValue, typeText } from './vector.ts'
import { writeParquet } from './write.ts'

export class DuckDBSession implements Session {
  private readonly instance: DuckDBInstance
  private readonly main: DuckDBConnection
  private readonly open = new Set<DuckDBConnection>()
  private readonly signal: AbortSignal | undefined
  private readonly parents = new Set<string>()
  /** What views over Parquet stand for: none is made again as the same. */
  private readonly defined = new Map<string, string>()
  private running = 0
  private again: NodeJS.Timeout | undefined
  private readonly interrupt = (): void => {
    for (const connection of [this.main, ...this.open]) connection.interrupt()
  }
  /** DuckDB forgets an interrupt that comes before the statement has begun in its thread: it is told again until all have ended. */
  private readonly onAbort = (): void => {
    this.interrupt()
    if (this.running > 0) this.again = setInterval(this.interrupt, 20)
  }
  private isClosed = false
  private allowed: readonly StatementType[] | undefined

  constructor(instance: DuckDBInstance, main: DuckDBConnection, signal: AbortSignal | undefined) {
    this.instance = instance
    this.main = main
    this.signal = signal
    signal?.addEventListener('abort', this.onAbort)
  }

  /** From now on one SELECT at a time, or a COPY where a file may be written: DuckDB itself lets a statement write over whatever it may read. */
  seal(mayWrite: boolean): void {
    this.allowed = mayWrite ? [StatementType.SELECT, StatementType.COPY] : [StatementType.SELECT]
  }

  async define(name: RelationName, relation: Relation): Promise<void> {
    const full = name.map(quoteName).join('.')
    // The engine's names differ by more than case.
    const key = full.toLowerCase()
    const content = JSON.stringify(relation)
    if (this.defined.get(key) === content) return
    this.defined.delete(key)
    await this.makeParents(name)
    if (relation.kind === 'excel') await this.loadExtension('excel')
    await this.run(
      relation.kind === 'empty'
        ? `create or replace table ${full} (${relation.columns.map(column => `${quoteName(column.name)} ${column.type}`).join(', ')})`
        : `create or replace view ${full} as ${await selectOf(relation)}`,
    )
    if (relation.kind === 'parquet') this.defined.set(key, content)
  }

  async run(sql: string): Promise<void> {
    if (/^\s*(drop\s+(view|schema|database)|detach|alter)\b/i.test(sql)) {
      this.defined.clear()
      this.parents.clear()
    }
    await this.guarded(sql, () =>
      this.allowed === undefined ? this.main.run(sql) : this.withAllowed(this.main, sql, it => it.run()),
    )
  }

  async describe(sql: string): Promise<ColumnType[]> {
    return this.guarded(sql, async () => {
      const prepared = await this.main.prepare(sql)
      try {
        return Array.from({ length: prepared.columnCount }, (_, index) => ({
          name: prepared.columnName(index),
          type: typeText(prepared.columnType(index)),
        }))
      } finally {
        prepared.destroySync()
      }
    })
  }

  async query(sql: string, parameters: readonly Value[] = []): Promise<Result> {
    const connection = await this.instance.connect()
    this.open.add(connection)
    const done = async (isWhole: boolean): Promise<void> => {
      if (!this.open.has(connection)) return
      // A closed connection keeps what an unfinished statement holds until the collector comes by; another statement frees it at once.
      if (!isWhole) await connection.run('select 1').catch(() => undefined)
      if (this.open.delete(connection)) connection.closeSync()
    }
    try {
      const values = boundValues(parameters)
      const result = await this.guarded(sql, () =>
        this.allowed === undefined
          ? connection.stream(sql, values)
          : this.withAllowed(connection, sql, it => {
              it.bind(values)
              return it.stream()
            }),
      )
      const columns = result.columnNames().map((name, index) => ({ name, type: typeText(result.columnType(index)) }))
      const next = (): Promise<Batch | undefined> =>
        this.guarded(sql, async () => {
          const chunk = await result.fetchChunk()
          return chunk === null || chunk.rowCount === 0 ? undefined : batchOf(chunk, columns)
        })
      return { columns, batches: () => stream(next, done) }
    } catch (error) {
      await done(true)
      throw error
    }
  }

  async rows(sql: string, parameters: readonly Value[] = []): Promise<Record<string, Value>[]> {
    return this.guarded(sql, async () => {
      const values = boundValues(parameters)
      const reader = await (this.allowed === undefined
        ? this.main.runAndReadAll(sql, values)
        : this.withAllowed(this.main, sql, it => {
            it.bind(values)
            return it.runAndReadAll()
          }))
      return reader
        .getRowObjects()
        .map(row => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plainValue(value)])))
    })
  }

  write(sql: string, options: WriteOptions): Promise<WrittenFile[]> {
    return writeParquet(this, sql, options)
  }

  parse(texts: readonly string[]): Promise<(ParsedSelect | ParseFailure)[]> {
    return parseTexts(this, texts)
  }

  footers(
    paths: readonly string[],
  ): Promise<{ readonly rows: number; readonly nulls: Readonly<Record<string, number>> }[]> {
    return readFooters(this, paths)
  }

  async contents(path: string, columns: readonly string[], partition?: Partition): Promise<PartitionContent[]> {
    const [name, end] =
      partition === undefined
        ? ['null', '']
        : [partitionText(partition), `group by 1 order by min(${quoteName(partition.column)})`]
    const rows = await this.rows(
      `select ${name} as name, count(*) as n, sum(hash(${columns.map(quoteName).join(', ')}))::varchar as content from read_parquet(${quoteText(path)}, hive_partitioning = false) ${end}`,
    )
    return rows.map(row => ({
      name: row.name === null ? null : String(row.name),
      rows: Number(row.n),
      content: BigInt(String(row.content ?? 0)).toString(16),
    }))
  }

  async close(): Promise<void> {
    if (this.isClosed) return
    this.isClosed = true
    this.signal?.removeEventListener('abort', this.onAbort)
    clearInterval(this.again)
    for (const connection of [...this.open, this.main]) connection.closeSync()
    this.open.clear()
    this.instance.closeSync()
  }

  private async makeParents(name: RelationName): Promise<void> {
    assert(name.length > 0 && name.length <= 3, 'a relation has a name of one to three parts')
    const parents = name.slice(0, -1)
    const key = parents.map(quoteName).join('.')
    if (key === '' || this.parents.has(key)) return
    const [database] = parents
    if (parents.length === 2 && database !== undefined)
      await this.run(`attach if not exists ':memory:' as ${quoteName(database)}`)
    await this.run(`create schema if not exists ${key}`)
    this.parents.add(key)
  }

  /** Of those that are installed; none is ever fetched. */
  private async loadExtension(name: string): Promise<void> {
    await this.main.run(`load ${name}`).catch((cause: unknown) => {
      throw new WeftError(
        'failed',
        problem(engineProblems, 'engine.no-extension', `DuckDB's extension ${name} is not installed`, {
          expected: `the extension ${name} of the same version, in its folder of extensions`,
        }),
        { cause },
      )
    })
  }

  private async withAllowed<T>(
    connection: DuckDBConnection,
    sql: string,
    work: (prepared: DuckDBPreparedStatement) => Promise<T>,
  ): Promise<T> {
    const statements = await connection.extractStatements(sql)
    if (statements.count !== 1) throw notAllowed()
    const prepared = await statements.prepare(0)
    try {
      if (this.allowed?.includes(prepared.statementType) !== true) throw notAllowed()
      return await work(prepared)
    } finally {
      prepared.destroySync()
    }
  }

  private async guarded<T>(sql: string, work: () => Promise<T>): Promise<T> {
    if (this.signal?.aborted)
      throw new WeftError('interrupted', problem(engineProblems, 'engine.interrupted', 'the statement was ended'))
    this.running++
    try {
      return await work()
    } catch (error) {
      throw engineError(error, sql)
    } finally {
      this.running--
      if (this.running === 0) clearInterval(this.again)
    }
  }
}

async function* stream(
  next: () => Promise<Batch | undefined>,
  done: (isWhole: boolean) => Promise<void>,
): AsyncGenerator<Batch> {
  let isWhole = false
  try {
    for (let batch = await next(); batch !== undefined; batch = await next()) yield batch
    isWhole = true
  } finally {
    await done(isWhole)
  }
}
