/** Values are shown as far as the door shows them. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { accessProblems } from '../../access/index.ts'
import { problem, WeftError } from '../../base/index.ts'
import { openEngine, type Session } from '../../engine/index.ts'
import { matchColumns } from './columns.ts'
import { compareRows, type Sides } from './compare.ts'
import { type ExampleRequest, examplesOf, valuesOf } from './examples.ts'

let folder: string
let session: Session

const tables = {
  was: `select * from (values
    (1, 'ann', 10.5::double, null::varchar, {'a': 1, 'b': ['x''y', null]}), (2, 'bob', 20, null, {'a': 2, 'b': []}),
    (3, 'cid', 30, 'n', null), (4, 'dan', 40, 'n', null)) as t(id, name, pay, note, nested)`,
  now: `select * from (values
    (1, 'ann', 11.5::double, 'new', {'a': 1, 'b': ['z']}), (2, 'bea', 20, 'new', {'a': 2, 'b': []}),
    (4, 'dan', 40, 'n', null), (5, 'eve', 50, 'n', null)) as t(id, name, pay, note, nested)`,
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weft-examples-'))
  session = await (await openEngine('duckdb')).open({ memory: 512 * 1024 ** 2, threads: 2, scratch: folder })
  for (const [name, sql] of Object.entries(tables)) await session.run(`create table ${name} as ${sql}`)
  await session.run('create schema masked')
  await session.run("create view masked.pay as select * replace ('***' as name) from was")
  await session.run(
    'create view masked.nothing as select * replace (null::varchar as note, null::double as pay) from was',
  )
  await session.run('create view masked.keys as select * replace (id + 100 as id) from was')
  await session.run('create view masked.rows as select * from was where id <> 1')
})

afterAll(async () => {
  await session.close()
  await rm(folder, { recursive: true, force: true })
})

const examples = async (served: string, more: Partial<ExampleRequest> & { readonly key?: readonly string[] } = {}) => {
  const types = await session.describe('from now')
  const columns = matchColumns(await session.describe('from was'), types, more.key ?? ['id'])
  const sides: Sides = { session, before: 'was', after: 'now', columns }
  const compared = await compareRows(sides, { share: 1 })
  const door = async (sql: string) => valuesOf((await session.query(sql)).batches())
  return examplesOf({ sides, compared, served, door, mayAll: false, max: 5, ...more })
}

const added = [{ id: 5 }]
const removed = [{ id: 3 }]
const pay = { key: { id: 1 }, column: 'pay', before: 10.5, after: 11.5 }
const name = { key: { id: 2 }, column: 'name', before: 'bob', after: 'bea' }
const nested = { key: { id: 1 }, column: 'nested', before: { a: 1, b: ["x'y", null] }, after: { a: 1, b: ['z'] } }

describe('whoever may read all of it', () => {
  test('sees keys and values of both sides, nested ones too', async () => {
    const found = await examples('was', { mayAll: true })
    const note = [1, 2].map(id => ({ key: { id }, column: 'note', before: null, after: 'new' }))
    expect(found).toEqual({ added, removed, changed: [name, pay, ...note, nested] })
  })

  test('sees whole rows where there is no key', async () => {
    const found = await examples('was', { mayAll: true, key: [] })
    expect(found.added.map(it => it.name)).toEqual(['ann', 'bea', 'eve'])
    expect(found.removed).toEqual(
      expect.arrayContaining([{ id: 1, name: 'ann', pay: 10.5, note: null, nested: nested.before }]),
    )
    expect(found.changed).toEqual([])
  })

  test('sees at most so many', async () => {
    const found = await examples('was', { mayAll: true, max: 1 })
    expect(found.changed.filter(it => it.column === 'note')).toHaveLength(1)
  })
})

describe('whoever reads through the door', () => {
  test('sees no value after a change of a column that the door masks', async () => {
    const found = await examples('masked.pay')
    expect(found.changed.map(it => it.column)).toEqual(['pay', 'note', 'note', 'nested'])
    expect(found.withheld).toEqual(['name'])
    expect(JSON.stringify(found)).not.toContain('bea')
  })

  test('sees no value of a column in which all that could be compared is NULL: a mask may look so', async () => {
    const found = await examples('masked.nothing')
    expect(found.changed).toEqual([name, nested])
    expect(found.withheld).toEqual(['pay', 'note'])
    expect(JSON.stringify(found)).not.toContain('new')
  })

  test('sees no first value of a column that was always NULL, since nothing says that it may be seen', async () => {
    const only = 'replace (null::varchar as note) from was where id < 3'
    await session.run(`create or replace table early as select * ${only}`)
    const types = await session.describe('from now')
    const columns = matchColumns(await session.describe('from early'), types, ['id'])
    const sides: Sides = { session, before: 'early', after: 'now', columns }
    const compared = await compareRows(sides, { share: 1 })
    const door = async (sql: string) => valuesOf((await session.query(sql)).batches())
    const found = await examplesOf({ sides, compared, served: 'early', door, mayAll: false, max: 5 })
    expect(found.changed).toEqual([name, pay, nested])
    expect(found.withheld).toEqual(['note'])
  })

  test.each(['masked.keys', 'masked.rows'])('sees nothing where keys or rows are others: %s', async served => {
    const found = await examples(served)
    expect(found).toMatchObject({ added: [], removed: [], changed: [] })
    expect(found.withheld).toContain('id')
  })

  test('sees nothing where the door refuses; any other failure is one', async () => {
    const refused = (kind: 'usage' | 'failed') => async () => {
      throw new WeftError(kind, problem(accessProblems, 'query.not-granted', 'no'))
    }
    const found = await examples('was', { door: refused('usage') })
    expect(found).toMatchObject({
      added: [],
      removed: [],
      changed: [],
      withheld: expect.arrayContaining(['id', 'pay']),
    })
    await expect(examples('was', { door: refused('failed') })).rejects.toThrow('no')
    await expect(examples('was', { door: refused('usage'), mayAll: true })).rejects.toThrow('no')
  })
})
