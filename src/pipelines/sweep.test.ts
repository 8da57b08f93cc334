import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { defaultLimits, silentLog, uuidV7 } from '../base/index.ts'
import { openStorage, type Storage } from '../storage/index.ts'
import { openStore, type Store } from '../store/index.ts'
import type { RunParts } from './parts.ts'
import { endRun, queueRun, takeLease } from './store.ts'
import { partsPrefix, previewPrefix, sweepPreviews, sweepStorage } from './sweep.ts'

const folder = mkdtempSync(join(tmpdir(), 'weft-test-'))
const now = new Date('2026-11-25T12:00:00Z')
const ago = (ms: number): Date => new Date(now.getTime() - ms)
let store: Store
let storage: Storage
beforeAll(async () => {
  store = await openStore({ where: join(folder, 'catalogue'), lockPath: join(folder, 'lock'), limits: defaultLimits })
  storage = await openStorage('storage', folder)
})
afterAll(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

test.each<[string, 'succeeded' | 'quarantined' | 'failed' | undefined, number, number, boolean]>([
  ['a run that was killed', undefined, 1000, 0, true],
  ['a run that has failed', 'failed', 1000, 500, true],
  ['a run that was killed when it had published', 'succeeded', 1000, 500, false],
  ['a run that was killed when it had put aside what failed its checks', 'quarantined', 1000, 500, false],
  ['a run that was killed after another had published', 'succeeded', 1000, 2000, true],
  ['a run that was killed long ago', undefined, defaultLimits.partsKeptMs + 1, 0, false],
])('finished parts of %s: %s, %i ms and %i ms ago', async (_, state, madeMs, endedMs, isKept) => {
  const productId = uuidV7(now.getTime())
  const name = `${partsPrefix}${productId}`
  const parts = await storage.scratch(name)
  await writeFile(join(parts, 'part'), 'x')
  await utimes(parts, ago(madeMs), ago(madeMs))
  if (state !== undefined) {
    const id = uuidV7(now.getTime())
    const begun = ago(5000)
    const product = `sales.${productId}`
    await queueRun(store.db, { id, env: 'dev', productId, product, trigger: 'person', by: 'ada', at: begun })
    await takeLease(store.db, id, 'one', begun, 30_000)
    await endRun(store.db, id, { state, at: ago(endedMs), problems: [] })
  }
  const runParts = {
    store,
    env: 'dev',
    limits: defaultLimits,
    effects: { now: () => now, log: silentLog },
  } as unknown as RunParts // sweeping a storage asks for nothing else
  await sweepStorage(runParts, storage, async () => false)
  expect((await storage.listScratch()).includes(name)).toBe(isKept)
})

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
