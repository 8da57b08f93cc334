/** Storage in a folder. A file is written to a temporary name, synced, and linked to its key: it is there whole or not at all, and never overwritten. */
import { createHash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { copyFile, link, mkdir, open, readdir, realpath, rm, stat, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { freeSpace, isDiskFull, problem, WeftError } from '../base/index.ts'
import { storageProblems } from './problems.ts'
import type { Storage, StoredObject } from './storage.ts'

const temporary = '.tmp'

/** Opens a folder as storage; makes it where it is missing. */
export const openFolder = async (url: string, folder: string): Promise<Storage> => {
  try {
    await mkdir(join(folder, temporary, 'runs'), { recursive: true })
    return new Folder(url, folder, await realpath(folder))
  } catch (error) {
    throw failure(error, url, folder)
  }
}

class Folder implements Storage {
  readonly url: string
  private readonly folder: string
  /** The folder without links: what is below must be where its key says. */
  private readonly real: string

  constructor(url: string, folder: string, real: string) {
    this.url = url
    this.folder = folder
    this.real = real
  }

  async put(key: string, content: string | Uint8Array): Promise<'created' | 'exists'> {
    const path = await this.path(key)
    const draft = join(this.folder, temporary, `${randomBytes(9).toString('hex')}.part`)
    try {
      const file = await open(draft, 'wx')
      try {
        await file.writeFile(content)
        await file.sync()
      } finally {
        await file.close()
      }
      return await this.place(draft, path)
    } catch (error) {
      throw failure(error, key, this.folder)
    } finally {
      await rm(draft, { force: true })
    }
  }

  async putFile(key: string, source: string): Promise<'created' | 'exists'> {
    const path = await this.path(key)
    try {
      await sync(source)
      const outcome = await this.place(source, path).catch(async error => {
        if (!isCode(error, 'EXDEV')) throw error
        const draft = join(this.folder, temporary, `${randomBytes(9).toString('hex')}.part`)
        await copyFile(source, draft)
        await sync(draft)
        return this.place(draft, path).finally(() => rm(draft, { force: true }))
      })
      await rm(source, { force: true })
      return outcome
    } catch (error) {
      throw failure(error, key, this.folder)
    }
  }

  private async place(draft: string, path: string): Promise<'created' | 'exists'> {
    await mkdir(dirname(path), { recursive: true })
    try {
      await link(draft, path)
    } catch (error) {
      if (isCode(error, 'EEXIST')) return 'exists'
      throw error
    }
    await sync(dirname(path))
    return 'created'
  }

  async get(key: string, range?: { readonly start: number; readonly end: number }): Promise<Uint8Array> {
    try {
      const file = await open(await this.path(key), 'r')
      try {
        if (range === undefined) return await file.readFile()
        const bytes = new Uint8Array(Math.max(0, range.end - range.start))
        const { bytesRead } = await file.read(bytes, 0, bytes.length, range.start)
        return bytes.subarray(0, bytesRead)
      } finally {
        await file.close()
      }
    } catch (error) {
      throw failure(error, key, this.folder)
    }
  }

  async head(key: string): Promise<StoredObject | undefined> {
    const found = await stat(await this.path(key)).catch(() => undefined)
    return found?.isFile() ? { key, bytes: found.size } : undefined
  }

  async *list(prefix: string): AsyncIterable<StoredObject> {
    const from = prefix.slice(0, prefix.lastIndexOf('/') + 1)
    if (from !== '') await this.path(from.slice(0, -1))
    for (const key of await this.keysBelow(from)) {
      if (!key.startsWith(prefix)) continue
      const found = await this.head(key)
      if (found !== undefined) yield found
    }
  }

  private async keysBelow(folder: string): Promise<string[]> {
    const entries = await readdir(join(this.folder, folder), { withFileTypes: true }).catch(() => [])
    const found: string[] = []
    for (const entry of entries) {
      if (folder === '' && entry.name === temporary) continue
      const key = `${folder}${entry.name}`
      if (entry.isDirectory()) found.push(...(await this.keysBelow(`${key}/`)))
      else if (entry.isFile()) found.push(key)
    }
    return found.sort()
  }

  async remove(key: string): Promise<void> {
    await unlink(await this.path(key)).catch(error => {
      if (!isCode(error, 'ENOENT')) throw failure(error, key, this.folder)
    })
  }

  async localPath(key: string): Promise<string> {
    return this.path(key)
  }

  async scratch(runId: string): Promise<string> {
    const folder = this.runFolder(runId)
    await mkdir(folder, { recursive: true }).catch(error => {
      throw failure(error, runId, this.folder)
    })
    return folder
  }

  async listScratch(): Promise<string[]> {
    return (await readdir(join(this.folder, temporary, 'runs')).catch(() => [])).sort()
  }

  async removeScratch(runId: string): Promise<void> {
    await rm(this.runFolder(runId), { recursive: true, force: true })
  }

  async sweepDrafts(): Promise<void> {
    for (const name of await readdir(join(this.folder, temporary)).catch(() => [])) {
      if (name.endsWith('.part')) await rm(join(this.folder, temporary, name), { force: true })
    }
  }

  private runFolder(runId: string): string {
    if (!isKey(runId) || runId.includes('/')) throw badKey(runId)
    return join(this.folder, temporary, 'runs', runId)
  }

  /** Where a key's file is. No link may lead it to another place, for instance out of the folder. */
  private async path(key: string): Promise<string> {
    if (!isKey(key) || key.split('/')[0] === temporary) throw badKey(key)
    for (let part = key; part !== '.'; part = dirname(part)) {
      const found = await realpath(join(this.folder, part)).catch(() => undefined)
      if (found === undefined) continue
      if (found !== join(this.real, part)) throw badKey(key)
      break
    }
    return join(this.folder, key)
  }
}

const isKey = (key: string): boolean =>
  !key.includes('\\') &&
  !key.includes('\0') &&
  key.split('/').every(part => part !== '' && part !== '.' && part !== '..')

const badKey = (key: string): WeftError =>
  new WeftError('invalid', problem(storageProblems, 'storage.bad-key', `"${key}" is no name for a file of the storage`))

const sync = async (path: string): Promise<void> => {
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code

const failure = (error: unknown, what: string, folder: string): unknown => {
  if (error instanceof WeftError) return error
  if (isCode(error, 'ENOENT') || isCode(error, 'EISDIR'))
    return new WeftError('failed', problem(storageProblems, 'storage.not-found', `${what} is not in the storage`), {
      cause: error,
    })
  if (isDiskFull(error))
    return new WeftError(
      'failed',
      problem(storageProblems, 'storage.disk-full', `the disk is full: ${what} was not written`, {
        found: freeSpace(folder),
      }),
      { cause: error },
    )
  const refusals = ['EACCES', 'EROFS', 'EPERM', 'ENOTDIR', 'EEXIST', 'ENAMETOOLONG', 'ELOOP']
  if (refusals.some(code => isCode(error, code))) {
    return new WeftError(
      'unreachable',
      problem(storageProblems, 'storage.unreachable', `the storage refuses ${what}`),
      { cause: error },
    )
  }
  return error
}

/** SHA-256 and size of a file, read as a stream. */
export const hashFile = async (path: string): Promise<{ readonly sha256: string; readonly bytes: number }> => {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
    hash.update(chunk)
    bytes += chunk.length
  }
  return { sha256: hash.digest('hex'), bytes }
}
