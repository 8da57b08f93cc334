/** Which files stay and which are written, over real files. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { temporaryFolder } from '../../../test/support/mesh.ts'
import { openEngine, type Session } from '../../engine/index.ts'
import type { ManifestFile } from '../../storage/index.ts'
import { type BuiltFile, type Packed, packFiles } from './packing.ts'
import { type PartitionName, WrittenTable } from './table.ts'

const partition = { column: 'day', grain: 'day' } as const
const columns = [
  { id: 1, name: 'day', type: 'DATE' },
  { id: 2, name: 'i', type: 'BIGINT' },
]
const names = columns.map(it => it.name)
let session: Session
let folder: string
let count = 0

beforeAll(async () => {
  folder = await temporaryFolder()
  const engine = await openEngine('duckdb')
  session = await engine.open({ memory: 512 * 1024 ** 2, threads: 2, scratch: folder })
})
afterAll(() => session.close())

const emptyFolder = async (): Promise<string> => {
  const path = join(folder, String(count++))
  await mkdir(path)
  return path
}

const dayOf = (day: number): string => `2024-01-0${day}`

/** So many rows of each day, with values from a number on. */
const build = async (days: Readonly<Record<number, number>>, first = 0, buildKey = 'new'): Promise<BuiltFile> => {
  const selects = Object.entries(days).map(
    ([day, rows]) =>
      `select date '2024-01-01' + ${Number(day) - 1} as day, i from range(${first}, ${first + rows}) t(i)`,
  )
  const target = { folder: await emptyFolder(), columns, sortedBy: 'day' }
  const [file] = await session.write(selects.join(' union all '), target)
  if (file === undefined) throw new Error('one file is written')
  const contents = await session.contents(file.path, names, partition)
  return { ...file, partitions: contents.map(it => ({ ...it, buildKey })) }
}

/** As a snapshot of before has it. */
const old = async (days: Readonly<Record<number, number>>): Promise<{ path: string; file: ManifestFile }> => {
  const { path, bytes, rows, partitions } = await build(days, 0, 'old')
  return { path, file: { sha256: path, bytes, rows, partitions, nulls: [] } }
}

const pack = async (
  before: readonly { path: string; file: ManifestFile }[],
  reuse: readonly number[],
  fresh: readonly BuiltFile[],
  limits = { rowsMax: 100, smallMax: 16 },
): Promise<Packed> => {
  const packed = await packFiles(
    { old: before, reuse: reuse.map(dayOf), fresh, keyOf: () => 'new', maySettle: true, limits },
    { session, folder: await emptyFolder(), columns, partition },
  )
  // What is said of moved partitions is what their files hold.
  for (const { path, partitions, rows } of packed.files) {
    const found = await session.contents(path, names, partition)
    expect(partitions.map(({ name, rows, content }) => ({ name, rows, content }))).toEqual(found)
    expect(rows).toBe(found.reduce((sum, it) => sum + it.rows, 0))
  }
  return packed
}

const held = (files: readonly { readonly partitions: readonly { readonly name: PartitionName }[] }[]) =>
  files.map(file => file.partitions.map(it => it.name))

test('days share a file up to the limit, a larger one has its own', async () => {
  const { files } = await pack([], [], [await build({ 1: 40, 2: 60, 3: 30, 4: 250, 5: 10, 6: 20 })])
  expect(held(files)).toEqual([[dayOf(1), dayOf(2)], [dayOf(3)], [dayOf(4)], [dayOf(5), dayOf(6)]])
})

test('what was written stays as it is where it is small enough', async () => {
  const fresh = await build({ 1: 50, 2: 50 })
  expect((await pack([], [], [fresh])).files).toEqual([fresh])
})

