/**
 * The graph of lineage at a million edges: walks, everything downstream of a hub, and one product that says something new.
 *
 *   npm run build && node bench/graph.mjs [--edges 1000000] [--walks 200] [--postgres postgres://user@host:port/empty-database] [--small]
 *
 * The mesh is made up: products in layers, each of four datasets that read two or three below them, some far more often than others, and of
 * each column two or three edges. It is written as `apply` writes it, product by product. Without --postgres it lies in an embedded catalogue.
 */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { sql } from 'kysely'
import { closure, columnKey, datasetKey, nodeIds, replaceOwned, showLineage, walk } from '../dist/lineage/index.js'
import { openStore } from '../dist/store/index.js'
import { inFolder, rounded } from './support/process.mjs'

const { values: flags } = parseArgs({
  options: {
    edges: { type: 'string', default: '1000000' },
    walks: { type: 'string', default: '200' },
    postgres: { type: 'string' },
    small: { type: 'boolean', default: false },
  },
})
const edgesMin = flags.small ? 20_000 : Number(flags.edges)
const walks = flags.small ? 20 : Number(flags.walks)
const [datasetsEach, columnsEach, layers] = [4, 15, 10]
const at = new Date('2026-01-01T00:00:00Z')
const env = 'prod'

/** The same numbers each time: mulberry32. */
const random = (seed => () => {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296
})(7)
const below = max => Math.floor(random() * max)
/** Small numbers far more often: hubs. */
const skewed = max => Math.floor(max * random() ** 3)

const columns = Array.from({ length: columnsEach }, (_, n) => `c${n}`)
const nameOf = (product, dataset) => `d${product % 50}.p${product}.out.v1.t${dataset}`

/** What a dataset's model says; `isChanged` gives one of its columns another origin. */
const modelOf = (product, number, sources, isChanged = false) => {
  const dataset = nameOf(product, number)
  const edges = sources.map(from => ({
    from: datasetKey(from),
    to: datasetKey(dataset),
    level: 'dataset',
    how: 'aggregation',
    via: 'derived',
  }))
  const column = (from, to, how, line) =>
    edges.push({ from, to, level: 'column', how, via: 'derived', line, column: 3 })
  columns.forEach((name, index) => {
    const [first = '', second = first] = sources
    const origin = isChanged && index === 0 ? columns[7] : name
    column(
      columnKey(first, origin),
      columnKey(dataset, name),
      index % 3 === 0 ? 'transformation' : 'identity',
      index + 1,
    )
    if (index % 2 === 0) column(columnKey(second, name), columnKey(dataset, name), 'aggregation', index + 1)
    if (index % 4 === 0)
      column(columnKey(first, columns[(index + 1) % columnsEach]), columnKey(dataset, name), 'conditional', index + 1)
  })
  for (const from of sources) column(columnKey(from, columns[1]), datasetKey(dataset), 'join', 20)
  return { owner: datasetKey(dataset), hash: isChanged ? 'h2' : 'h1', file: 'models/t.sql', wide: [], edges }
}

const quantile = (all, share) =>
  [...all].sort((a, b) => a - b)[Math.min(all.length - 1, Math.floor(all.length * share))]
const clocked = async work => {
  const started = performance.now()
  const answer = await work()
  return { ms: performance.now() - started, answer }
}
const timesOf = async (list, work) => {
  const times = []
  let things = 0
  for (const one of list) {
    const { ms, answer } = await clocked(() => work(one))
    times.push(ms)
    things += answer.nodes.length
  }
  return {
    p50Ms: rounded(quantile(times, 0.5), 1),
    p95Ms: rounded(quantile(times, 0.95), 1),
    things: Math.round(things / list.length),
  }
}

