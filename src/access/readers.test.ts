import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { defaultLimits, type Effects, type Principal, silentLog } from '../base/index.ts'
import { portReads } from '../lineage/index.ts'
import { openStore, type Store } from '../store/index.ts'
import { startPostgres } from '../store/postgres.suite.ts'
import { acceptRead, portReaders } from './index.ts'

const folder = await mkdtemp(join(tmpdir(), 'weft-readers-'))
const server = await startPostgres()
const reason = typeof server === 'string' ? server : ''
const stores: Store[] = []
afterAll(async () => {
  for (const store of stores) await store.close()
  if (typeof server !== 'string') await server.stop()
  await rm(folder, { recursive: true, force: true })
})

const open = async (where: string): Promise<Store> => {
  const store = await openStore({ where, lockPath: join(folder, 'lock'), limits: defaultLimits })
  stores.push(store)
  return store
}

let made = 0
const effectsAt = (at: string): Effects => ({ now: () => new Date(at), id: () => `id-${made++}`, log: silentLog })

/** Ria reads both majors, a product the first one twice, somebody long ago. */
const readsIn = async (store: Store) => {
  const read = (at: string, kind: Principal['kind'], name: string, ...datasets: string[]) =>
    acceptRead(store.db, effectsAt(at), {
      env: 'dev',
      principal: { kind, name },
      purpose: 'test',
      exit: 'cli',
      sql: 'select 1',
      datasets: datasets.map(dataset => ({ dataset, snapshot: 's' })),
    })
  await read('2026-10-01T08:00:00Z', 'person', 'old', 'a.b.o.v1.t')
  await read('2026-11-27T23:59:59Z', 'person', 'ria', 'a.b.o.v1.t', 'a.b.o.v2.t', 'a.b.o.v1.t')
  await read('2026-11-28T00:00:01Z', 'person', 'ria', 'a.b.o.v1.u')
  for (const hour of ['07', '09']) await read(`2026-11-28T${hour}:00:00Z`, 'product', 'c.d', 'a.b.o.v1.t')
  await read('2026-11-28T10:00:00Z', 'product', 'a.b', 'a.b.o.v1.t')
  await read('2026-11-28T11:00:00Z', 'operator', 'nobody')
}

const both = describe.each([
  ['embedded', async () => open(join(folder, 'catalogue')), true],
  [
    'PostgreSQL',
    async () => open(typeof server === 'string' ? '' : `${server.url}postgres`),
    typeof server !== 'string',
  ],
] as const)

both('readers of ports on %s', (_, store, isThere) => {
  test.skipIf(!isThere)(`are counted by day, with when each last read ${reason}`, async () => {
    const { db } = await store().then(async it => {
      await readsIn(it)
      return it
    })
    const since = new Date('2026-11-01T00:00:00Z')
    const found = await portReads(db, 'dev', since, 10)
    const lines = found.map(it => `${it.port} ${it.reader} ${it.days} ${it.lastAt.toISOString()}`)
    expect(lines.sort()).toEqual([
      'a.b.o.v1 person:ria 1 2026-11-28T00:00:01.000Z',
      'a.b.o.v1 product:a.b 1 2026-11-28T10:00:00.000Z',
      'a.b.o.v1 product:c.d 1 2026-11-28T07:00:00.000Z',
      'a.b.o.v2 person:ria 1 2026-11-27T23:59:59.000Z',
    ])
    // The last readers where there are more than so many; only of some datasets where these are named.
    expect((await portReads(db, 'dev', since, 1)).map(it => it.reader).sort()).toEqual(['person:ria', 'product:a.b'])
    expect((await portReads(db, 'dev', since, 10, ['a.b.o.v1.u'])).map(it => it.days)).toEqual([1])
    expect(await portReads(db, 'other', since, 10)).toEqual([])

    const known = [
      { port: 'a.b.o.v1', kind: 'product', name: 'c.d', owner: 'team', via: 'declared' },
      { port: 'a.b.o.v1', kind: 'product', name: 'c.d', owner: 'team', via: 'declared' },
      { port: 'a.b.o.v2', kind: 'team', name: 'books', owner: 'books', via: 'agreement' },
    ] as const
    const readers = portReaders(known, found, product => `team of ${product}`)
    expect(readers.get('a.b.o.v1')).toEqual([
      {
        kind: 'product',
        name: 'c.d',
        owner: 'team of c.d',
        via: ['declared', 'observed'],
        days: 1,
        lastReadAt: '2026-11-28T07:00:00.000Z',
      },
      {
        kind: 'person',
        name: 'ria',
        owner: 'ria',
        via: ['observed'],
        days: 1,
        lastReadAt: '2026-11-28T00:00:01.000Z',
      },
    ])
    expect(readers.get('a.b.o.v2')?.map(it => [it.name, it.via, it.days])).toEqual([
      ['books', ['agreement'], 0],
      ['ria', ['observed'], 1],
    ])
  })
})
