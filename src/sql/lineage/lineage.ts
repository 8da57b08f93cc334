/** Column lineage of a SELECT: what each of its columns is made from, what decides which rows there are, and what cannot be known. Pure. */
import { foldName, type Select } from '../tree.ts'
import { expressionValue } from './expression.ts'
import { Flow, type How, Leaves } from './flow.ts'
import { answerOf, noCtes } from './query.ts'
import { type Source, searchable } from './scope.ts'
import { plain, stored, type Value } from './value.ts'
import type { Walk, Wide } from './walk.ts'

/** A table that a statement may name. */
export interface LineageTable {
  /** What inputs name it by: a dataset's subject, for instance. */
  readonly id: string
  /** Types as DuckDB writes them: a STRUCT has fields with lineage of their own. */
  readonly columns: readonly { readonly name: string; readonly type: string }[]
}

export interface Input {
  readonly table: string
  /** The column, and the fields on the way to what is read; empty for whatever the table has. */
  readonly path: readonly string[]
  readonly how: How
  /** Where, in characters of the text from 0. */
  readonly position?: number
}

export interface Lineage {
  /** In the order of the answer; an expression without a name of its own has that of its function, or none. */
  readonly columns: readonly { readonly name: string; readonly inputs: readonly Input[] }[]
  /** What decides which rows there are, or in which order: it counts for every column. */
  readonly rows: readonly Input[]
  /** Columns that the text names, whether what they hold flows on or not: without them it could not be bound. */
  readonly named: readonly Omit<Input, 'how'>[]
  /** Tables that are read, by id, also where no column of them is. */
  readonly tables: readonly string[]
  /** What cannot be known. More may flow in than is listed. */
  readonly wide: readonly Wide[]
}

/** What it does not know it tells. `table` gives what a name means; names of common table expressions never reach it. */
export const columnLineage = (
  select: Select,
  table: (parts: readonly string[]) => LineageTable | undefined,
): Lineage => {
  const leaves = new Leaves()
  const wide = new Map<string, Wide>()
  const tables = new Map<string, Omit<Source, 'alias'>>()
  const ids = new Set<string>()
  const named = new Map<number, number | undefined>()
  const seen = new Set<Flow>()
  const tableSource = (parts: readonly string[]): Omit<Source, 'alias'> => {
    const folded = parts.map(foldName)
    const key = folded.join('\0')
    const known = tables.get(key)
    if (known !== undefined) return known
    const found = table(parts)
    const id = found?.id ?? parts.join('.')
    ids.add(id)
    const columns = (found?.columns ?? []).map(({ name, type }) => {
      let made: Value | undefined
      return {
        name,
        // Most columns of most tables are not asked for.
        get value() {
          made ??= stored(leaves, id, [name], type)
          return made
        },
      }
    })
    const open = { table: id, rest: plain(Flow.ofLeaf(leaves.number(id, []))) }
    const source = { parts: folded, ...searchable(columns), ...(found === undefined ? { open } : {}) }
    tables.set(key, source)
    return source
  }
  const walk: Walk = {
    leaves,
    query: (node, ctes, outer) => answerOf(walk, node, ctes, outer),
    expression: (node, ctes, scope) => expressionValue(walk, node, ctes, scope),
    table: tableSource,
    named: ({ flow }) => {
      if (seen.has(flow)) return
      seen.add(flow)
      for (const { leaf, position } of flow.list()) if (!named.has(leaf)) named.set(leaf, position)
    },
    wide: (reason, node) => {
      const position = typeof node.position === 'number' ? { position: node.position } : {}
      wide.set(`${reason} ${position.position}`, { reason, ...position })
    },
  }
  const answer = walk.query(select.tree, noCtes, undefined)
  const inputs = (flow: Flow): Input[] =>
    flow.list().map(({ leaf, how, position }) => {
      const { table: id, path } = leaves.at(leaf)
      return { table: id, path, how, ...(position === undefined ? {} : { position }) }
    })
  return {
    columns: answer.columns.map(({ name, value }) => ({ name, inputs: inputs(value.flow) })),
    rows: inputs(answer.rows),
    named: [...named].map(([leaf, position]) => ({
      ...leaves.at(leaf),
      ...(position === undefined ? {} : { position }),
    })),
    tables: [...ids],
    wide: [...wide.values()],
  }
}
