import { existsSync } from 'node:fs'
import { mkdir, utimes, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { temporaryFolder } from '../../../test/support/mesh.ts'
import { defaultLimits, type Place } from '../../base/index.ts'
import { type Column, type Contract, canonicalPhysicalType, type Dataset } from '../../domain/index.ts'
import { openEngine, type Session } from '../../engine/index.ts'
import { landSource } from './land.ts'
import { listSource } from './source.ts'

const place: Place = { file: 'c.yaml', line: 1, column: 1 }

const open = async (): Promise<Session> => {
  const session = await (await openEngine('duckdb')).open({
    memory: 512 * 1024 ** 2,
    threads: 2,
    scratch: await temporaryFolder(),
  })
  sessions.push(session)
  return session
}
const sessions: Session[] = []
afterAll(async () => {
  for (const session of sessions) await session.close()
})

const dataset = (columns: Readonly<Record<string, string>>): Dataset => ({
  subject: 'd.p.s.lines',
  name: 'lines',
  columns: Object.entries(columns).map(
    ([name, type]): Column => ({
      name,
      type: canonicalPhysicalType(type) ?? type,
      logicalType: 'string',
      nullable: true,
      unique: false,
      tags: [],
      terms: [],
      place,
    }),
  ),
  rules: [],
  place,
})

const contract = (path: string, format: string | undefined, options = {}): Contract => ({
  subject: 'd.p.s',
  root: 'r',
  file: 'c.yaml',
  hash: '',
  body: {},
  at: () => place,
  id: 'd.s.v1',
  version: '1.0.0',
  major: 1,
  status: 'active',
  datasets: [],
  servers: [
    { name: 'files', type: 'local', location: path, options, place, ...(format === undefined ? {} : { format }) },
  ],
})

const read = async (
  path: string,
  format: string | undefined,
  columns: Readonly<Record<string, string>>,
  options = {},
) => {
  const session = await open()
  const of = contract(path, format, options)
  const files = await listSource(of, '/', defaultLimits)
  const request = { session, contract: of, dataset: dataset(columns), files, limits: defaultLimits }
  const landed = await landSource({ ...request, folder: await temporaryFolder() })
  await session.define(['source'], landed.relation)
  const rows = await session.rows('select * exclude (__weft_source) from source order by all')
  return rows.map(row => Object.values(row))
}

describe('JSON', () => {
  test('as an array of records: absent keys are null, structures and lists as declared, undeclared keys left out', async () => {
    const file = join(await temporaryFolder(), 'a.json')
    await writeFile(file, '[{"id":1,"o":{"x":1.10,"y":["u"]},"more":1},\n {"id":2}]')

    const rows = await read(file, 'json', { id: 'BIGINT', o: 'STRUCT(x DECIMAL(9,2), y VARCHAR[])' })

    expect(rows).toEqual([
      [1, { x: '1.10', y: ['u'] }],
      [2, null],
    ])
  })

  test('as a record on each line, packed', async () => {
    const file = join(await temporaryFolder(), 'a.ndjson.gz')
    await writeFile(file, gzipSync('{"code":"007","n":15076.0}\n{"code":"008","n":null}\n'))

    expect(await read(file, undefined, { code: 'VARCHAR', n: 'INTEGER' })).toEqual([
      ['007', 15076],
      ['008', null],
    ])
  })

  test('never loses a fraction or a digit without a word', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'a.json'), '{"n":15076.5}')
    await writeFile(join(folder, 'b.json'), '{"n":2.555}')

    await expect(read(join(folder, 'a.json'), 'json', { n: 'BIGINT' })).rejects.toMatchObject({
      code: 'engine.bad-file',
    })
    await expect(read(join(folder, 'b.json'), 'json', { n: 'DECIMAL(9,2)' })).rejects.toMatchObject({
      code: 'engine.bad-file',
      message: 'column n holds what is no DECIMAL(9,2)',
    })
  })
})

