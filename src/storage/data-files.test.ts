import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../test/support/mesh.ts'
import { etagOf, ownedKeys, verifyReferenced } from './data-files.ts'

const part = { rows: 1, nulls: [], partitions: [{ name: null, rows: 1, buildKey: 'k', content: '1' }] }

test('a referenced file is good until it is touched', async () => {
  const path = join(await temporaryFolder(), 'a b.parquet')
  await writeFile(path, 'one')
  const file = { ...part, uri: pathToFileURL(path).href, bytes: 3, etag: (await etagOf(path)) ?? '' }
  const manifest = { dataset: 'sales.shop.orders.v1.lines', files: [file] }

  await verifyReferenced(manifest)

  await writeFile(path, 'two')
  await expect(verifyReferenced(manifest)).rejects.toMatchObject({
    problems: [{ code: 'source.changed', subject: manifest.dataset, found: expect.stringContaining(path) }],
  })
  await rm(path)
  await expect(verifyReferenced(manifest)).rejects.toThrow('cannot be found')
})

test('a referenced file is no key of the storage, so that nobody removes it', () => {
  const files = [
    { ...part, uri: 'file:///lake/a.parquet', bytes: 3, etag: '3-1' },
    { ...part, sha256: 'ab', bytes: 3 },
  ]
  expect(ownedKeys('p/o.v1/d', { files })).toEqual(['p/o.v1/d/data/ab.parquet'])
})
