import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openCache } from '../../base/index.ts'
import type { BoundModel } from './bind.ts'
import { knownModel, learnModel } from './known-models.ts'

const folder = mkdtempSync(join(tmpdir(), 'weft-known-models-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const input = { table: 'a.b.c.v1.d', path: ['id'], how: 'identity', position: 7 } as const
const model: BoundModel = {
  dataset: 'a.e.f.v1.g',
  reads: [{ dataset: 'a.b.c.v1.d', columns: ['id'], how: 'copied' }],
  lineage: {
    columns: [{ name: 'id', inputs: [input] }],
    rows: [],
    named: [{ table: 'a.b.c.v1.d', path: ['id'], position: 7 }],
    tables: ['a.b.c.v1.d'],
    wide: [],
  },
}

const learnt = (name: string): string => {
  const path = join(folder, name)
  const cache = openCache(path, '')
  learnModel(cache, 'key', model)
  cache.save()
  return path
}

test('a model is known by its reads and its lineage', () => {
  const known = knownModel(openCache(learnt('whole'), ''), 'key', model.dataset)
  expect({ ...known }).toEqual(model)
})

test.each([
  ['is lost', (line: string) => (line.includes('lineage') ? [] : [line])],
  ['is another than was written', (line: string) => [line.replace('identity', 'filter')]],
])('a model whose lineage %s is not known', (name, lose) => {
  const path = learnt(name)
  const lines = readFileSync(path, 'utf8').split('\n')
  writeFileSync(path, lines.flatMap(lose).join('\n'))
  expect(knownModel(openCache(path, ''), 'key', model.dataset)).toBeUndefined()
})

test('lineage that nobody asked for is kept as long as its model is', () => {
  const path = learnt('kept')
  const next = openCache(path, '')
  knownModel(next, 'key', model.dataset)
  for (let count = 0; count < 4; count++) next.set(`other ${count}`, count)
  next.save()
  // Another process, which asks for none of the others: the file is written anew without them.
  const last = openCache(path, '')
  knownModel(last, 'key', model.dataset)
  last.save()
  expect(readFileSync(path, 'utf8')).not.toContain('other')
  expect(knownModel(openCache(path, ''), 'key', model.dataset)?.lineage).toEqual(model.lineage)
})
