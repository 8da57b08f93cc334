import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { defaultLimits } from '../base/index.ts'
import { openStore, type Store } from './index.ts'
import { eventOf, newPlace, storeSuite } from './store.suite.ts'

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'weft-store-'))
})
afterAll(() => rm(root, { recursive: true, force: true }))

const pathsOf = (place: string) => ({ where: join(root, place, 'catalogue'), lockPath: join(root, place, 'lock') })

const open = (place: string, storeTimeMs = defaultLimits.storeTimeMs): Promise<Store> =>
  openStore({ ...pathsOf(place), limits: { storeTimeMs } })

storeSuite('embedded', open, place => writeFileSync(join(pathsOf(place).where, 'weft-complete'), ''))

const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

/** Another process that opens the catalogue of a place, as built, and writes one event after the other; each id is a line once it is committed. */
const startWriter = (place: string): { child: ChildProcess; lines: AsyncIterator<string> } => {
  const script = `
    const { openStore } = await import(${JSON.stringify(new URL('../../dist/store/index.js', import.meta.url).href)})
    const store = await openStore(${JSON.stringify({ ...pathsOf(place), limits: { storeTimeMs: 60_000 } })})
    console.log('open')
    for (let n = 0; ; n++) {
      await store.transaction(async db => {
        const event = { env: 'prod', at: new Date(), kind: 'test', subject_id: null, principal: 'ada', body: JSON.stringify('x'.repeat(2000)) }
        await db.insertInto('event').values([{ ...event, id: n + '-a' }, { ...event, id: n + '-b' }]).execute()
      })
      console.log(n)
    }`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() }
}

describe('the lock', () => {
  it('names the process that has the catalogue open, and is free after closing', async () => {
    const place = newPlace()
    const store = await open(place)
    await expect(open(place)).rejects.toMatchObject({
      code: 'store.locked',
      message: `the catalogue is open in process ${process.pid}`,
    })
    expect((await sql`select 1 as n`.execute(store.db)).rows).toEqual([{ n: 1 }])
    await store.close()
    await (await open(place)).close()
    expect(existsSync(pathsOf(place).lockPath)).toBe(false)
  })

  it('is not given back for somebody else by closing twice', async () => {
    const place = newPlace()
    const first = await open(place)
    await first.close()
    const second = await open(place)
    await first.close()
    await expect(open(place)).rejects.toMatchObject({ code: 'store.locked' })
    await second.close()
  })

  it('holds against another process, and is taken over once that one is dead', async () => {
    const place = newPlace()
    const { child, lines } = startWriter(place)
    expect((await lines.next()).value).toBe('open')
    await expect(open(place)).rejects.toMatchObject({
      code: 'store.locked',
      message: expect.stringContaining(`${child.pid}`),
    })
    child.kill('SIGKILL')
    await once(child, 'exit')
    await (await open(place)).close()
  })

  it.each([
    ['of a process that is no more', { pid: 2 ** 22 + 1, boot: 'this', started: '1' }],
    ['from before the machine started anew', { pid: process.pid, boot: 'another', started: 'unknown' }],
    ['of a process whose number is used again', { pid: process.pid, boot: 'this', started: '1' }],
  ])('is taken over: one %s', async (_, holder) => {
    const place = newPlace()
    const boot = holder.boot === 'this' ? await bootId() : holder.boot
    await mkdir(join(root, place))
    await writeFile(pathsOf(place).lockPath, JSON.stringify({ ...holder, boot }))
    const store = await open(place)
    expect(JSON.parse(await readFile(pathsOf(place).lockPath, 'utf8'))).toMatchObject({ pid: process.pid })
    await store.close()
    expect(await readdir(join(root, place))).toEqual(['catalogue'])
  })

  it('is taken over where its writer died in the middle of it', async () => {
    const place = newPlace()
    await mkdir(join(root, place))
    await writeFile(pathsOf(place).lockPath, '{"pid":')
    await (await open(place)).close()
  })

  it('goes to one of several that open at once', async () => {
    const place = newPlace()
    const outcomes = await Promise.allSettled([open(place), open(place), open(place)])
    const stores = outcomes.flatMap(outcome => (outcome.status === 'fulfilled' ? [outcome.value] : []))
    expect(stores).toHaveLength(1)
    await stores[0]?.close()
  })
})

/** Linux tells the boot; elsewhere the lock says `unknown`. */
const bootId = (): Promise<string> =>
  readFile('/proc/sys/kernel/random/boot_id', 'utf8').then(
    text => text.trim(),
    () => 'unknown',
  )

describe('a process that is killed', () => {
  it.each([1, 25, 80])('loses nothing of what it committed, after %i transactions', async count => {
    const place = newPlace()
    const { child, lines } = startWriter(place)
    expect((await lines.next()).value).toBe('open')
    let committed = 0
    while (committed < count) {
      expect((await lines.next()).value).toBe(String(committed))
      committed++
    }
    child.kill('SIGKILL')
    await once(child, 'exit')
    for (let line = await lines.next(); line.done !== true; line = await lines.next()) committed++
    const store = await open(place)
    const { rows } = await sql<{ n: number; parts: number }>`
      select split_part(id, '-', 1)::int as n, count(*) as parts from event group by 1 order by 1`.execute(store.db)
    expect(rows.length).toBeGreaterThanOrEqual(committed)
    expect(rows.every((row, index) => row.n === index && row.parts === 2)).toBe(true)
    await store.db.insertInto('event').values(eventOf('after')).execute()
    await store.close()
  })
})

describe('the folder', () => {
  it('of an interrupted first start is begun again', async () => {
    const place = newPlace()
    const { where } = pathsOf(place)
    await mkdir(join(where, 'base'), { recursive: true })
    await writeFile(join(where, 'PG_VERSION'), '1')
    await writeFile(join(where, 'weft-complete'), 'unfinished')
    const store = await open(place)
    await store.db.insertInto('event').values(eventOf('first')).execute()
    await store.close()
    await (await open(place)).close()
  })

  it('that holds something else is left alone', async () => {
    const place = newPlace()
    const { where, lockPath } = pathsOf(place)
    await mkdir(where, { recursive: true })
    await writeFile(join(where, 'thesis.txt'), 'years of work')
    await expect(open(place)).rejects.toMatchObject({ code: 'store.unreachable' })
    expect(await readFile(join(where, 'thesis.txt'), 'utf8')).toBe('years of work')
    expect(existsSync(lockPath)).toBe(false)
  })

  it('of a newer version is refused, and the lock is given back', async () => {
    const place = newPlace()
    const store = await open(place)
    await sql`insert into migration (name, hash) values ('9999-later.sql', 'h')`.execute(store.db)
    await store.close()
    await writeFile(join(pathsOf(place).where, 'weft-complete'), 'the hash of later migrations')
    await expect(open(place)).rejects.toMatchObject({
      code: 'store.newer',
      message: expect.stringContaining('9999-later.sql'),
    })
    expect(existsSync(pathsOf(place).lockPath)).toBe(false)
  })
})
