/** Statements whose answers are small: values, parameters, names, types, trees. */

import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Engine, Relation } from './index.ts'
import { useWorkspace } from './workspace.suite.ts'

export const statementSuite = (open: () => Promise<Engine>): void => {
  describe('values', () => valueTests(open))
  describe('names and types', () => nameTests(open))
  describe('trees', () => parseTests(open))
}

const valueTests = (open: () => Promise<Engine>): void => {
  const at = useWorkspace(open)
  const value = async (sql: string): Promise<unknown> => (await at().session.rows(`select ${sql} as v`))[0]?.v

  it.each([
    ['a whole number that a double holds', '9007199254740991::bigint', 9007199254740991],
    ['a larger one is a bigint', '9007199254740993::bigint', 9007199254740993n],
    ['a decimal is a text with its scale', '1.50::decimal(10,2)', '1.50'],
    ['a double', '1.5::double', 1.5],
    ['a boolean', 'true', true],
    ['a null', 'null', null],
    ['a text', "'Zoë'", 'Zoë'],
    ['a date', "date '2024-02-29'", '2024-02-29'],
    ['a timestamp', "timestamp '2024-02-29 01:02:03.004'", '2024-02-29T01:02:03.004'],
    ['an instant in UTC', "timestamptz '2024-02-29 01:02:03+02'", '2024-02-28T23:02:03Z'],
    ['a list', '[1, null, 3]', [1, null, 3]],
    ['a structure', "{'a': 1, 'b': 'x'}", { a: 1, b: 'x' }],
    ['a map', "map {'k': 2}", { k: 2 }],
    ['bytes in base64', "'ab'::blob", 'YWI='],
    ['a uuid', "uuid 'c0ffee00-0000-4000-8000-000000000000'", 'c0ffee00-0000-4000-8000-000000000000'],
  ])('%s', async (_, sql, expected) => {
    expect(await value(sql)).toEqual(expected)
  })

  it('takes parameters of every kind, by place', async () => {
    const [row] = await at().session.rows(
      'select ?::int + 1 as a, ? as b, ? as c, ?::bigint as d, ?::boolean as e, ?::timestamptz as f, ?::int[] as g, ? as h',
      [1, "it's", null, 9007199254740993n, false, new Date('2024-01-02T03:04:05.678Z'), [1, 2], { x: 1 }],
    )
    expect(row).toEqual({
      a: 2,
      b: "it's",
      c: null,
      d: 9007199254740993n,
      e: false,
      f: '2024-01-02T03:04:05.678Z',
      g: [1, 2],
      h: { x: 1 },
    })
  })

  it('reads texts without a zone as UTC, whatever the zone of the machine is', async () => {
    expect(await value("'2024-07-01 12:00:00'::timestamptz")).toBe('2024-07-01T12:00:00Z')
  })

  it('runs statements that answer nothing, several in one text', async () => {
    await at().session.run('create table t (a integer); insert into t values (1), (2)')
    expect(await at().session.rows('select sum(a)::int as total from t')).toEqual([{ total: 3 }])
  })

  it('sees nothing of another session', async () => {
    const other = await at().open()
    await at().session.run('create table t (a integer)')
    await expect(other.rows('select * from t')).rejects.toMatchObject({ code: 'engine.sql' })
  })

  it('takes no statement once it is closed, and can be closed twice', async () => {
    const other = await at().open()
    await other.close()
    await other.close()
    await expect(other.rows('select 1')).rejects.toThrow()
  })
}

