import { existsSync } from 'node:fs'
import { lstat, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../../test/support/mesh.ts'
import { linkFiles, makeFolder, removeFolder } from './folder.ts'

const other = '/dev/shm'
const isOther = existsSync(other) && (await stat(other)).dev !== (await stat(tmpdir())).dev

test.skipIf(!isOther)('of another file system our files are copied, a source’s are linked and stay', async () => {
  const lake = await mkdtemp(join(other, 'weft-test-'))
  try {
    const [ours, theirs] = [join(lake, 'ours.parquet'), join(lake, 'theirs.parquet')]
    await writeFile(ours, 'ours')
    await writeFile(theirs, 'theirs')
    const folder = await makeFolder(await temporaryFolder())
    const linked = await linkFiles(folder, [ours, theirs], new Set([theirs]))
    const isLink = async (file: string) => (await lstat(linked.get(file) ?? '')).isSymbolicLink()
    expect([await isLink(ours), await isLink(theirs)]).toEqual([false, true])
    expect(await readFile(linked.get(theirs) ?? '', 'utf8')).toBe('theirs')
    await removeFolder(folder)
    expect([existsSync(folder), await readFile(theirs, 'utf8')]).toEqual([false, 'theirs'])
  } finally {
    await rm(lake, { recursive: true })
  }
})

test('a source’s file that is a link to one beside it is read through it', async () => {
  const lake = await temporaryFolder()
  await writeFile(join(lake, 'a-1.parquet'), 'newest')
  await symlink('a-1.parquet', join(lake, 'a.parquet'))
  const folder = await makeFolder(await temporaryFolder())
  const linked = await linkFiles(folder, [join(lake, 'a.parquet')], new Set([join(lake, 'a.parquet')]))
  expect(await readFile(linked.get(join(lake, 'a.parquet')) ?? '', 'utf8')).toBe('newest')
  await removeFolder(folder)
})
