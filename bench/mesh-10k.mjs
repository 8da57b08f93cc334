/**
 * What `weft plan` costs on a mesh of many products: processor seconds of the whole process and its peak of memory, for the very first plan, then
 * with everything applied: without caches, with nothing changed, and with a column of a contract removed and a model edited.
 *
 *   npm run build && node bench/mesh-10k.mjs [--products 10000] [--repeat 3] [--folder <kept>] [--no-first]
 *
 * A kept folder is generated and applied once; without one, that is done anew each time.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { contractFile, generate, modelFile } from './mesh10k/generate.mjs'
import { inFolder, measuredWeft, median, repository, rounded } from './support/process.mjs'

const { values: flags } = parseArgs({
  options: {
    products: { type: 'string', default: '10000' },
    repeat: { type: 'string', default: '3' },
    folder: { type: 'string' },
    'no-first': { type: 'boolean', default: false },
  },
})
const count = Number(flags.products)
const targets = { firstCpu: 8, coldCpu: 8, unchangedCpu: 1, changedCpu: 1, rssMb: 700 }

const withFolder = work => (flags.folder === undefined ? inFolder(work) : work(flags.folder))

const bench = folder => {
  const project = join(folder, 'mesh')
  const state = join(project, '.weft')
  const rssFile = join(folder, 'rss')
  const plan = (expect = [0]) => {
    const env = {
      ...process.env,
      WEFT_BENCH_RSS: rssFile,
      NODE_OPTIONS: `--require ${join(repository, 'bench/support/rss.cjs')}`,
    }
    const { cpu, clock, stdout } = measuredWeft(['plan', '--json', '--project', project], { expect, env })
    return { cpu, clock, rssMb: Number(readFileSync(rssFile, 'utf8')) / 1024, plan: JSON.parse(stdout) }
  }
  const repeated = (...args) => Array.from({ length: Number(flags.repeat) }, () => plan(...args))
  const figures = all => ({
    cpu: rounded(median(all.map(it => it.cpu))),
    clock: rounded(median(all.map(it => it.clock))),
    rssMb: Math.round(Math.max(...all.map(it => it.rssMb))),
  })
  const result = { bench: 'mesh-10k', products: count }
  const marker = join(folder, `applied-${count}`)
  const products = generate(project, count)
  if (!existsSync(marker)) {
    rmSync(state, { recursive: true, force: true })
    const first = flags['no-first'] ? undefined : plan()
    if (first !== undefined) result.first = { ...figures([first]), steps: first.plan.steps.length }
    rmSync(state, { recursive: true, force: true })
    const started = performance.now()
    const applied = spawnSync(process.execPath, [join(repository, 'bench/mesh10k/apply.mjs'), project], {
      stdio: 'inherit',
    })
    if (applied.status !== 0) throw new Error('the mesh could not be applied')
    result.applyClock = rounded((performance.now() - started) / 1000, 0)
    writeFileSync(marker, '')
  }
  rmSync(join(state, 'dev', 'cache'), { recursive: true, force: true })
  const cold = plan()
  expectSame('cold', cold.plan.changes.length + cold.plan.steps.length, 0)
  result.cold = figures([cold])
  const unchanged = repeated()
  for (const it of unchanged) expectSame('unchanged', it.plan.changes.length + it.plan.steps.length, 0)
  result.unchanged = figures(unchanged)

  // The last column of the first product, which many read, and the model of one in the middle.
  const [hub] = products
  const column = hub.columns.at(-1).name
  const file = contractFile(project, hub)
  const contract = readFileSync(file, 'utf8')
  const edited = modelFile(project, products[Math.floor(count / 2) + 1])
  const model = readFileSync(edited, 'utf8')
  const readers = products.filter(it =>
    readFileSync(modelFile(project, it), 'utf8').includes(`in_${hub.index}.`),
  ).length
  try {
    writeFileSync(file, contract.replace(new RegExp(` {6}- id: ${column}\\n( {8}.*\\n)+`), ''))
    writeFileSync(edited, model.replace("date '2021-01-01'", "date '2022-01-01'"))
    const changed = repeated([0, 1, 2, 3, 4])
    result.changed = figures(changed)
    const { changes, consequences } = changed[0].plan
    result.changes = changes.map(it => `${it.class} ${it.kind} ${it.subject}`)
    result.consequences = consequences.length
    result.readersOfProduct = readers
  } finally {
    writeFileSync(file, contract)
    writeFileSync(edited, model)
  }
  console.log(JSON.stringify({ ...result, targets }))
}

const expectSame = (what, found, expected) => {
  if (found !== expected) throw new Error(`${what}: ${found} changes and steps where ${expected} were expected`)
}

await withFolder(async folder => bench(folder))
