/** The folder of one reader's process: read-only links to exactly the files that its statement reads. */
import { constants } from 'node:fs'
import { chmod, copyFile, link, mkdir, mkdtemp, readdir, realpath, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { isAlive } from '../../base/index.ts'

const prefix = 'query-'

/** A new folder, named for the process that will remove it. */
export const makeFolder = async (scratch: string): Promise<string> => {
  await mkdir(scratch, { recursive: true })
  const folder = await mkdtemp(join(scratch, `${prefix}${process.pid}-`))
  await mkdir(join(folder, 'data'))
  await mkdir(join(folder, 'spill'))
  return folder
}

/**
 * Links the files into the folder; gives the new paths by the old ones. Where a link is impossible (another file system, another owner) they are copied,
 * since they may go meanwhile; those of `referenced` are a source's, as large as they like and compared behind the last row: they get symbolic links.
 */
export const linkFiles = async (
  folder: string,
  files: readonly string[],
  referenced: ReadonlySet<string>,
): Promise<Map<string, string>> => {
  const linked = new Map<string, string>()
  for (const [index, file] of [...new Set(files)].entries()) {
    const path = join(folder, 'data', `${index}.parquet`)
    // A link to a link would lead from here.
    const real = referenced.has(file) ? await realpath(file).catch(() => file) : file
    await link(real, path).catch(() =>
      referenced.has(file) ? symlink(real, path) : copyFile(file, path, constants.COPYFILE_FICLONE),
    )
    linked.set(file, path)
  }
  // No file can be added or replaced any more; the links share their mode with the storage, so it is left as it is.
  await chmod(join(folder, 'data'), 0o500)
  return linked
}

export const removeFolder = async (folder: string): Promise<void> => {
  await chmod(join(folder, 'data'), 0o700).catch(() => {})
  await rm(folder, { recursive: true, force: true, maxRetries: 3 })
}

/** Removes what processes that are gone left behind; to be called at start. */
export const sweepQueries = async (scratch: string): Promise<number> => {
  const names = await readdir(scratch).catch(() => [])
  const left = names.filter(name => {
    const pid = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1]
    return pid !== undefined && !isAlive(Number(pid))
  })
  for (const name of left) await removeFolder(join(scratch, name))
  return left.length
}
