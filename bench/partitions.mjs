/**
 * A dataset of many partitions, and one more arrives: seconds on the clock of `weft plan` and of the run, and the size of the manifest.
 *
 *   npm run build && node bench/partitions.mjs [--partitions 10000] [--rows 20] [--repeat 3] [--small]
 *
 * `planSeconds` is `weft plan` when a file has come; `decideSeconds` is a run that finds nothing to do, in a process that has the mesh and the
 * catalogue open, so that what it does is to look at all files and partitions.
 */
import { cpSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { inFolder, measuredWeft, median, repository, rounded } from './support/process.mjs'
import { secondsUnchanged } from './support/unchanged.mjs'

const { values: flags } = parseArgs({
  options: {
    partitions: { type: 'string', default: '10000' },
    rows: { type: 'string', default: '20' },
    repeat: { type: 'string', default: '3' },
    small: { type: 'boolean', default: false },
  },
})
const partitions = flags.small ? 200 : Number(flags.partitions)
const rows = Number(flags.rows)
const repeats = flags.small ? 1 : Number(flags.repeat)

const dayMs = 86_400_000
const writeDay = (folder, number) => {
  const day = new Date(Date.UTC(1990, 0, 1) + number * dayMs).toISOString().slice(0, 10)
  const lines = Array.from(
    { length: rows },
    (_, meter) => `${day},${meter},${day} 12:00:00,${(number * 7 + meter * 13) % 1000}.5`,
  )
  writeFileSync(join(folder, `${day}.csv`), `day,meter,read_at,power\n${lines.join('\n')}\n`)
}

/** Bytes of the largest manifest of the project. */
const manifestBytes = project => {
  const files = readdirSync(join(project, '.weft'), { recursive: true, withFileTypes: true })
  const manifests = files.filter(it => it.isFile() && it.parentPath.endsWith('/manifests'))
  return Math.max(...manifests.map(it => statSync(join(it.parentPath, it.name)).size))
}

await inFolder(async folder => {
  const project = join(folder, 'mesh')
  cpSync(join(repository, 'bench/partitions'), project, { recursive: true })
  const data = join(project, 'data')
  mkdirSync(data)
  for (let n = 0; n < partitions; n++) writeDay(data, n)
  const call = (...args) => measuredWeft([...args, '--project', project, '--json'])
  const first = call('apply', '--yes')
  const plans = []
  const runs = []
  for (let n = 0; n < repeats; n++) {
    writeDay(data, partitions + n)
    plans.push(call('plan'))
    runs.push(call('run'))
  }
  const dataset = JSON.parse(runs.at(-1).stdout).runs[0].datasets[0]
  const result = {
    bench: 'partitions',
    partitions,
    rows: partitions * rows,
    firstCpuSeconds: rounded(first.cpu),
    firstSeconds: rounded(first.clock),
    planSeconds: rounded(median(plans.map(it => it.clock))),
    decideSeconds: rounded(await secondsUnchanged(project), 3),
    incrementSeconds: rounded(median(runs.map(it => it.clock))),
    incrementPartitions: dataset.partitions,
    manifestMegabytes: rounded(manifestBytes(project) / 1e6),
    target: { planAndDecideSeconds: 2, manifestMegabytes: 5 },
  }
  console.log(JSON.stringify(result))
  if (dataset.rows !== (partitions + repeats) * rows) throw new Error(`${dataset.rows} rows were published`)
})
