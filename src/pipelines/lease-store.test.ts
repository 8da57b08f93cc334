import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { defaultLimits, uuidV7 } from '../base/index.ts'
import { openStore, type Store } from '../store/index.ts'
import { cancelRequests, failLostRuns, liveRunOf, openRuns, requestCancel, requeueRun } from './lease-store.ts'
import { endRun, listRuns, queueRun, renewLease, takeLease } from './store.ts'

const folder = mkdtempSync(join(tmpdir(), 'weft-test-'))
let store: Store
beforeAll(async () => {
  store = await openStore({ where: join(folder, 'catalogue'), lockPath: join(folder, 'lock'), limits: defaultLimits })
})
afterAll(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

const leaseMs = 30_000
const noon = new Date('2026-11-25T12:00:00Z')
const later = (ms: number): Date => new Date(noon.getTime() + ms)
const day = 86_400_000

/** Each test has an environment of its own. */
const queue = (env: string, at: Date, product = 'sales.orders'): Promise<string> =>
  queueRun(store.db, {
    id: uuidV7(at.getTime()),
    env,
    productId: `${env} ${product}`,
    product,
    trigger: 'person',
    by: 'ada',
    at,
  })

const begin = async (env: string, at: Date, owner = 'one'): Promise<string> => {
  const id = await queue(env, at)
  expect(await takeLease(store.db, id, owner, at, leaseMs)).toBe(true)
  return id
}

test('runs are listed as they were asked for, also where the clock was set back', async () => {
  const first = await begin('order', noon)
  await endRun(store.db, first, { state: 'succeeded', at: later(1000), problems: [] })
  const second = await begin('order', later(-2 * day))
  expect((await listRuns(store.db, 'order', { limit: 10 })).map(it => it.id)).toEqual([second, first])
})

test('a lease binds others while its process renews it', async () => {
  const first = await begin('live', noon)
  const second = await queue('live', later(5000))
  expect(await takeLease(store.db, second, 'two', later(5000), leaseMs)).toBe(false)
  expect(await liveRunOf(store.db, 'live', 'sales.orders', later(5000), leaseMs)).toEqual({ id: first, owner: 'one' })
  expect(await failLostRuns(store.db, 'live', later(5000), { soleOwner: false, leaseMs })).toBe(0)
  expect(await renewLease(store.db, first, 'one', 'checking', later(60_000))).toBe(true)
})

test.each([
  ['ran out', later(leaseMs + 1)],
  ['was taken under a clock that was a year ahead', later(-365 * day)],
])('a lease that %s binds nobody, and its run has failed', async (what, now) => {
  const env = `lost ${what}`
  const lost = await begin(env, noon)
  const next = await queue(env, now)
  expect(await takeLease(store.db, next, 'two', now, leaseMs)).toBe(true)
  expect(await failLostRuns(store.db, env, now, { soleOwner: false, leaseMs })).toBe(1)
  const [second, first] = await listRuns(store.db, env, { limit: 10 })
  expect(first).toMatchObject({ id: lost, state: 'failed', problems: [{ code: 'run.lost' }] })
  expect(second).toMatchObject({ id: next, state: 'running' })
  // Its process, if it lives after all, publishes nothing.
  expect(await renewLease(store.db, lost, 'one', 'publishing', later(day))).toBe(false)
})

test('who opens the embedded catalogue is alone: whatever is open is lost, also what waits', async () => {
  await begin('alone', noon)
  await queue('alone', noon, 'sales.other')
  expect(await failLostRuns(store.db, 'alone', noon, { soleOwner: true, leaseMs })).toBe(2)
  expect(await openRuns(store.db, 'alone')).toEqual([])
})

test('a run that is tried again keeps its id, and counts', async () => {
  const id = await begin('again', noon)
  await endRun(store.db, id, { state: 'failed', at: later(1000), problems: [] })
  await requeueRun(store.db, id)
  expect(await begin('again', later(2000))).toBe(id)
  expect(await listRuns(store.db, 'again', { limit: 10 })).toMatchObject([{ id, state: 'running', attempts: 2 }])
})

test('only what is open can be asked to end', async () => {
  const done = await begin('cancel', noon)
  await endRun(store.db, done, { state: 'succeeded', at: later(1), problems: [] })
  const open = await begin('cancel', later(2))
  await requestCancel(store.db, [done, open], 'bob', later(3))
  expect(await cancelRequests(store.db, [done, open])).toEqual([{ id: open, cancel_by: 'bob' }])
})
