/** What the graph must do on any store, run against each of them. */
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Store } from '../store/index.ts'
import {
  closure,
  columnKey,
  datasetKey,
  type Edge,
  type FlowHow,
  type NodeKey,
  nodeIds,
  type Owned,
  observeReads,
  pathsBetween,
  removeNodes,
  renameNode,
  replaceOwned,
  resolveNode,
  scene,
  type Walked,
  type WalkRequest,
  walk,
} from './index.ts'
import { observedReport } from './observed.ts'

const env = 'prod'
const at = new Date('2026-03-01T10:00:00Z')

const orders = 'sales.shop.orders.v1.orders'
const totals = 'finance.books.totals.v1.totals'
const board = 'finance.board.kpi.v1.kpi'

const column = (from: string, to: string, how: FlowHow = 'identity'): Edge => {
  const [fromKey, toKey] = [keyFor(from), keyFor(to)]
  return { from: fromKey, to: toKey, level: 'column', how, via: 'derived', line: 3, column: 7 }
}
const keyFor = (subject: string): NodeKey =>
  subject.split('.').length === 5
    ? datasetKey(subject)
    : columnKey(subject.slice(0, subject.lastIndexOf('.')), subject.slice(subject.lastIndexOf('.') + 1))
const dataset = (from: string, to: string, how: FlowHow = 'identity'): Edge => ({
  from: datasetKey(from),
  to: datasetKey(to),
  level: 'dataset',
  how,
  via: 'derived',
})
const model = (subject: string, edges: readonly Edge[], hash = 'h1'): Owned => ({
  owner: datasetKey(subject),
  hash,
  file: `models/${subject.split('.').at(-1)}.sql`,
  wide: [],
  edges,
})

const books = model(totals, [
  dataset(orders, totals, 'aggregation'),
  column(`${orders}.price`, `${totals}.total`, 'aggregation'),
  column(`${orders}.day`, `${totals}.day`),
  column(`${orders}.status`, totals, 'filter'),
])
const kpi = model(board, [
  dataset(totals, board),
  column(`${totals}.total`, `${board}.revenue`),
  column(`${totals}.day`, `${board}.day`),
])

/** A mesh of three products in a row, and a dashboard that declares that it reads the last port. */
const fill = (store: Store, environment = env) =>
  store.transaction(db =>
    replaceOwned(db, environment, at, [
      books,
      kpi,
      {
        owner: { kind: 'product', subject: 'finance.screen' },
        hash: '',
        file: 'screen.odps.yaml',
        wide: [],
        edges: [
          {
            from: { kind: 'outputPort', subject: 'finance.board.kpi.v1' },
            to: { kind: 'product', subject: 'finance.screen' },
            level: 'dataset',
            how: 'whole',
            via: 'declared',
          },
        ],
      },
    ]),
  )

const words = (walked: Walked): Record<string, string> =>
  Object.fromEntries(walked.nodes.map(it => [it.subject, `${it.hop} ${it.how ?? ''}`.trim()]))

