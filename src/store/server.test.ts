import { readdir } from 'node:fs/promises'
import { sql } from 'kysely'
import pg from 'pg'
import { afterAll, describe, expect, it } from 'vitest'
import { defaultLimits } from '../base/index.ts'
import { openStore, type Store } from './index.ts'
import { type Postgres, startPostgres } from './postgres.suite.ts'
import { eventOf, newPlace, storeSuite } from './store.suite.ts'

const found = await startPostgres()
const reason = typeof found === 'string' ? found : ''
const server: Postgres | undefined = typeof found === 'string' ? undefined : found
afterAll(() => server?.stop())

const urlOf = (place: string): string => `${server?.url}${place}`

const openUrl = (where: string, storeTimeMs = defaultLimits.storeTimeMs): Promise<Store> =>
  openStore({ where, lockPath: '/nowhere', limits: { storeTimeMs } })

const made = new Set<string>()

/** A place is a database, made when it is first opened. */
const makePlace = async (place: string): Promise<void> => {
  if (made.has(place)) return
  made.add(place)
  await asAdmin(`create database ${place}`)
}

const asAdmin = async (statement: string): Promise<void> => {
  const client = new pg.Client({ connectionString: urlOf('postgres') })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

const open = async (place: string, storeTimeMs?: number): Promise<Store> => {
  await makePlace(place)
  return openUrl(urlOf(place), storeTimeMs)
}

describe.skipIf(server === undefined)(`PostgreSQL${reason === '' ? '' : ` (${reason})`}`, () => {
  storeSuite('PostgreSQL', open)

  it('is made once where several open it at once', async () => {
    const place = newPlace()
    await makePlace(place)
    const stores = await Promise.all(Array.from({ length: 5 }, () => open(place)))
    const { rows } = await sql<{ n: number }>`select count(*) as n from migration`.execute(stores[0]?.db ?? fail())
    const files = await readdir(new URL('migrations', import.meta.url))
    expect(rows).toEqual([{ n: files.length }])
    for (const store of stores) await store.close()
  })

  it('shows other openers what was committed, and nothing else', async () => {
    const place = newPlace()
    const [one, other] = [await open(place), await open(place)]
    const count = async (): Promise<number> => (await other.db.selectFrom('event').select('id').execute()).length
    await one.transaction(async db => {
      await db.insertInto('event').values(eventOf('a')).execute()
      expect(await count()).toBe(0)
    })
    expect(await count()).toBe(1)
    await one.close()
    await other.close()
  })

  it('survives connections that the server ends, idle or in a transaction', async () => {
    const place = newPlace()
    const store = await open(place)
    const endAll = `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${place}'`
    await store.db.insertInto('event').values(eventOf('before')).execute()
    const work = store.transaction(async db => {
      await db.insertInto('event').values(eventOf('lost')).execute()
      await asAdmin(endAll)
      await db.insertInto('event').values(eventOf('lost too')).execute()
    })
    await expect(work).rejects.toMatchObject({ name: 'WeftError', code: 'store.unreachable' })
    expect(await store.db.selectFrom('event').select('id').execute()).toEqual([{ id: 'before' }])
    await store.close()
  })

  it('refuses a catalogue of a newer version', async () => {
    const place = newPlace()
    const store = await open(place)
    await sql`insert into migration (name, hash) values ('9999-later.sql', 'h')`.execute(store.db)
    await store.close()
    await expect(open(place)).rejects.toMatchObject({ code: 'store.newer' })
  })

  it.each([
    ['a database that is not there', () => urlOf('nowhere')],
    ['a port that nobody listens on', () => 'postgres://weft:secret7@127.0.0.1:1/weft'],
  ])('says that %s cannot be used, without the password', async (_, url) => {
    const error: unknown = await openUrl(url()).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ name: 'WeftError', kind: 'unreachable', code: 'store.unreachable' })
    expect(JSON.stringify(error) + String(error)).not.toContain('secret7')
  })
})

const fail = (): never => {
  throw new Error('no store was opened')
}
