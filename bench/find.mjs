/**
 * How long a search takes among many names, on the embedded catalogue or on a server.
 *
 *   npm run build && node bench/find.mjs [--names 500000] [--asks 200] [--store postgres://...]   an empty database
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { defaultLimits, systemEffects } from '../dist/base/index.js'
import { findOperation, indexChanges } from '../dist/catalog/index.js'
import { openStore } from '../dist/store/index.js'

const { values } = parseArgs({
  options: {
    names: { type: 'string', default: '500000' },
    asks: { type: 'string', default: '200' },
    store: { type: 'string' },
  },
})
const [names, asks] = [Number(values.names), Number(values.asks)]
const env = 'bench'
const columnsOfDataset = 30
const datasetsOfProduct = 3
const perProduct = 2 + datasetsOfProduct * (1 + columnsOfDataset)

/** The same numbers each time: mulberry32. */
const random = (seed => () => {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296
})(20261129)
const pick = list => list[Math.floor(random() * list.length)]

// Words that every company has, then invented ones; the former are in a third of all names.
const usual =
  'id date customer order amount name code type status country total price line number product account created updated count value city email payment invoice region channel store item quantity currency'.split(
    ' ',
  )
const syllables =
  'ba be bi bo bra cal car cen dor den fal fin gar gen hal her in jun kar kel lan lor mar men mi nor ol pan per qua ran ros sal ser tan ter ul van ver wal wen yar zen'.split(
    ' ',
  )
const invented = [
  ...new Set(
    Array.from({ length: 20_000 }, () =>
      Array.from({ length: 2 + Math.floor(random() * 3) }, () => pick(syllables)).join(''),
    ),
  ),
]
// Some are in many names, most in few.
const word = () =>
  random() < 0.35
    ? usual[Math.floor(random() ** 2 * usual.length)]
    : invented[Math.floor(random() ** 3 * invented.length)]
const nameOf = (count, glue) => Array.from({ length: count }, word).join(glue)
const sentence = () => `The ${nameOf(6, ' ')} of each ${nameOf(2, ' ')}.`

const productOf = index => {
  const domain = `domain-${index % 100}`
  const product = `${domain}.${nameOf(2, '-')}-${index}`
  const port = `${product}.${nameOf(1, '_')}.v1`
  const added = (kind, subject, body, parent) => ({ kind, subject, parent, body, change: 'added' })
  const all = [
    added('product', product, { name: nameOf(3, ' '), purpose: sentence(), tags: [word()], status: 'active' }, domain),
    added(
      'contract',
      port,
      { name: nameOf(2, ' '), status: 'active', document: { description: { purpose: sentence() } } },
      port,
    ),
  ]
  for (let d = 0; d < datasetsOfProduct; d++) {
    const dataset = `${port}.${nameOf(2, '_')}_${d}`
    all.push(added('dataset', dataset, { businessName: nameOf(2, ' '), description: sentence() }, port))
    for (let c = 0; c < columnsOfDataset; c++)
      all.push(
        added(
          'column',
          `${dataset}.${nameOf(1 + Math.floor(random() * 2), '_')}`,
          { description: sentence(), tags: [], terms: [] },
          dataset,
        ),
      )
  }
  return all
}

const folder = await mkdtemp(join(tmpdir(), 'weft-find-'))
const store = await openStore({
  where: values.store ?? join(folder, 'catalogue'),
  lockPath: join(folder, 'lock'),
  limits: { storeTimeMs: 600_000 },
})
const effects = systemEffects({ info() {}, warn() {}, error() {} })
const parts = { effects, check: () => undefined, catalogueAsIs: async () => ({ store, env, limits: defaultLimits }) }
const context = {
  parts,
  principal: { kind: 'operator', name: 'bench' },
  purpose: 'bench',
  signal: new AbortController().signal,
  progress() {},
}
const find = words => findOperation.run(context, findOperation.input.parse({ words }))

const p = (list, share) => [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * share))]

try {
  await store.transaction(db => indexChanges(db, env, []))
  const columns = []
  const things = []
  let began = performance.now()
  let written = 0
  let longest = 0
  for (let index = 0; written < names; index++) {
    const changes = productOf(index)
    const from = performance.now()
    await store.transaction(db => indexChanges(db, env, changes))
    longest = Math.max(longest, performance.now() - from)
    written += changes.length
    for (const it of changes)
      (it.kind === 'column' ? columns : things).push(it.subject.split('.').at(it.kind === 'contract' ? -2 : -1))
    if (index % 500 === 499)
      process.stderr.write(`${written} names, ${Math.round((performance.now() - began) / 1000)} s\n`)
  }
  console.log(
    `${store.kind}: ${written} names of ${perProduct} a product written in ${((performance.now() - began) / 1000).toFixed(0)} s, ${(process.cpuUsage().user / 1e6).toFixed(0)} s of processor time; the slowest product ${longest.toFixed(0)} ms`,
  )
  began = performance.now()
  await find('orders')
  console.log(`the first search, which lets the database count: ${(performance.now() - began).toFixed(0)} ms`)
  const anyName = () => (random() < 0.5 ? pick(things) : pick(columns))
  const longWord = () => {
    for (;;) {
      const found = anyName()
        .split(/[_-]/)
        .find(it => it.length >= 6)
      if (found !== undefined) return found
    }
  }
  const mistyped = text => {
    const at = 1 + Math.floor(random() * (text.length - 2))
    return pick([
      text.slice(0, at) + text.slice(at + 1),
      `${text.slice(0, at)}x${text.slice(at + 1)}`,
      `${text.slice(0, at)}${text[at + 1]}${text[at]}${text.slice(at + 2)}`,
    ])
  }
  const kinds = {
    'an exact name': anyName,
    'a beginning of four letters': () => longWord().slice(0, 4),
    'one usual word': () => pick(usual),
    'a mistyped word': () => mistyped(longWord()),
    'two words': () => `${word()} ${word()}`,
    'two usual words': () => `${pick(usual)} ${pick(usual)}`,
  }
  for (const [kind, ask] of Object.entries(kinds)) {
    const times = []
    const cpu = process.cpuUsage()
    let empty = 0
    let slowest = { ms: 0, words: '' }
    for (let n = 0; n < asks; n++) {
      const words = ask()
      began = performance.now()
      const found = await find(words)
      const ms = performance.now() - began
      times.push(ms)
      if (found.hits.length === 0) empty++
      if (ms > slowest.ms) slowest = { ms, words }
    }
    const { user, system } = process.cpuUsage(cpu)
    const each = (user + system) / 1000 / asks
    console.log(
      `${kind.padEnd(28)} p50 ${p(times, 0.5).toFixed(1).padStart(6)} ms  p95 ${p(times, 0.95).toFixed(1).padStart(6)} ms  max ${slowest.ms.toFixed(0)} ms (${slowest.words})  processor ${each.toFixed(1)} ms each  nothing found ${empty}`,
    )
  }
} finally {
  await store.close()
  await rm(folder, { recursive: true, force: true })
}
