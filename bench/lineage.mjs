/**
 * Column lineage by Weft and by sqlglot, all columns of every statement at once: TPC-H, TPC-DS and generated models. Processor time
 * from texts to lineage, in one run; both must say the same of every column.
 *
 *   npm run build && node bench/lineage.mjs [--models 1000] [--repeat 5] [--small]
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openEngine } from '../dist/engine/index.js'
import { columnLineage, isDirect, parseSelects } from '../dist/sql/index.js'
import { growing, growingTables } from './lineage/large.mjs'
import { generatedModels } from './lineage/models.mjs'
import { inFolder, measured, median, repository, rounded } from './support/process.mjs'
import { tool } from './support/tools.mjs'

const { values: flags } = parseArgs({
  options: {
    models: { type: 'string', default: '1000' },
    repeat: { type: 'string', default: '5' },
    small: { type: 'boolean', default: false },
  },
})
const models = flags.small ? 200 : Number(flags.models)
const repeats = flags.small ? 1 : Number(flags.repeat)
const targets = { ratio: 10, seconds1000: 0.3, seconds10000: 3 }

const cpuSeconds = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

const tablesOf = columns =>
  new Map(
    Object.entries(columns).map(([id, types]) => [
      id,
      { id, columns: Object.entries(types).map(([name, type]) => ({ name, type })) },
    ]),
  )

/** Models of the generator as a group: texts, and tables with the columns of sources and models. */
const modelGroup = count => {
  const { sources, models: made } = generatedModels(count)
  const typed = columns => Object.fromEntries(columns.map(it => [it, 'INTEGER']))
  return {
    texts: made.map(it => it.text),
    tables: Object.fromEntries([...sources, ...made].map(it => [it.name, typed(it.columns)])),
  }
}

/** Texts in lists, so that the trees of one list are gone before the next. Where the processor time goes: the engine's parser, its trees, lineage. */
const textsPerList = 400

const ours = async (session, group) => {
  const tables = tablesOf(group.tables)
  const spent = { parsing: 0, trees: 0, lineage: 0 }
  const lineages = []
  let at = cpuSeconds()
  const lap = part => {
    const now = cpuSeconds()
    spent[part] += now - at
    at = now
  }
  for (let from = 0; from < group.texts.length; from += textsPerList) {
    const parse = async texts => {
      const parsed = await session.parse(texts)
      lap('parsing')
      return parsed
    }
    const selects = await parseSelects(parse, group.texts.slice(from, from + textsPerList))
    const failed = selects.findIndex(it => !it.ok)
    if (failed >= 0) throw new Error(`${selects[failed].message} in\n${group.texts[from + failed]}`)
    lap('trees')
    for (const select of selects) lineages.push(columnLineage(select, parts => tables.get(parts.at(-1).toLowerCase())))
    lap('lineage')
  }
  return { ...spent, cpu: spent.parsing + spent.trees + spent.lineage, lineages }
}

/** What they say otherwise of a column. sqlglot does not tell what makes a value from what decides about it. */
const disagreements = (lineages, theirs) => {
  const wrong = []
  let columns = 0
  for (const [at, lineage] of lineages.entries())
    for (const { name, inputs } of lineage.columns) {
      columns++
      const of = some => new Set(some.map(it => `${it.table}.${it.path[0]}`.toLowerCase()))
      const [made, all] = [of(inputs.filter(it => isDirect(it.how))), of(inputs)]
      // Columns without a name have one that sqlglot makes, and of two with the same name it keeps one.
      const named = lineage.columns.filter(it => it.name.toLowerCase() === name.toLowerCase())
      const place = lineage.columns.findIndex(it => it.name === name)
      const other = theirs[at][name.toLowerCase()] ?? Object.values(theirs[at])[place]
      if (named.length > 1) continue
      const isAlike = other.every(it => all.has(it)) && [...made].every(it => other.includes(it))
      if (!isAlike) wrong.push(`statement ${at}, ${name}: weft ${[...all].join(' ')}, sqlglot ${other.join(' ')}`)
    }
  return { columns, wrong }
}

