/** Parquet files that somebody else has written. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Measuring, openMeasuring } from './measuring.suite.ts'

let at: Measuring
beforeAll(async () => {
  at = await openMeasuring()
})
afterAll(() => at.close())

const given = async (sql: string, type: string) => {
  const relation = await at.table(sql)
  if (relation.kind !== 'parquet') throw new Error('a table is Parquet')
  const columns = [{ name: 'a', type }]
  return at.measure({ ...relation, columns }, [{ kind: 'required', column: 'a' }], { columns })
}

test.each([
  ['a column that is not there', 'select 1 as b', 'INTEGER', 'the file has no column a'],
  ['a word that is no number', "select 'many' as a", 'INTEGER', 'column a holds values that are no INTEGER'],
  ['a fraction in a whole number', 'select 1.5::double as a', 'BIGINT', 'column a holds values that are no BIGINT'],
  [
    'digits beyond a decimal',
    'select 1.255::decimal(9,3) as a',
    'DECIMAL(9,2)',
    'column a holds values that are no DECIMAL(9,2)',
  ],
  ['a number beyond a smaller type', 'select 300 as a', 'TINYINT', 'column a holds values that are no TINYINT'],
  ['an hour in a day', "select timestamp '2024-03-01 12:00' as a", 'DATE', 'column a holds values that are no DATE'],
])('%s is refused', async (_, sql, type, message) => {
  await expect(given(sql, type)).rejects.toMatchObject({ code: 'engine.bad-file', message })
})

test.each([
  ['a smaller type', 'select 1::smallint as a', 'BIGINT'],
  ['digits in a text', "select '007' as a", 'BIGINT'],
  ['zeros beyond a decimal', 'select 1.250::decimal(9,3) as a', 'DECIMAL(9,2)'],
  ['midnight in a day', "select timestamp '2024-03-01' as a", 'DATE'],
  ['a number in a text', 'select 1.5 as a', 'VARCHAR'],
])('%s is read', async (_, sql, type) => {
  const { measurement } = await given(sql, type)
  expect(measurement.checks).toMatchObject([{ state: 'passed' }])
})
