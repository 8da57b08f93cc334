import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  dataKey,
  datasetFolder,
  filesAreThere,
  listManifests,
  type Manifest,
  manifestKey,
  openStorage,
  type PublicationFile,
  parseManifest,
  portFolder,
  publicationKey,
  readManifest,
  readPublications,
  type Storage,
  writeManifest,
  writePublication,
} from './index.ts'

const port = portFolder('sales/shop', 'orders', 1)
const folder = datasetFolder('sales/shop', 'orders', 1, 'lines')

let root: string
let storage: Storage

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'weft-manifests-'))
  storage = await openStorage('storage', root)
})
afterEach(() => rm(root, { recursive: true, force: true }))

const manifestOf = (
  id: string,
  files: readonly { readonly name: string; readonly bytes: number }[] = [],
): Manifest => ({
  format: 'weft.snapshot/1',
  id,
  revision: 1,
  dataset: 'sales.shop.orders.v1.lines',
  port: 'sales.shop.orders.v1',
  contract: { id: 'orders', version: '1.0.0', hash: 'c' },
  model: { hash: 'm', engine: 'duckdb', engineVersion: '1.5.5', timeDependent: false },
  run: 'run',
  createdAt: '2024-01-01T00:00:00Z',
  columns: [{ id: 1, name: 'a', type: 'INTEGER', nullable: true }],
  layout: 'owned',
  files: files.map(({ name, bytes }) => ({
    sha256: name,
    bytes,
    rows: 1,
    partitions: [{ name: null, rows: 1, buildKey: 'k', content: '0' }],
    nulls: [0],
  })),
  rows: files.length,
  bytes: files.reduce((sum, file) => sum + file.bytes, 0),
  contentHash: 'h',
  inputs: [],
  sources: [],
  buildKey: 'k',
  checks: { passed: 1, failed: 0, warned: 0, errored: 0 },
  state: 'published',
  erasures: [],
})

/** Publishes a snapshot of one data file under this number. */
const publish = async (seq: number, snapshot: string): Promise<void> => {
  await storage.put(`${folder}/${dataKey(snapshot)}`, snapshot)
  const manifest = manifestOf(snapshot, [{ name: snapshot, bytes: snapshot.length }])
  const { hash } = await writeManifest(storage, folder, manifest)
  await writePublication(storage, port, publicationOf(seq, snapshot, hash))
}

const publicationOf = (seq: number, snapshot: string, manifestHash: string): PublicationFile => ({
  format: 'weft.publication/1',
  port: 'sales.shop.orders.v1',
  seq,
  reason: 'run',
  by: 'ada',
  at: '2024-01-01T00:00:00Z',
  datasets: [{ dataset: 'sales.shop.orders.v1.lines', snapshot, manifestHash }],
})

const servedSnapshot = async (): Promise<string | undefined> =>
  (await readPublications(storage, port))?.manifests[0]?.id

