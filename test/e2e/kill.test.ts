/** `kill -9` at random moments of `apply`, `run` and a backfill: what a killed process leaves is mended by the next. `WEFT_KILLS` says how often (3); `npm run test:kill` does it 20 times. */
import { cp, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, onTestFailed, test } from 'vitest'
import { start, weft, weftJson } from '../support/cli.ts'
import { bags, edit, shopCopy, temporaryFolder } from '../support/mesh.ts'

const kills = Number(process.env.WEFT_KILLS ?? 3)
const backfill = ['run', 'sales.shop-orders+', '--from', '2025-10']

/** Each act begins from a shop in which all before has been done; what finishes it is run after the kill. */
const acts = [
  { name: 'apply', args: ['apply', '--yes'], finish: ['apply', '--resume', '--yes'] },
  { name: 'run', args: ['run'], finish: ['run'] },
  { name: 'backfill', args: backfill, finish: backfill },
] as const

const from = new Map<string, string>()
const durations = new Map<string, number>()
let expected: Awaited<ReturnType<typeof bags>>

const timed = async (name: string, args: readonly string[], shop: string): Promise<void> => {
  const startedMs = performance.now()
  expect((await weft([...args, '--project', shop])).code).toBe(0)
  durations.set(name, performance.now() - startedMs)
}

beforeAll(async () => {
  const shop = await shopCopy(4000)
  // Groups of two partitions, so that a build can be killed between them.
  await edit(shop, 'mesh.yaml', /^groups:/m, 'limits: { partitionsAtOnce: 2 }\n\ngroups:')
  await edit(shop, 'domains/sales/shop-orders/pipeline.yaml', 'grain: month', 'grain: day')
  const orders = join(shop, 'data', 'orders')
  const lastDay = (await readdir(orders)).sort().at(-1) ?? ''
  const copy = async (name: string): Promise<void> => {
    const folder = join(await temporaryFolder(), 'shop')
    await cp(shop, folder, { recursive: true, preserveTimestamps: true })
    from.set(name, folder)
  }
  await copy('apply')
  await timed('apply', ['apply', '--yes'], shop)
  expected = await bags(shop)
  await copy('backfill')
  await timed('backfill', backfill, shop)
  await rm(join(orders, lastDay))
  expect((await weft(['run', '--project', shop])).code).toBe(0)
  await cp(join(from.get('apply') ?? '', 'data', 'orders', lastDay), join(orders, lastDay), {
    preserveTimestamps: true,
  })
  await copy('run')
  await timed('run', ['run'], shop)
  expect(await bags(shop)).toEqual(expected)
}, 300_000)

/** The same moments every time: a failure can be looked at again. */
const moments = Array.from({ length: kills }, (_, index) => ({
  act: acts[index % acts.length] ?? acts[0],
  share: ((index * 0.618_034 + 0.13) % 1) * 0.98 + 0.01,
}))

test.each(moments.map(it => [it.act.name, it.share, it.act] as const))(
  '%s killed at %f of the way: the next gives the same rows and leaves nothing behind',
  async (name, share, act) => {
    // Of hundreds of kills one is told when it fails, and not when all are done.
    onTestFailed(({ task }) =>
      console.error(
        share,
        task.result?.errors?.map(it => it.diff ?? it.message),
      ),
    )
    const shop = join(await temporaryFolder(), 'shop')
    await cp(from.get(name) ?? '', shop, { recursive: true, preserveTimestamps: true })
    const child = start([...act.args, '--project', shop])
    const ended = new Promise<void>(resolve => child.on('close', () => resolve()))
    const timer = setTimeout(() => child.kill('SIGKILL'), (durations.get(name) ?? 0) * share)
    await ended
    clearTimeout(timer)
    const finished = await weftJson<{ runs: { state: string }[] }>([...act.finish, '--project', shop])
    expect(finished.document.problems?.filter(it => it.severity === 'error') ?? []).toEqual([])
    expect(finished.code).toBe(0)
    expect(await bags(shop)).toEqual(expected)
    expect(await leftovers(join(shop, '.weft'))).toEqual([])
    // A copied source is another one to the nanosecond: a backfill leaves what is outside of its range.
    if (name !== 'backfill') {
      const plan = await weftJson<{ steps: unknown[] }>(['plan', '--project', shop])
      expect(plan.document.steps).toEqual([])
    }
    await rm(shop, { recursive: true, force: true })
  },
  120_000,
)

/** Files that only an unfinished act has, and data that no manifest names. */
const leftovers = async (folder: string): Promise<string[]> => {
  const all = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(folder.length + 1))
  const temporary = all.filter(
    path => /(^|\/)(tmp|\.scratch|scratch)\/|\.part(\.|$)|\.draft|^\w+\/lock$/.test(path) || /\/\.[^/]*$/.test(path),
  )
  const isData = (path: string): boolean => path.endsWith('.parquet')
  const named = new Set<string>()
  for (const path of all.filter(it => it.includes('/manifests/'))) {
    const text = await readFile(join(folder, path), 'utf8')
    for (const match of text.matchAll(/"sha256":"([0-9a-f]{64})"/g))
      named.add(`${path.split('/manifests/')[0]}/data/${match[1]}.parquet`)
  }
  return [...temporary.filter(path => path !== '.gitignore'), ...all.filter(path => isData(path) && !named.has(path))]
}
