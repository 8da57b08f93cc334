/** The life of a port: two majors side by side, deprecated, retired, remembered and brought back. */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type CliOptions, weft, weftJson } from '../support/cli.ts'
import { edit, repository, rows, temporaryFolder } from '../support/mesh.ts'

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

interface Planned {
  readonly changes: readonly { subject: string; change: string; detail: string }[]
  readonly consequences: readonly { consumer: { kind: string; name: string }; owner: string; subject: string }[]
  readonly steps: readonly { kind: string; subject: string }[]
}

interface Status {
  readonly products: readonly {
    readonly ports: readonly {
      readonly port: string
      readonly life: { status: string; daysLeft?: number; words?: string; successor?: string }
      readonly readers: readonly { name: string; via: readonly string[]; days: number; lastReadAt?: string }[]
    }[]
  }[]
  readonly retired: readonly { port: string; by: string; successor?: string; reason?: string; keptUntil: string }[]
}

const port = 'bakery.sales.sales.v1'
const successor = 'bakery.sales.sales.v2'
const dayMs = 86_400_000

/** Noon of a day, so that no test runs over midnight. */
const startedMs = Date.UTC(2030, 0, 15, 12)

/** Runs a command on the day that is so many days later. */
const later = (days: number): CliOptions => ({
  env: {
    NODE_OPTIONS: `--require ${join(repository, 'test/support/later.cjs')}`,
    WEFT_TEST_LATER_MS: String(startedMs + days * dayMs - Date.now()),
  },
})

/** A product of another domain that reads the first major. */
const cafe = async (mesh: string): Promise<void> => {
  const menu = join(mesh, 'domains/cafe/menu')
  for (const it of ['contracts', 'models']) await mkdir(join(menu, it), { recursive: true })
  await writeFile(
    join(mesh, 'domains/cafe/domain.yaml'),
    'apiVersion: weft/v1\nkind: Domain\nid: cafe\nname: Cafe\nteam: { name: baristas, members: [{ username: bo, role: owner }] }\n',
  )
  await writeFile(
    join(menu, 'menu.odps.yaml'),
    `apiVersion: v1.1.0\nkind: DataProduct\nid: cafe.menu\nname: Menu\nversion: 1.0.0\nstatus: active\ndomain: cafe
inputPorts: [{ name: sales, version: 1.0.0, contractId: bakery.sales.v1 }]
outputPorts: [{ name: menu, version: 1.0.0, type: tables, contractId: cafe.menu.v1 }]\n`,
  )
  await writeFile(
    join(menu, 'contracts/menu.v1.odcs.yaml'),
    `apiVersion: v3.2.0\nkind: DataContract\nid: cafe.menu.v1\nversion: 1.0.0\nstatus: active
schema: [{ name: items, properties: [{ name: item, logicalType: string, required: true }] }]\n`,
  )
  await writeFile(join(menu, 'models/items.sql'), 'select distinct item from sales.daily_sales\n')
}

