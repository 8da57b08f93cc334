import { expect, test } from 'vitest'
import type { ManifestSource } from '../../storage/index.ts'
import { movedSince } from './moved-inputs.ts'

const source = (dataset: string, ...files: readonly (readonly [uri: string, etag: string])[]): ManifestSource => ({
  ...{ dataset, shape: 's' },
  files: files.map(([uri, etag]) => ({ uri, etag, lines: 1 })),
})

test('new, changed and gone files count once each, whichever datasets read them; a source that is new does not', () => {
  const before = [source('till', ['a', '1'], ['b', '1'], ['c', '1'])]
  const now = [source('till', ['a', '1'], ['b', '2'], ['d', '1']), source('stock', ['s', '1'])]
  const pair = { read: [], before, now }
  expect(movedSince([pair, pair], [])).toEqual({ datasets: [], files: 3 })
  expect(movedSince([{ read: [], before, now: before }], [])).toEqual({ datasets: [], files: 0 })
})

test('datasets of other products of which another snapshot is served; those that are read no more are not told', () => {
  const read = ['a', 'b', 'c'].map(dataset => ({ dataset, snapshot: '1', fingerprint: '' }))
  const served = [
    { dataset: 'a', snapshot: '1' },
    { dataset: 'b', snapshot: '2' },
  ]
  expect(movedSince([{ read, before: [], now: [] }], served)).toEqual({ datasets: ['b'], files: 0 })
})
