/** A mesh with published data, as the tests of this folder read it: an embedded catalogue, a folder, real processes. */
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, beforeAll } from 'vitest'
import { defaultLimits, hashText, systemEffects, WeftError } from '../base/index.ts'
import { openEngine, type Session } from '../engine/index.ts'
import {
  dataKey,
  datasetFolder,
  etagOf,
  type Manifest,
  openStorage,
  type Storage,
  writeManifest,
} from '../storage/index.ts'
import { openStore, type Store } from '../store/index.ts'
import { queryOperation, ReaderPool, type ReadParts, type ReadRequest, read } from './index.ts'

const child = fileURLToPath(new URL('../../dist/access/sealed/child.js', import.meta.url))
/** Readers' processes run what `npm run build` makes. */
export const isBuilt = existsSync(child)

export const env = 'dev'
const effects = systemEffects()
export let folder: string
export let store: Store
export let storage: Storage
export let session: Session
export let pool: ReaderPool
export let parts: ReadParts
let seq = 0
export const snapshots: Record<string, string> = {}

export const request = (sql: string, more: Partial<ReadRequest> = {}): ReadRequest => ({
  sql,
  principal: { kind: 'operator', name: 'ada' },
  purpose: 'test',
  exit: 'test',
  signal: new AbortController().signal,
  ...more,
})

/** Rows as texts, through the whole door. */
export const answer = async (sql: string, more: Partial<ReadRequest> = {}) => {
  const context = {
    parts: { reads: async () => parts },
    principal: { kind: 'operator', name: 'ada' } as const,
    purpose: 'test',
    signal: more.signal ?? new AbortController().signal,
    progress: () => {},
  }
  return queryOperation.run(context, { sql, ...(more.at === undefined ? {} : { at: more.at }) })
}

export const failureOf = async (sql: string, more: Partial<ReadRequest> = {}) => {
  try {
    const reading = await read(parts, request(sql, more))
    for await (const _ of reading.batches());
  } catch (error) {
    if (error instanceof WeftError) return error
    throw error
  }
  throw new Error(`${sql} was answered`)
}

const entity = async (kind: string, subject: string, parent: string | null = null): Promise<string> => {
  const id = effects.id()
  const row = { id, env, kind, subject, parent_id: parent, root_id: 'root', status: 'live', field_id: null }
  await store.db
    .insertInto('entity')
    .values({ ...row, created_at: new Date(), removed_at: null })
    .execute()
  return id
}

interface Made {
  readonly id: string
  readonly port: string
  readonly dataset: string
}

const makeSnapshot = async (
  made: Made,
  sql: string,
  state: 'kept' | 'quarantined',
  layout: Manifest['layout'] = 'owned',
): Promise<string> => {
  const id = effects.id()
  const [domain = '', product = '', port = '', major = '', name = ''] = made.dataset.split('.')
  const place = datasetFolder(product, port, Number(major.slice(1)), name)
  const work = join(folder, 'work', id)
  await mkdir(work, { recursive: true })
  const columns = (await session.describe(sql)).map((column, index) => ({ ...column, id: index + 1 }))
  const written = await session.write(sql, { folder: work, columns })
  const files: Manifest['files'][number][] = []
  for (const { path, bytes, rows } of written) {
    const content = { bytes, rows, partitions: [{ name: null, rows, buildKey: '', content: '' }], nulls: [] }
    if (layout === 'referenced') {
      files.push({ ...content, uri: pathToFileURL(path).href, etag: (await etagOf(path)) ?? '' })
      continue
    }
    const sha256 = hashText(await readFile(path))
    await storage.putFile(`${place}/${dataKey(sha256)}`, path)
    files.push({ ...content, sha256 })
  }
  const rows = files.reduce((sum, file) => sum + file.rows, 0)
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  const manifest: Manifest = {
    format: 'weft.snapshot/1',
    id,
    revision: 0,
    dataset: made.dataset,
    port: made.port,
    contract: { id: domain, version: '1.0.0', hash: '' },
    model: { hash: '', engine: 'duckdb', engineVersion: '', timeDependent: false },
    run: '',
    createdAt: new Date().toISOString(),
    columns: columns.map(column => ({ ...column, nullable: true })),
    layout,
    files,
    rows,
    bytes,
    contentHash: '',
    inputs: [],
    sources: [],
    buildKey: '',
    checks: { passed: 0, failed: 0, warned: 0, errored: 0 },
    state: state === 'kept' ? 'published' : 'quarantined',
    erasures: [],
  }
  const { uri, hash } = await writeManifest(storage, place, manifest)
  const hashes = { contract_hash: '', model_hash: '', schema_hash: '', build_key: '', content_hash: '' }
  const counts = { revision: 0, rows, bytes, files: files.length, reused_files: 0 }
  const about = { id, env, dataset_id: made.id, dataset: made.dataset, run_id: '', layout, uri, state }
  await store.db
    .insertInto('snapshot')
    .values({ ...about, ...hashes, ...counts, manifest_hash: hash, created_at: new Date() })
    .execute()
  return id
}

