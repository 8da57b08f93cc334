/** TPC-H and TPC-DS, read from DuckDB's extensions by Python. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { repository } from '../support/mesh.ts'
import { pythonWith } from '../support/python.ts'

const releases = ['sqlglot[c]==30.30.0', 'duckdb-extension-tpch==1.5.5', 'duckdb-extension-tpcds==1.5.5']

export interface Benchmark {
  readonly tables: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly queries: readonly { readonly name: string; readonly sql: string }[]
}

export type Python = (script: string, ...rest: string[]) => Promise<string>

/** Runs a script of this folder with sqlglot at hand and gives what it prints; or why it cannot. */
export const lineagePython = async (): Promise<Python | { readonly reason: string }> => {
  const found = await pythonWith('weft-lineage', releases)
  if ('reason' in found) return found
  return async (script, ...rest) => {
    const args = [join(repository, 'test', 'lineage', script), ...rest]
    return (await promisify(execFile)(found.path, args, { maxBuffer: 64 * 1024 ** 2 })).stdout
  }
}

/** By name: `tpch`, `tpcds`. */
export const benchmarksBy = async (python: Python): Promise<Readonly<Record<string, Benchmark>>> =>
  JSON.parse(await python('tpc.py'))
