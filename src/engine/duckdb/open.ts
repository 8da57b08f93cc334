/** DuckDB 1.5 as an engine: in-memory instances over files in place, no extension ever fetched. */
import { DuckDBInstance, version } from '@duckdb/node-api'
import { type Engine, quoteText, type Relation, type RelationName, type SessionOptions } from '../engine.ts'
import { engineError } from './error.ts'
import { DuckDBSession } from './session.ts'

const settings = (options: SessionOptions): Record<string, string> => ({
  memory_limit: `${Math.max(64, Math.round(options.memory / 1024 ** 2))}MiB`,
  ...(options.threads > 0 ? { threads: String(options.threads) } : {}),
  temp_directory: options.scratch,
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  allow_community_extensions: 'false',
  preserve_insertion_order: 'false',
})

const openSession = async (options: SessionOptions): Promise<DuckDBSession> => {
  try {
    const instance = await DuckDBInstance.create(':memory:', settings(options))
    const connection = await instance.connect()
    const session = new DuckDBSession(instance, connection, options.signal)
    // Texts without a zone are read as UTC everywhere, whatever the machine's zone is.
    await session.run("set timezone = 'UTC'")
    return session
  } catch (error) {
    throw engineError(error, '')
  }
}

const pathsOf = (relation: Relation): readonly string[] => (relation.kind === 'empty' ? [] : relation.files)

const openSealed = async (
  options: SessionOptions & {
    readonly relations: readonly { readonly name: RelationName; readonly relation: Relation }[]
    readonly writable?: string
  },
): Promise<DuckDBSession> => {
  const session = await openSession(options)
  try {
    for (const { name, relation } of options.relations) await session.define(name, relation)
    const paths = [
      ...new Set([
        ...options.relations.flatMap(it => pathsOf(it.relation)),
        ...(options.writable === undefined ? [] : [options.writable]),
      ]),
    ]
    await session.run(`set allowed_paths = [${paths.map(quoteText).join(', ')}]`)
    // Both optimizers were seen to tell of hidden values by error text and statistics.
    await session.run("set disabled_optimizers = 'statistics_propagation,cte_filter_pusher'")
    await session.run('set enable_external_access = false')
    await session.run('set lock_configuration = true')
    session.seal(options.writable !== undefined)
    return session
  } catch (error) {
    await session.close()
    throw error
  }
}

export const openDuckDB = (): Engine => ({
  name: 'duckdb',
  version: version().replace(/^v/, ''),
  can: { localFiles: true, parse: true },
  open: openSession,
  openSealed,
})
