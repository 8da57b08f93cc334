/** Columns that a statement reads without naming them are read all the same. */
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Dataset } from '../../domain/index.ts'
import { openEngine, type Session } from '../../engine/index.ts'
import { parseSelects } from '../../sql/index.ts'
import { readsOf } from './reads.ts'

const place = { file: 'c.yaml', line: 1, column: 1 }
const column = (name: string) =>
  ({
    name,
    type: 'INTEGER',
    logicalType: 'integer',
    nullable: true,
    unique: false,
    tags: [],
    terms: [],
    place,
  }) as const
const tables: readonly Dataset[] = [
  { subject: 'd.p.in.a', name: 'a', columns: ['id', 'v', 'w'].map(column), rules: [], place },
  { subject: 'd.p.in.b', name: 'b', columns: ['id', 'w'].map(column), rules: [], place },
]

let session: Session
beforeAll(async () => {
  const engine = await openEngine('duckdb')
  session = await engine.open({ memory: 256 * 1024 ** 2, threads: 1, scratch: tmpdir() })
})
afterAll(() => session.close())

test.each([
  ['the rows of a table as structures', 'select id, a from a', 'v'],
  ['the rows of a table under another name', 'select to_json(t) from a as t', 'w'],
  ['what a natural join compares', 'select v from a natural join b', 'w'],
  ['what using compares', 'select v from a join b using (id)', 'id'],
  ['a star', 'select count(*), max(columns(*)) from a', 'v'],
  ['a column within a subquery of a filter', 'select id from b where exists (from a where a.v = b.id)', 'v'],
])('%s', async (_, sql, read) => {
  const [select] = await parseSelects(texts => session.parse(texts), [sql])
  if (select?.ok !== true) throw new Error('the statement can be parsed')

  const found = readsOf(select, parts => tables.find(it => it.name === parts.at(-1)))

  expect(found.filter(it => it.dataset === 'd.p.in.a').flatMap(it => it.columns)).toContain(read)
})
