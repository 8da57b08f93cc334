/** Column lineage beside sqlglot's, over TPC-H, TPC-DS and the hard cases: `npm run test:lineage`. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { useParser } from '../../src/sql/parsing.suite.ts'
import { temporaryFolder } from '../support/mesh.ts'
import { cases, lineageIn, type Tables, tableStatements, wholeInputsOf } from './cases.ts'
import { differences } from './differences.ts'
import { tablesOf } from './tables.ts'
import { type Benchmark, benchmarksBy, lineagePython } from './tpc.ts'

const minutes = 60_000
const parser = useParser()

/** One column by both. sqlglot does not tell what makes a value from what decides about it: it has to name all of the former and nothing beside both. */
interface Compared {
  readonly of: string
  readonly column: string
  readonly construct: string
  readonly isAlike: boolean
  /** It names just what we name. */
  readonly isSame: boolean
  readonly line: string
}

type Answer = { readonly columns: readonly [string, readonly string[]][] } | { readonly problem: string }

const tablesIn = (benchmark: Benchmark): Tables =>
  new Map(
    Object.entries(benchmark.tables).map(([id, columns]) => [
      id,
      { id, columns: Object.entries(columns).map(([name, type]) => ({ name, type })) },
    ]),
  )

/** As sqlglot wants them: schemas, tables, types. */
const schemaOf = (tables: Tables): Record<string, Record<string, Record<string, string>>> => {
  const schemas: Record<string, Record<string, Record<string, string>>> = {}
  for (const { id, columns } of tables.values()) {
    const [table = '', schema = 'main'] = id.split('.').reverse()
    schemas[schema] ??= {}
    schemas[schema][table] = Object.fromEntries(columns.map(it => [it.name, it.type]))
  }
  return schemas
}

const summary = (compared: readonly Compared[]): string =>
  [...new Set(compared.map(it => it.construct))]
    .map(construct => {
      const all = compared.filter(it => it.construct === construct)
      const [same, alike] = [all.filter(it => it.isSame).length, all.filter(it => it.isAlike).length]
      return `${construct.padEnd(40)} ${String(all.length).padStart(4)} columns ${String(same).padStart(4)} the same ${String(alike - same).padStart(4)} without what only decides ${String(all.length - alike).padStart(4)} listed`
    })
    .join('\n')

test.skipIf(process.env.WEFT_SQLGLOT !== '1')(
  'Weft and sqlglot say the same of every column, but where it is listed',
  async ({ skip }) => {
    const python = await lineagePython()
    if ('reason' in python) return skip(`sqlglot cannot be had here: ${python.reason}`)
    const benchmarks = await benchmarksBy(python)
    await parser.session().run(tableStatements)
    const tables: Record<string, Tables> = { cases: await tablesOf(parser.session()) }
    for (const [name, benchmark] of Object.entries(benchmarks)) tables[name] = tablesIn(benchmark)
    const asked = [
      ...Object.entries(benchmarks).flatMap(([schema, it]) =>
        it.queries.map(({ name, sql }) => ({ name, sql, schema, construct: schema })),
      ),
      ...cases.map(it => ({ name: it.sql, sql: it.sql, schema: 'cases', construct: it.construct })),
    ]
    const folder = await temporaryFolder()
    const [list, answer] = [join(folder, 'asked.json'), join(folder, 'answered.json')]
    const schemas = Object.fromEntries(Object.entries(tables).map(([name, it]) => [name, schemaOf(it)]))
    await writeFile(list, JSON.stringify({ schemas, cases: asked }))
    await python('sqlglot_lineage.py', list, answer)
    const answered: { readonly cases: readonly Answer[] } = JSON.parse(await readFile(answer, 'utf8'))

    const compared: Compared[] = []
    for (const [index, { name, sql, schema, construct }] of asked.entries()) {
      const lineage = lineageIn(await parser.select(sql), tables[schema] ?? new Map())
      const theirs = answered.cases[index] ?? { problem: 'no answer' }
      for (const [at, { made, all }] of wholeInputsOf(lineage).entries()) {
        const other = 'columns' in theirs ? theirs.columns[at]?.[1].map(it => it.toLowerCase()) : undefined
        const isAlike =
          other !== undefined && made.every(it => other.includes(it)) && other.every(it => all.includes(it))
        const said = 'problem' in theirs ? theirs.problem : (other ?? ['no such column']).join(' ')
        compared.push({
          of: name,
          construct,
          column: lineage.columns[at]?.name ?? '',
          isAlike,
          isSame: isAlike && other.length === all.length,
          line: `weft ${all.join(' ')}, sqlglot ${said}`,
        })
      }
    }
    console.log(`${asked.length} statements, ${compared.length} columns\n${summary(compared)}`)
    const listed = new Map(differences.flatMap(it => Object.entries(it.cases)))
    const differ = compared.filter(it => !it.isAlike)
    const isListed = (it: Compared): boolean => listed.get(it.of)?.includes(it.column) === true
    const unlisted = differ.filter(it => !isListed(it)).map(it => `${it.of}: ${it.column}: ${it.line}`)
    expect(unlisted, 'columns that differ and are not in the list of differences').toEqual([])
    const stale = [...listed].flatMap(([sql, columns]) =>
      columns.filter(column => !differ.some(it => it.of === sql && it.column === column)).map(it => `${sql}: ${it}`),
    )
    expect(stale, 'listed, and do not differ any more').toEqual([])
  },
  10 * minutes,
)
