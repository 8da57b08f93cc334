/** Python with the other tool, kept in the folder for caches. */
import { execFile } from 'node:child_process'
import { access, mkdir, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

const release = 'datacontract-cli[duckdb]==1.2.8'
const run = promisify(execFile)
const minutes = 60_000

/** Its path; or why there is none. */
export const python = async (): Promise<{ readonly path: string } | { readonly reason: string }> => {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache')
  const folder = join(cache, 'weft-parity', release.replace(/[^a-z0-9.]+/g, '-'))
  const path = join(folder, 'bin', 'python')
  if (
    await access(path).then(
      () => true,
      () => false,
    )
  )
    return { path }
  const making = `${folder}.${process.pid}`
  try {
    await mkdir(dirname(folder), { recursive: true })
    await run('python3', ['-m', 'venv', '--copies', making], { timeout: 5 * minutes })
    await run(join(making, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', release], { timeout: 10 * minutes })
    await rename(making, folder)
    return { path }
  } catch (error) {
    await rm(making, { recursive: true, force: true })
    return { reason: String(error instanceof Error ? error.message : error).split('\n')[0] ?? '' }
  }
}
