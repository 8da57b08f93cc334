/** The index and the search on both stores. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { defaultLimits } from '../base/index.ts'
import { openStore, type Store } from '../store/index.ts'
import { startPostgres } from '../store/postgres.suite.ts'
import type { IndexedChange } from './entry.ts'
import { findThings } from './find.ts'
import { questionOf } from './question.ts'
import { ensureIndex, indexChanges } from './search-store.ts'
import { wordsOf } from './words.ts'

const env = 'prod'
const server = await startPostgres()
let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'weft-search-'))
})
afterAll(async () => {
  await rm(root, { recursive: true, force: true })
  if (typeof server !== 'string') await server.stop()
})

const openEmbedded = (): Promise<Store> =>
  openStore({ where: join(root, 'catalogue'), lockPath: join(root, 'lock'), limits: defaultLimits })

const openServer = async (): Promise<Store> => {
  if (typeof server === 'string') throw new Error(server)
  const client = new pg.Client({ connectionString: `${server.url}postgres` })
  await client.connect()
  await client.query('create database search')
  await client.end()
  return openStore({ where: `${server.url}search`, lockPath: '/nowhere', limits: defaultLimits })
}

const added = (kind: string, subject: string, body: unknown, parent?: string): IndexedChange => ({
  kind,
  subject,
  body,
  change: 'added',
  ...(parent === undefined ? {} : { parent }),
})

const port = 'sales.shop-orders.orders.v2'
const lines = `${port}.order_lines`
const shop: readonly IndexedChange[] = [
  added('domain', 'sales', {
    name: 'Sales',
    purpose: 'All about an order.',
    team: { name: 'order-desk', members: [{ username: 'hana@shop.example', name: 'Hana Lind', role: 'owner' }] },
    document: { scope: ['invoice'] },
  }),
  added('product', 'sales.shop-orders', {
    name: 'What the till wrote',
    purpose: 'Every order, line by line.',
    tags: ['daily'],
    status: 'active',
    kind: 'sourceAligned',
  }),
  added('outputPort', port, { name: 'orders', contract: 'sales.orders.v2' }),
  added('contract', port, {
    name: 'Receipts',
    status: 'deprecated',
    document: { description: { purpose: 'By invoice.' } },
  }),
  added(
    'dataset',
    lines,
    { name: 'order_lines', businessName: 'Positions', description: 'One row for each line.' },
    port,
  ),
  added(
    'column',
    `${lines}.customer_id`,
    { classification: 'personal.identifier', tags: [], terms: ['customer'] },
    lines,
  ),
  added(
    'column',
    `${lines}.total`,
    { description: "What it came to, in 'pounds'.", tags: ['money'], terms: [] },
    lines,
  ),
  added('dataset', 'sales.shop-orders.orders.v1.order_lines', { name: 'order_lines' }, 'sales.shop-orders.orders.v1'),
  added('term', 'term/customer', {
    name: 'Customer',
    synonyms: ['client'],
    description: { purpose: 'Somebody who buys.' },
  }),
  added('product', 'people.customer-360', { name: 'Customer 360', tags: ['golden'], team: 'care' }),
  added('model', lines, { text: 'select zebra' }),
]

const suite = (name: string, open: () => Promise<Store>): void => {
  describe(`search on ${name}`, () => {
    let store: Store
    const find = (words: string, page: { limit?: number; cursor?: string; hitsMax?: number } = {}) =>
      findThings(store.db, env, questionOf(words), { limit: 20, hitsMax: 1000, ...page })
    const subjects = async (words: string): Promise<string[]> => (await find(words)).hits.map(it => it.subject)
    const write = (changes: readonly IndexedChange[]): Promise<void> =>
      store.transaction(db => indexChanges(db, env, changes))

    beforeAll(async () => {
      store = await open()
      await write([])
      await write(shop)
    })
    afterAll(() => store?.close())

    it('gives exact names first, then beginnings, titles and keywords, things before columns', async () => {
      const { hits } = await find('customer')
      expect(hits.map(it => [it.subject, it.score, it.why])).toEqual([
        ['term/customer', 100, 'its name is exactly that'],
        ['people.customer-360', 90, 'its name begins with "customer"'],
        [`${lines}.customer_id`, 45, 'its name begins with "customer"'],
      ])
      expect((await find('positions')).hits[0]).toMatchObject({
        subject: lines,
        title: 'Positions',
        why: 'title has "Positions"',
      })
      expect((await find('client')).hits[0]).toMatchObject({ subject: 'term/customer', why: 'keywords has "client"' })
    })

    it('finds what begins with a word, and the newest major first', async () => {
      expect((await subjects('ord')).slice(0, 2)).toEqual([lines, 'sales.shop-orders.orders.v1.order_lines'])
      expect(await subjects('tot')).toEqual([`${lines}.total`])
    })

    it('finds by words of what a thing lies in, as long as one is its own', async () => {
      expect((await subjects('shop total'))[0]).toBe(`${lines}.total`)
      expect(await subjects('shop')).toEqual(['sales.shop-orders'])
      expect((await subjects('sales.shop-orders.orders.v2'))[0]).toBe(port)
    })

    it('takes all words but the last as whole, where there are such words and they find something', async () => {
      const map = added('term', 'term/lineage-map', { name: 'Lineage map' })
      await write([map, added('term', 'term/line-maps', { name: 'Maps of a line' })])
      expect(await subjects('line map')).toEqual(['term/line-maps'])
      expect(await subjects('linea map')).toEqual(['term/lineage-map'])
      await write([{ ...map, subject: 'term/line-maps', change: 'removed' }])
      expect(await subjects('line map')).toEqual(['term/lineage-map'])
      await write([{ ...map, change: 'removed' }])
    })

    it('takes a plural for the word, and a short last word for a beginning where nothing has it', async () => {
      const batches = added('term', 'term/batches', { name: 'Batches of KPIs' })
      const names = ['a', 'b', 'c'].map(it =>
        added('column', `${lines}.batch_name_${it}`, { name: `batch_name_${it}` }),
      )
      await write([batches, added('term', 'term/batch', { name: 'Batch of a KPI' }), ...names])
      expect((await subjects('batch kpi')).sort()).toEqual(['term/batch', 'term/batches'])
      const page = await find('batch na', { limit: 2 })
      expect([page.hits.length, page.total, page.next]).toEqual([2, 3, '2'])
      const gone = [batches, { ...batches, subject: 'term/batch' }, ...names]
      await write(gone.map(it => ({ ...it, change: 'removed' as const })))
    })

    it('describes a port by its contract, and knows no models', async () => {
      expect((await find('receipts')).hits).toMatchObject([{ subject: port, kind: 'outputPort', title: 'Receipts' }])
      expect((await find('zebra')).hits).toEqual([])
    })

    it.each([
      ['domain:sales kind:dataset', [lines, 'sales.shop-orders.orders.v1.order_lines']],
      ['owner:hana kind:product', ['sales.shop-orders']],
      ['owner:care', ['people.customer-360']],
      ['status:deprecated', [port]],
      ['tag:money', [`${lines}.total`]],
      ['has:pii', ['sales.shop-orders', lines, `${lines}.customer_id`]],
      ['has:personal.identifier kind:dataset', [lines]],
      ['col:total', [`${lines}.total`]],
      ['tag:golden status:active', []],
      ['order domain:people', []],
    ])('%s narrows', async (words, expected) => {
      expect(await subjects(words)).toEqual(expected)
    })

    it('reads a mistyped word as the nearest, and two words written as one', async () => {
      const typo = await find('custmer')
      expect(typo.read).toEqual([{ word: 'custmer', as: ['customer'] }])
      expect(typo.hits[0]).toMatchObject({ subject: 'term/customer', score: 80 })
      const joined = await find('orderlines')
      expect(joined.read).toEqual([{ word: 'orderlines', as: ['order line'] }])
      expect(joined.hits[0]?.subject).toBe(lines)
    })

    it('gives what is near where nothing has all words', async () => {
      const { hits, total, near } = await find('golden invoice customer')
      expect([hits, total]).toEqual([[], 0])
      expect(near.map(it => it.subject)).toContain('people.customer-360')
    })

    it.each(["'pounds'", '\\', "o'brien \\' | & !", '(((', '"', ':*', 'a'.repeat(900)])(
      'takes %j as words',
      async words => {
        expect((await find(words)).hits.length).toBeGreaterThanOrEqual(0)
      },
    )

    it('turns pages that together are the whole, each hit once', async () => {
      const whole = (await find('order')).hits.map(it => it.subject)
      const paged: string[] = []
      for (let cursor: string | undefined = '0'; cursor !== undefined; ) {
        const page = await find('order', { limit: 2, cursor })
        expect(page.total).toBe(whole.length)
        paged.push(...page.hits.map(it => it.subject))
        cursor = page.next
      }
      expect(paged).toEqual(whole)
      expect(whole.length).toBeGreaterThan(3)
      const cut = await find('order', { limit: 2, hitsMax: 2 })
      expect(cut).toMatchObject({ total: 2, isMore: true })
      expect(cut.next).toBeUndefined()
      await expect(find('order', { cursor: 'x' })).rejects.toMatchObject({ code: 'find.wrong-cursor' })
    })

    it('shows a write as soon as it is committed, and nothing of one that is rolled back', async () => {
      const fresh = added('product', 'sales.quagga', { name: 'Quagga' })
      const failing = store.transaction(async db => {
        await indexChanges(db, env, [fresh])
        throw new Error('stop')
      })
      await expect(failing).rejects.toThrow('stop')
      expect(await subjects('quagga')).toEqual([])
      await write([fresh])
      expect(await subjects('quagga')).toEqual(['sales.quagga'])
      await write([
        { ...fresh, subject: 'sales.okapi', renamedFrom: 'sales.quagga', change: 'changed', body: { name: 'Okapi' } },
      ])
      expect(await subjects('okapi')).toEqual(['sales.okapi'])
      expect(await subjects('kind:product quagga')).toEqual([])
      await write([{ ...fresh, subject: 'sales.okapi', change: 'removed' }])
      expect(await subjects('okapi kind:product')).toEqual([])
    })

    it('touches the rows of what has changed and no others', async () => {
      const versions = async () =>
        (await sql<{ subject: string; x: string }>`select subject, xmin::text as x from search_entry`.execute(store.db))
          .rows
      const before = new Map((await versions()).map(row => [row.subject, row.x]))
      await write([
        {
          ...added('product', 'people.customer-360', { name: 'Customer 360', tags: ['golden'], team: 'care' }),
          change: 'changed',
        },
      ])
      const moved = (await versions()).filter(row => before.get(row.subject) !== row.x)
      expect(moved.map(row => row.subject)).toEqual(['people.customer-360'])
    })

    it('keeps environments apart', async () => {
      const other = await findThings(store.db, 'dev', questionOf('customer'), { limit: 20, hitsMax: 1000 })
      expect(other).toMatchObject({ hits: [], total: 0, near: [] })
    })

    it('finds just what a look at every name would', async () => {
      const names = ['alpha_beta', 'beta', 'beta_gamma', 'gamma_alpha', 'betamax', 'delta', 'gamma', 'alphabet_soup']
      const all = names.flatMap(one => names.map(other => `plain.p.x.v1.${one}.${other}`))
      await write(
        all.map(subject =>
          added('column', subject, { description: '', tags: [], terms: [] }, subject.split('.').slice(0, 5).join('.')),
        ),
      )
      for (const word of ['beta', 'alph', 'gamma', 'delt', 'soup']) {
        const expected = all.filter(subject => wordsOf(subject.split('.').at(-1) ?? '').some(it => it.startsWith(word)))
        const found = await find(`${word} domain:plain`, { limit: 100 })
        expect(found.hits.map(it => it.subject).sort()).toEqual(expected.sort())
        expect(found.total).toBe(expected.length)
      }
    })

    it('keeps its order where so many fit that the index is walked', async () => {
      const dataset = 'many.p.x.v1.rows'
      const all = Array.from({ length: 3100 }, (_, n) => `${dataset}.c${String(n).padStart(4, '0')}_walked`)
      await write(all.map(subject => added('column', subject, { tags: [], terms: [] }, dataset)))
      const { hits, total, isMore } = await find('walked')
      expect(hits.map(it => it.subject)).toEqual(all.slice(0, 20))
      expect([total, isMore]).toEqual([1000, true])
      const few = await find('walked c000')
      expect(few.hits.map(it => it.subject)).toEqual(all.slice(0, 10))
    })

    it('is made anew from what is applied, where an older version has filled the catalogue', async () => {
      const at = new Date('2026-01-01T00:00:00Z')
      const entity = {
        env: 'old',
        parent_id: null,
        root_id: 'r',
        status: 'live',
        field_id: null,
        created_at: at,
        removed_at: null,
      }
      const definition = { hash: 'h', file: 'f', line: 1, plan_id: 'p', applied_at: at }
      await store.db
        .insertInto('entity')
        .values([
          { ...entity, id: 'e1', kind: 'product', subject: 'sales.gnu' },
          { ...entity, id: 'e2', kind: 'product', subject: 'sales.gone', removed_at: at },
        ])
        .execute()
      await store.db
        .insertInto('definition')
        .values([
          { ...definition, entity_id: 'e1', revision: 1, body: JSON.stringify({ name: 'Before' }) },
          { ...definition, entity_id: 'e1', revision: 2, body: JSON.stringify({ name: 'Antelope' }) },
          { ...definition, entity_id: 'e2', revision: 1, body: JSON.stringify({ name: 'Antelope' }) },
        ])
        .execute()
      await ensureIndex(store, 'old')
      const { hits } = await findThings(store.db, 'old', questionOf('antelope'), { limit: 20, hitsMax: 1000 })
      expect(hits.map(it => it.subject)).toEqual(['sales.gnu'])
    })
  })
}

suite('the embedded store', openEmbedded)
// Where the packages of the server cannot be had, the name says why.
describe.skipIf(typeof server === 'string')(`on a server${typeof server === 'string' ? ` (${server})` : ''}`, () => {
  suite('PostgreSQL', openServer)
})
