/**
 * A year of a real shop in 32 models, built by Weft, dbt-duckdb and SQLMesh from the same SQL with the same rules: all days but one, then
 * one more day, then nothing new. Processor time of each command, as ratios within the same run; then the rows of all are compared.
 *
 *   npm run build && node bench/mesh32.mjs [--days 304] [--repeat 3] [--tools dbt,sqlmesh] [--small]
 *
 * The data is the folder `shared/data/online-retail/by-day` beside the repository, or the one of --files.
 */
import { cpSync, existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { differences } from './mesh32/differences.mjs'
import { readMesh, writeDbt, writeSqlmesh } from './mesh32/projects.mjs'
import { inFolder, measured, measuredWeft, median, repository, rounded } from './support/process.mjs'
import { tool } from './support/tools.mjs'

const { values: flags } = parseArgs({
  options: {
    days: { type: 'string', default: '304' },
    repeat: { type: 'string', default: '3' },
    tools: { type: 'string', default: 'dbt,sqlmesh' },
    files: { type: 'string', default: join(repository, '../shared/data/online-retail/by-day') },
    small: { type: 'boolean', default: false },
  },
})
const days = flags.small ? 30 : Number(flags.days)
const repeats = flags.small ? 1 : Number(flags.repeat)
const targets = { first: 0.6, day: 0.35, nothingClockSeconds: 0.5 }

if (!existsSync(flags.files)) {
  console.log(`left out: no folder ${flags.files}`)
  process.exit(0)
}
const files = readdirSync(flags.files)
  .filter(it => it.endsWith('.csv.gz'))
  .sort()
  .slice(0, days + 1)

/** Each tool as commands for the three steps; `folder` is its project. */
const contestants = {
  weft: {
    steps: folder => {
      const call = (...args) => measuredWeft([...args, '--project', folder, '--json'])
      return { first: () => call('apply', '--yes'), day: () => call('run'), nothing: () => call('run') }
    },
  },
  dbt: {
    steps: (folder, { bin, env }) => {
      const build = () =>
        measured(bin('dbt'), ['build', '--project-dir', folder, '--profiles-dir', folder], { env, cwd: folder })
      return { first: build, day: build, nothing: build }
    },
  },
  sqlmesh: {
    steps: (folder, { bin, env }) => {
      const call = (...args) => measured(bin('sqlmesh'), ['-p', folder, ...args], { env, cwd: folder })
      const dayOf = file => file.slice(0, 10)
      const last = dayOf(files.at(-1))
      // The end of a plan is the last midnight before its time of execution; the end of a run is a day that is still in it.
      const run = () => call('run', '--end', last)
      return {
        first: () => call('plan', '--auto-apply', '--no-prompts', '--execution-time', last),
        day: run,
        nothing: run,
      }
    },
  },
}

/** CPU and clock seconds of each step of one tool on a mesh of its own, and where its rows are. */
const race = (name, installed, folder) => {
  const mesh = join(folder, `${name}-mesh`)
  cpSync(join(repository, 'bench/mesh32'), mesh, { recursive: true, filter: path => !path.endsWith('.mjs') })
  const orders = join(mesh, 'data/orders')
  mkdirSync(orders, { recursive: true })
  const give = some => {
    for (const file of some) cpSync(join(flags.files, file), join(orders, file))
  }
  return {
    mesh,
    run: project => {
      const { first, day, nothing } = contestants[name].steps(project, installed)
      give(files.slice(0, -1))
      const found = { first: first() }
      give(files.slice(-1))
      found.day = day()
      found.nothing = nothing()
      return found
    },
  }
}

const one = async (folder, tools) => {
  const found = {}
  const weft = race('weft', undefined, folder)
  found.weft = weft.run(weft.mesh)
  const datasets = await readMesh(weft.mesh)
  const others = {}
  for (const [name, installed] of tools) {
    const { mesh, run } = race(name, installed, folder)
    const project = join(folder, name)
    if (name === 'dbt') writeDbt(project, mesh, datasets)
    else writeSqlmesh(project, mesh, datasets)
    found[name] = run(project)
    others[name] = join(project, `shop_${name}.duckdb`)
  }
  return { found, datasets, differ: await differences(weft.mesh, datasets, others, folder) }
}

const tools = flags.tools
  .split(',')
  .map(name => [name, tool(name)])
  .filter(([, it]) => it !== undefined)
const runs = []
for (let n = 0; n < repeats; n++) runs.push(await inFolder(folder => one(folder, tools)))

const names = ['weft', ...tools.map(([name]) => name)]
const table = {}
for (const step of ['first', 'day', 'nothing']) {
  const row = {}
  for (const name of names) {
    row[`${name} cpu s`] = rounded(median(runs.map(it => it.found[name][step].cpu)))
    row[`${name} clock s`] = rounded(median(runs.map(it => it.found[name][step].clock)))
  }
  for (const name of names.slice(1))
    row[`weft/${name}`] = rounded(median(runs.map(it => it.found.weft[step].cpu / it.found[name][step].cpu)))
  table[step] = row
}
/** How many partitions the one new day made Weft build, of what is kept by day; one of each is what there was to do. */
const dayPartitions = ({ stdout }, datasets) =>
  Object.fromEntries(
    JSON.parse(stdout)
      .runs.flatMap(it => it.datasets)
      .filter(it => datasets.some(({ subject, isByDay }) => isByDay && subject === it.dataset))
      .map(it => [it.dataset.split('.').at(-1), it.partitions?.built]),
  )

const differ = [...new Set(runs.flatMap(it => it.differ))]
const { datasets } = runs[0]
const result = {
  bench: 'mesh32',
  days,
  models: datasets.length,
  byDay: datasets.filter(it => it.isByDay).length,
  rules: datasets.reduce((sum, it) => sum + it.tests.length, 0),
  against: tools.map(([, it]) => it.versions),
  steps: table,
  dayPartitions: dayPartitions(runs[0].found.weft.day, datasets),
  differ,
  targets,
}
console.log(JSON.stringify(result))
console.table(table)
if (differ.length > 0) {
  console.log(`not the same rows: ${differ.join('; ')}`)
  process.exitCode = 1
}
