/** The hard cases of column lineage, read from `cases.sql`: statements, their tables, and what their columns are made from by hand. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { columnLineage, isDirect, type Lineage, type LineageTable, type Select } from '../../src/sql/index.ts'

export interface Expected {
  readonly name: string
  /** `table.column.field`, in order. */
  readonly inputs: readonly string[]
}

export interface Case {
  readonly construct: string
  readonly sql: string
  readonly columns: readonly Expected[]
  readonly isWide: boolean
}

const text = readFileSync(fileURLToPath(new URL('cases.sql', import.meta.url)), 'utf8')
const sections = [...text.matchAll(/^-- # (.*)\n((?:(?!-- # ).*\n?)*)/gm)].map(([, name = '', body = '']) => ({
  name,
  body,
}))

/** Statements that make the tables, in their order. */
export const tableStatements: string = sections.find(it => it.name === 'Tables')?.body ?? ''

const expectedOf = (line: string): Expected[] =>
  line.split(/ ?\| ?/).map(part => {
    const at = part.indexOf(':')
    // Only tables with an odd name have a space in theirs.
    const inputs = part.slice(at + 1).match(/Mixed Case\.(?:Odd Name|select)|\S+/g) ?? []
    return { name: part.slice(0, at).trim(), inputs: [...inputs].sort() }
  })

export const cases: readonly Case[] = sections
  .filter(it => it.name !== 'Tables')
  .flatMap(({ name, body }) =>
    [...body.matchAll(/^([^-\n](?:.*\n)*?.*;)\n-- (wide )?(.*)$/gm)].map(([, sql = '', wide, line = '']) => ({
      construct: name,
      sql: sql.slice(0, -1),
      columns: expectedOf(line),
      isWide: wide !== undefined,
    })),
  )

export type Tables = ReadonlyMap<string, LineageTable>

/** A table by a name as it is written; of the schema `main` where none is said. */
export const lineageIn = (select: Select, tables: Tables): Lineage =>
  columnLineage(select, parts =>
    tables.get(
      parts
        .filter(it => !/^(main|memory)$/i.test(it))
        .join('.')
        .toLowerCase(),
    ),
  )

/** What the columns are made from, field by field. */
export const inputsOf = ({ columns }: Lineage): Expected[] =>
  columns.map(({ name, inputs }) => ({
    name,
    inputs: distinct(inputs.filter(it => isDirect(it.how)).map(it => [it.table, ...it.path].join('.'))),
  }))

/** The same by whole columns: first what makes the values, then with what decides about them. */
export const wholeInputsOf = ({ columns }: Lineage): { readonly made: string[]; readonly all: string[] }[] =>
  columns.map(({ inputs }) => {
    const of = (some: typeof inputs): string[] =>
      distinct(some.map(it => `${it.table}.${it.path[0] ?? '*'}`.toLowerCase()))
    return { made: of(inputs.filter(it => isDirect(it.how))), all: of(inputs) }
  })

const distinct = (texts: readonly string[]): string[] => [...new Set(texts)].sort()
