/** Answers of any size, batch by batch. */
import { describe, expect, it } from 'vitest'
import type { Batch, Engine, Vector } from './index.ts'
import { batchesOf, refusalOf, textOf, useWorkspace } from './workspace.suite.ts'

export const streamingSuite = (open: () => Promise<Engine>): void => {
  describe('vectors', () => vectorTests(open))
  describe('streams', () => streamTests(open))
}

const isValid = (vector: Vector | undefined, row: number): boolean =>
  vector?.valid === undefined || ((vector.valid[row >> 3] ?? 0) & (1 << (row & 7))) !== 0

const vectorTests = (open: () => Promise<Engine>): void => {
  const at = useWorkspace(open)
  const first = async (sql: string): Promise<Batch> => {
    const [batch] = await batchesOf(await at().session.query(sql))
    if (batch === undefined) throw new Error('the statement gave no batch')
    return batch
  }

  it.each([
    ['i::tinyint', 'TINYINT', Int8Array.of(0, 1, 2)],
    ['i::smallint', 'SMALLINT', Int16Array.of(0, 1, 2)],
    ['i::integer', 'INTEGER', Int32Array.of(0, 1, 2)],
    ['i::bigint', 'BIGINT', BigInt64Array.of(0n, 1n, 2n)],
    ['i::utinyint', 'UTINYINT', Uint8Array.of(0, 1, 2)],
    ['i::usmallint', 'USMALLINT', Uint16Array.of(0, 1, 2)],
    ['i::uinteger', 'UINTEGER', Uint32Array.of(0, 1, 2)],
    ['i::ubigint', 'UBIGINT', BigUint64Array.of(0n, 1n, 2n)],
    ['i::float / 2', 'FLOAT', Float32Array.of(0, 0.5, 1)],
    ['i::double / 2', 'DOUBLE', Float64Array.of(0, 0.5, 1)],
    ['i % 2 = 1', 'BOOLEAN', Uint8Array.of(0, 1, 0)],
    ["date '1970-01-01' + i::integer", 'DATE', Int32Array.of(0, 1, 2)],
    ["timestamp '1970-01-01' + to_seconds(i)", 'TIMESTAMP', BigInt64Array.of(0n, 1_000_000n, 2_000_000n)],
    [
      "timestamptz '1970-01-01 00:00:00+00' + to_seconds(i)",
      'TIMESTAMP WITH TIME ZONE',
      BigInt64Array.of(0n, 1_000_000n, 2_000_000n),
    ],
    ['i::decimal(10,2)', 'DECIMAL(10,2)', ['0.00', '1.00', '2.00']],
    ["'x' || i", 'VARCHAR', ['x0', 'x1', 'x2']],
    ['[i]', 'BIGINT[]', [[0], [1], [2]]],
    ["{'k': i}", 'STRUCT("k" BIGINT)', [{ k: 0 }, { k: 1 }, { k: 2 }]],
  ])('%s comes as %s', async (sql, type, data) => {
    const batch = await first(`select ${sql} as v from range(3) t(i)`)
    expect(batch).toEqual({ rows: 3, vectors: [{ type, data }] })
  })

  it.each(['i::integer', "'x' || i", 'i % 2 = 1', 'i::decimal(10,2)', '[i]', "date '1970-01-01' + i::integer"])(
    'a null of %s is told by its bit alone',
    async sql => {
      const batch = await first(`select case when i % 3 = 0 then null else ${sql} end as v from range(20) t(i)`)
      const bits = Array.from({ length: 20 }, (_, row) => isValid(batch.vectors[0], row))
      expect(bits).toEqual(Array.from({ length: 20 }, (_, row) => row % 3 !== 0))
    },
  )

  it('has no bits where no value is null', async () => {
    expect((await first('select i as v from range(5) t(i)')).vectors[0]).not.toHaveProperty('valid')
  })

  it('keeps a batch after the next one came', async () => {
    const batches = await batchesOf(await at().session.query('select i::integer as v from range(5000) t(i) order by i'))
    const values = batches.flatMap(batch => [...(batch.vectors[0]?.data ?? [])])
    expect(values).toEqual(Array.from({ length: 5000 }, (_, index) => index))
    expect(batches.every(batch => batch.rows <= 2048)).toBe(true)
  })
}

const streamTests = (open: () => Promise<Engine>): void => {
  const at = useWorkspace(open)
  const rowsOf = async (sql: string): Promise<number> =>
    (await batchesOf(await at().session.query(sql))).reduce((sum, batch) => sum + batch.rows, 0)

  it('names its columns before the first batch, and gives none for no rows', async () => {
    const result = await at().session.query('select 1 as a, true as b where false')
    expect(result.columns).toEqual([
      { name: 'a', type: 'INTEGER' },
      { name: 'b', type: 'BOOLEAN' },
    ])
    expect(await batchesOf(result)).toEqual([])
  })

  it('takes parameters', async () => {
    const result = await at().session.query('select ?::integer + i as a from range(?) t(i)', [10, 2])
    expect((await batchesOf(result))[0]?.vectors[0]?.data).toEqual(BigInt64Array.of(10n, 11n))
  })

  it('runs two streams and a small statement at once', async () => {
    const one = (await at().session.query('select i from range(100000) t(i)')).batches()[Symbol.asyncIterator]()
    const other = (await at().session.query('select i from range(50000) t(i)')).batches()[Symbol.asyncIterator]()
    const counts = { one: 0, other: 0 }
    for (let isOpen = true; isOpen; ) {
      const [left, right] = await Promise.all([one.next(), other.next()])
      counts.one += left.done === true ? 0 : left.value.rows
      counts.other += right.done === true ? 0 : right.value.rows
      isOpen = left.done !== true || right.done !== true
      if (counts.one < 10_000) expect(await at().session.rows('select 1 as a')).toEqual([{ a: 1 }])
    }
    expect(counts).toEqual({ one: 100_000, other: 50_000 })
  })

  it('goes on with other statements after loops that ended early', async () => {
    for (let turn = 0; turn < 50; turn++) {
      const result = await at().session.query('select i from range(10000000) t(i)')
      for await (const batch of result.batches()) {
        expect(batch.rows).toBeGreaterThan(0)
        break
      }
    }
    expect(await rowsOf('select i from range(3000) t(i)')).toBe(3000)
  })

  it('fails in the middle of a stream without showing the row', async () => {
    const work = rowsOf(
      "select case when i = 90000 then ('secret' || i)::integer else 1 end as v from range(100000) t(i)",
    )
    const error = await refusalOf(work)
    expect(error.code).toBe('engine.runtime')
    expect(textOf(error)).not.toContain('secret')
    expect(await rowsOf('select 1 as a')).toBe(1)
  })
}
