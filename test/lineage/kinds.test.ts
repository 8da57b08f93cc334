/** The kinds of node of the engine's trees are just those that lineage has words for. */
import { beforeAll, expect, test } from 'vitest'
import { columnLineage, lineageKinds } from '../../src/sql/index.ts'
import { useParser } from '../../src/sql/parsing.suite.ts'
import { cases } from './cases.ts'
import { engineLibrary, enumerationsOf } from './engine-kinds.ts'

const parser = useParser()
const library = engineLibrary()
type Name = keyof typeof lineageKinds
const enumerations = Object.keys(lineageKinds).filter((it): it is Name => it in lineageKinds)

/** Two names that no other enumeration has together. */
const marks: Readonly<Record<Name, readonly [string, string]>> = {
  QueryNodeType: ['SELECT_NODE', 'SET_OPERATION_NODE'],
  TableReferenceType: ['BASE_TABLE', 'EXPRESSION_LIST'],
  ExpressionClass: ['CONJUNCTION', 'STAR'],
  ResultModifierType: ['ORDER_MODIFIER', 'LIMIT_MODIFIER'],
  SetOperationType: ['UNION_BY_NAME', 'INTERSECT'],
  JoinType: ['SEMI', 'ANTI'],
  JoinRefType: ['NATURAL', 'ASOF'],
  SubqueryType: ['NOT_EXISTS', 'SCALAR'],
}

test.skipIf(library === undefined)(
  library === undefined
    ? 'the kinds of the engine (skipped: its library is no ELF file)'
    : 'the engine has these kinds and no others',
  () => {
    const enumeration = enumerationsOf(library ?? '')
    for (const name of enumerations)
      expect([name, [...(enumeration(...marks[name]) ?? [])].sort()]).toEqual([
        name,
        Object.keys(lineageKinds[name]).sort(),
      ])
  },
)

/** Where a tree says a kind, by enumeration. */
const keys: Readonly<Record<string, readonly Name[]>> = {
  class: ['ExpressionClass'],
  type: ['QueryNodeType', 'TableReferenceType', 'ResultModifierType'],
  setop_type: ['SetOperationType'],
  join_type: ['JoinType'],
  ref_type: ['JoinRefType'],
  subquery_type: ['SubqueryType'],
}

test('every kind that is followed stands in a case that was worked out by hand', async () => {
  const seen = new Set<string>()
  const collect = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    for (const [key, inner] of Object.entries(value)) {
      for (const name of keys[key] ?? []) seen.add(`${name} ${inner}`)
      collect(inner)
    }
  }
  for (const { sql } of cases) collect((await parser.select(sql)).tree)
  const missing = enumerations.flatMap(name =>
    Object.entries(lineageKinds[name]).flatMap(([kind, words]) =>
      words === undefined || seen.has(`${name} ${kind}`) ? [] : [`${name} ${kind}`],
    ),
  )
  expect(missing).toEqual([])
})

/** A query with a node of a kind where its place is. */
const withKind = (name: Name, kind: string): object => {
  const table = { type: 'BASE_TABLE', table_name: 't' }
  const query = (more: object): object => ({
    type: 'SELECT_NODE',
    select_list: [{ class: 'CONSTANT', type: 'VALUE_CONSTANT' }],
    from_table: table,
    ...more,
  })
  switch (name) {
    case 'QueryNodeType':
      return { type: kind }
    case 'TableReferenceType':
      return query({ from_table: { type: kind } })
    case 'ExpressionClass':
      return query({ where_clause: { class: kind, type: kind } })
    case 'ResultModifierType':
      return query({ modifiers: [{ type: kind }] })
    case 'SetOperationType':
      return { type: 'SET_OPERATION_NODE', setop_type: kind, left: query({}), right: query({}) }
    case 'JoinType':
      return query({ from_table: { type: 'JOIN', join_type: kind, ref_type: 'REGULAR', left: table, right: table } })
    case 'JoinRefType':
      return query({ from_table: { type: 'JOIN', join_type: 'INNER', ref_type: kind, left: table, right: table } })
    case 'SubqueryType':
      return query({ where_clause: { class: 'SUBQUERY', type: 'SUBQUERY', subquery_type: kind, subquery: query({}) } })
  }
}

beforeAll(() => expect(enumerations.length).toBe(8))

test.each(enumerations)('a kind of %s that is not followed is told', name => {
  for (const [kind, words] of [...Object.entries(lineageKinds[name]), ['OF_A_NEWER_ENGINE', undefined] as const]) {
    const tree = withKind(name, kind) as Readonly<Record<string, unknown>>
    const { wide } = columnLineage({ text: '', tree, outputs: [] }, parts => ({ id: parts.join('.'), columns: [] }))
    if (words === undefined) expect([kind, wide.length]).toEqual([kind, 1])
  }
})
