/** Whatever is no SQL is told, and whatever is has lineage, in bounded time. `WEFT_MUTATIONS=10000 npx vitest run test/lineage/mutants.test.ts` */
import { beforeAll, expect, test } from 'vitest'
import { parseSelects } from '../../src/sql/index.ts'
import { numbers } from '../../src/sql/lineage/random-query.suite.ts'
import { useParser } from '../../src/sql/parsing.suite.ts'
import { cases, lineageIn, tableStatements } from './cases.ts'
import { mutants } from './mutants.ts'
import { tablesOf } from './tables.ts'
import { benchmarksBy, lineagePython } from './tpc.ts'

const count = Number(process.env.WEFT_MUTATIONS ?? 500)
const seed = Number(process.env.WEFT_MUTATION_SEED ?? 1)
/** For one statement, also where others are at work on the machine. */
const millisecondsMax = 2_000
/** Those of TPC-H and TPC-DS are among them where they were asked for by a number, because Python has to read them. */
const benchmarkTexts = async (): Promise<string[]> => {
  const python = process.env.WEFT_MUTATIONS === undefined ? { reason: '' } : await lineagePython()
  if ('reason' in python) return []
  return Object.values(await benchmarksBy(python)).flatMap(it => it.queries.map(one => one.sql))
}

const parser = useParser()
let tables: Awaited<ReturnType<typeof tablesOf>>

beforeAll(async () => {
  await parser.session().run(tableStatements)
  tables = await tablesOf(parser.session())
})

test(`${count} changed statements from seed ${seed}: none fails, none takes long`, {
  timeout: 60_000 + count * 100,
}, async () => {
  const texts = mutants([...cases.map(it => it.sql), ...(await benchmarkTexts())], count, numbers(seed))
  const parsed = await parseSelects(some => parser.session().parse(some), texts)
  let [slowest, analysed, bound, columns] = [0, 0, 0, 0]
  for (const [index, select] of parsed.entries()) {
    if (!select.ok) continue
    const started = performance.now()
    const lineage = lineageIn(select, tables)
    slowest = Math.max(slowest, performance.now() - started)
    analysed++
    // What DuckDB can bind has as many columns as DuckDB gives it, or says that it does not know.
    const described = await parser
      .session()
      .rows(`select column_name from (describe ${texts[index]})`)
      .catch(() => undefined)
    if (described === undefined || lineage.wide.length > 0) continue
    bound++
    columns += described.length
    expect(lineage.columns.length, texts[index]).toBe(described.length)
  }
  process.stdout.write(
    `mutants from seed ${seed}: ${texts.length}, of which ${analysed} are still one SELECT and ${bound} bind with ${columns} columns; the slowest took ${slowest.toFixed(1)} ms\n`,
  )
  expect(analysed).toBeGreaterThan(count / 5)
  expect(slowest).toBeLessThan(millisecondsMax)
})
