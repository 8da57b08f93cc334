/** From facts about columns to what people sign: the schema of the source, the schema of the product, and the model between them. Pure. */
import type { ColumnDocument, DatasetDocument } from '../../domain/index.ts'
import type { CsvSource } from '../sources/csv.ts'
import { fileOptions, type Guess, guessType } from './guess.ts'
import { plainNames, snakeNames } from './names.ts'
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
  const sourceNames = plainNames(it.facts.map(column => column.name))
  const columns = (named: readonly string[], typed: (guess: Guess) => string, isSource: boolean): ColumnDocument[] =>
    it.facts.map((column, index) => {
      const guess = guesses[index] ?? { type: 'VARCHAR', outputType: 'VARCHAR' }
      const position = it.key.indexOf(column.name)
      return columnDocument(
        named[index] ?? column.name,
        typed(guess),
        column,
        into.vocabulary,
        position < 0 ? undefined : position + 1,
        isSource,
      )
    })
  const keyOf = (named: readonly string[]): string[] =>
    it.key.map(name => named[it.facts.findIndex(column => column.name === name)] ?? name)
  const source = columns(sourceNames, guess => guess.type, true)
  const output = columns(names, guess => guess.outputType, false)
  const partition = partitionOf(it.rows, output)
  return {
    options,
    source: datasetDocument(into.sourceDataset, it.rows, source, keyOf(sourceNames)),
    output: datasetDocument(
      into.dataset,
      it.rows,
      partition === undefined
        ? output
        : output.map(column =>
            column.name === partition.column ? { ...column, partitioned: true, partitionKeyPosition: 1 } : column,
          ),
      keyOf(names),
    ),
    model: modelOf(sourceNames, guesses, names, into.from),
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

const modelOf = (
  sourceNames: readonly string[],
  guesses: readonly Guess[],
  names: readonly string[],
  from: string,
): string => {
  const values = sourceNames.map((name, index) => guesses[index]?.cast?.(name) ?? name)
  const width = Math.min(40, Math.max(0, ...values.map(value => value.length)))
  const lines = values.map((value, index) => {
    const alias = names[index] ?? ''
    return value === alias ? `  ${value}` : `  ${value.padEnd(width)} as ${alias}`
  })
  return `select\n${lines.join(',\n')}\nfrom ${from}\n`
}