export const graphSuite = (name: string, open: () => Promise<Store>): void => {
  describe(`lineage on ${name}`, () => {
    let store: Store
    beforeAll(async () => {
      store = await open()
      await fill(store)
    })
    afterAll(() => store?.close())

    const go = async (request: Partial<WalkRequest> & { from: NodeKey }): Promise<Walked> => {
      const ids = await nodeIds(store.db, env, [request.from])
      const { from: _from, ...rest } = request
      return walk(store.db, {
        env,
        direction: 'down',
        level: 'dataset',
        start: [ids.get(`${request.from.kind} ${request.from.subject}`) ?? 0],
        hopsMax: 9,
        nodesMax: 100,
        ...rest,
      })
    }

    it('walks down datasets to whoever only declares that they are read', async () => {
      expect(words(await go({ from: datasetKey(orders) }))).toEqual({
        [orders]: '0',
        [totals]: '1 aggregated',
        [board]: '2 aggregated',
        'finance.screen': '3 whole',
      })
    })

    it('walks up from there, through the datasets of the port', async () => {
      const walked = await go({ from: { kind: 'product', subject: 'finance.screen' }, direction: 'up' })
      expect(words(walked)).toEqual({
        'finance.screen': '0',
        [board]: '1 whole',
        [totals]: '2 whole',
        [orders]: '3 whole',
      })
    })

    it('says so where there are more edges than it looks at', async () => {
      const many = [...Array(70).keys()].map(line => ({ ...column('a.b.c.v1.d.x', 'a.b.c.v1.e.k'), line }))
      await store.transaction(db =>
        replaceOwned(db, env, at, [model('a.b.c.v1.e', [...many, column('a.b.c.v1.d.x', 'a.b.c.v1.e.z')])]),
      )
      const walked = await go({ from: columnKey('a.b.c.v1.d', 'x'), level: 'column', nodesMax: 4 })
      expect(walked.nodes.map(it => [it.subject, it.more])).toEqual([
        ['a.b.c.v1.d.x', 1],
        ['a.b.c.v1.e.k', undefined],
      ])
      expect(walked.left).toBe(1)
      await store.transaction(db => removeNodes(db, env, at, [datasetKey('a.b.c.v1.e')]))
    })

    it('tells what becomes of a column, and what it decides about', async () => {
      const total = await go({ from: columnKey(orders, 'price'), level: 'column' })
      expect(words(total)).toEqual({
        [`${orders}.price`]: '0',
        [`${totals}.total`]: '1 aggregated',
        [`${board}.revenue`]: '2 aggregated',
        // Nobody knows which columns of the port a dashboard reads.
        'finance.screen': '3 whole',
      })
      const status = await go({ from: columnKey(orders, 'status'), level: 'column' })
      expect(words(status)).toMatchObject({ [totals]: '1 filter', [board]: '2 filter' })
      expect(total.edges[0]).toMatchObject({ file: 'models/totals.sql', line: 3, column: 7, transform: 'aggregation' })
    })

    it('tells what a column is made from, with what decides about its rows or without', async () => {
      const from = columnKey(board, 'revenue')
      const values = await go({ from, level: 'column', direction: 'up' })
      expect(words(values)).toEqual({
        [`${board}.revenue`]: '0',
        [`${totals}.total`]: '1 renamed',
        [`${orders}.price`]: '2 aggregated',
      })
      const all = await go({ from, level: 'column', direction: 'up', withRows: true })
      expect(words(all)).toMatchObject({ [`${orders}.status`]: '2 filter' })
    })

    it('says how many things a limit has left out, and next to what', async () => {
      const walked = await go({ from: datasetKey(orders), hopsMax: 1 })
      expect(walked.left).toBe(1)
      expect(walked.nodes.map(it => [it.subject, it.more])).toEqual([
        [orders, undefined],
        [totals, 1],
      ])
      const few = await go({ from: datasetKey(orders), nodesMax: 3 })
      expect([few.nodes.length, few.left]).toEqual([3, 1])
      expect((await go({ from: datasetKey(orders) })).left).toBe(0)
    })

    it('finds everything downstream, once', async () => {
      const ids = await nodeIds(store.db, env, [datasetKey(orders)])
      const { nodes } = await closure(store.db, {
        direction: 'down',
        level: 'dataset',
        start: [...ids].filter(([key]) => key === `dataset ${orders}`).map(([, id]) => id),
      })
      expect(nodes).toBe(3)
    })

    it('tells the ways from one column to another, with what becomes of it', async () => {
      const [from, to] = [
        await resolveNode(store.db, env, `${orders}.price`),
        await resolveNode(store.db, env, 'kpi.revenue'),
      ]
      const limits = { hopsMax: 9, nodesMax: 100, pathsMax: 5 }
      const found = await pathsBetween(store.db, { env, level: 'column', from, to, ...limits })
      expect(found.paths.map(it => [it.subjects, it.how])).toEqual([
        [[`${orders}.price`, `${totals}.total`, `${board}.revenue`], 'aggregated'],
      ])
      const none = await pathsBetween(store.db, { env, level: 'column', from: to, to: from, ...limits })
      expect(none).toMatchObject({ paths: [], left: 0 })
    })

    it('gives a scene page by page: every node once, every edge once, and the sums of all', async () => {
      const [id = 0] = [(await resolveNode(store.db, env, totals)).id]
      const request = { env, start: [id], level: 'dataset', up: 1, down: 2, pageMax: 2, nodesMax: 100 } as const
      const first = await scene(store.db, request)
      const second = await scene(store.db, { ...request, cursor: first.cursor ?? '' })
      expect([...first.nodes, ...second.nodes].map(it => [it.subject, it.level, it.in, it.out])).toEqual([
        [totals, 0, 1, 1],
        [orders, -1, 0, 1],
        [board, 1, 1, 0],
        ['finance.screen', 2, 1, 0],
      ])
      expect([...first.edges, ...second.edges].map(it => [it.from, it.to])).toEqual([
        [orders, totals],
        [totals, board],
        [board, 'finance.screen'],
      ])
      expect(second.cursor).toBeUndefined()
      // What a cursor named is gone: the page begins behind where it was, and not anew.
      const gone = await scene(store.db, { ...request, cursor: `-1 dataset ${orders}_gone` })
      expect(gone.nodes.map(it => it.level)).toEqual([1, 2])
      await expect(scene(store.db, { ...request, cursor: 'anything' })).rejects.toMatchObject({
        code: 'lineage.wrong-cursor',
      })
      expect(first.domains).toContainEqual({ name: 'finance', level: 1, nodes: 1 })
      expect(first).toMatchObject({ total: 4, left: { up: 0, down: 0 } })
      expect(first.rollups).toContainEqual({ from: 'sales.shop', to: 'finance.books', edges: 1 })
    })

    it.each([
      ['sales.shop', 'sales.shop'],
      ['shop.orders', orders],
      ['ORDERS', orders],
      ['sales.shop_v1.orders', orders],
      ['orders.v1.orders.price', `${orders}.price`],
      ['sales.shop.orders.day', `${orders}.day`],
    ])('knows %s as %s', async (word, subject) => {
      expect((await resolveNode(store.db, env, word)).subject).toBe(subject)
    })

    it('names the nearest of what it knows, or the choices', async () => {
      await expect(resolveNode(store.db, env, 'sales.shp')).rejects.toMatchObject({
        code: 'lineage.unknown-subject',
        problems: [{ help: 'did you mean "sales.shop"?' }],
      })
      await expect(resolveNode(store.db, env, 'zzzzzzzzzz')).rejects.toMatchObject({ code: 'lineage.unknown-subject' })
    })

    it('keeps environments apart', async () => {
      await fill(store, 'dev')
      expect(Object.keys(words(await go({ from: datasetKey(orders) })))).toHaveLength(4)
    })

    it('writes nothing where nothing is new', async () => {
      const before = await counts(store)
      expect(await fill(store)).toEqual({ added: 0, closed: 0 })
      expect(await counts(store)).toEqual(before)
    })

    it('touches only the rows of the owner that says something new, and keeps the version before', async () => {
      const before = await edgesOf(store, board)
      const changed = model(
        totals,
        [
          dataset(orders, totals, 'aggregation'),
          column(`${orders}.price`, `${totals}.total`, 'aggregation'),
          column(`${orders}.day`, `${totals}.day`, 'transformation'),
          column(`${orders}.status`, totals, 'filter'),
        ],
        'h2',
      )
      expect(await store.transaction(db => replaceOwned(db, env, at, [changed]))).toEqual({ added: 1, closed: 1 })
      expect(await edgesOf(store, board)).toEqual(before)
      expect(await edgesOf(store, totals)).toMatchObject([
        { since: 1, until: null },
        { since: 1, until: null },
        { since: 1, until: 2 },
        { since: 1, until: null },
        { since: 2, until: null },
      ])
      expect(words(await go({ from: columnKey(board, 'day'), level: 'column', direction: 'up' }))).toMatchObject({
        [`${orders}.day`]: '2 computed',
      })
    })

    it('forgets what was taken out of the mesh, and not its past', async () => {
      const gone = 'finance.gone.port.v1.gone'
      await store.transaction(db => replaceOwned(db, env, at, [model(gone, [dataset(orders, gone)])]))
      expect(words(await go({ from: datasetKey(orders) }))).toHaveProperty([gone])
      expect(await store.transaction(db => removeNodes(db, env, at, [datasetKey(gone)]))).toEqual({
        added: 0,
        closed: 1,
      })
      expect(words(await go({ from: datasetKey(orders) }))).not.toHaveProperty([gone])
      expect(await edgesOf(store, gone)).toMatchObject([{ since: 1, until: 2 }])
    })

    it('goes on with a column under its new name', async () => {
      await renameNode(store.db, env, columnKey(orders, 'status'), columnKey(orders, 'state'))
      expect(words(await go({ from: columnKey(orders, 'state'), level: 'column' }))).toMatchObject({
        [totals]: '1 filter',
      })
    })

    it('tells input ports that no run has used, until one does, and who reads without one', async () => {
      const product = 'hr.people'
      const staff = `${product}.staff.v1.staff`
      const declared: Owned = {
        owner: { kind: 'product', subject: product },
        hash: '',
        file: 'people.odps.yaml',
        wide: [],
        edges: [
          {
            from: { kind: 'outputPort', subject: 'sales.shop.orders.v1' },
            to: { kind: 'inputPort', subject: `${product}.orders` },
            level: 'product',
            how: 'whole',
            via: 'declared',
            line: 9,
          },
        ],
      }
      await store.transaction(db => replaceOwned(db, env, at, [declared, model(staff, [dataset(orders, staff)])]))
      const report = () => observedReport(store.db, { env, product, rowsMax: 10 })
      expect(await report()).toMatchObject({
        neverRead: [
          { inputPort: `${product}.orders`, port: 'sales.shop.orders.v1', file: 'people.odps.yaml', line: 9 },
        ],
        read: 0,
      })
      const read = (reader: string) => observeReads(store.db, { env, reader, at, keys: [datasetKey(orders)] })
      await read(`product:${product}`)
      await read('product:hr.others')
      expect(await report()).toMatchObject({ neverRead: [], read: 1 })
      const all = await observedReport(store.db, { env, product: 'sales.shop', rowsMax: 10 })
      expect(all.undeclared).toMatchObject([{ dataset: orders, reader: 'product:hr.others', days: 1 }])
      await store.db.deleteFrom('lineage_read').execute()
    })

    it('writes a reader once a day, however often it reads', async () => {
      const read = (when: string) =>
        observeReads(store.db, { env, reader: 'person:ada', at: new Date(when), keys: [datasetKey(orders)] })
      for (const when of [
        '2026-03-01T08:00:00Z',
        '2026-03-01T09:00:00Z',
        '2026-03-02T09:00:00Z',
        '2026-03-02T10:00:00Z',
      ])
        await read(when)
      const rows = await store.db.selectFrom('lineage_read').select(['reader', 'first_at', 'last_at', 'days']).execute()
      expect(rows).toEqual([
        {
          reader: 'person:ada',
          first_at: new Date('2026-03-01T08:00:00Z'),
          last_at: new Date('2026-03-02T09:00:00Z'),
          days: 2,
        },
      ])
    })
  })
}

const counts = async (store: Store): Promise<unknown> => {
  const { rows } = await sql`select (select count(*) from lineage_node) as nodes,
    (select count(*) from lineage_definition) as definitions, (select count(*) from lineage_edge) as edges`.execute(
    store.db,
  )
  return rows[0]
}

const edgesOf = async (store: Store, subject: string): Promise<unknown[]> => {
  const { rows } =
    await sql`select e.since, e.seq, e.until, e.from_id, e.to_id, e.xmin::text as written from lineage_edge e
    join lineage_node n on n.id = e.owner_id where n.env = ${env} and n.subject = ${subject} order by e.since, e.seq`.execute(
      store.db,
    )
  return rows
}
