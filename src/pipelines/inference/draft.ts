/** From facts about columns to what people sign: the schema of the source, the schema of the product, and the model between them. Pure. */
import { type ColumnDocument, type DatasetDocument, isReserved } from '../../domain/index.ts'
import { quoteName } from '../../engine/index.ts'
import type { CsvSource } from '../sources/csv.ts'
import { fileOptions, type Guess, guessType } from './guess.ts'
import { snakeNames } from './names.ts'
import type { ColumnFacts } from './observe.ts'
import { columnDocument, type Vocabulary } from './promise.ts'

export interface SourceFacts {
  /** Columns in the file, then those in its path. */
  readonly facts: readonly ColumnFacts[]
  readonly options: CsvSource
  /** Columns that together tell rows apart; none where no few do. */
  readonly key: readonly string[]
  readonly rows: number
  readonly files: number
}

/** What things are called. */
export interface DraftNames {
  readonly dataset: string
  readonly sourceDataset: string
  readonly from: string
  readonly vocabulary: Vocabulary
}

export interface Draft {
  readonly options: CsvSource
  readonly source: DatasetDocument
  readonly output: DatasetDocument
  /** The SELECT from the source. */
  readonly model: string
  readonly partition?: { readonly column: string; readonly grain: 'day' | 'month' }
  readonly remarks: readonly string[]
}

/** From so many rows on, dividing a dataset by time is worth its files. */
const rowsForPartitions = 100_000

export const draftOf = (it: SourceFacts, into: DraftNames): Draft => {
  const options = fileOptions(it.facts, it.options)
  const guesses = it.facts.map(column => guessType(column, options))
  const names = snakeNames(it.facts.map(column => column.name))
  const columns = (named: (index: number) => string, typed: (guess: Guess) => string): ColumnDocument[] =>
    it.facts.map((column, index) => {
      const guess = guesses[index] ?? { type: 'VARCHAR', outputType: 'VARCHAR' }
      const position = it.key.indexOf(column.name)
      return columnDocument(
        named(index),
        typed(guess),
        column,
        into.vocabulary,
        position < 0 ? undefined : position + 1,
      )
    })
  const keyNames = it.key.map(name => names[it.facts.findIndex(column => column.name === name)] ?? name)
  const source = columns(
    index => it.facts[index]?.name ?? '',
    guess => guess.type,
  )
  const output = columns(
    index => names[index] ?? '',
    guess => guess.outputType,
  )
  const partition = partitionOf(it.rows, output)
  return {
    options,
    source: datasetDocument(into.sourceDataset, it.rows, source, it.key),
    output: datasetDocument(
      into.dataset,
      it.rows,
      partition === undefined
        ? output
        : output.map(column =>
            column.name === partition.column ? { ...column, partitioned: true, partitionKeyPosition: 1 } : column,
          ),
      keyNames,
    ),
    model: modelOf(it.facts, guesses, names, into.from),
    remarks: guesses.flatMap(guess => guess.remark ?? []),
    ...(partition === undefined ? {} : { partition }),
  }
}

const datasetDocument = (
  name: string,
  rows: number,
  properties: readonly ColumnDocument[],
  key: readonly string[],
): DatasetDocument => ({
  name,
  logicalType: 'object',
  ...(key.length === 0 ? {} : { description: `One row for each ${key.join(' and ')}.` }),
  properties: [...properties],
  ...(rows === 0
    ? {}
    : {
        quality: [
          {
            id: 'row_floor',
            description: 'Far fewer rows than were there when the contract was written mean that something is missing.',
            metric: 'rowCount',
            mustBeGreaterOrEqualTo: rowFloor(rows),
            dimension: 'completeness',
            severity: 'error',
          },
        ],
      }),
})

/** Half of what was seen, to two digits, and at least one row. */
export const rowFloor = (rows: number): number => {
  const half = Math.max(1, Math.floor(rows / 2))
  const step = 10 ** Math.max(0, String(half).length - 2)
  return Math.floor(half / step) * step
}

/** The first day or instant that is never null. */
const partitionOf = (rows: number, columns: readonly ColumnDocument[]): Draft['partition'] => {
  if (rows < rowsForPartitions) return undefined
  const found = columns.find(
    ({ logicalType, required }) => required === true && (logicalType === 'date' || logicalType === 'timestamp'),
  )
  return found === undefined ? undefined : { column: found.name, grain: 'month' }
}

const needsQuotes = (name: string): boolean =>
  isReserved(name) || !(/^[A-Za-z][A-Za-z0-9_]*$/.test(name) || snakeNames([name])[0] === name)

const modelOf = (
  facts: readonly ColumnFacts[],
  guesses: readonly Guess[],
  names: readonly string[],
  from: string,
): string => {
  const values = facts.map(({ name }, index) => {
    const value = needsQuotes(name) ? quoteName(name) : name
    return guesses[index]?.cast?.(value) ?? value
  })
  const width = Math.min(40, Math.max(0, ...values.map(value => value.length)))
  const lines = values.map((value, index) => {
    const alias = names[index] ?? ''
    return value === alias ? `  ${value}` : `  ${value.padEnd(width)} as ${alias}`
  })
  return `select\n${lines.join(',\n')}\nfrom ${from}\n`
}
