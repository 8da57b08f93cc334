/**
 * The tools that Weft is compared with, each in a Python environment of its own, made on first use in
 * `${XDG_CACHE_HOME:-~/.cache}/weft-bench`. A tool that cannot be had is named and left out.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** With the DuckDB that Weft has where the tool works with it, so that the engines are the same. */
const requirements = {
  // dbt-core 1.12 fetches a part of itself from elsewhere while it is installed.
  dbt: ['dbt-core==1.11.16', 'dbt-duckdb==1.11.1', 'duckdb==1.5.5'],
  sqlmesh: ['sqlmesh==0.236.4', 'duckdb==1.5.5'],
  datacontract: ['datacontract-cli[duckdb]==1.2.8', 'duckdb==1.5.5'],
  soda: ['soda-duckdb==4.28.0', 'duckdb==1.5.5'],
  // Beside it what TPC-H and TPC-DS are read from.
  sqlglot: ['sqlglot[c]==30.30.0', 'duckdb-extension-tpch==1.5.5', 'duckdb-extension-tpcds==1.5.5'],
}

const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'weft-bench')

/** No tool may spend time on telling anybody that it was used, or on asking for a newer version. */
const quiet = {
  DBT_SEND_ANONYMOUS_USAGE_STATS: 'False',
  DO_NOT_TRACK: '1',
  SQLMESH__DISABLE_ANONYMIZED_ANALYTICS: 'true',
  SODA_CORE_TELEMETRY_ENABLED: 'false',
}

/** `{ python, bin, env, versions }`, or nothing where the tool cannot be installed. */
export const tool = name => {
  const wanted = requirements[name]
  const folder = join(cache, name)
  // Written last, so that an installation that was broken off is made again.
  const mark = join(folder, `installed-${wanted.join('+').replaceAll(/[^a-z0-9.+-]/g, '_')}`)
  if (!existsSync(mark)) {
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(cache, { recursive: true })
    console.log(`installing ${wanted.join(', ')} into ${folder}`)
    const python = join(folder, 'bin', 'python')
    for (const [program, ...args] of [
      ['python3', '-m', 'venv', folder],
      [python, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...wanted],
    ]) {
      const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' })
      if (status !== 0) {
        console.log(`left out: ${name} cannot be installed (${(stderr ?? '').trim().split('\n').at(-1)})`)
        return undefined
      }
    }
    writeFileSync(mark, '')
  }
  return {
    python: join(folder, 'bin', 'python'),
    bin: program => join(folder, 'bin', program),
    env: { ...process.env, ...quiet },
    versions: wanted.join(', '),
  }
}
