/** Column lineage of hard cases against what was found by hand, and against the names that DuckDB itself gives the columns. */
import { beforeAll, expect, test } from 'vitest'
import { useParser } from '../../src/sql/parsing.suite.ts'
import { cases, inputsOf, lineageIn, tableStatements } from './cases.ts'
import { tablesOf } from './tables.ts'

const parser = useParser()
let tables: Awaited<ReturnType<typeof tablesOf>>

beforeAll(async () => {
  await parser.session().run(tableStatements)
  tables = await tablesOf(parser.session())
})

test('there are at least 200, and none twice', () => {
  expect(cases.length).toBeGreaterThanOrEqual(200)
  expect(new Set(cases.map(it => it.sql)).size).toBe(cases.length)
})

test.each(cases.map(it => [it.construct, it.sql, it] as const))('%s: %s', async (_, sql, { columns, isWide }) => {
  const described = await parser.session().rows(`select column_name from (describe ${sql})`)
  expect(columns.map(it => it.name.toLowerCase())).toEqual(described.map(it => String(it.column_name).toLowerCase()))
  const lineage = lineageIn(await parser.select(sql), tables)
  expect(inputsOf(lineage)).toEqual(columns)
  expect(lineage.wide.length > 0).toBe(isWide)
})
