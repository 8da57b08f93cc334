import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hashText } from '../base/index.ts'
import { hashFile, openStorage, type Storage, type StoredObject } from './index.ts'

let outside: string
let root: string
let storage: Storage

beforeEach(async () => {
  outside = await mkdtemp(join(tmpdir(), 'weft-storage-'))
  root = join(outside, 'storage')
  storage = await openStorage('storage', outside)
})
afterEach(() => rm(outside, { recursive: true, force: true }))

const textOf = async (key: string): Promise<string> => Buffer.from(await storage.get(key)).toString()

const listed = async (prefix: string): Promise<StoredObject[]> => {
  const found: StoredObject[] = []
  for await (const one of storage.list(prefix)) found.push(one)
  return found
}

/** Everything below the folder, temporary files too. */
const filesBelow = async (folder: string): Promise<string[]> => {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true })
  return entries.filter(entry => entry.isFile()).map(entry => entry.name)
}

describe('opening', () => {
  it('takes a path, relative or not, and a file URL for the same folder', async () => {
    await storage.put('a', 'one')
    for (const url of [root, pathToFileURL(root).href])
      expect(await (await openStorage(url, '/nowhere')).head('a')).toEqual({ key: 'a', bytes: 3 })
    expect(storage.url).toBe('storage')
  })

  it('refuses a scheme that it does not know, and a folder that cannot be made', async () => {
    expect(() => openStorage('s3://bucket/x', outside)).toThrow(
      expect.objectContaining({ code: 'storage.unknown-scheme' }),
    )
    await writeFile(join(outside, 'file'), '')
    await expect(openStorage('file/below', outside)).rejects.toMatchObject({ code: 'storage.unreachable' })
  })
})

describe('creating', () => {
  it('creates a file once, and keeps the first', async () => {
    expect(await storage.put('sales/a.json', 'one')).toBe('created')
    expect(await storage.put('sales/a.json', 'two')).toBe('exists')
    expect(await textOf('sales/a.json')).toBe('one')
    expect(await filesBelow(root)).toEqual(['a.json'])
  })

  it('lets one of many writers at once create, and what that one wrote stays', async () => {
    const contents = Array.from({ length: 20 }, (_, index) => `${index}`.repeat(50_000))
    const outcomes = await Promise.all(contents.map(content => storage.put('deep/down/a', content)))
    expect(outcomes.filter(outcome => outcome === 'created')).toHaveLength(1)
    expect(await textOf('deep/down/a')).toBe(contents[outcomes.indexOf('created')])
  })

  it('moves a finished file in place, or drops it where the key is taken', async () => {
    const scratch = await storage.scratch('run')
    const sources = [join(scratch, 'one'), join(scratch, 'two')]
    for (const source of sources) await writeFile(source, source)
    expect(await storage.putFile('a', sources[0] ?? '')).toBe('created')
    expect(await storage.putFile('a', sources[1] ?? '')).toBe('exists')
    expect(await textOf('a')).toBe(sources[0])
    expect(await readdir(scratch)).toEqual([])
  })

  it('says that a finished file is not there', async () => {
    await expect(storage.putFile('a', join(outside, 'nowhere'))).rejects.toMatchObject({ code: 'storage.not-found' })
  })

  it('keeps bytes as they are', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index)
    await storage.put('bytes', bytes)
    expect([...(await storage.get('bytes'))]).toEqual([...bytes])
    expect(await hashFile(await storage.localPath('bytes'))).toEqual({ sha256: hashText(bytes), bytes: 256 })
  })

  it('refuses a key below a file, and a file where a folder is', async () => {
    await storage.put('a/b', 'one')
    await expect(storage.put('a/b/c', 'two')).rejects.toMatchObject({ code: 'storage.unreachable' })
    expect(await storage.put('a', 'three')).toBe('exists')
    await expect(storage.get('a')).rejects.toMatchObject({ code: 'storage.not-found' })
  })
})

describe('reading', () => {
  it.each([
    [0, 4, '0123'],
    [3, 7, '3456'],
    [8, 99, '89'],
    [20, 30, ''],
    [5, 5, ''],
  ])('gives the bytes from %i to before %i', async (start, end, expected) => {
    await storage.put('digits', '0123456789')
    expect(Buffer.from(await storage.get('digits', { start, end })).toString()).toBe(expected)
  })

  it('says that a file is not there, and what its size is where it is', async () => {
    await expect(storage.get('nowhere')).rejects.toMatchObject({ code: 'storage.not-found' })
    expect(await storage.head('nowhere')).toBeUndefined()
    await storage.put('folder/a', 'ä')
    expect(await storage.head('folder')).toBeUndefined()
    expect(await storage.head('folder/a')).toEqual({ key: 'folder/a', bytes: 2 })
  })

  it('lists in order of the key, by whole and partial prefixes, without temporary files', async () => {
    for (const key of ['b/2', 'b/10', 'a', 'b/c/d', 'bb', 'b.x']) await storage.put(key, key)
    await writeFile(join(await storage.scratch('run'), 'unfinished'), '')
    await writeFile(join(root, '.tmp', 'x.part'), '')
    const keys = async (prefix: string): Promise<string[]> => (await listed(prefix)).map(one => one.key)
    expect(await keys('')).toEqual(['a', 'b.x', 'b/10', 'b/2', 'b/c/d', 'bb'])
    expect(await keys('b/')).toEqual(['b/10', 'b/2', 'b/c/d'])
    expect(await keys('b/1')).toEqual(['b/10'])
    expect(await keys('nowhere/')).toEqual([])
    expect(await listed('b/c/')).toEqual([{ key: 'b/c/d', bytes: 5 }])
  })

  it('gives a path at which the file is', async () => {
    await storage.put('a/b', 'one')
    expect(await readFile(await storage.localPath('a/b'), 'utf8')).toBe('one')
  })
})

