/** What any store must do, run against each of them. */
import { randomBytes } from 'node:crypto'
import { type Insertable, sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { countGrown, type Database, type EventTable, type SnapshotTable, type Store } from './index.ts'

/** Opens the store of a place; the same place is the same store. */
export type OpenPlace = (place: string, storeTimeMs?: number) => Promise<Store>

/** A place that nobody used before. */
export const newPlace = (): string => `weft_${randomBytes(6).toString('hex')}`

/** Makes a closed catalogue one that may be of an earlier version. */
type Forget = (place: string) => void

export const storeSuite = (name: string, open: OpenPlace, forget: Forget = () => {}): void => {
  describe(`store ${name}`, () => {
    describe('values', () => valueTests(open))
    describe('transactions', () => transactionTests(open))
    describe('opening', () => openingTests(open, forget))
  })
}

export const eventOf = (id: string, change: Partial<Insertable<EventTable>> = {}): Insertable<EventTable> => ({
  id,
  env: 'prod',
  at: new Date('2024-01-01T00:00:00Z'),
  kind: 'test',
  subject_id: null,
  principal: 'ada',
  body: '{}',
  ...change,
})

const snapshot: Insertable<SnapshotTable> = {
  id: 's1',
  env: 'prod',
  dataset_id: 'd',
  dataset: 'sales.shop.orders.v1.lines',
  run_id: 'r',
  contract_hash: 'c',
  model_hash: 'm',
  schema_hash: 's',
  build_key: 'k',
  content_hash: 'h',
  layout: 'owned',
  uri: 'u',
  manifest_hash: 'mh',
  revision: 1,
  rows: Number.MAX_SAFE_INTEGER,
  bytes: 0,
  files: 2_147_483_647,
  reused_files: 0,
  state: 'kept',
  created_at: new Date('2024-02-29T12:34:56.789Z'),
}

/** One store for all tests of a suite; each test uses ids of its own. */
const useStore = (open: OpenPlace): (() => Store) => {
  let store: Store | undefined
  beforeAll(async () => {
    store = await open(newPlace())
  })
  afterAll(() => store?.close())
  return () => {
    if (store === undefined) throw new Error('the store is there in tests only')
    return store
  }
}

const idsLike = async (store: Store, pattern: string): Promise<string[]> => {
  const rows = await store.db.selectFrom('event').select('id').where('id', 'like', pattern).orderBy('id').execute()
  return rows.map(row => row.id)
}

const valueTests = (open: OpenPlace): void => {
  const at = useStore(open)

  it('gives whole numbers, instants and texts back as their declared types', async () => {
    await at().db.insertInto('snapshot').values(snapshot).execute()
    const row = await at().db.selectFrom('snapshot').selectAll().where('id', '=', 's1').executeTakeFirstOrThrow()
    expect(row).toEqual({ ...snapshot, left_out: [], removed_at: null })
  })

  it('gives json back as the value that was written', async () => {
    const body = { text: 'Zoë "x" \\ \n', list: [1, null, 2.5, true], deep: { empty: {}, large: 12345678901 } }
    await at()
      .db.insertInto('event')
      .values(eventOf('json', { body: JSON.stringify(body) }))
      .execute()
    const row = await at().db.selectFrom('event').select('body').where('id', '=', 'json').executeTakeFirstOrThrow()
    expect(row.body).toEqual(body)
  })

  it.each(['null', '"text"', '7', '[]', 'false'])('gives the json %s back', async body => {
    await at()
      .db.insertInto('event')
      .values(eventOf(`json ${body}`, { body }))
      .execute()
    const row = await at()
      .db.selectFrom('event')
      .select('body')
      .where('id', '=', `json ${body}`)
      .executeTakeFirstOrThrow()
    expect(JSON.stringify(row.body)).toBe(body)
  })

  it('takes nulls, booleans and fractions', async () => {
    const metric: Database['metric'] = {
      env: 'prod',
      dataset_id: 'd',
      column_name: null,
      name: 'null_rate',
      partition: null,
      snapshot_id: 's1',
      at: new Date('1969-12-31T23:59:59.999Z'),
      value: 0.1,
    }
    await at().db.insertInto('metric').values(metric).execute()
    expect(await at().db.selectFrom('metric').selectAll().execute()).toEqual([metric])
    const publication = { port_id: 'p', env: 'prod', port: 'p', seq: 1, reason: 'run', run_id: null, by: 'a' } as const
    await at()
      .db.insertInto('publication')
      .values({ ...publication, at: snapshot.created_at })
      .execute()
    const row = await at().db.selectFrom('publication').select(['mirrored', 'run_id']).executeTakeFirstOrThrow()
    expect(row).toEqual({ mirrored: false, run_id: null })
  })

  it('counts as numbers, shows instants in UTC and keeps digits of decimals', async () => {
    const { rows } =
      await sql`select count(*) as n, current_setting('timezone') as zone, 1.50::numeric as d, '2024-02-29'::date as day, '2024-07-01 12:00'::timestamptz as instant from (values (1), (2)) t`.execute(
        at().db,
      )
    expect(rows).toEqual([
      { n: 2, zone: 'UTC', d: '1.50', day: '2024-02-29', instant: new Date('2024-07-01T12:00:00Z') },
    ])
  })

  it('refuses a whole number that a number cannot hold, and goes on', async () => {
    await expect(sql`select 9007199254740993::int8 as n`.execute(at().db)).rejects.toThrow('too large')
    expect((await sql`select 1 as n`.execute(at().db)).rows).toEqual([{ n: 1 }])
  })

  it('tells how many rows a statement changed', async () => {
    await at()
      .db.insertInto('event')
      .values([eventOf('n1', { kind: 'n' }), eventOf('n2', { kind: 'n' })])
      .execute()
    const changed = await at()
      .db.updateTable('event')
      .set({ principal: 'eve' })
      .where('kind', '=', 'n')
      .executeTakeFirst()
    expect(changed.numUpdatedRows).toBe(2n)
    const none = await at().db.deleteFrom('event').where('kind', '=', 'nothing').executeTakeFirst()
    expect(none.numDeletedRows).toBe(0n)
  })

  it('takes many rows in one statement', async () => {
    const rows = Array.from({ length: 2000 }, (_, index) => eventOf(`many-${String(index).padStart(4, '0')}`))
    await at().db.insertInto('event').values(rows).execute()
    expect(await idsLike(at(), 'many-%')).toEqual(rows.map(row => row.id))
  })
}

const transactionTests = (open: OpenPlace): void => {
  const at = useStore(open)

  it('keeps all that a transaction wrote, and gives its answer', async () => {
    const answer = await at().transaction(async db => {
      await db.insertInto('event').values(eventOf('kept-1')).execute()
      await db.insertInto('event').values(eventOf('kept-2')).execute()
      return 'done'
    })
    expect(answer).toBe('done')
    expect(await idsLike(at(), 'kept-%')).toEqual(['kept-1', 'kept-2'])
  })

  it('keeps nothing of a transaction whose work fails, and passes its error on', async () => {
    const failure = new Error('the work failed')
    const work = at().transaction(async db => {
      await db.insertInto('event').values(eventOf('lost-1')).execute()
      throw failure
    })
    await expect(work).rejects.toBe(failure)
    expect(await idsLike(at(), 'lost-%')).toEqual([])
  })

  it('keeps nothing of a transaction with a statement that fails, and goes on', async () => {
    const work = at().transaction(async db => {
      await db.insertInto('event').values(eventOf('broken-1')).execute()
      await sql`select * from nowhere`.execute(db)
    })
    await expect(work).rejects.toThrow('nowhere')
    expect(await idsLike(at(), 'broken-%')).toEqual([])
  })

  it('tells of a conflict, in a transaction and outside, without the row', async () => {
    await at().db.insertInto('event').values(eventOf('taken-secret7')).execute()
    const insert = (db: Store['db']) => db.insertInto('event').values(eventOf('taken-secret7')).execute()
    for (const work of [() => at().transaction(insert), () => insert(at().db)]) {
      const error: unknown = await work().catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ name: 'WeftError', kind: 'blocked', code: 'store.conflict' })
      expect(textOf(error)).not.toContain('secret7')
    }
  })

  it('lets one of many claim the same thing', async () => {
    const claims = await Promise.allSettled(
      Array.from({ length: 10 }, (_, index) =>
        at().transaction(async db => {
          await db
            .insertInto('event')
            .values(eventOf(`claim-by-${index}`))
            .execute()
          await db.insertInto('event').values(eventOf('claim')).execute()
        }),
      ),
    )
    expect(claims.filter(claim => claim.status === 'fulfilled')).toHaveLength(1)
    expect(await idsLike(at(), 'claim%')).toHaveLength(2)
  })

  it('counts on where many compare and set the same row', async () => {
    await at()
      .db.insertInto('event')
      .values(eventOf('counter', { body: '0' }))
      .execute()
    const increments = Array.from({ length: 20 }, () =>
      at().transaction(async db => {
        const { body } = await db
          .selectFrom('event')
          .select('body')
          .where('id', '=', 'counter')
          .forUpdate()
          .executeTakeFirstOrThrow()
        await db
          .updateTable('event')
          .set({ body: JSON.stringify(Number(body) + 1) })
          .where('id', '=', 'counter')
          .execute()
      }),
    )
    await Promise.all(increments)
    const row = await at().db.selectFrom('event').select('body').where('id', '=', 'counter').executeTakeFirst()
    expect(row?.body).toBe(20)
  })

  it('does not mix transactions that run at once with each other or with statements beside them', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `mix-${String(index).padStart(2, '0')}`)
    const works = names.map((name, index) =>
      at().transaction(async db => {
        await db
          .insertInto('event')
          .values(eventOf(`${name}-a`))
          .execute()
        await Promise.resolve()
        await db
          .insertInto('event')
          .values(eventOf(`${name}-b`))
          .execute()
        if (index % 3 === 0) throw new Error('this one gives up')
      }),
    )
    const beside = names.map(name =>
      at()
        .db.insertInto('event')
        .values(eventOf(`${name}-beside`))
        .execute(),
    )
    await Promise.allSettled(works)
    await Promise.all(beside)
    const expected = names.flatMap((name, index) =>
      index % 3 === 0 ? [`${name}-beside`] : [`${name}-a`, `${name}-b`, `${name}-beside`],
    )
    expect(await idsLike(at(), 'mix-%')).toEqual(expected)
  })
}

