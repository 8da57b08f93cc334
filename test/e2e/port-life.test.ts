/** The life of a port: two majors side by side, deprecated, retired, remembered and brought back. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { weft, weftJson } from '../support/cli.ts'
import { edit, rows, temporaryFolder } from '../support/mesh.ts'

const folder = 'domains/bakery/sales'

/** The bakery with a second major of its port, from which the first one is made. */
const twoMajors = async (): Promise<string> => {
  const mesh = join(await temporaryFolder(), 'mesh')
  await weft(['init', mesh])
  expect((await weft(['apply', '--yes', '--project', mesh])).code).toBe(0)
  const first = await readFile(join(mesh, folder, 'contracts/sales.v1.odcs.yaml'), 'utf8')
  const second = first
    .replace('bakery.sales.v1', 'bakery.sales.v2')
    .replace('version: 1.0.0', 'version: 2.0.0')
    .replace('takings', 'revenue')
  await writeFile(join(mesh, folder, 'contracts/sales.v2.odcs.yaml'), second)
  await mkdir(join(mesh, folder, 'models/sales.v1'))
  await writeFile(
    join(mesh, folder, 'models/sales.v1/daily_sales.sql'),
    'select * rename (revenue as takings) from sales_v2.daily_sales\n',
  )
  await edit(mesh, `${folder}/models/daily_sales.sql`, 'as takings', 'as revenue')
  const port = '  - { name: sales, version: 1.0.0, type: tables, contractId: bakery.sales.v1 }\n'
  const added = port.replace('1.0.0', '2.0.0').replace('.v1', '.v2')
  await edit(mesh, `${folder}/sales.odps.yaml`, port, port + added)
  await edit(mesh, `${folder}/sales.odps.yaml`, 'version: 1.0.0', 'version: 2.0.0')
  return mesh
}

test('two majors of a port are served side by side, the old one made from the new one of the same name', async () => {
  const mesh = await twoMajors()

  expect((await weft(['apply', '--yes', '--project', mesh])).code).toBe(0)

  const total = (name: string, column: string) => rows(mesh, `select count(*), sum(${column}) from ${name}`)
  expect(await total('bakery.sales_v1.daily_sales', 'takings')).toEqual([[5, '250.20']])
  expect(await total('bakery.sales_v2.daily_sales', 'revenue')).toEqual([[5, '250.20']])
  // Each has snapshots and checks of its own.
  const snapshots = async (dataset: string) =>
    (await weftJson<{ snapshots: { state: string }[] }>(['snapshots', dataset, '--project', mesh])).document.snapshots
  expect((await snapshots('bakery.sales_v1.daily_sales')).map(it => it.state)).toEqual(['served', 'kept'])
  expect((await snapshots('bakery.sales_v2.daily_sales')).map(it => it.state)).toEqual(['served'])
  const tested = await weftJson<{ checks: { dataset: string }[] }>(['test', '--project', mesh])
  expect([...new Set(tested.document.checks.map(it => it.dataset))].sort()).toEqual([
    'bakery.sales.sales.v1.daily_sales',
    'bakery.sales.sales.v2.daily_sales',
  ])
})