const makeDataset = async (dataset: string): Promise<Made> => {
  const port = dataset.split('.').slice(0, 4).join('.')
  const live = await store.db.selectFrom('entity').select('id').where('subject', '=', port).executeTakeFirst()
  const portId = live?.id ?? (await entity('port', port))
  return { id: await entity('dataset', dataset, portId), port: portId, dataset }
}

const publish = async (made: Made, sql: string, at: string, layout?: Manifest['layout']): Promise<string> => {
  const snapshot = await makeSnapshot(made, sql, 'kept', layout)
  seq++
  const port = made.dataset.split('.').slice(0, 4).join('.')
  await store.db
    .insertInto('publication')
    .values({ port_id: made.port, env, port, seq, reason: 'run', run_id: null, by: 'test', at: new Date(at) })
    .execute()
  await store.db
    .insertInto('publication_dataset')
    .values({ port_id: made.port, seq, dataset_id: made.id, dataset: made.dataset, snapshot_id: snapshot })
    .execute()
  return snapshot
}

/** Publishes a dataset of one file that stays where it is; gives its path. */
export const publishInPlace = async (dataset: string, sql: string): Promise<string> => {
  const snapshot = await publish(await makeDataset(dataset), sql, '2026-01-01T10:00:00Z', 'referenced')
  return join(folder, 'work', snapshot, 'part-0.parquet')
}

export const outcomes = async (sql: string): Promise<string[]> => {
  const rows = await store.db
    .selectFrom('read_audit')
    .select('outcome')
    .where('statement_hash', '=', hashText(sql))
    .orderBy('at')
    .execute()
  return rows.map(row => row.outcome)
}

/** Publishes before the tests of a file, and clears after them. */
export const usePublished = (): void => {
  beforeAll(async () => {
    if (!isBuilt) return
    folder = await mkdtemp(join(tmpdir(), 'weft-read-'))
    const engine = await openEngine('duckdb')
    await mkdir(join(folder, 'scratch'))
    session = await engine.open({ memory: 512 * 1024 ** 2, threads: 1, scratch: join(folder, 'scratch') })
    store = await openStore({ where: join(folder, 'catalogue'), lockPath: join(folder, 'lock'), limits: defaultLimits })
    storage = await openStorage('file:storage', folder)
    pool = new ReaderPool({ scratch: join(folder, 'readers') })
    parts = { db: store.db, env, effects, limits: defaultLimits, storages: async () => storage, pool }
    const orders = await makeDataset('sales.shop-orders.orders.v1.orders')
    snapshots.old = await publish(orders, "select i as id, 'first' as run from range(3) t(i)", '2026-01-01T10:00:00Z')
    snapshots.new = await publish(orders, "select i as id, 'second' as run from range(5) t(i)", '2026-02-01T10:00:00Z')
    snapshots.quarantined = await makeSnapshot(orders, 'select 1::bigint as id, null::text as run', 'quarantined')
    const second = await makeDataset('sales.shop-orders.orders.v2.orders')
    await publish(second, "select i as id, 'major two' as run from range(2) t(i)", '2026-03-01T10:00:00Z')
    const wide = await makeDataset('finance.revenue.daily.v1.wide')
    await publish(
      wide,
      "select i as n, i::text || repeat('x', 50) as filler from range(300000) t(i)",
      '2026-01-01T10:00:00Z',
    )
    const secret = await makeDataset('finance.salaries.pay.v1.pay')
    snapshots.secret = await publish(secret, "select 'topsecret' as word, 987654 as amount", '2026-01-01T10:00:00Z')
    await makeDataset('sales.shop-orders.planned.v1.planned')
    const failing = await makeDataset('sales.shop-orders.failing.v1.failing')
    await makeSnapshot(failing, 'select 1 as a', 'quarantined')
  }, 120_000)

  afterAll(async () => {
    if (!isBuilt) return
    await pool.close()
    await session.close()
    await store.close()
    await rm(folder, { recursive: true, force: true })
  })
}
