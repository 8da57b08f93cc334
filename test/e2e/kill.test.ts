/** `kill -9` at random moments of `apply`: what a killed process leaves is mended by the next. `WEFT_KILLS` says how often (3); `npm run test:kill` does it 20 times. */
import { cp, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { start, weft, weftJson } from '../support/cli.ts'
import { bags, shopCopy, temporaryFolder } from '../support/mesh.ts'

const kills = Number(process.env.WEFT_KILLS ?? 3)
let undisturbed: string
let durationMs = 0
let expected: Awaited<ReturnType<typeof bags>>

beforeAll(async () => {
  undisturbed = await shopCopy(4000)
  const startedMs = performance.now()
  expect((await weft(['apply', '--yes', '--project', undisturbed])).code).toBe(0)
  durationMs = performance.now() - startedMs
  expected = await bags(undisturbed)
})

/** The same moments every time: a failure can be looked at again. */
const moments = Array.from({ length: kills }, (_, index) => ((index * 0.618_034 + 0.13) % 1) * 0.98 + 0.01)

test.each(moments)(
  'killed at %f of the way, apply --resume gives the same rows and leaves nothing behind',
  async share => {
    const shop = join(await temporaryFolder(), 'shop')
    await cp(undisturbed, shop, { recursive: true, filter: path => !path.includes('/.weft') })
    const child = start(['apply', '--yes', '--project', shop])
    const ended = new Promise<void>(resolve => child.on('close', () => resolve()))
    const timer = setTimeout(() => child.kill('SIGKILL'), durationMs * share)
    await ended
    clearTimeout(timer)
    const resumed = await weftJson<{ steps: { state: string }[] }>(['apply', '--resume', '--yes', '--project', shop])
    expect(resumed.document.problems?.filter(it => it.severity === 'error') ?? []).toEqual([])
    expect(resumed.code).toBe(0)
    expect(await bags(shop)).toEqual(expected)
    expect(await leftovers(join(shop, '.weft'))).toEqual([])
    const plan = await weftJson<{ steps: unknown[] }>(['plan', '--project', shop])
    expect(plan.document.steps).toEqual([])
  },
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
    for (const match of text.matchAll(/data\/[0-9a-f]{64}\.parquet/g))
      named.add(`${path.split('/manifests/')[0]}/${match[0]}`)
  }
  return [...temporary.filter(path => path !== '.gitignore'), ...all.filter(path => isData(path) && !named.has(path))]
}
