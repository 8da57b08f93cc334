/** Lineage against running data: where a column's values are changed, no column of an answer changes that is not said to depend on it. */
import { expect, test } from 'vitest'
import type { Session, Value } from '../../engine/index.ts'
import { useParser } from '../parsing.suite.ts'
import { columnLineage, type Input, type Lineage } from './lineage.ts'
import { numbers, randomQuery, randomTables } from './random-query.suite.ts'

const cases = Number(process.env.WEFT_TAINTS ?? 120)
const firstSeed = Number(process.env.WEFT_TAINT_SEED ?? 1)
const parser = useParser()

/** Columns, and fields inside them, with the SQL that gives each other values. */
const leaves: readonly {
  readonly table: string
  readonly path: readonly string[]
  readonly column: string
  other(by: number): string
}[] = [
  ...(['a', 'b', 'k'] as const).map(it => intLeaf('t1', it)),
  ...(['d', 'e', 'k'] as const).map(it => intLeaf('t2', it)),
  textLeaf('t1', 'c'),
  textLeaf('t2', 'f'),
  { table: 't3', path: ['s', 'x'], column: 's', other: by => `{x: ${otherInt('s.x', by)}, y: s.y}` },
  { table: 't3', path: ['s', 'y'], column: 's', other: by => `{x: s.x, y: ${otherInt('s.y', by)}}` },
  { table: 't3', path: ['l'], column: 'l', other: by => `[${otherInt('l[1]', by)}] || l[${1 + (by % 2)}:]` },
]

function otherInt(column: string, by: number): string {
  return `case (rowid * 7 + ${by}) % 5 when 0 then null when 1 then ${column} else ((coalesce(${column}, 3) + rowid * ${1 + (by % 3)} + ${by}) % 6)::integer end`
}

function intLeaf(table: string, column: string) {
  // An unbroken key stays one: ties would be broken one way or the other.
  const other =
    column === 'k' ? (by: number) => `((k + ${1 + by}) * 5 % 11)::integer` : (by: number) => otherInt(column, by)
  return { table, path: [column], column, other }
}

function textLeaf(table: string, column: string) {
  const other = (by: number): string => `chr(97 + ((rowid * 3 + ${by}) % 4)::integer)`
  return { table, path: [column], column, other }
}

const makeTables = async (session: Session): Promise<void> => {
  const int = (by: number): string =>
    `case when i % 7 = ${by % 7} then null else ((i * ${by} + ${by}) % 5)::integer end`
  const text = (by: number): string => `chr(97 + ((i * ${by}) % 3)::integer)`
  await session.run(`create schema base;
    create table base.t1 as select i::integer as k, ${int(3)} as a, ${int(2)} as b, ${text(2)} as c from range(10) as t(i);
    create table base.t2 as select i::integer as k, ${int(4)} as d, ${int(1)} as e, ${text(1)} as f from range(10) as t(i);
    create table base.t3 as select i::integer as k, {x: ${int(2)}, y: ${int(3)}} as s, [${int(1)}, ${int(4)}][:1 + i % 2] as l from range(10) as t(i)`)
  for (const table of Object.keys(randomTables)) await session.run(`create table ${table} as from base.${table}`)
}

type Bags = readonly string[]

/** Each column's values, in no order; undefined where the engine refuses the statement or a value. */
const answer = async (session: Session, sql: string, width: number): Promise<Bags | undefined> => {
  try {
    const rows = await session.rows(sql)
    return Array.from({ length: width }, (_, index) =>
      rows
        .map(row => textOf(row[`o${index + 1}`] ?? null))
        .sort()
        .join(),
    )
  } catch {
    return undefined
  }
}

const textOf = (value: Value): string => (typeof value === 'object' ? JSON.stringify(value) : String(value))

const names = (inputs: readonly Input[], table: string, path: readonly string[]): boolean =>
  inputs.some(
    it => it.table === table && it.path.every((name, index) => path[index] === undefined || path[index] === name),
  )

const lineageOf = async (sql: string): Promise<Lineage> =>
  columnLineage(await parser.select(sql), parts => {
    const id = parts.at(-1) ?? ''
    const columns = randomTables[id]
    return columns === undefined
      ? undefined
      : { id, columns: Object.entries(columns).map(([name, type]) => ({ name, type })) }
  })

test(`${cases} random queries from seed ${firstSeed}: only what is named changes`, {
  timeout: 30_000 + cases * 1000,
}, async () => {
  const session = parser.session()
  await makeTables(session)
  const counts = { queries: 0, refused: 0, taints: 0, edges: 0, seen: 0 }
  const misses: string[] = []
  for (let seed = firstSeed; seed < firstSeed + cases; seed++) {
    const { sql, width } = randomQuery(seed)
    const before = await answer(session, sql, width)
    if (before === undefined) {
      counts.refused++
      continue
    }
    counts.queries++
    const lineage = await lineageOf(sql)
    expect(lineage.wide, sql).toEqual([])
    expect(lineage.columns, sql).toHaveLength(width)
    const next = numbers(seed * 31 + 7)
    for (const leaf of leaves) {
      const { table, path, column } = leaf
      const decides = names(lineage.rows, table, path)
      const predicted = lineage.columns.map(it => decides || names(it.inputs, table, path))
      counts.edges += predicted.filter(it => it).length
      const changed = new Set<number>()
      for (let attempt = 0; attempt < 2; attempt++) {
        await session.run(
          `create or replace table ${table} as select * replace (${leaf.other(next(1000))} as ${column}) from base.${table}`,
        )
        const after = await answer(session, sql, width)
        counts.taints++
        for (let index = 0; after !== undefined && index < width; index++) {
          if (after[index] === before[index]) continue
          changed.add(index)
          if (predicted[index] !== true)
            misses.push(`seed ${seed}: ${[table, ...path].join('.')} changes o${index + 1} of\n${sql}`)
        }
      }
      await session.run(`create or replace table ${table} as from base.${table}`)
      counts.seen += changed.size
    }
  }
  const share = Math.round((1 - counts.seen / counts.edges) * 100)
  process.stdout.write(
    `lineage against running data: seeds ${firstSeed} to ${firstSeed + cases - 1}, ${counts.queries} queries (${counts.refused} that DuckDB refuses left out), ${counts.taints} changes, ${misses.length} misses; of ${counts.edges} predicted edges ${share} % were never seen to matter\n`,
  )
  expect(misses.slice(0, 3)).toEqual([])
})
