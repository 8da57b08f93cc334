/** Old snapshots go by themselves; what is served, and what a rollback may go back to, stays. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { weft, weftJson } from '../support/cli.ts'
import { edit, rows, temporaryFolder } from '../support/mesh.ts'

test('only so many snapshots are kept, and their files with them', async () => {
  const mesh = join(await temporaryFolder(), 'mesh')
  await weft(['init', mesh])
  const id = /^id: .*$/m
  await edit(mesh, 'mesh.yaml', id, 'id: bakery\nlimits: { snapshotsKept: 3 }')
  expect((await weft(['apply', '--yes', '--project', mesh])).code).toBe(0)
  for (let n = 0; n < 5; n++) {
    await edit(mesh, 'data/2026-11-24.csv', `oat roll,${48 + n}`, `oat roll,${49 + n}`)
    expect((await weft(['run', '--project', mesh])).code).toBe(0)
  }
  const dataset = 'bakery.sales.daily_sales'
  const found = await weftJson<{ snapshots: { id: string; state: string }[] }>([
    'snapshots',
    dataset,
    '--project',
    mesh,
  ])
  expect(found.document.snapshots.map(it => it.state)).toEqual([
    'served',
    'kept',
    'kept',
    'retired',
    'retired',
    'retired',
  ])
  const files = await readdir(join(mesh, '.weft'), { recursive: true })
  expect(files.filter(path => path.endsWith('.parquet'))).toHaveLength(3)
  expect(files.filter(path => /\/manifests\/./.test(path))).toHaveLength(3)
  const [, before, , oldest] = found.document.snapshots
  expect(await rows(mesh, `select count(*) from ${dataset}`, ['--at', before?.id ?? ''])).toEqual([[5]])
  const gone = await weftJson(['query', `select * from ${dataset}`, '--at', oldest?.id ?? '', '--project', mesh])
  expect([gone.code, gone.document.problems?.[0]?.severity]).toEqual([64, 'error'])
  const back = (to: string | undefined) =>
    weft(['rollback', 'bakery.sales.sales.v1', '--to', to ?? '', '--project', mesh])
  expect((await back(oldest?.id)).code).toBe(64)
  expect((await back(before?.id)).code).toBe(0)
  expect(await rows(mesh, `select count(*) from ${dataset}`)).toEqual([[5]])
})
