import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { randomOf } from '../../test/support/mutations.ts'
import { defaultLimits, problem, silentLog, uuidV7, WeftError } from '../base/index.ts'
import type { Product } from '../domain/index.ts'
import {
  dataKey,
  failingKeysKey,
  filesAreThere,
  type Manifest,
  openStorage,
  ownedKeys,
  parseManifest,
  profileKey,
  readManifest,
  rejectsKey,
  type Storage,
  storageProblems,
  writeManifest,
} from '../storage/index.ts'
import { openStore, type Store } from '../store/index.ts'
import type { RunParts } from './parts.ts'
import { insertHold, insertPublication, releaseHolds, servedPublications } from './publication-store.ts'
import { expireOld, keptSnapshots, removeExpired } from './retention.ts'
import type { PublishedState } from './retention-store.ts'

const noon = new Date('2026-11-25T12:00:00Z')
const day = 86_400_000
const ago = (days: number): Date => new Date(noon.getTime() - days * day)

describe('what is kept', () => {
  const states = (...all: readonly (readonly [string, number])[]): PublishedState[] =>
    all.map(([snapshots, days], index) => ({ seq: all.length - index, at: ago(days), snapshots: snapshots.split(' ') }))
  const kept = (...args: Parameters<typeof keptSnapshots>): string[] => [...keptSnapshots(...args)].sort()

  test('the newest so many states of a port, each with all of its datasets', () => {
    const history = states(['a4 b4', 0], ['a3 b3', 1], ['a2 b2', 2], ['a1 b1', 3])
    expect(kept(history, [{ count: 3 }], noon)).toEqual(['a2', 'a3', 'a4', 'b2', 'b3', 'b4'])
  })

  test('a state that was published again by a rollback counts once', () => {
    const history = states(['a1', 0], ['a3', 1], ['a1', 2], ['a2', 3], ['a0', 4])
    expect(kept(history, [{ count: 3 }], noon)).toEqual(['a1', 'a2', 'a3'])
  })

  test('what was served within a time, counted from its end', () => {
    const history = states(['a4', 1], ['a3', 20], ['a2', 30], ['a1', 40])
    // a3 was served until a day ago, a2 until 20 days ago, a1 until 30.
    expect(kept(history, [{ ageMs: 25 * day }], noon)).toEqual(['a2', 'a3', 'a4'])
  })

  test('what is served and the state before it stay, whatever is set and the clock says', () => {
    const history = states(['a4', 1], ['a3', 20], ['a2', 30])
    expect(kept(history, [{ count: 1 }], noon)).toEqual(['a3', 'a4'])
    expect(kept(history, [{ ageMs: day }], new Date('2199-01-01'))).toEqual(['a3', 'a4'])
  })

  test('the rule that keeps longest wins', () => {
    const history = states(['a4', 1], ['a3', 2], ['a2', 3], ['a1', 4])
    expect(kept(history, [{ count: 2 }, { ageMs: 3.5 * day }], noon)).toEqual(['a1', 'a2', 'a3', 'a4'])
  })
})

