import { readdir, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { defaultLimits, hashText } from '../base/index.ts'
import { queryOperation, ReaderPool, read, readParquet } from './index.ts'
import {
  answer,
  env,
  failureOf,
  folder,
  isBuilt,
  outcomes,
  parts,
  publishInPlace,
  request,
  session,
  snapshots,
  store,
  usePublished,
} from './published.suite.ts'

usePublished()

describe.skipIf(!isBuilt)('reading what is published (needs `npm run build`)', () => {
  test('a statement is answered with columns, rows and the snapshots that it read', async () => {
    expect(await answer('select run, count(*) as n from sales.shop_orders_v1.orders group by all')).toEqual({
      columns: [
        { name: 'run', type: 'VARCHAR' },
        { name: 'n', type: 'BIGINT' },
      ],
      rows: [['second', 5]],
      rowCount: 1,
      truncated: false,
      datasets: [{ dataset: 'sales.shop-orders.orders.v1.orders', snapshot: snapshots.new }],
    })
  })

  test('a bare name is the newest major, letters’ case does not count, a name may be hidden by an expression', async () => {
    const sql =
      'with x as (from Sales."Shop_Orders".ORDERS) select run, (select count(*) from sales.shop_orders_v1.orders) from x limit 1'
    expect((await answer(sql)).rows).toEqual([['major two', 5]])
  })

  test('a statement over no dataset is answered', async () => {
    expect(await answer('select 1 + 1 as two')).toMatchObject({ rows: [[2]], datasets: [] })
  })

  test('the limit of rows cuts the answer and says so', async () => {
    const context = { parts: { reads: async () => parts }, principal: request('').principal, purpose: 'test' }
    const rest = { signal: new AbortController().signal, progress: () => {} }
    const sql = 'select n from finance.revenue.wide order by n'
    const some = await queryOperation.run({ ...context, ...rest }, { sql, limit: 3 })
    expect(some).toMatchObject({ rows: [[0], [1], [2]], rowCount: 3, truncated: true })
    const many = await queryOperation.run({ ...context, ...rest }, { sql })
    expect(many).toMatchObject({ rowCount: defaultLimits.queryRowsMax, truncated: true })
    expect((await outcomes(sql)).sort()).toEqual(['ended early', 'ended early'])
  })

  test('every row of a large answer arrives once', async () => {
    const sql = 'select n, filler from finance.revenue.wide'
    const reading = await read(parts, request(sql))
    let rows = 0
    for await (const batch of reading.batches()) rows += batch.rows
    expect(rows).toBe(300_000)
    expect(await outcomes(sql)).toEqual(['done'])
  })

  test('a file in place that is written while it is read is an error at the end', async () => {
    const path = await publishInPlace(
      'sales.lake.files.v1.lines',
      "select i as n, i::text || repeat('x', 50) as filler from range(300000) t(i)",
    )
    const sql = 'select n, filler from sales.lake.lines'
    const touch = (): Promise<void> => utimes(path, new Date(), new Date())
    const reading = await read(parts, request(sql))
    let rows = 0
    const all = (async () => {
      for await (const batch of reading.batches()) {
        if (rows === 0) await touch()
        rows += batch.rows
      }
    })()
    await expect(all).rejects.toMatchObject({ code: 'source.changed' })
    expect(rows).toBe(300_000)
    expect(await outcomes(sql)).toEqual(['failed: source.changed'])

    const again = await failureOf(sql)
    expect(again.problems[0]).toMatchObject({ code: 'source.changed', found: expect.stringContaining(path) })
    expect((await outcomes(sql)).at(-1)).toBe('refused: source.changed')
  })

  test('what was served at an instant, on a day, or by a snapshot', async () => {
    const sql = 'select distinct run from sales.shop_orders_v1.orders'
    const run = async (at: string) => (await answer(sql, { at })).rows
    expect(await run('2026-01-15T00:00:00Z')).toEqual([['first']])
    expect(await run('2026-01-01')).toEqual([['first']])
    expect(await run('2026-02-01T11:30:00+01:00')).toEqual([['second']])
    expect(await run(snapshots.old ?? '')).toEqual([['first']])
    expect((await failureOf(sql, { at: '2025-12-31' })).code).toBe('query.not-published')
    expect((await failureOf(sql, { at: '2026-99-01' })).code).toBe('query.bad-instant')
    expect((await failureOf(sql, { at: 'yesterday' })).code).toBe('query.bad-instant')
    const quarantined = await failureOf(sql, { at: snapshots.quarantined ?? '' })
    expect(quarantined.problems[0]).toMatchObject({
      code: 'query.snapshot-not-readable',
      message: expect.stringContaining('quarantined'),
    })
  })

  test('the whole answer is written as one Parquet file', async () => {
    const path = join(folder, 'out.parquet')
    const written = await readParquet(
      parts,
      request('select id, id::hugeint as big from sales.shop_orders_v1.orders'),
      path,
    )
    expect(written).toMatchObject({ rows: 5, datasets: [{ snapshot: snapshots.new }] })
    expect(await session.rows(`select count(*) as n, sum(big)::int as s from read_parquet('${path}')`)).toEqual([
      { n: 5, s: 10 },
    ])
    expect((await readdir(folder)).filter(name => name.endsWith('.part'))).toEqual([])
  })
})

describe.skipIf(!isBuilt)('names that mean nothing (needs `npm run build`)', () => {
  test('an unknown dataset comes with its place and the nearest name', async () => {
    const error = await failureOf("select 'ä',\n  * from sales.shop_orders.ordres")
    expect(error.problems[0]).toMatchObject({
      code: 'query.unknown-dataset',
      message: 'no dataset is called sales.shop_orders.ordres',
      help: 'did you mean "sales.shop_orders.orders"?',
      line: 2,
      column: 10,
    })
  })

  test('a name of one or two parts is no dataset', async () => {
    expect((await failureOf('select * from orders')).problems[0]).toMatchObject({
      code: 'query.unknown-dataset',
      help: 'did you mean "sales.shop_orders.orders"?',
    })
    expect((await failureOf('select * from shop_orders.orders')).code).toBe('query.unknown-dataset')
  })

  test('a dataset that is known but not published says why', async () => {
    expect((await failureOf('from sales.shop_orders.planned')).problems[0]).toMatchObject({
      code: 'query.not-published',
      message: 'sales.shop_orders.planned has nothing published: it was not built yet',
    })
    expect((await failureOf('from sales.shop_orders.failing')).problems[0]).toMatchObject({
      code: 'query.not-published',
      message:
        'sales.shop_orders.failing has nothing published: its newest snapshot failed its checks and is quarantined',
    })
  })

  test('an unknown column is told in the engine’s words, with its place', async () => {
    const error = await failureOf('select\n  nam from sales.shop_orders.orders')
    expect(error.problems[0]).toMatchObject({ code: 'query.bad-statement', line: 2, column: 3 })
    expect(error.message).toContain('"nam" not found')
  })
})

describe.skipIf(!isBuilt)('every read is audited (needs `npm run build`)', () => {
  test('the row stands before the first row is read, and says who, why and what, never the statement', async () => {
    const sql = 'select n as audited from finance.revenue.wide'
    const reading = await read(parts, request(sql))
    expect(await outcomes(sql)).toEqual(['started'])
    await reading.close()
    const row = await store.db
      .selectFrom('read_audit')
      .selectAll()
      .where('statement_hash', '=', hashText(sql))
      .executeTakeFirstOrThrow()
    expect(row).toMatchObject({ principal: 'operator:ada', purpose: 'test', exit: 'test', env, outcome: 'ended early' })
    expect(row.datasets).toEqual([{ dataset: 'finance.revenue.daily.v1.wide', snapshot: expect.any(String) }])
    expect(JSON.stringify(row)).not.toContain('select')
  })

  test('a refusal is audited too', async () => {
    const sql = "select getenv('HOME')"
    await failureOf(sql)
    expect(await outcomes(sql)).toEqual(['refused: query.not-allowed'])
  })

  test('without an audit row nothing is read', async () => {
    const sql = 'select id as unaudited from sales.shop_orders.orders'
    const broken = new Proxy(store.db, {
      get: (db, key) => {
        if (key !== 'insertInto') return Reflect.get(db, key).bind(db)
        return () => {
          throw new Error('the audit cannot be written')
        }
      },
    })
    await expect(read({ ...parts, db: broken }, request(sql))).rejects.toThrow('the audit cannot be written')
    expect(await outcomes(sql)).toEqual([])
    expect(await readdir(join(folder, 'readers'))).toEqual([])
  })

  test('a failure on the data shows no value and is audited', async () => {
    const sql = 'select word::int from finance.salaries.pay'
    const error = await failureOf(sql)
    expect(error.code).toBe('query.failed')
    expect(JSON.stringify([error.message, error.problems])).not.toMatch(/topsecret|987654|parquet/)
    expect(await outcomes(sql)).toEqual(['failed: query.failed'])
  })
})

describe.skipIf(!isBuilt)('a statement ends when it must (needs `npm run build`)', () => {
  const endless = 'select sum(a.range * b.range) from range(1000000000) a, range(1000000000) b'

  test('Ctrl-C ends its process and leaves nothing behind', async () => {
    const controller = new AbortController()
    const running = read(parts, request(endless, { signal: controller.signal })).then(async reading => {
      controller.abort()
      for await (const _ of reading.batches());
    })
    await expect(running).rejects.toMatchObject({ code: 'query.interrupted', kind: 'interrupted' })
    expect(await outcomes(endless)).toEqual(['cancelled'])
    expect(await readdir(join(folder, 'readers'))).toEqual([])
  })

  test('a signal that was given before is heard', async () => {
    const sql = 'select 1 as never'
    expect((await failureOf(sql, { signal: AbortSignal.abort() })).code).toBe('query.interrupted')
    expect(await outcomes(sql)).toEqual(['refused: query.interrupted'])
  })

  test('one that waits for a process ends with its signal, and the place goes to the next', async () => {
    const narrow = new ReaderPool({ scratch: join(folder, 'readers'), readersMax: 1 })
    const first = await read({ ...parts, pool: narrow }, request('select n as first from finance.revenue.wide'))
    const controller = new AbortController()
    const waiting = read({ ...parts, pool: narrow }, request('select 2 as waiting', { signal: controller.signal }))
    controller.abort()
    await expect(waiting).rejects.toMatchObject({ code: 'query.interrupted' })
    await first.close()
    const next = await read({ ...parts, pool: narrow }, request('select 3 as next'))
    await next.close()
    await narrow.close()
    expect(await readdir(join(folder, 'readers'))).toEqual([])
  })

  test('the time limit ends it', async () => {
    const sql = `${endless} where a.range > 1`
    const limits = { ...defaultLimits, queryTimeMs: 1_500 }
    const running = read({ ...parts, limits }, request(sql)).then(async reading => {
      for await (const _ of reading.batches());
    })
    await expect(running).rejects.toMatchObject({ code: 'query.out-of-time' })
    // On a slow machine the time is over before the statement starts.
    expect(await outcomes(sql)).toEqual([expect.stringMatching(/^(failed|refused): query\.out-of-time$/)])
    expect(await readdir(join(folder, 'readers'))).toEqual([])
  })

  test('the limit of memory ends it', async () => {
    const limits = { ...defaultLimits, queryMemory: 64 * 1024 ** 2 }
    const sql = 'select length(list(i)) from range(100000000) t(i)'
    await expect(
      read({ ...parts, limits }, request(sql)).then(async reading => {
        for await (const _ of reading.batches());
      }),
    ).rejects.toMatchObject({ code: 'query.out-of-memory' })
  })

  test('ending the loop ends the process', async () => {
    const reading = await read(parts, request('select * from finance.revenue.wide'))
    for await (const _ of reading.batches()) break
    expect(await readdir(join(folder, 'readers'))).toEqual([])
  })

  test('a statement that is too long is refused before it is looked at', async () => {
    const limits = { ...defaultLimits, statementCharactersMax: 10 }
    await expect(read({ ...parts, limits }, request('select 1 as too_long'))).rejects.toMatchObject({
      code: 'query.too-long',
    })
  })
})
