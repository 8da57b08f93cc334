/** A SELECT's rows as Parquet files. */
import { stat } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import type { Partition } from '../domain/index.ts'
import type { Engine, PartitionContent, RelationColumn } from './index.ts'
import { columnsOf, refusalOf, textOf, useWorkspace } from './workspace.suite.ts'

export const writingSuite = (open: () => Promise<Engine>): void => {
  describe('writing', () => writeTests(open))
  describe('partitions of a file', () => partitionTests(open))
}

const writeTests = (open: () => Promise<Engine>): void => {
  const at = useWorkspace(open)

  it('writes the declared columns in their order, cast to their types', async () => {
    const columns = columnsOf(['b VARCHAR', 'a BIGINT'])
    const file = await at().parquet('select 1 as a, 2 as b, 3 as unused', columns)
    await at().session.define(['read'], { kind: 'parquet', files: [file] })
    expect(await at().session.describe('select * from read')).toEqual([
      { name: 'b', type: 'VARCHAR' },
      { name: 'a', type: 'BIGINT' },
    ])
    expect(await at().session.rows('select * from read')).toEqual([{ b: '2', a: 1 }])
  })

  it('tells bytes and rows of what it wrote', async () => {
    const [file, ...more] = await at().session.write('select i as a from range(5000) t(i)', {
      folder: await at().emptyFolder(),
      columns: columnsOf(['a BIGINT']),
    })
    expect(more).toEqual([])
    expect(file).toMatchObject({ rows: 5000 })
    expect(file?.bytes).toBe((await stat(file?.path ?? '')).size)
  })

  it('writes one file without rows for a SELECT without rows', async () => {
    const file = await at().parquet('select 1 as a where false', columnsOf(['a INTEGER']))
    expect(await at().session.footers([file])).toEqual([{ rows: 0, nulls: {} }])
  })

  it('keeps every digit of a decimal and of a large whole number', async () => {
    const columns = columnsOf(['a DECIMAL(38,0)', 'b BIGINT'])
    const file = await at().parquet(
      'select 12345678901234567890123456789012345678::hugeint as a, 9223372036854775807 as b',
      columns,
    )
    await at().session.define(['read'], { kind: 'parquet', files: [file], columns })
    expect(await at().session.rows('select * from read')).toEqual([
      { a: '12345678901234567890123456789012345678', b: 9223372036854775807n },
    ])
  })

  it.each(['HUGEINT', 'UHUGEINT', 'HUGEINT[]', 'STRUCT("x" HUGEINT)'])(
    'refuses the type %s, whose digits Parquet would lose',
    async type => {
      const error = await refusalOf(at().parquet('select null as total', columnsOf([`total ${type}`])))
      expect(error).toMatchObject({ code: 'engine.unwritable-type', message: expect.stringContaining('column total') })
      expect(error.problems[0]).toMatchObject({ found: type, expected: 'BIGINT or DECIMAL(38,0)' })
    },
  )

  it('refuses a value that its type cannot hold, without showing it', async () => {
    const error = await refusalOf(at().parquet('select 1234567 as a from range(3)', columnsOf(['a SMALLINT'])))
    expect(error.code).toBe('engine.runtime')
    expect(textOf(error)).not.toContain('1234567')
  })

  it('refuses a SELECT that lacks a declared column, and names it', async () => {
    const error = await refusalOf(at().parquet('select 1 as a', columnsOf(['a INTEGER', 'absent DATE'])))
    expect(error).toMatchObject({ code: 'engine.sql', message: expect.stringContaining('absent') })
  })

  it('takes a SELECT that ends in a comment', async () => {
    const file = await at().parquet('select 1 as a -- the end', columnsOf(['a INTEGER']))
    expect(await at().session.footers([file])).toMatchObject([{ rows: 1 }])
  })
}