describe('Zstandard', () => {
  test('is read as JSON, as CSV by position, and inside Parquet', async () => {
    const folder = await temporaryFolder()
    const session = await open()
    const table = "(values (1, 'é'), (2, 'b')) as t (id, name)"
    await session.run(`copy (from ${table}) to '${folder}/a.json.zst' (format json, compression zstd)`)
    await session.run(`copy (from ${table}) to '${folder}/a.csv.zst' (format csv, compression zstd)`)
    await session.run(`copy (from ${table}) to '${folder}/a.parquet' (format parquet, compression zstd)`)
    const columns = { id: 'INTEGER', name: 'VARCHAR' }
    const expected = [
      [1, 'é'],
      [2, 'b'],
    ]

    expect(await read(`${folder}/a.json.zst`, undefined, columns)).toEqual(expected)
    expect(await read(`${folder}/a.csv.zst`, undefined, columns, { columnsBy: 'position' })).toEqual(expected)
    expect(await read(`${folder}/a.parquet`, undefined, columns)).toEqual(expected)
  })
})

describe('folders that are named by values', () => {
  test('give their columns to CSV, JSON and Parquet alike', async () => {
    const folder = await temporaryFolder()
    const session = await open()
    for (const [country, year] of [
      ['FR', '2023'],
      ['C%C3%B4te', '2024'],
      ['__HIVE_DEFAULT_PARTITION__', '2024'],
    ]) {
      for (const format of ['csv', 'json', 'parquet']) {
        const path = join(folder, format, `country=${country}`, `year=${year}`)
        await mkdir(path, { recursive: true })
        await session.run(`copy (select 1 as n) to '${path}/part.${format}' (format ${format})`)
      }
    }

    for (const format of ['csv', 'json', 'parquet']) {
      const rows = await read(`${folder}/${format}/**/*.${format}`, format, {
        n: 'INTEGER',
        year: 'INTEGER',
        country: 'VARCHAR',
      })
      expect(rows).toEqual([
        [1, 2023, 'FR'],
        [1, 2024, 'Côte'],
        [1, 2024, null],
      ])
    }
  })
})

describe('Excel', () => {
  const extension = join(homedir(), '.duckdb/extensions/v1.5.5')
  test('is read where the engine can, and told of where it cannot', async () => {
    const file = join(await temporaryFolder(), 'a.xlsx')
    const columns = {
      id: 'BIGINT',
      code: 'VARCHAR',
      day: 'DATE',
      at: 'TIMESTAMP',
      price: 'DECIMAL(9,2)',
      ok: 'BOOLEAN',
    }
    if (!existsSync(extension)) {
      await writeFile(file, '')
      await expect(read(file, undefined, columns)).rejects.toMatchObject({ code: 'engine.no-extension' })
      return
    }
    const session = await open()
    await session.run('load excel')
    await session.run(
      `copy (select 1 as id, '007' as code, date '2024-02-29' as day, timestamp '2024-01-02 03:04:05' as at, 1.25 as price, true as ok) to '${file}' (format xlsx, header true)`,
    )

    const rows = await read(file, undefined, columns)

    expect(rows).toEqual([[1, '007', '2024-02-29', expect.stringMatching(/^2024-01-02.03:04:05/), '1.25', true]])
    await expect(read(file, undefined, { price: 'BIGINT' })).rejects.toMatchObject({ code: 'engine.bad-file' })
  })
})

test('thousands of files are one source, and only a changed one has another fingerprint', async () => {
  const folder = await temporaryFolder()
  const names = Array.from({ length: 2000 }, (_, index) => join(folder, `${String(index).padStart(4, '0')}.json`))
  for (const name of names) await writeFile(name, '{"n":1}\n')
  const of = contract(`${folder}/*.json`, 'json')
  const before = await listSource(of, folder, defaultLimits)

  await utimes(names[7] ?? '', 1, 1)

  const after = await listSource(of, folder, defaultLimits)
  expect(after.filter((file, index) => file.etag !== before[index]?.etag).map(file => file.uri)).toEqual(['0007.json'])
  expect(await read(`${folder}/*.json`, 'json', { n: 'BIGINT' })).toHaveLength(2000)
})