const nameTests = (open: () => Promise<Engine>): void => {
  const at = useWorkspace(open)

  it.each([[['orders']], [['shop', 'orders']], [['sales', 'shop', 'orders']], [['a "b"', "it's; x", 'select']]])(
    'defines a relation by the name %j',
    async name => {
      await at().session.define(name, { kind: 'empty', columns: [{ name: 'a', type: 'INTEGER' }] })
      const quoted = name.map(part => `"${part.replaceAll('"', '""')}"`).join('.')
      expect(await at().session.describe(`select * from ${quoted}`)).toEqual([{ name: 'a', type: 'INTEGER' }])
    },
  )

  it('knows what a name means, however it is written and whatever was dropped', async () => {
    const { session, folder } = at()
    const fileOf = async (value: number): Promise<Relation> => {
      const path = join(folder, `${value}.parquet`)
      await session.run(`copy (select ${value} as a) to '${path}' (format parquet)`)
      return { kind: 'parquet', files: [path] }
    }
    const [one, two] = [await fileOf(1), await fileOf(2)]
    await session.define(['d', 's', 'T'], one)
    await session.define(['d', 's', 't'], two)
    await session.define(['d', 's', 'T'], one)
    expect(await session.rows('select a from d.s.t')).toEqual([{ a: 1 }])
    await session.run('drop schema d.s cascade')
    await session.define(['d', 's', 't'], one)
    await session.run('detach d')
    await session.define(['d', 's', 't'], one)
    expect(await session.rows('select a from d.s.t')).toEqual([{ a: 1 }])
  })

  it('replaces a relation that is defined again, and keeps its neighbours', async () => {
    const { session } = at()
    await session.define(['d', 's', 't'], { kind: 'empty', columns: [{ name: 'a', type: 'INTEGER' }] })
    await session.define(['d', 's', 'u'], { kind: 'empty', columns: [{ name: 'b', type: 'INTEGER' }] })
    await session.define(['d', 's', 't'], { kind: 'empty', columns: [{ name: 'c', type: 'DATE' }] })
    expect(await session.describe('select * from d.s.t, d.s.u')).toEqual([
      { name: 'c', type: 'DATE' },
      { name: 'b', type: 'INTEGER' },
    ])
  })

  it('describes canonical types and runs nothing', async () => {
    const sql = `select 1 as a, sum(1) as b, {'x': 1} as c, [1.5] as d, map {'k': now()} as e, error('it ran') as f`
    expect((await at().session.describe(sql)).slice(0, 5)).toEqual([
      { name: 'a', type: 'INTEGER' },
      { name: 'b', type: 'HUGEINT' },
      { name: 'c', type: 'STRUCT("x" INTEGER)' },
      { name: 'd', type: 'DECIMAL(2,1)[]' },
      { name: 'e', type: 'MAP(VARCHAR, TIMESTAMP WITH TIME ZONE)' },
    ])
  })

  it('says its version and what it can', () => {
    expect(at().engine.version).toMatch(/^\d+\.\d+/)
    expect(at().engine.can).toEqual({ localFiles: true, parse: true })
  })
}

const parseTests = (open: () => Promise<Engine>): void => {
  const at = useWorkspace(open)

  it('gives trees in the order of the texts, and the place of a mistake', async () => {
    const [first, mistake, write, last] = await at().session.parse([
      "select 'one' as a",
      'select a frm t where',
      'insert into t values (1)',
      "select 'two' as b",
    ])
    expect(first).toMatchObject({ ok: true, json: expect.stringContaining('"one"') })
    expect(mistake).toMatchObject({ ok: false, position: 13, message: expect.stringContaining('"t"') })
    expect(write).toMatchObject({ ok: false })
    expect(last).toMatchObject({ ok: true, json: expect.stringContaining('"two"') })
  })

  it('runs and binds nothing of what it parses', async () => {
    const [parsed] = await at().session.parse(['select nope(x) from nowhere'])
    expect(parsed?.ok).toBe(true)
  })

  it('parses a thousand texts in their order', async () => {
    const parsed = await at().session.parse(Array.from({ length: 1000 }, (_, index) => `select 'text-${index}-'`))
    expect(parsed).toHaveLength(1000)
    expect(parsed.every((it, index) => it.ok && it.json.includes(`text-${index}-`))).toBe(true)
  })
}
