/** Tools in Python that Weft is compared with, each in an environment of its own in the folder for caches. */
import { execFile } from 'node:child_process'
import { access, mkdir, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const minutes = 60_000

/** Python with these releases from PyPI, installed on first use; or why there is none. */
export const pythonWith = async (
  name: string,
  releases: readonly string[],
): Promise<{ readonly path: string } | { readonly reason: string }> => {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache')
  const folder = join(cache, name, releases.join('+').replace(/[^a-z0-9.]+/g, '-'))
  const path = join(folder, 'bin', 'python')
  const isThere = await access(path).then(
    () => true,
    () => false,
  )
  if (isThere) return { path }
  const making = `${folder}.${process.pid}`
  try {
    await mkdir(dirname(folder), { recursive: true })
    await run('python3', ['-m', 'venv', '--copies', making], { timeout: 5 * minutes })
    await run(join(making, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', ...releases], {
      timeout: 10 * minutes,
    })
    await rename(making, folder)
    return { path }
  } catch (error) {
    await rm(making, { recursive: true, force: true })
    return { reason: String(error instanceof Error ? error.message : error).split('\n')[0] ?? '' }
  }
}