test('a port is deprecated, refused to its readers, retired, remembered and brought back', {
  timeout: 400_000,
}, async () => {
  const mesh = await twoMajors()
  await cafe(mesh)
  const at = ['--project', mesh]
  const run = (days: number, ...args: string[]) => weftJson([...args, ...at], later(days))
  const plan = (days: number, ...more: string[]) => weftJson<Planned>(['plan', ...more, ...at], later(days))
  const status = async (days: number): Promise<Status> =>
    (await weftJson<Status>(['status', ...at], later(days))).document
  const lifeOf = async (days: number) =>
    (await status(days)).products.flatMap(it => it.ports).find(it => it.port === port)
  const read = (days: number) =>
    weftJson<{ rows: unknown[] }>(['query', `from bakery.sales_v1.daily_sales`, ...at], later(days))
  expect((await run(0, 'apply', '--yes')).code).toBe(0)

  // Never deprecated, and read: refused, and the first advice is to deprecate it.
  const contract = `${folder}/contracts/sales.v1.odcs.yaml`
  await edit(mesh, contract, 'status: active', 'status: retired')
  const early = await plan(0)
  expect([early.code, early.document.problems?.[0]?.code]).toEqual([4, 'port.still-read'])
  expect(early.document.problems?.[0]?.help).toContain('deprecate it first')

  // Deprecated: its consumers are told by name, with a countdown.
  await edit(
    mesh,
    contract,
    'status: retired',
    'status: deprecated\ncustomProperties:\n  - { property: deprecation, vendor: weft, value: { since: "2030-01-15", until: "2030-02-26", successor: bakery.sales.v2, reason: Gross. } }',
  )
  const words = `v1 ends in 42 days (2030-02-26): read ${successor} instead`
  const deprecating = (await plan(0)).document
  expect(deprecating.changes).toContainEqual(
    expect.objectContaining({ subject: port, change: 'deprecated', detail: words }),
  )
  expect(deprecating.consequences).toMatchObject([
    { consumer: { kind: 'product', name: 'cafe.menu' }, owner: 'baristas (bo)', subject: port },
  ])
  expect(deprecating.steps.map(it => it.kind)).toEqual(['define', 'deprecate'])
  expect((await run(0, 'apply', '--yes')).code).toBe(0)
  expect((await read(1)).code).toBe(0)
  const one = await lifeOf(2)
  expect(one?.life).toMatchObject({ status: 'deprecated', daysLeft: 40, successor })
  expect(one?.readers.map(it => [it.via, it.days, it.lastReadAt?.slice(0, 10)])).toEqual([
    [['declared', 'derived', 'observed'], 1, '2030-01-15'],
    [['observed'], 1, '2030-01-16'],
  ])
  const reader = one?.readers[1]?.name ?? ''

  // Taken out of the files: each reader is named, with how it reads and when it last did.
  const files = [contract, `${folder}/models/sales.v1/daily_sales.sql`, `${folder}/sales.odps.yaml`] as const
  const texts = await Promise.all(files.map(file => readFile(join(mesh, file), 'utf8')))
  await rm(join(mesh, files[0]))
  await rm(join(mesh, files[1]))
  await edit(mesh, files[2], /.*bakery\.sales\.v1 \}\n/, '')
  const declared = await plan(2)
  expect(declared.code).toBe(4)
  expect(declared.document.problems?.[0]).toMatchObject({ code: 'port.still-read', found: `cafe.menu, ${reader}` })
  expect(declared.document.problems?.[0]?.message).toContain(
    'cafe.menu (baristas (bo)): declares it, its models read it; last read 2030-01-15, on 1 day',
  )

  // The product has moved; the person who read it stands in the way for the notice period.
  const input = 'version: 1.0.0, contractId: bakery.sales.v1'
  await edit(mesh, 'domains/cafe/menu/menu.odps.yaml', input, input.replace('1.0.0', '2.0.0').replace('v1', 'v2'))
  const moved = await plan(2)
  expect([moved.code, moved.document.problems?.[0]?.found]).toEqual([4, reader])
  expect((await plan(2, '--allow-removal', port)).code).toBe(0)
  const free = await plan(32)
  expect([free.code, free.document.steps.map(it => `${it.kind} ${it.subject}`)]).toEqual([
    0,
    ['define cafe.menu', `retire ${port}`, 'build cafe.menu'],
  ])
  expect((await run(32, 'apply', '--yes')).code).toBe(0)

  // The tombstone.
  const gone = await read(33)
  expect(gone.document.problems?.[0]).toMatchObject({
    code: 'query.retired',
    expected: 'bakery.sales_v2.daily_sales',
    message: expect.stringContaining('retired on 2030-02-16'),
  })
  for (const word of [
    port,
    `${port}.daily_sales`,
    'bakery.sales_v1.daily_sales',
    'bakery.sales_v1.daily_sales.takings',
  ])
    expect((await weftJson<object>(['describe', word, ...at], later(33))).document.problems?.[0]).toMatchObject({
      code: 'describe.retired',
      expected: successor,
      message: expect.stringContaining('retired on 2030-02-16'),
    })
  expect((await status(33)).retired).toMatchObject([
    { port, successor, reason: 'Gross.', keptUntil: expect.stringContaining('2030-05-17') },
  ])
  const kept = () =>
    weftJson<{ snapshots: { id: string; state: string }[] }>(
      ['snapshots', 'bakery.sales_v1.daily_sales', ...at],
      later(33),
    )
  const before = (await kept()).document.snapshots
  expect(before.map(it => it.state)).toEqual(['kept', 'kept'])

  // Back, with what it served, and without a build.
  for (const [index, file] of files.entries()) await writeFile(join(mesh, file), texts[index] ?? '')
  const back = (await plan(34)).document
  expect(back.steps.map(it => `${it.kind} ${it.subject}`)).toEqual([`revive ${port}`])
  expect(back.changes.map(it => it.detail)).toEqual([
    expect.stringContaining('brought back: publication 2 of 2030-01-15'),
  ])
  expect((await run(34, 'apply', '--yes')).code).toBe(0)
  expect((await read(34)).document.rows).toHaveLength(5)
  expect((await kept()).document.snapshots).toEqual(
    before.map((it, index) => (index === 0 ? { ...it, state: 'served' } : it)),
  )
  expect((await status(34)).retired).toEqual([])

  // Retired for good: after its date nobody who only reads stands in the way, and in the end its files go.
  // Its contract may stay to say so; what it calls its successor is told as the port.
  await edit(mesh, files[0], 'status: deprecated', 'status: retired')
  expect((await plan(40)).code).toBe(4)
  expect((await run(43, 'apply', '--yes')).code).toBe(0)
  expect((await status(43)).retired).toMatchObject([{ port, successor, reason: 'Gross.' }])
  const parquet = async () =>
    (await readdir(join(mesh, '.weft'), { recursive: true })).filter(it => /sales\.v1\/.*\.parquet$/.test(it))
  await status(132)
  expect(await parquet()).toHaveLength(1)
  await status(134)
  expect(await parquet()).toEqual([])
  for (const [index, file] of files.entries()) await writeFile(join(mesh, file), texts[index] ?? '')
  expect((await plan(135)).document.steps.map(it => `${it.kind} ${it.subject}`)).toEqual([
    'define bakery.sales',
    'build bakery.sales',
    'build cafe.menu',
  ])
  expect((await run(135, 'apply', '--yes')).code).toBe(0)
  expect((await read(135)).document.rows).toHaveLength(5)
})