describe('removing', () => {
  it('removes a file; one that is not there is no error', async () => {
    await storage.put('a', 'one')
    await storage.remove('a')
    await storage.remove('a')
    expect(await storage.head('a')).toBeUndefined()
    expect(await storage.put('a', 'two')).toBe('created')
  })

  it('keeps scratch folders by run until they are removed', async () => {
    const scratch = await storage.scratch('run-2')
    await writeFile(join(scratch, 'x'), '')
    expect(await storage.scratch('run-2')).toBe(scratch)
    await storage.scratch('run-1')
    expect(await storage.listScratch()).toEqual(['run-1', 'run-2'])
    await storage.removeScratch('run-2')
    await storage.removeScratch('run-2')
    expect(await storage.listScratch()).toEqual(['run-1'])
    expect((await stat(root)).dev).toBe((await stat(await storage.scratch('run-1'))).dev)
  })

  it('sweeps what dead writers left and nothing else', async () => {
    await storage.put('a', 'one')
    await writeFile(join(await storage.scratch('run'), 'x.part'), '')
    const left = join(root, '.tmp', 'dead.part')
    await writeFile(left, 'half')
    await utimes(left, 0, 0)
    await storage.sweepDrafts()
    expect((await filesBelow(root)).sort()).toEqual(['a', 'x.part'])
  })
})

describe('keys that lead elsewhere', () => {
  const bad = [
    '',
    '..',
    '../x',
    'a/../../x',
    'a/./b',
    'a//b',
    '/etc/passwd',
    'a/',
    'a\\..\\x',
    'a\0b',
    '.tmp/x.part',
    '.tmp',
  ]

  it.each(bad)('refuses %j in every way', async key => {
    const source = join(outside, 'source')
    await writeFile(source, 'mine')
    for (const work of [
      () => storage.put(key, 'x'),
      () => storage.putFile(key, source),
      () => storage.get(key),
      () => storage.head(key),
      () => storage.remove(key),
      () => storage.localPath(key),
    ])
      await expect(work()).rejects.toMatchObject({ code: 'storage.bad-key' })
    expect(await readFile(source, 'utf8')).toBe('mine')
  })

  it.each(['../', 'a/../../', '/'])('lists nothing below %j', async prefix => {
    await writeFile(join(outside, 'secret'), '')
    await expect(listed(prefix)).rejects.toMatchObject({ code: 'storage.bad-key' })
  })

  it.each(['', '..', '../..', 'a/b', '.'])('has no scratch folder for the run %j', async runId => {
    await storage.put('a', 'one')
    await expect(storage.scratch(runId)).rejects.toMatchObject({ code: 'storage.bad-key' })
    await expect(storage.removeScratch(runId)).rejects.toMatchObject({ code: 'storage.bad-key' })
    expect(await textOf('a')).toBe('one')
  })

  it('follows no link out of the folder, in no way', async () => {
    await mkdir(join(outside, 'other'))
    await writeFile(join(outside, 'other', 'secret'), 'secret')
    await symlink(join(outside, 'other'), join(root, 'folder'))
    await symlink(join(outside, 'other', 'secret'), join(root, 'file'))
    for (const work of [
      () => storage.get('folder/secret'),
      () => storage.get('file'),
      () => storage.head('file'),
      () => storage.put('folder/new', 'x'),
      () => storage.remove('folder/secret'),
      () => storage.localPath('folder/secret'),
      () => listed('folder/'),
    ])
      await expect(work()).rejects.toMatchObject({ code: 'storage.bad-key' })
    expect(await listed('')).toEqual([])
    expect(await readdir(join(outside, 'other'))).toEqual(['secret'])
  })

  it('may itself be reached by a link', async () => {
    await symlink(root, join(outside, 'link'))
    const linked = await openStorage(join(outside, 'link'), outside)
    expect(await linked.put('a/b', 'one')).toBe('created')
    expect(await textOf('a/b')).toBe('one')
  })
})
