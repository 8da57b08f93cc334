/**
 * How long a person waits: `weft --version`, `weft check` on the example, beside a bare `node -e 0`. Seconds on the clock, median; run it on an idle machine.
 *
 *   node bench/startup.mjs [--repeat 9]
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const repository = fileURLToPath(new URL('..', import.meta.url))
const weft = join(repository, 'bin', 'weft.cjs')
const { values } = parseArgs({ options: { repeat: { type: 'string', default: '9' } } })

const median = list => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)]
const clock = args => {
  const started = performance.now()
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`)
  return performance.now() - started
}
const ms = args => Math.round(median(Array.from({ length: Number(values.repeat) }, () => clock(args))))

const result = {
  bench: 'startup',
  nodeMs: ms(['-e', '0']),
  versionMs: ms([weft, '--version']),
  checkMs: ms([weft, 'check', '--project', join(repository, 'examples/shop')]),
  target: { versionMs: 150, checkMs: 500 },
}
console.log(JSON.stringify(result))