const partitionTests = (open: () => Promise<Engine>): void => {
  const at = useWorkspace(open)

  it('are cut in order, however many rows there are', async () => {
    const columns = columnsOf(['day DATE', 'i BIGINT'])
    const cut = { partition: { column: 'day', grain: 'day' }, rowsMax: 900_000 } as const
    const sql = "select date '2024-01-01' + (hash(i) % 300)::int as day, i from range(1500000) t(i)"
    const files = await at().session.write(sql, { folder: await at().emptyFolder(), columns, cut })
    expect(files.map(it => it.rows > 590_000 && it.rows <= 900_000)).toEqual([true, true])
    for (const { path } of files) {
      const rows = `select day, lag(day) over (order by file_row_number) as before from read_parquet('${path}')`
      expect(await at().session.rows(`select count(*) as n from (${rows}) where day < before`)).toEqual([{ n: 0 }])
    }
  })

  it('are cut into files that share none, in order, and a larger one has its own', async () => {
    // Days 1 to 7 with so many rows, and rows without a day.
    const days = [40, 60, 30, 250, 10, 20, 0]
    const selects = days.map(
      (rows, day) => `select date '2024-01-01' + ${day} as day, i as rowid from range(${rows}) t(i)`,
    )
    const sql = `select * from (${selects.join(' union all ')} union all select null, i from range(70) t(i)) order by hash(rowid)`
    const columns = columnsOf(['day DATE', 'rowid BIGINT'])
    const partition = { column: 'day', grain: 'day' } as const
    const write = async (text: string, rowsMax: number) =>
      at().session.write(text, { folder: await at().emptyFolder(), columns, cut: { partition, rowsMax } })
    const files = await write(sql, 100)
    const contents = await Promise.all(files.map(it => at().session.contents(it.path, ['day', 'rowid'], partition)))
    expect(contents.map(all => all.map(it => [it.name, it.rows]))).toEqual([
      [
        ['2024-01-01', 40],
        ['2024-01-02', 60],
      ],
      [['2024-01-03', 30]],
      [['2024-01-04', 250]],
      [
        ['2024-01-05', 10],
        ['2024-01-06', 20],
        [null, 70],
      ],
    ])
    expect(files.map(it => it.rows)).toEqual([100, 30, 250, 100])
    const isSorted = `select bool_and(ok) as ok from (select day >= lag(day) over (order by file_index, file_row_number) as ok from read_parquet([${files.map(it => `'${it.path}'`).join(', ')}]))`
    expect(await at().session.rows(isSorted)).toEqual([{ ok: true }])
    // By field id: they are written like any other.
    const renamed = [{ id: 2, name: 'n', type: 'BIGINT' }]
    await at().session.define(['read'], { kind: 'parquet', files: files.map(it => it.path), columns: renamed })
    expect(await at().session.rows('select sum(n)::int as total from read')).toEqual([
      { total: [...days, 70].reduce((sum, n) => sum + (n * (n - 1)) / 2, 0) },
    ])
    expect(await write('select null::date as day, 1 as rowid where false', 100)).toEqual([])
  })
  const columns = columnsOf(['name VARCHAR', 'placed TIMESTAMP'])
  const rows = `select * from (values
    ('x/y=ü %', timestamp '2011-03-04 05:06:07'), ('', timestamp '2011-03-04 07:00:00'),
    ('_', timestamp '2012-01-01'), (null, null)) as t(name, placed)`
  const contents = async (
    sql: string,
    columns: readonly RelationColumn[],
    partition: Partition,
  ): Promise<{ readonly path: string; readonly found: readonly PartitionContent[] }> => {
    const folder = await at().emptyFolder()
    const [file] = await at().session.write(sql, { folder, columns, sortedBy: partition.column })
    const path = file?.path ?? ''
    const names = columns.map(it => it.name)
    return { path, found: await at().session.contents(path, names, partition) }
  }

  it.each([
    ['hour', 'placed', ['2011-03-04T05', '2011-03-04T07', '2012-01-01T00', null]],
    ['day', 'placed', ['2011-03-04', '2012-01-01', null]],
    ['month', 'placed', ['2011-03', '2012-01', null]],
    ['year', 'placed', ['2011', '2012', null]],
    ['value', 'name', ['', '_', 'x/y=ü %', null]],
  ] as const)('are told by %s of %s, in order and with one for nulls', async (grain, column, expected) => {
    const { path, found } = await contents(rows, columns, { column, grain })
    expect(found.map(it => it.name)).toEqual(expected)
    expect(found.reduce((sum, it) => sum + it.rows, 0)).toBe(4)
    const [whole] = await at().session.contents(path, ['name', 'placed'])
    expect(whole).toMatchObject({ name: null, rows: 4 })
    expect(BigInt(`0x${whole?.content}`)).toBe(found.reduce((sum, it) => sum + BigInt(`0x${it.content}`), 0n))
  })

  it('are told by the UTC day of an instant', async () => {
    const { found } = await contents(
      "select timestamptz '2011-03-04 23:30:00-02' as placed",
      columnsOf(['placed TIMESTAMP WITH TIME ZONE']),
      { column: 'placed', grain: 'day' },
    )
    expect(found.map(it => it.name)).toEqual(['2011-03-05'])
  })

  it('lie behind each other, so that those of some can be read without the rest', async () => {
    const { path, found } = await contents(
      'select i % 300 as part, i from range(600000) t(i)',
      columnsOf(['part BIGINT', 'i BIGINT']),
      { column: 'part', grain: 'value' },
    )
    expect(found.map(it => [it.name, it.rows])).toEqual(Array.from({ length: 300 }, (_, part) => [String(part), 2000]))
    const [turns] = await at().session.rows(
      'select count(*) as n from (select part, lag(part) over (order by file_row_number) as before from read_parquet(?, file_row_number = true)) where part < before',
      [path],
    )
    expect(turns).toEqual({ n: 0 })
  })

  it('have equal hashes for equal rows in any order, and others for others', async () => {
    const hash = async (sql: string): Promise<string | undefined> =>
      (await contents(sql, columnsOf(['a INTEGER', 'b VARCHAR']), { column: 'a', grain: 'value' })).found[0]?.content
    const one = await hash("select 1 as a, unnest(['x', 'y', 'y']) as b")
    expect(await hash("select 1 as a, unnest(['y', 'x', 'y']) as b")).toBe(one)
    expect(await hash("select 1 as a, unnest(['x', 'x', 'y']) as b")).not.toBe(one)
  })

  it('are none where there is no row', async () => {
    const { path, found } = await contents(`select * from (${rows}) where false`, columns, {
      column: 'placed',
      grain: 'day',
    })
    expect(found).toEqual([])
    expect(await at().session.contents(path, ['name', 'placed'])).toEqual([{ name: null, rows: 0, content: '0' }])
  })
}
