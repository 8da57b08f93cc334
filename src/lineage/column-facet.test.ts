import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { describe, expect, test } from 'vitest'
import { shared } from '../../test/support/mesh.ts'
import { hasStandards, titled } from '../../test/support/standards.ts'
import { columnLineage } from '../sql/index.ts'
import { useParser } from '../sql/parsing.suite.ts'
import { type ColumnLineageFacet, columnLineageFacet, type FacetInput } from './index.ts'

const parser = useParser()
const folder = join(shared, 'standards', 'openlineage')
const json = (file: string) => JSON.parse(readFileSync(join(folder, file), 'utf8'))

const facetOf = async (sql: string, tables: Readonly<Record<string, string>>): Promise<ColumnLineageFacet> => {
  const select = await parser.select(sql)
  const lineage = columnLineage(select, parts => {
    const id = parts.join('.')
    const columns = tables[id]?.split(' ').map(name => ({ name, type: 'INTEGER' }))
    return columns === undefined ? undefined : { id, columns }
  })
  return columnLineageFacet(lineage, {
    producer: 'https://example.org/weft',
    dataset: table => ({ namespace: 'file', name: table }),
  })
}

interface Stated {
  readonly fields: Readonly<Record<string, { readonly inputFields: readonly FacetInput[] }>>
  readonly dataset?: readonly FacetInput[]
}

/** `field <- dataset.column: SUBTYPE`, each way by itself; what counts for all rows stands with every field. */
const told = ({ fields, dataset = [] }: Stated): string[] =>
  Object.entries(fields)
    .flatMap(([field, { inputFields }]) =>
      [...inputFields, ...dataset].flatMap(it => {
        const from = `${field} <- ${it.name.split('/').at(-1)}.${it.field}`
        return it.transformations.length === 0
          ? [from]
          : it.transformations.map(one => `${from}: ${one.type} ${one.subtype}${one.masking ? ' masked' : ''}`)
      }),
    )
    .sort()

test('each column has its inputs with every way in which they flow', async () => {
  const facet = await facetOf(
    `select a, md5(b) as h, case when a > 1 then b end as k, count(b) over (partition by a) as n from t where b = '' order by a`,
    { t: 'a b' },
  )
  const of = (field: string, ...ways: readonly [string, string, boolean?][]): object => ({
    namespace: 'file',
    name: 't',
    field,
    transformations: ways.map(([type, subtype, masking = false]) => ({ type, subtype, masking })),
  })
  expect(facet.fields).toEqual({
    a: { inputFields: [of('a', ['DIRECT', 'IDENTITY'])] },
    h: { inputFields: [of('b', ['DIRECT', 'TRANSFORMATION', true])] },
    k: { inputFields: [of('b', ['DIRECT', 'TRANSFORMATION']), of('a', ['INDIRECT', 'CONDITIONAL'])] },
    n: { inputFields: [of('b', ['DIRECT', 'AGGREGATION', true]), of('a', ['INDIRECT', 'WINDOW'])] },
  })
  expect(facet.dataset).toEqual([of('b', ['INDIRECT', 'FILTER']), of('a', ['INDIRECT', 'SORT'])])
})

