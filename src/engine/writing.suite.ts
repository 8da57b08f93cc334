/** A SELECT's rows as Parquet files. */
import { stat } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import type { Engine, WrittenFile } from './index.ts'
import { columnsOf, refusalOf, textOf, useWorkspace } from './workspace.suite.ts'

export const writingSuite = (open: () => Promise<Engine>): void => {
  describe('writing', () => writeTests(open))
  describe('partitions', () => partitionTests(open))
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
    expect(file).not.toHaveProperty('partition')
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
  const columns = columnsOf(['name VARCHAR', 'placed TIMESTAMP'])
  const rows = `select * from (values
    ('x/y=ü %', timestamp '2011-03-04 05:06:07'), ('', timestamp '2011-03-04 07:00:00'),
    ('_', timestamp '2012-01-01'), (null, null)) as t(name, placed)`

  it.each([
    ['hour', 'placed', [null, '2011-03-04T05', '2011-03-04T07', '2012-01-01T00']],
    ['day', 'placed', [null, '2011-03-04', '2012-01-01']],
    ['month', 'placed', [null, '2011-03', '2012-01']],
    ['year', 'placed', [null, '2011', '2012']],
    ['value', 'name', [null, '', '_', 'x/y=ü %']],
  ] as const)('partitions by %s of %s, with one for nulls', async (grain, column, expected) => {
    const files = await at().session.write(rows, {
      folder: await at().emptyFolder(),
      columns,
      partition: { column, grain },
    })
    expect(files.map(file => file.partition).sort(nullsFirst)).toEqual(expected)
    expect(files.reduce((sum, file) => sum + file.rows, 0)).toBe(4)
    await at().session.define(['read'], { kind: 'parquet', files: files.map(file => file.path), columns })
    expect(await at().session.rows('select count(*) as n, count(distinct name) as names from read')).toEqual([
      { n: 4, names: 3 },
    ])
  })

  it('takes the UTC day of an instant', async () => {
    const files = await at().session.write("select timestamptz '2011-03-04 23:30:00-02' as placed", {
      folder: await at().emptyFolder(),
      columns: columnsOf(['placed TIMESTAMP WITH TIME ZONE']),
      partition: { column: 'placed', grain: 'day' },
    })
    expect(files.map(file => file.partition)).toEqual(['2011-03-05'])
  })

  it('keeps apart a null and the text by which folders mark a null', async () => {
    const files = await at().session.write("select unnest(['__HIVE_DEFAULT_PARTITION__', null]) as name", {
      folder: await at().emptyFolder(),
      columns: columnsOf(['name VARCHAR']),
      partition: { column: 'name', grain: 'value' },
    })
    expect(
      files.map(({ partition, rows }) => ({ partition, rows })).sort((a, b) => nullsFirst(a.partition, b.partition)),
    ).toEqual([
      { partition: null, rows: 1 },
      { partition: '__HIVE_DEFAULT_PARTITION__', rows: 1 },
    ])
  })

  it('loses no row over many partitions that come in turns', async () => {
    const files = await at().session.write('select i % 300 as part, i from range(60000) t(i)', {
      folder: await at().emptyFolder(),
      columns: columnsOf(['part BIGINT', 'i BIGINT']),
      partition: { column: 'part', grain: 'value' },
    })
    expect(new Set(files.map(file => file.partition)).size).toBe(300)
    expect(files.reduce((sum, file) => sum + file.rows, 0)).toBe(60000)
    await at().session.define(['read'], { kind: 'parquet', files: files.map(file => file.path) })
    expect(await at().session.rows('select count(distinct i) as n from read')).toEqual([{ n: 60000 }])
  })

  it('writes no file for a SELECT without rows', async () => {
    const files = await at().session.write(`select * from (${rows}) where false`, {
      folder: await at().emptyFolder(),
      columns,
      partition: { column: 'placed', grain: 'day' },
    })
    expect(files).toEqual([])
  })
}

const nullsFirst = (one: WrittenFile['partition'], other: WrittenFile['partition']): number =>
  Number(one !== null) - Number(other !== null) || ((one ?? '') < (other ?? '') ? -1 : 1)
