/** A disk that is full: a small one is mounted, which only root may do. */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { weft, weftJson } from '../support/cli.ts'
import { bags, shopCopy, temporaryFolder } from '../support/mesh.ts'

const disk = join(await temporaryFolder(), 'disk')

const mounted = ((): string => {
  mkdirSync(disk)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=110m', 'tmpfs', disk], { stdio: 'pipe' })
    return ''
  } catch {
    return ': mounting a small disk needs root'
  }
})()

afterAll(() => {
  if (mounted === '') execFileSync('umount', [disk])
})

const free = (): number => {
  const { bavail, bsize } = statfsSync(disk)
  return bavail * bsize
}

const fill = (bytesLeft: number): void =>
  writeFileSync(join(disk, 'fill'), Buffer.alloc(Math.max(0, free() - bytesLeft)))

test.skipIf(mounted !== '')(`a full disk ends runs, and nothing else${mounted}`, async () => {
  const shop = join(disk, 'shop')
  cpSync(await shopCopy(200_000), shop, { recursive: true })
  expect((await weft(['apply', '--yes', '--project', shop])).code).toBe(0)
  const before = await bags(shop)
  for (const bytesLeft of [900_000, 200_000, 30_000]) {
    fill(bytesLeft)
    const full = await weftJson(['run', '--full', '--project', shop])
    rmSync(join(disk, 'fill'))
    expect(full.code).toBe(1)
    const [first] = full.document.problems ?? []
    expect(first?.code).toMatch(/^(run|store)\.disk-full$/)
    expect(first?.found).toMatch(/^[\d,]+ bytes free at \//)
  }
  fill(0)
  const nothing = await weftJson(['status', '--project', shop])
  expect(nothing.code).toBe(1)
  expect(nothing.document.problems?.[0]?.code).toBe('store.disk-full')
  rmSync(join(disk, 'fill'))
  const left = readdirSync(join(shop, '.weft', 'dev'), { recursive: true, encoding: 'utf8' })
  expect(left.filter(path => /(^|\/)\.?tmp\/runs\/|^tmp\/|\.part$/.test(path))).toEqual([])
  expect(await bags(shop)).toEqual(before)
  expect((await weft(['run', '--full', '--project', shop])).code).toBe(0)
  expect(await bags(shop)).toEqual(before)
})
