import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { previewPrefix, sweepPreviews } from './sweep.ts'

test('previews of processes of this machine that are gone are removed, and nothing else', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'weft-sweep-'))
  try {
    const gone = String(spawnSync(process.execPath, ['--version']).pid)
    const own = String(process.pid)
    for (const [pid, name] of [
      [gone, `${previewPrefix}1`],
      [gone, 'preview-elsewhere-2'],
      [gone, 'query-3'],
      [own, `${previewPrefix}4`],
      ['no-process', `${previewPrefix}5`],
    ] as const)
      await mkdir(join(folder, pid, name, 'inner'), { recursive: true })
    await sweepPreviews(folder)
    expect((await readdir(join(folder, gone))).sort()).toEqual(['preview-elsewhere-2', 'query-3'])
    expect(await readdir(join(folder, own))).toEqual([`${previewPrefix}4`])
    expect(await readdir(join(folder, 'no-process'))).toHaveLength(1)
    await sweepPreviews(join(folder, 'not-there'))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
