/** The pages of docs/reference say what the code says; `npm run docs` writes them anew. */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { repository } from './support/mesh.ts'
import { referencePages } from './support/reference.ts'

const folder = join(repository, 'docs', 'reference')

test('the reference is up to date (npm run docs makes it so)', async () => {
  const pages = referencePages()
  if (process.env.WEFT_WRITE_DOCS === '1') {
    await rm(folder, { recursive: true, force: true })
    await mkdir(folder, { recursive: true })
    for (const [name, text] of pages) await writeFile(join(folder, name), text)
  }
  const found = new Map<string, string>()
  for (const name of await readdir(folder)) found.set(name, await readFile(join(folder, name), 'utf8'))
  expect([...found.keys()].sort()).toEqual([...pages.keys()].sort())
  for (const [name, text] of pages) expect(found.get(name), `docs/reference/${name} is stale`).toBe(text)
})

test('every operation and every problem has words', () => {
  for (const text of referencePages().values()) expect(text).not.toMatch(/undefined|\[object/)
})
