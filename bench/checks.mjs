/**
 * The checks of one contract by Weft, datacontract-cli and Soda: from the shell, from a process that runs already, and on many rows.
 * Processor time as ratios within the same run. All must find the same rules broken in spoiled rows, and none in good ones.
 *
 *   npm run build && node bench/checks.mjs [--rows 10000] [--large 4000000] [--repeat 5] [--tools datacontract,soda] [--small]
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { DuckDBInstance } from '@duckdb/node-api'
import { expectedFailures, odcs, rowsOf, soda } from './checks/contract.mjs'
import { inFolder, measured, measuredWeft, median, rounded } from './support/process.mjs'
import { tool } from './support/tools.mjs'

const { values: flags } = parseArgs({
  options: {
    rows: { type: 'string', default: '10000' },
    large: { type: 'string', default: '4000000' },
    repeat: { type: 'string', default: '5' },
    tools: { type: 'string', default: 'datacontract,soda' },
    small: { type: 'boolean', default: false },
  },
})
const rows = Number(flags.rows)
const large = flags.small ? 200_000 : Number(flags.large)
const repeats = flags.small ? 1 : Number(flags.repeat)
const targets = { cold: 10, warm: 30, large: { datacontract: 2, soda: 1.2 } }
const script = name => fileURLToPath(new URL(`checks/${name}`, import.meta.url))

/** A folder with the contract in both forms and the rows, in which each tool can be started. */
const caseIn = async (folder, count, isSpoiled) => {
  mkdirSync(folder)
  writeFileSync(join(folder, 'mesh.yaml'), 'apiVersion: weft/v1\nkind: Mesh\nid: checks\nname: Checks\n')
  // JSON is YAML.
  writeFileSync(join(folder, 'orders.odcs.yaml'), JSON.stringify(odcs, null, 2))
  writeFileSync(join(folder, 'soda.yaml'), JSON.stringify(soda, null, 2))
  writeFileSync(join(folder, 'files.yaml'), 'type: duckdb\nname: files\nconnection: { database: data.parquet }\n')
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  await connection.run(`copy (${rowsOf(count, isSpoiled)}) to '${join(folder, 'data.parquet')}' (compression zstd)`)
  connection.closeSync()
  instance.closeSync()
  return folder
}

/** How each is called from the shell and in one process; both give what failed. Exit codes other than 0 are those of failed checks. */
const contestants = {
  weft: {
    shell: cwd => {
      const found = measuredWeft(['test', 'orders', '--data', 'data.parquet', '--json'], { cwd, expect: [0, 3] })
      return { ...found, checks: JSON.parse(found.stdout).checks }
    },
    process: (cwd, times) => measured(process.execPath, [script('weft-checks.mjs'), String(times)], { cwd }),
    failures: checks =>
      checks
        .filter(it => it.state !== 'passed')
        .map(it => nameOf(it.kind, it.kind === 'primaryKey' ? 'id' : it.property)),
  },
  datacontract: {
    shell: (cwd, { bin, env }) =>
      measured(bin('datacontract'), ['test', 'orders.odcs.yaml'], { cwd, env, expect: [0, 1] }),
    process: (cwd, times, { python, env }) =>
      measured(python, [script('datacontract_checks.py'), String(times)], { cwd, env }),
    // A warning says that types of Parquet files are not looked at.
    failures: checks =>
      checks.filter(it => it.result !== 'passed' && it.result !== 'warning').map(it => nameOf(it.type, it.field)),
  },
  soda: {
    shell: (cwd, { bin, env }) =>
      measured(bin('soda'), ['contract', 'verify', '-c', 'soda.yaml', '-ds', 'files.yaml'], {
        cwd,
        env,
        expect: [0, 1],
      }),
    process: (cwd, times, { python, env }) => measured(python, [script('soda_checks.py'), String(times)], { cwd, env }),
    failures: checks => checks.filter(it => it.result !== 'PASSED').map(it => nameOf(it.type, it.field)),
  },
}

/** The three have other names for the same rule. */
const words = {
  missing: ['required', 'field_required', 'missing'],
  duplicate: ['primaryKey', 'unique', 'field_primary_key_unique', 'field_unique', 'duplicate'],
  sql: ['sql', 'model_quality_sql', 'failed_rows'],
  rows: ['rowCount', 'row_count'],
}
const nameOf = (kind, column) => {
  const word = Object.keys(words).find(it => words[it].includes(kind)) ?? 'invalid'
  return word === 'sql' || word === 'rows' ? word : `${column}.${word}`
}

const tools = Object.fromEntries(
  flags.tools
    .split(',')
    .map(name => [name, tool(name)])
    .filter(([, it]) => it !== undefined),
)
const names = ['weft', ...Object.keys(tools)]
const repeat = work => Array.from({ length: repeats }, work)

await inFolder(async folder => {
  const good = await caseIn(join(folder, 'good'), rows, false)
  const bad = await caseIn(join(folder, 'bad'), rows, true)
  const many = await caseIn(join(folder, 'many'), large, false)
  const figures = {}
  const disagree = []
  for (const name of names) {
    const { shell, process, failures } = contestants[name]
    const inProcess = (where, times) => {
      const found = process(where, times, tools[name])
      return { ...found, ...JSON.parse(found.stdout.trim().split('\n').at(-1)) }
    }
    const judged = where => [...new Set(failures(inProcess(where, 1).checks))].sort().join(' ')
    if (judged(good) !== '') disagree.push(`${name}: good rows fail ${judged(good)}`)
    if (judged(bad) !== expectedFailures.join(' ')) disagree.push(`${name}: of spoiled rows fail ${judged(bad)}`)
    const cold = median(repeat(() => shell(good, tools[name]).cpu))
    // The first of a process loads what the others use.
    const warm = median(inProcess(good, 10 * repeats + 1).each.slice(1))
    const byShell = median(repeat(() => shell(many, tools[name]).cpu))
    // Soda copies the file into memory when it is started from the shell; through its API it can look at the file itself. The better one counts.
    const byProcess = median(repeat(() => inProcess(many, 1).cpu))
    figures[name] = { cold, warm, large: Math.min(byShell, byProcess) }
  }
  const table = {}
  for (const step of ['cold', 'warm', 'large']) {
    const row = {}
    for (const name of names) row[`${name} cpu ms`] = Math.round(figures[name][step] * 1000)
    for (const name of Object.keys(tools)) row[`${name}/weft`] = rounded(figures[name][step] / figures.weft[step], 1)
    table[step] = row
  }
  const against = Object.values(tools).map(it => it.versions)
  console.log(JSON.stringify({ bench: 'checks', rows, large, against, steps: table, disagree, targets }))
  console.table(table)
  if (disagree.length > 0) {
    console.log(`not the same verdicts: ${disagree.join('; ')}`)
    globalThis.process.exitCode = 1
  }
})
