/** The first rows of a difference with their values. What is served is read through the door, and what the door does not show to whoever asks is not shown of the new rows either. */
import { type JsonValue, jsonRow } from '../../access/index.ts'
import { WeftError } from '../../base/index.ts'
import { type Batch, quoteName, quoteText } from '../../engine/index.ts'
import type { SharedColumn } from './columns.ts'
import type { Compared, RowName, Sides } from './compare.ts'
import type { ExampleRow, Examples } from './result.ts'

type Values = readonly JsonValue[]

export interface ExampleRequest {
  readonly sides: Sides
  readonly compared: Compared
  /** The dataset's name for readers, as SQL. */
  readonly served: string
  /** Answers a SELECT over what is served as whoever asks. */
  readonly door: (sql: string) => Promise<readonly Values[]>
  /** Whoever asks may see everything. */
  readonly mayAll: boolean
  /** Of each kind, and of each column. */
  readonly max: number
}

export const examplesOf = async (request: ExampleRequest): Promise<Examples> => {
  const { sides, compared, max } = request
  const { identity } = compared
  if (identity.length === 0) return { added: [], removed: [], changed: [] }
  const added = await compared.first('added', max)
  const removed = await compared.first('removed', max)
  const changed: { readonly column: SharedColumn; readonly rows: readonly RowName[] }[] = []
  for (const column of sides.columns.values) {
    if ((compared.columns?.get(column.name) ?? 0) === 0) continue
    changed.push({ column, rows: await compared.first(column, max) })
  }
  const changedRows = changed.flatMap(it => it.rows)
  if (added.length + removed.length + changedRows.length === 0) return { added: [], removed: [], changed: [] }
  const columns = [...identity, ...changed.map(it => it.column)]
  const before = await readServed(request, columns, [...removed, ...changedRows])
  const after = rowsByName(
    identity,
    await ownRows(sides, selectOf(columns, identity, 'after', sides.after, [...added, ...changedRows])),
  )
  if (identity.some(column => !before.isShown(column)))
    return { added: [], removed: [], changed: [], withheld: columns.map(it => it.name) }
  const withheld = changed.flatMap(({ column }) => (before.isShown(column) ? [] : [column.name]))
  const keyOf = (row: Values): ExampleRow =>
    Object.fromEntries(identity.map((column, index) => [column.name, row[index] ?? null]))
  const known = (rows: readonly RowName[], from: ReadonlyMap<string, Values>): Values[] =>
    rows.map(name => from.get(nameText(name))).filter(row => row !== undefined)
  return {
    added: known(added, after).map(keyOf),
    removed: known(removed, before.rows).map(keyOf),
    changed: changed.flatMap(({ column, rows }) => {
      if (!before.isShown(column)) return []
      const index = columns.indexOf(column)
      return known(rows, before.rows).flatMap(was => {
        const now = after.get(JSON.stringify(was.slice(columns.length)))
        return now === undefined
          ? []
          : [{ key: keyOf(was), column: column.name, before: was[index] ?? null, after: now[index] ?? null }]
      })
    }),
    ...(withheld.length === 0 ? {} : { withheld }),
  }
}

/** The rows of these names: the columns, and behind them the texts that name the row. */
const selectOf = (
  columns: readonly SharedColumn[],
  identity: readonly SharedColumn[],
  side: 'before' | 'after',
  table: string,
  names: readonly RowName[],
): string => {
  const items = columns.map(it => quoteName(side === 'before' ? it.nameBefore : it.name))
  const texts = identity.map((it, index) => `cast(${it[side]} as varchar) as name_${index}`)
  const isOne = (name: RowName): string =>
    identity
      .map((it, index) => {
        const text = name[index] ?? null
        return text === null ? `${it[side]} is null` : `${it[side]} = cast(${quoteText(text)} as ${it.type})`
      })
      .join(' and ')
  const where = names.length === 0 ? 'false' : names.map(name => `(${isOne(name)})`).join(' or ')
  return `select distinct ${[...items, ...texts].join(', ')} from ${table} where ${where}`
}

interface ServedRows {
  /** As the door shows them, by the text of their name. */
  readonly rows: ReadonlyMap<string, Values>
  readonly isShown: (column: SharedColumn) => boolean
}

/** Compares what the door shows with what is there: a column is shown where nothing differs and some value is no NULL. */
const readServed = async (
  { sides, compared, served, door, mayAll, max }: ExampleRequest,
  columns: readonly SharedColumn[],
  names: readonly RowName[],
): Promise<ServedRows> => {
  const { identity } = compared
  const witnesses = names.length > 0 || mayAll ? names : await someNames(sides, identity, max)
  const select = (table: string): string => selectOf(columns, identity, 'before', table, witnesses)
  try {
    const shown = witnesses.length === 0 ? [] : await door(select(served))
    const rows = rowsByName(identity, shown)
    if (mayAll) return { rows, isShown: () => true }
    const own = await ownRows(sides, select(sides.before))
    const isShown = (column: SharedColumn): boolean => {
      const index = columns.indexOf(column)
      const texts = (all: readonly Values[]): string =>
        all
          .map(row => JSON.stringify([row[index], ...row.slice(columns.length)]))
          .sort()
          .join('\n')
      return texts(shown) === texts(own) && shown.some(row => row[index] !== null)
    }
    return { rows, isShown }
  } catch (error) {
    const isRefused = error instanceof WeftError && (error.kind === 'usage' || error.kind === 'forbidden')
    if (mayAll || !isRefused) throw error
    return { rows: new Map(), isShown: () => false }
  }
}

/** Rows of what is served, where the difference has none. */
const someNames = async (
  { session, before }: Sides,
  identity: readonly SharedColumn[],
  max: number,
): Promise<RowName[]> => {
  const texts = identity.map((it, index) => `cast(${it.before} as varchar) as name_${index}`)
  const rows = await session.rows(`select ${texts.join(', ')} from ${before} limit ${max}`)
  return rows.map(row =>
    identity.map((_, index) => (row[`name_${index}`] === null ? null : String(row[`name_${index}`]))),
  )
}

const ownRows = async ({ session }: Sides, sql: string): Promise<Values[]> => {
  const { batches } = await session.query(sql)
  return valuesOf(batches())
}

export const valuesOf = async (batches: AsyncIterable<Batch>): Promise<Values[]> => {
  const rows: Values[] = []
  for await (const batch of batches) for (let row = 0; row < batch.rows; row++) rows.push(jsonRow(batch, row))
  return rows
}

const nameText = (name: Values): string => JSON.stringify(name)

const rowsByName = (identity: readonly SharedColumn[], rows: readonly Values[]): Map<string, Values> =>
  new Map(rows.map(row => [nameText(row.slice(row.length - identity.length)), row]))
