/**
 * A build of the example shop against a plain DuckDB script with the same SQL that writes the same Parquet, without any check.
 * CPU time of both in the same run, as a ratio; then a second run with nothing changed, in seconds on the clock.
 *
 *   node bench/build.mjs [--lines 5000000] [--repeat 3]
 */
import { spawnSync } from 'node:child_process'
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { inFolder, measured, measuredWeft, median, repository } from './support/process.mjs'
import { secondsUnchanged } from './support/unchanged.mjs'

const { values } = parseArgs({
  options: { lines: { type: 'string', default: '5000000' }, repeat: { type: 'string', default: '3' } },
})
await inFolder(async folder => {
  const shop = join(folder, 'shop')
  cpSync(join(repository, 'examples/shop'), shop, {
    recursive: true,
    filter: path => !/\/(\.weft|data)(\/|$)/.test(path.slice(repository.length)),
  })
  spawnSync(process.execPath, [join(shop, 'generate.mjs'), '--lines', values.lines], { stdio: 'inherit' })
  const figures = []
  for (let n = 0; n < Number(values.repeat); n++) {
    const out = join(folder, `plain-${n}`)
    const byHand = measured(process.execPath, [join(repository, 'bench/plain-shop.mjs'), shop, out])
    rmSync(join(shop, '.weft'), { recursive: true, force: true })
    const byWeft = measuredWeft(['apply', '--yes', '--project', shop, '--json'])
    const again = measuredWeft(['run', '--project', shop, '--json'])
    figures.push({ byHand, byWeft, again, warm: await secondsUnchanged(shop) })
    rmSync(out, { recursive: true })
  }
  const ratio = median(figures.map(it => it.byWeft.cpu / it.byHand.cpu))
  const result = {
    bench: 'build',
    lines: Number(values.lines),
    plainCpuSeconds: median(figures.map(it => it.byHand.cpu)),
    weftCpuSeconds: median(figures.map(it => it.byWeft.cpu)),
    cpuRatio: Number(ratio.toFixed(2)),
    plainClockSeconds: Number(median(figures.map(it => it.byHand.clock)).toFixed(2)),
    weftClockSeconds: Number(median(figures.map(it => it.byWeft.clock)).toFixed(2)),
    unchangedClockSeconds: Number(median(figures.map(it => it.again.clock)).toFixed(2)),
    unchangedOpenSeconds: Number(median(figures.map(it => it.warm)).toFixed(3)),
    target: { cpuRatio: 1.3, unchangedClockSeconds: 0.5 },
  }
  console.log(JSON.stringify(result))
})