test('a file of before goes on without a day that was built anew or dropped', async () => {
  const before = [await old({ 1: 30, 2: 30, 3: 30 }), await old({ 4: 30 })]
  const fresh = await build({ 2: 31 })
  const { files, reused } = await pack(before, [1, 4], [fresh])
  expect(held(files)).toEqual([[dayOf(2)], [dayOf(1)]])
  expect(reused).toEqual([before[1]?.file])
})

test('a file of before is gone where all of its days were built anew', async () => {
  const fresh = await build({ 1: 31, 2: 31 })
  expect(await pack([await old({ 1: 30, 2: 30 })], [], [fresh])).toEqual({ files: [fresh], reused: [], settled: [] })
})

test('a day that was built to the rows that it had stays, with the key of today', async () => {
  const before = await old({ 1: 30, 2: 30 })
  const { files, reused, settled } = await pack([before], [1], [await build({ 2: 30, 3: 5 })])
  expect(settled).toEqual([dayOf(2)])
  expect(held(files)).toEqual([[dayOf(3)]])
  expect(reused.flatMap(file => file.partitions.map(it => [it.name, it.buildKey]))).toEqual([
    [dayOf(1), 'old'],
    [dayOf(2), 'new'],
  ])
})

test('of two copies the new one is taken where the file of before has to be written anew', async () => {
  const fresh = await build({ 2: 30, 3: 31 })
  const { files, reused, settled } = await pack([await old({ 1: 30, 2: 30, 3: 30 })], [1], [fresh])
  expect({ settled, reused }).toEqual({ settled: [dayOf(2)], reused: [] })
  expect(held(files)).toEqual([[dayOf(2), dayOf(3)], [dayOf(1)]])
})

test('a day that was finished with another key is left out', async () => {
  const stale = await build({ 1: 10 }, 7, 'stale')
  const { files } = await pack([], [], [stale, await build({ 1: 20 }), await build({ 1: 20, 2: 5 })])
  expect(files.map(file => file.partitions.map(it => [it.name, it.rows]))).toEqual([[[dayOf(1), 20]], [[dayOf(2), 5]]])
})

test('many small files become one, in order, and others stay', async () => {
  const before = [await old({ 1: 80 }), await old({ 5: 2 }), await old({ 3: 2, 9: 1 })]
  const { files, reused } = await pack(before, [1, 3, 5, 9], [await build({ 4: 1 })], { rowsMax: 100, smallMax: 2 })
  expect(held(files)).toEqual([[dayOf(3), dayOf(4), dayOf(5), dayOf(9)]])
  expect(held(reused)).toEqual([[dayOf(1)]])
})

test('a run that writes nothing leaves small files alone', async () => {
  const before = [await old({ 1: 2 }), await old({ 2: 2 }), await old({ 3: 2 })]
  const { files, reused } = await pack(before, [1, 2, 3], [], { rowsMax: 100, smallMax: 2 })
  expect([files, held(reused)]).toEqual([[], [[dayOf(1)], [dayOf(2)], [dayOf(3)]]])
})

test('who reads some days of a shared file reads no others', async () => {
  const files = [await build({ 1: 3, 2: 4 }), await build({ 3: 5 }), await build({ 4: 6 })]
  const whole = { kind: 'parquet' as const, files: files.map(it => it.path), columns }
  const table = new WrittenTable(session, whole, files, partition)
  const read = async (days: readonly number[]): Promise<unknown> => {
    await session.define(['chosen'], await table.relation({ by: partition, partitions: days.map(dayOf) }))
    return session.rows('select day::varchar as day, count(*) as n from chosen group by 1 order by 1')
  }
  expect(await read([2, 3])).toEqual([
    { day: dayOf(2), n: 4 },
    { day: dayOf(3), n: 5 },
  ])
  expect(await read([4])).toEqual([{ day: dayOf(4), n: 6 }])
  const month = { column: 'day', grain: 'month' } as const
  await session.define(['chosen'], await table.relation({ by: month, partitions: ['2024-01'] }))
  expect(await session.rows('select count(*) as n from chosen')).toEqual([{ n: 18 }])
})
