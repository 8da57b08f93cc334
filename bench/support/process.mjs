/** What the benches share: processor time of other programs, medians, a folder that goes away again. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const repository = fileURLToPath(new URL('../..', import.meta.url))
export const weft = join(repository, 'bin', 'weft.cjs')

/** CPU seconds (user and system) of all children that have ended, with theirs, from the process's own accounting. */
const childSeconds = () => {
  // Fields 16 and 17 of /proc/<pid>/stat, in hundredths of a second on every usual Linux.
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/\(.*\)/, 'name')
    .split(' ')
  return (Number(fields[15]) + Number(fields[16])) / 100
}

/** CPU seconds, seconds on the clock and output of a command; throws where it ends with another code than the expected ones. */
export const measured = (program, args, { expect = [0], ...options } = {}) => {
  const before = childSeconds()
  const started = performance.now()
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 1e9, ...options })
  if (error !== undefined) throw error
  if (!expect.includes(status))
    throw new Error(
      `${program} ${args.join(' ')} ended with ${status}:\n${stdout.slice(-4000)}\n${stderr.slice(-4000)}`,
    )
  return { cpu: childSeconds() - before, clock: (performance.now() - started) / 1000, status, stdout, stderr }
}

export const measuredWeft = (args, options) => measured(process.execPath, [weft, ...args], options)

export const median = values => [...values].sort((a, b) => a - b)[values.length >> 1]

export const rounded = (value, digits = 2) => Number(value.toFixed(digits))

/** Gives a new folder to the work and removes it afterwards, unless the environment says WEFT_BENCH_KEEP. */
export const inFolder = async work => {
  const folder = mkdtempSync(join(tmpdir(), 'weft-bench-'))
  try {
    return await work(folder)
  } finally {
    if (process.env.WEFT_BENCH_KEEP === undefined) rmSync(folder, { recursive: true, force: true })
    else console.log(`kept ${folder}`)
  }
}