const bench = async store => {
  const { db } = store
  const models = []
  let edges = 0
  const products = Math.ceil(edgesMin / (datasetsEach * 31))
  const fill = await clocked(async () => {
    for (let product = 0; product < products; product++) {
      const layer = Math.floor((product * layers) / products)
      const reach = Math.floor((layer * products) / layers)
      const owned = Array.from({ length: datasetsEach }, (_, number) => {
        const sources =
          reach === 0
            ? [`d0.p${product}.files.s${number}`]
            : Array.from({ length: 2 + below(2) }, () => nameOf(skewed(reach), below(datasetsEach)))
        models.push({ product, number, sources: [...new Set(sources)] })
        return modelOf(product, number, [...new Set(sources)])
      })
      edges += (await store.transaction(tx => replaceOwned(tx, env, at, owned))).added
    }
  })
  // A server does so by itself; the embedded catalogue never does.
  if (store.kind === 'server') await sql`analyze`.execute(db)
  const { rows: sizes } = await sql`select sum(pg_total_relation_size(c.oid))::bigint as bytes from pg_class c
    where relname in ('lineage_node', 'lineage_edge', 'lineage_definition')`.execute(db)

  const idOf = async key =>
    [...(await nodeIds(db, env, [key]))].find(([name]) => name === `${key.kind} ${key.subject}`)[1]
  const picked = Array.from({ length: walks }, () => models[below(models.length)])
  const datasets = await Promise.all(picked.map(it => idOf(datasetKey(nameOf(it.product, it.number)))))
  const ids = await Promise.all(
    picked.map(it => idOf(columnKey(nameOf(it.product, it.number), columns[below(columnsEach)]))),
  )
  const common = { env, hopsMax: 5, nodesMax: 2000 }
  const go = (level, direction, list) => timesOf(list, id => walk(db, { ...common, level, direction, start: [id] }))
  // Once unmeasured: what is read first is not in any cache yet.
  await go('column', 'down', ids.slice(0, 10))

  const parts = { catalogueIfThere: async () => ({ store, env }), limits: async () => ({ lineageNodesMax: 2000 }) }
  const shown = subject => showLineage.run({ parts }, { subject, up: 1, down: 1, columns: false })
  const uses = new Map()
  for (const { sources } of models) for (const one of sources) uses.set(one, (uses.get(one) ?? 0) + 1)
  const [hub, readers] = [...uses].sort((a, b) => b[1] - a[1])[0]
  const hubDataset = [await idOf(datasetKey(hub))]
  const hubColumn = [await idOf(columnKey(hub, columns[1]))]
  const closed = async (level, start) => {
    const { ms, answer } = await clocked(() => closure(db, { direction: 'down', level, start }))
    return { ms: rounded(ms, 0), ...answer }
  }
  const one = models[Math.floor(models.length / 2)]
  const again = models.filter(it => it.product === one.product)
  const write = isChanged =>
    clocked(() =>
      store.transaction(tx =>
        replaceOwned(
          tx,
          env,
          at,
          again.map((it, n) => modelOf(it.product, it.number, it.sources, isChanged && n === 0)),
        ),
      ),
    )
  const [same, changed] = [await write(false), await write(true)]
  return {
    store: store.kind,
    products,
    datasets: models.length,
    edges,
    megabytes: rounded(Number(sizes[0].bytes) / 1024 ** 2, 0),
    fillSeconds: rounded(fill.ms / 1000, 1),
    fillMsOfProduct: rounded(fill.ms / products, 1),
    depth5: {
      datasetsUp: await go('dataset', 'up', datasets),
      datasetsDown: await go('dataset', 'down', datasets),
      columnsUp: await go('column', 'up', ids),
      columnsDown: await go('column', 'down', ids),
    },
    shown: {
      dataset: await timesOf(picked.slice(0, 50), it => shown(nameOf(it.product, it.number))),
      column: await timesOf(picked.slice(0, 50), it => shown(`${nameOf(it.product, it.number)}.c2`)),
      product: await timesOf(picked.slice(0, 50), it => shown(`d${it.product % 50}.p${it.product}`)),
      shortName: await timesOf(picked.slice(0, 5), it => shown(`p${it.product}.t${it.number}`)),
    },
    hub: { readers, dataset: await closed('dataset', hubDataset), column: await closed('column', hubColumn) },
    oneProduct: {
      unchanged: { ms: rounded(same.ms, 1), ...same.answer },
      oneColumnChanged: { ms: rounded(changed.ms, 1), ...changed.answer },
    },
  }
}

await inFolder(async folder => {
  const where = flags.postgres ?? join(folder, 'catalogue')
  const store = await openStore({ where, lockPath: join(folder, 'lock'), limits: { storeTimeMs: 600_000 } })
  try {
    console.log(JSON.stringify(await bench(store), null, 2))
  } finally {
    await store.close()
  }
})