describe('manifests', () => {
  it('are read as they were written', async () => {
    const manifest = manifestOf('s1', [{ name: 'x', bytes: 3 }])
    const { uri, hash } = await writeManifest(storage, folder, manifest)
    expect(uri).toBe('sales/shop/orders.v1/lines/manifests/s1.json')
    expect(await readManifest(storage, uri, hash)).toEqual(manifest)
  })

  it('written again are the same file with the same hash', async () => {
    const { columns, ...rest } = manifestOf('s1')
    const first = await writeManifest(storage, folder, { ...rest, columns })
    expect(await writeManifest(storage, folder, { columns, ...rest })).toEqual(first)
  })

  it('tell of referenced files by their address and etag', async () => {
    const part = { bytes: 3, rows: 1, nulls: [0], partitions: [{ name: null, rows: 1, buildKey: 'k', content: '0' }] }
    const files = [{ ...part, uri: 'file:///lake/a.parquet', etag: '3-1' }]
    const manifest: Manifest = { ...manifestOf('s1'), layout: 'referenced', files }
    const { uri, hash } = await writeManifest(storage, folder, manifest)
    expect(await readManifest(storage, uri, hash)).toEqual(manifest)
    await storage.put(`${folder}/manifests/s2.json`, JSON.stringify({ ...manifest, files: [part] }))
    await expect(readManifest(storage, `${folder}/manifests/s2.json`)).rejects.toMatchObject({
      code: 'storage.corrupt-manifest',
    })
  })

  it('that were changed are refused where their hash is known', async () => {
    const { uri, hash } = await writeManifest(storage, folder, manifestOf('s1'))
    await appendFile(await storage.localPath(uri), '\n')
    await expect(readManifest(storage, uri, hash)).rejects.toMatchObject({ code: 'storage.corrupt-manifest' })
    expect((await readManifest(storage, uri)).id).toBe('s1')
  })

  it('that are gone are told by their key', async () => {
    await expect(readManifest(storage, `${folder}/${manifestKey('s1')}`)).rejects.toMatchObject({
      code: 'storage.not-found',
      message: expect.stringContaining('manifests/s1.json'),
    })
  })

  it.each([
    ['no JSON', '{'],
    ['a list', '[]'],
    ['null', 'null'],
    ['another format', JSON.stringify({ ...manifestOf('s1'), format: 'weft.snapshot/2' })],
    ['no columns', JSON.stringify({ ...manifestOf('s1'), columns: undefined })],
    ['files without a path', JSON.stringify({ ...manifestOf('s1'), files: [null] })],
    ['bytes that are no UTF-8', Uint8Array.of(0x22, 0xff, 0x22)],
  ])('that are %s are refused', (_, content) => {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content
    expect(() => parseManifest(bytes)).toThrow(expect.objectContaining({ code: 'storage.corrupt-manifest' }))
  })

  it('are listed in order of their id, without those that cannot be read', async () => {
    for (const id of ['s2', 's1', 's3']) await writeManifest(storage, folder, manifestOf(id))
    await writeFile(await storage.localPath(`${folder}/${manifestKey('s2')}`), 'changed')
    expect((await listManifests(storage, folder)).map(found => found.manifest.id)).toEqual(['s1', 's3'])
  })

  it('have their files only while each is there with its size', async () => {
    const manifest = manifestOf('s1', [
      { name: 'x', bytes: 1 },
      { name: 'y', bytes: 2 },
    ])
    await storage.put(`${folder}/${dataKey('x')}`, '1')
    expect(await filesAreThere(storage, folder, manifest)).toBe(false)
    await storage.put(`${folder}/${dataKey('y')}`, '12')
    expect(await filesAreThere(storage, folder, manifest)).toBe(true)
    await appendFile(await storage.localPath(`${folder}/${dataKey('y')}`), '3')
    expect(await filesAreThere(storage, folder, manifest)).toBe(false)
  })
})

describe('publications', () => {
  it('serve the highest number, and nothing where there is none', async () => {
    expect(await servedSnapshot()).toBeUndefined()
    for (const seq of [9, 10, 2]) await publish(seq, `s${seq}`)
    const found = await readPublications(storage, port)
    expect(found?.publication).toMatchObject({ seq: 10, by: 'ada' })
    expect(found?.manifests.map(manifest => manifest.id)).toEqual(['s10'])
  })

  it('are written once: the same number again changes nothing', async () => {
    await publish(1, 's1')
    await publish(1, 's2')
    expect(await servedSnapshot()).toBe('s1')
  })

  it.each([
    ['a data file is lost', () => storage.remove(`${folder}/${dataKey('s2')}`)],
    ['a data file is cut', async () => writeFile(await storage.localPath(`${folder}/${dataKey('s2')}`), 's')],
    ['its manifest is lost', () => storage.remove(`${folder}/${manifestKey('s2')}`)],
    ['its manifest is changed', async () => appendFile(await storage.localPath(`${folder}/${manifestKey('s2')}`), ' ')],
    ['it is no JSON', async () => writeFile(await storage.localPath(`${port}/${publicationKey(2)}`), '{')],
    [
      'it is of another format',
      async () => writeFile(await storage.localPath(`${port}/${publicationKey(2)}`), '{"format":"x"}'),
    ],
    [
      'it names no datasets',
      async () => writeFile(await storage.localPath(`${port}/${publicationKey(2)}`), '{"format":"weft.publication/1"}'),
    ],
  ])('fall back to the one before where %s', async (_, harm) => {
    await publish(1, 's1')
    await publish(2, 's2')
    expect(await servedSnapshot()).toBe('s2')
    await harm()
    expect(await servedSnapshot()).toBe('s1')
  })

  it('do not reach for files outside of the storage', async () => {
    await publish(1, 's1')
    await writeFile(join(root, 'outside'), 'x')
    const manifest = manifestOf('s2', [{ name: 'x', bytes: 1 }])
    const files = manifest.files.map(file => ({ ...file, path: '../../../../../outside' }))
    const { hash } = await writeManifest(storage, folder, { ...manifest, files })
    await writePublication(storage, port, publicationOf(2, 's2', hash))
    expect(await servedSnapshot()).toBe('s1')
  })
})