describe.skipIf(!hasStandards)(titled('the standard'), () => {
  const validator = () => {
    const ajv = new Ajv2020({ strict: false })
    formats.default(ajv)
    ajv.addSchema(json('OpenLineage.json'))
    return ajv.compile(json('facets/ColumnLineageDatasetFacet.json'))
  }

  test('the schema accepts what is made, and nothing that lacks a part', async () => {
    const accepts = validator()
    const statements = [
      'select * from t',
      'with c as (select a, count(*) as n from t group by 1) select a + n as k, b from c join u using (a) order by all',
      'select x from nobody',
      'select 1, a + 1 from t',
    ]
    for (const sql of statements) {
      const facet = await facetOf(sql, { t: 'a b', u: 'a b' })
      expect([sql, accepts({ columnLineage: facet }), accepts.errors]).toEqual([sql, true, null])
      expect(accepts({ columnLineage: { ...facet, _producer: undefined } })).toBe(false)
    }
    expect(accepts({ columnLineage: { ...(await facetOf('from t', { t: 'a' })), fields: { a: {} } } })).toBe(false)
  })

  test('its version is the newest one that the folder has', async () => {
    const { _schemaURL } = await facetOf('from t', { t: 'a' })
    expect(_schemaURL.split('#')[0]).toBe(json('facets/ColumnLineageDatasetFacet.json').$id)
  })

  test('the scenario CLL: the statement of its description, beside what Spark says of it', async () => {
    const description = readFileSync(join(folder, 'scenarios/CLL/scenario.md'), 'utf8')
    const sql = /AS (SELECT[\s\S]*?)```/.exec(description)?.[1] ?? ''
    const ours = told(await facetOf(sql, { cll_source1: 'a b', cll_source2: 'a c' }))
    // Spark pushes the filter through the join's equality, and says so of its plan; the statement filters one table.
    const planned = ['ident', 'trans', 'agg'].map(field => `${field} <- cll_source1.a: INDIRECT FILTER`)
    for (const number of [5, 6, 7, 8]) {
      const [output] = json(`scenarios/CLL/events/${number}.json`).outputs
      expect(told(output.facets.columnLineage)).toEqual([...ours, ...planned].sort())
    }
  })

  test.each([
    [
      1,
      'select NAME, AMOUNT_OFF, STARTS_AT, ENDS_AT from CUSTOMERS join DISCOUNTS on (DISCOUNTS.CUSTOMERS_ID = CUSTOMERS.ID)',
      { CUSTOMERS: 'ID NAME', DISCOUNTS: 'CUSTOMERS_ID AMOUNT_OFF STARTS_AT ENDS_AT' },
    ],
    [
      2,
      `select id, first_name as "firstName", last_name as "lastName", age + 1 as "ageNextYear" from people
       where age > 18 order by last_name, first_name`,
      { people: 'id first_name last_name age' },
    ],
  ])('the facet of test %i, from a statement that it describes', async (number, sql, tables) => {
    const { columnLineage } = json(`facet-tests/ColumnLineageDatasetFacet/${number}.json`)
    expect(told(await facetOf(sql, tables))).toEqual(told(columnLineage))
  })

  test.each([
    ['03', 'select * from "copied.csv" union all by name select * from "test.csv"', ['copied.csv', 'test.csv']],
    ['05', 'from "mock-project.test.upload"', ['mock-project.test.upload']],
    ['07', 'from "mock-project.test.upload_cp"', ['mock-project.test.upload_cp']],
  ])(
    'the scenario airflow, line %s: copies have no statement and name no ways, only inputs',
    async (line, sql, inputs) => {
      const [output] = json(`scenarios/airflow/events/line_${line}.json`).outputs
      const ours = told(await facetOf(sql, Object.fromEntries(inputs.map(it => [it, 'a b c d']))))
      expect(ours.filter(it => !it.endsWith(': DIRECT IDENTITY'))).toEqual([])
      expect(ours.map(it => it.split(':')[0])).toEqual(told(output.facets.columnLineage))
    },
  )

  test('no event or test with column lineage is left out', () => {
    const files = ['scenarios', 'facet-tests'].flatMap(under =>
      readdirSync(join(folder, under), { recursive: true, encoding: 'utf8' }).map(it => `${under}/${it}`),
    )
    // A LineageFacet, which the folder has too, is another facet: of jobs and datasets as well as of columns.
    const those = files.filter(
      it => it.endsWith('.json') && /"columnLineage"/.test(readFileSync(join(folder, it), 'utf8')),
    )
    expect(those.sort()).toEqual([
      'facet-tests/ColumnLineageDatasetFacet/1.json',
      'facet-tests/ColumnLineageDatasetFacet/2.json',
      ...[5, 6, 7, 8].map(it => `scenarios/CLL/events/${it}.json`),
      ...['03', '05', '07'].map(it => `scenarios/airflow/events/line_${it}.json`),
    ])
  })
})