const openingTests = (open: OpenPlace, forget: Forget): void => {
  it('keeps its rows when it is closed and opened again, and changes nothing at the second opening', async () => {
    const place = newPlace()
    const first = await open(place)
    await first.db.insertInto('event').values(eventOf('kept')).execute()
    const migrations = await sql`select * from migration order by name`.execute(first.db)
    expect(migrations.rows.length).toBeGreaterThan(0)
    await first.close()
    const second = await open(place)
    expect(await idsLike(second, '%')).toEqual(['kept'])
    expect((await sql`select * from migration order by name`.execute(second.db)).rows).toEqual(migrations.rows)
    await second.close()
  })

  it('takes the steps out of plans that an earlier version kept', async () => {
    const place = newPlace()
    const first = await open(place)
    await sql`alter table plan_step drop column body`.execute(first.db)
    await sql`delete from migration where name >= '0008'`.execute(first.db)
    await sql`insert into plan (id, env, state, reads, consequences_hash, body, by, at) values
      ('p', 'dev', 'open', '{}', '', '{"id": "p", "steps": [{"kind": "a"}, {"kind": "b", "list": [1]}]}', 'x', now())`.execute(
      first.db,
    )
    await sql`insert into plan_step (plan_id, seq, kind, subject, key, state, attempt) values
      ('p', 0, 'a', '', '', 'pending', 0), ('p', 1, 'b', '', '', 'pending', 0)`.execute(first.db)
    await first.close()
    forget(place)
    const second = await open(place)
    const steps = await second.db.selectFrom('plan_step').select(['seq', 'body']).orderBy('seq').execute()
    expect(steps).toEqual([
      { seq: 0, body: { kind: 'a' } },
      { seq: 1, body: { kind: 'b', list: [1] } },
    ])
    expect((await second.db.selectFrom('plan').select('body').executeTakeFirst())?.body).toEqual({ id: 'p' })
    await second.close()
  })

  it('counts a table that has grown, once', async () => {
    const store = await open(newPlace())
    const counted = async (): Promise<number> => {
      const { rows } = await sql<{
        pages: number
      }>`select relpages as pages from pg_class where oid = 'event'::regclass`.execute(store.db)
      return rows[0]?.pages ?? 0
    }
    await countGrown(store.db, ['event', 'entity'])
    const before = await counted()
    for (let n = 0; n < 2000; n += 500)
      await store.db
        .insertInto('event')
        .values(Array.from({ length: 500 }, (_, at) => eventOf(`grown-${n + at}`)))
        .execute()
    await countGrown(store.db, ['event', 'entity'])
    expect(await counted()).toBeGreaterThan(2 * before + 16)
    await store.db.deleteFrom('event').execute()
    const after = await counted()
    await countGrown(store.db, ['event', 'entity'])
    expect(await counted()).toBe(after)
    await store.close()
  })

  it('ends a statement that takes too long', async () => {
    const place = newPlace()
    await (await open(place)).close()
    const store = await open(place, 300)
    const endless = sql`select count(*) from generate_series(1, 1000000000) a where a % 7 = 8`
    await expect(endless.execute(store.db)).rejects.toMatchObject({ name: 'WeftError', code: 'store.timeout' })
    await store.close()
  })

  it('ends a transaction whose statement takes too long, and keeps nothing of it', async () => {
    const place = newPlace()
    await (await open(place)).close()
    const store = await open(place, 2000)
    const work = store.transaction(async db => {
      await db.insertInto('event').values(eventOf('late')).execute()
      await sql`select count(*) from generate_series(1, 1000000000) a where a % 7 = 8`.execute(db)
    })
    await expect(work).rejects.toMatchObject({ name: 'WeftError', code: 'store.timeout' })
    await store.close()
    const again = await open(place)
    expect(await idsLike(again, '%')).toEqual([])
    await again.close()
  })

  it('takes no statement once it is closed, and can be closed twice', async () => {
    const store = await open(newPlace())
    await store.close()
    await store.close()
    await expect(sql`select 1`.execute(store.db)).rejects.toThrow()
  })
}

/** Everything that a person or a log could see of an error, with its causes. */
const textOf = (error: unknown): string =>
  error instanceof Error
    ? [error.message, error.stack, JSON.stringify(error), textOf(error.cause)].join('\n')
    : String(error ?? '')