const sqlglot = tool('sqlglot')
await inFolder(async folder => {
  const groups = {}
  if (sqlglot !== undefined) {
    const { stdout } = measured(sqlglot.python, [join(repository, 'test/lineage/tpc.py')], { env: sqlglot.env })
    for (const [name, it] of Object.entries(JSON.parse(stdout)))
      groups[name] = { texts: it.queries.map(one => one.sql), tables: it.tables }
  }
  groups.models = modelGroup(models)
  const engine = await openEngine('duckdb')
  const session = await engine.open({ memory: 512 * 1024 ** 2, threads: 2, scratch: folder })
  // The first statements of a process are slower, until they are compiled: sqlglot[c] is compiled when it is installed.
  for (let time = 0; time < 3; time++) await ours(session, modelGroup(1000))
  const table = {}
  const disagree = []
  const theirs = {}
  if (sqlglot !== undefined) {
    const [asked, answered] = [join(folder, 'asked.json'), join(folder, 'answered.json')]
    writeFileSync(asked, JSON.stringify(groups))
    const script = join(repository, 'bench/lineage/sqlglot_bench.py')
    for (let time = 0; time < repeats; time++) {
      measured(sqlglot.python, [script, asked, answered], { env: sqlglot.env })
      for (const [name, it] of Object.entries(JSON.parse(readFileSync(answered, 'utf8')))) {
        theirs[name] ??= { cpu: [], columns: it.columns }
        theirs[name].cpu.push(it.cpu)
      }
    }
  }
  if (!flags.small) groups['10 times the models'] = modelGroup(models * 10)
  for (const [name, group] of Object.entries(groups)) {
    const times = []
    // A process that goes on working has compiled what it needs: few statements are repeated until they are some thousand.
    const rounds = Math.max(repeats, Math.ceil((repeats * 1000) / group.texts.length))
    for (let time = 0; time < rounds; time++) {
      const { lineages, ...spent } = await ours(session, group)
      times.push(spent)
      if (time === 0 && theirs[name] !== undefined) {
        const { columns, wrong } = disagreements(lineages, theirs[name].columns)
        table[name] = { statements: group.texts.length, columns }
        disagree.push(...wrong.map(it => `${name}: ${it}`))
      }
    }
    const middle = key => median(times.map(it => it[key]))
    table[name] ??= { statements: group.texts.length }
    table[name]['weft, the first time'] = rounded(times[0].cpu, 3)
    table[name]['weft cpu s'] = rounded(middle('cpu'), 4)
    for (const key of ['parsing', 'trees', 'lineage']) table[name][key] = rounded(middle(key), 4)
    if (theirs[name] === undefined) continue
    table[name]['sqlglot cpu s'] = rounded(median(theirs[name].cpu), 3)
    table[name]['sqlglot/weft'] = rounded(median(theirs[name].cpu) / middle('cpu'), 1)
  }
  const growth = {}
  for (const [name, { text, sizes }] of Object.entries(growing)) {
    const seconds = []
    for (const size of sizes) {
      const times = []
      for (let time = 0; time < repeats; time++)
        times.push((await ours(session, { texts: [text(size)], tables: growingTables })).lineage)
      // The least of them: the first ones are not compiled yet.
      seconds.push(Math.min(...times))
    }
    growth[name] = { sizes: sizes.join(' '), 'lineage cpu ms': seconds.map(it => rounded(it * 1000, 1)).join(' ') }
  }
  await session.close()
  console.log(
    JSON.stringify({ bench: 'lineage', against: sqlglot?.versions, groups: table, growth, disagree, targets }),
  )
  console.table(table)
  console.table(growth)
  if (disagree.length > 0) {
    console.log(`not the same columns: ${disagree.length}, ${disagree.slice(0, 5).join('; ')}`)
    process.exitCode = 1
  }
})
