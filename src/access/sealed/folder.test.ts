import { existsSync } from 'node:fs'
import { lstat, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
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