const folder = mkdtempSync(join(tmpdir(), 'weft-test-'))
let store: Store
beforeAll(async () => {
  store = await openStore({ where: join(folder, 'catalogue'), lockPath: join(folder, 'lock'), limits: defaultLimits })
})
afterAll(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

const subjects = { product: 'sales.shop', port: 'sales.shop.orders.v1', datasets: ['lines', 'heads'] }
const subjectOf = (dataset: string): string => `${subjects.port}.${dataset}`
const folderOf = (dataset: string): string => `shop/orders.v1/${dataset}`
const killed = new WeftError('failed', problem(storageProblems, 'storage.unreachable', 'killed'))

/** A product of its own environment, whose storage can die at any act. */
const world = async (env: string, snapshotsKept: number) => {
  const real = await openStorage(join(folder, env), folder)
  let actsLeft = Number.POSITIVE_INFINITY
  const storage: Storage = new Proxy(real, {
    get: (target, name) => {
      const it = Reflect.get(target, name)
      if (typeof it !== 'function') return it
      const act = it.bind(target)
      if (name !== 'remove' && name !== 'get') return act
      return (...args: unknown[]) => (actsLeft-- > 0 ? act(...args) : Promise.reject(killed))
    },
  })
  let ms = noon.getTime()
  const parts = {
    env,
    store,
    storageOf: async () => storage,
    limits: { ...defaultLimits, snapshotsKept },
    keepSnapshots: () => [],
    effects: { now: () => new Date(ms++), id: () => uuidV7(ms++), log: silentLog },
  } as unknown as RunParts // what retention uses of them
  const product = {
    subject: subjects.product,
    outputs: [{ subject: subjects.port, datasets: subjects.datasets.map(it => ({ subject: subjectOf(it) })) }],
  } as unknown as Product // as above
  const entity = (kind: string, subject: string) => ({
    id: `${env} ${subject}`,
    env,
    kind,
    subject,
    parent_id: null,
    root_id: 'root',
    status: 'live',
    field_id: null,
    created_at: noon,
    removed_at: null,
  })
  await store.db
    .insertInto('entity')
    .values([entity('outputPort', subjects.port), ...subjects.datasets.map(it => entity('dataset', subjectOf(it)))])
    .execute()
  return {
    parts,
    product,
    real,
    killAfter: (acts: number) => {
      actsLeft = acts
    },
  }
}

type World = Awaited<ReturnType<typeof world>>

const makeSnapshot = async (
  { parts, real }: World,
  dataset: string,
  contents: readonly string[],
  state: 'kept' | 'quarantined',
): Promise<{ datasetId: string; dataset: string; snapshot: string }> => {
  const id = parts.effects.id()
  const files = []
  for (const content of contents) {
    const sha256 = createHash('sha256').update(content).digest('hex')
    await real.put(`${folderOf(dataset)}/${dataKey(sha256)}`, content)
    files.push({
      ...{ sha256, bytes: content.length, rows: 1, nulls: [] },
      partitions: [{ name: null, rows: 1, buildKey: 'k', content: '0' }],
    })
  }
  const manifest = {
    format: 'weft.snapshot/1',
    id,
    dataset: subjectOf(dataset),
    buildKey: 'k',
    rows: 1,
    columns: [],
    files,
    contentHash: '0',
  }
  const { uri, hash } = await writeManifest(real, folderOf(dataset), manifest as unknown as Manifest) // the marks that are read
  for (const key of [profileKey(id), rejectsKey(id), failingKeysKey(id, 'unique')])
    await real.put(`${folderOf(dataset)}/${key}`, '{}')
  const datasetId = `${parts.env} ${subjectOf(dataset)}`
  const nothing = {
    contract_hash: '',
    model_hash: '',
    schema_hash: '',
    build_key: '',
    content_hash: '',
    run_id: '',
    reused_files: 0,
  }
  await store.db
    .insertInto('snapshot')
    .values({
      ...nothing,
      id,
      env: parts.env,
      dataset_id: datasetId,
      dataset: subjectOf(dataset),
      layout: 'owned',
      uri,
      manifest_hash: hash,
      revision: 1,
      rows: 1,
      bytes: 1,
      files: files.length,
      state,
      created_at: parts.effects.now(),
    })
    .execute()
  return { datasetId, dataset: subjectOf(dataset), snapshot: id }
}

const publish = async ({ parts }: World, datasets: Awaited<ReturnType<typeof makeSnapshot>>[]): Promise<void> => {
  const seq = ((await servedPublications(store.db, parts.env)).get(subjects.port)?.seq ?? 0) + 1
  const rest = { reason: 'run' as const, runId: null, by: 'ada', at: parts.effects.now() }
  await insertPublication(store.db, parts.env, {
    portId: `${parts.env} ${subjects.port}`,
    port: subjects.port,
    seq,
    datasets,
    ...rest,
  })
}

/** Everything that is served, or could be served again, is whole; gives how many that were. */
const verify = async ({ parts, real }: World): Promise<number> => {
  const rows = await store.db
    .selectFrom('snapshot')
    .selectAll()
    .where('env', '=', parts.env)
    .where('state', '!=', 'expired')
    .execute()
  for (const row of rows) {
    const manifest = await readManifest(real, row.uri, row.manifest_hash)
    const whole = await filesAreThere(real, row.uri.slice(0, row.uri.indexOf('/manifests/')), manifest)
    expect(whole, `${row.state} snapshot ${row.id}`).toBe(true)
  }
  const served = (await servedPublications(store.db, parts.env)).get(subjects.port)?.datasets ?? []
  for (const it of served) expect(rows.find(row => row.id === it.snapshot)?.state).toBe('kept')
  return rows.length
}

test.each([1, 2, 3, 4, 5, 6])(
  'whatever is published, rolled back, quarantined and killed, what is kept is whole (%i)',
  async seed => {
    const random = randomOf(seed * 7919)
    const it = await world(`random-${seed}`, 3)
    const { parts, product, real } = it
    const contents = (): string[] => Array.from({ length: 1 + random(4) }, () => `file ${random(12)}`)
    for (let step = 0; step < 60; step++) {
      const what = random(10)
      if (what < 5) {
        const made = []
        for (const dataset of subjects.datasets) made.push(await makeSnapshot(it, dataset, contents(), 'kept'))
        await publish(it, made)
      } else if (what === 5) {
        await makeSnapshot(it, 'lines', contents(), 'quarantined')
      } else if (what === 6) {
        // As a rollback does: an older state that is whole, again.
        const history = await store.db
          .selectFrom('publication_dataset as d')
          .innerJoin('snapshot as s', 's.id', 'd.snapshot_id')
          .select(['d.seq', 'd.dataset', 'd.dataset_id', 'd.snapshot_id', 's.state'])
          .where('d.port_id', '=', `${parts.env} ${subjects.port}`)
          .execute()
        const gone = new Set(history.filter(row => row.state !== 'kept').map(row => row.seq))
        const seqs = [...new Set(history.map(row => row.seq))].filter(seq => !gone.has(seq))
        const seq = seqs[random(Math.max(1, seqs.length))]
        const chosen = history.filter(row => row.seq === seq)
        if (chosen.length > 0)
          await publish(
            it,
            chosen.map(row => ({ datasetId: row.dataset_id, dataset: row.dataset, snapshot: row.snapshot_id })),
          )
      } else {
        await expireOld(parts, product)
        it.killAfter(random(3) === 0 ? 1000 : random(12))
        await removeExpired(parts)
        it.killAfter(Number.POSITIVE_INFINITY)
      }
      await verify(it)
    }
    await expireOld(parts, product)
    await removeExpired(parts)
    expect(await verify(it)).toBeLessThan(20)
    // Nothing that nobody names is left behind.
    for (const dataset of subjects.datasets) {
      const named = new Set<string>()
      const manifests: string[] = []
      for await (const { key } of real.list(`${folderOf(dataset)}/manifests/`)) {
        const manifest = parseManifest(await real.get(key))
        manifests.push(manifest.id)
        for (const key of ownedKeys(folderOf(dataset), manifest)) named.add(key)
      }
      const rows = await store.db
        .selectFrom('snapshot')
        .select('id')
        .where('dataset', '=', subjectOf(dataset))
        .where('env', '=', parts.env)
        .where('state', '!=', 'expired')
        .execute()
      expect(manifests.sort()).toEqual(rows.map(row => row.id).sort())
      const data: string[] = []
      for await (const { key } of real.list(`${folderOf(dataset)}/data/`)) data.push(key)
      expect(new Set(data)).toEqual(named)
      for await (const { key } of real.list(`${folderOf(dataset)}/profile/`))
        expect(manifests.some(id => key.includes(id))).toBe(true)
    }
  },
)

test('a port on hold, and what another environment has published, keep everything', async () => {
  const it = await world('held', 1)
  const { parts, product } = it
  const old = []
  for (let n = 0; n < 6; n++) {
    const made = [await makeSnapshot(it, 'lines', [`${n}`], 'kept'), await makeSnapshot(it, 'heads', [`${n}`], 'kept')]
    await publish(it, made)
    old.push(made)
  }
  const hold = { id: parts.effects.id(), env: 'held', entity_id: `held ${subjects.port}`, subject: subjects.port }
  await insertHold(store.db, { ...hold, reason: 'rollback', by: 'ada', since: noon })
  expect(await expireOld(parts, product)).toBe(0)
  await releaseHolds(store.db, 'held', subjects.port, noon)
  const [borrowed] = old
  await insertPublication(store.db, 'other', {
    portId: 'other port',
    port: subjects.port,
    seq: 1,
    datasets: borrowed ?? [],
    reason: 'adopt',
    runId: null,
    by: 'ada',
    at: noon,
  })
  expect(await expireOld(parts, product)).toBe(6)
  await removeExpired(parts)
  expect(await verify(it)).toBe(6)
})
