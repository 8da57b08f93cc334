/** What Weft asks of a data engine. DuckDB and, later, Trino stand behind it; nobody asks for an engine's name, only for what it `can`. */
import type { Partition } from '../domain/index.ts'

export interface Capabilities {
  /** Opens local files in place. */
  readonly localFiles: boolean
  /** Gives a SELECT's tree without running it. */
  readonly parse: boolean
}

export interface SessionOptions {
  /** Bytes; the engine spills to `scratch` beyond. */
  readonly memory: number
  readonly threads: number
  /** An existing folder that the session may fill. */
  readonly scratch: string
  /** Ends whatever runs, with an error of code `engine.interrupted`. */
  readonly signal?: AbortSignal
}

export interface Engine {
  readonly name: string
  /** `1.5.5`. */
  readonly version: string
  readonly can: Capabilities
  /** A session sees nothing but what is defined in it. */
  open(options: SessionOptions): Promise<Session>
  /** The same for a reader's statement: one SELECT at a time, or a COPY to `writable`, a file that is not there yet; it can open these files and no others, and no setting can be changed any more. */
  openSealed(
    options: SessionOptions & {
      readonly relations: readonly { readonly name: RelationName; readonly relation: Relation }[]
      readonly writable?: string
    },
  ): Promise<Session>
}

export interface ColumnType {
  readonly name: string
  /** Canonical: as `Column.type` of the domain. */
  readonly type: string
}

export interface RelationColumn extends ColumnType {
  /** The manifest's column id = Parquet field id. */
  readonly id?: number
  /** Its name in files that are read by name, where that is another. */
  readonly storedName?: string
}

/** A column as files have it, where that differs. */
export interface StoredColumn extends RelationColumn {
  /** Its type in the files, with the names that structures have there. */
  readonly storedType?: string
  /** Its own type with the names that structures have in the files, where `storedType` has other types as well. */
  readonly sourceType?: string
}

export interface CsvOptions {
  readonly delimiter?: string
  readonly quote?: string
  readonly escape?: string
  readonly header?: boolean
  /** The header's names repeat or are missing: the columns are these, in this order. */
  readonly isByPosition?: boolean
  /** Broken lines are left out without a word: to look at a file, never to load it. */
  readonly skipsBroken?: boolean
  /** Lines before the header; found by itself where `fields` are not given. */
  readonly emptyLines?: number
  readonly nullText?: string
  readonly decimalSeparator?: string
  /** In numbers, between groups of three digits. */
  readonly thousandsSeparator?: string
  /** The texts of booleans; absent: true and false, in any case. */
  readonly trueText?: string
  readonly falseText?: string
  readonly dateFormat?: string
  readonly timestampFormat?: string
  /** Of a record with its line ends; a longer one is an error. */
  readonly lineBytesMax?: number
}

/** What a relation over files can say beside its columns. */
export interface FileColumns {
  /** An INTEGER column with a number for the file that a row is from: `of` has one for each of `files`. */
  readonly origin?: { readonly name: string; readonly of: readonly number[] }
  /** A VARCHAR[] column with the names of the columns whose value in the file is not of its type, and is NULL in the row; NULL where all fit. Without it such a value is an error. */
  readonly misfits?: string
}

/** Something that a statement can select from. Paths are absolute and local. */
export type Relation =
  | { readonly kind: 'empty'; readonly columns: readonly RelationColumn[] }
  /** Columns by field id where ids are given (renames and dropped columns are then right), else by name. No file at all is an empty relation. `misfits` needs columns by name and how each is stored. */
  | ({
      readonly kind: 'parquet'
      readonly files: readonly string[]
      readonly columns?: readonly StoredColumn[]
      /** Only rows of these partitions; null is that of null values. */
      readonly only?: Partition & { readonly partitions: readonly (string | null)[] }
      /** A BIGINT column: the row's place in its file, from 1. */
      readonly row?: string
      /** A VARCHAR column: where there are misfits, the row as JSON. */
      readonly raw?: string
    } & FileColumns)
  /** Of UTF-8. Exactly these columns; a missing or surplus one is an error that names it. Without columns they are inferred. */
  | ({
      readonly kind: 'csv'
      readonly files: readonly string[]
      readonly columns?: readonly RelationColumn[]
      readonly options: CsvOptions
      /** The column that each field of a record holds, or none: then headers are not looked at, and a column that no field holds is NULL. */
      readonly fields?: readonly (string | undefined)[]
    } & FileColumns)
  /** A document with an array of records, one record, or a record on each line. Without columns they are inferred. A key is looked for by the stored name, then by the column's; numbers may be texts. */
  | ({
      readonly kind: 'json'
      readonly files: readonly string[]
      readonly columns?: readonly StoredColumn[]
    } & Pick<FileColumns, 'origin'>)
  /** Needs an extension of the engine that not everybody has: `engine.no-extension` where it is missing. */
  | ({
      readonly kind: 'excel'
      readonly files: readonly string[]
      readonly columns?: readonly StoredColumn[]
      /** The first one where absent. */
      readonly sheet?: string
    } & Pick<FileColumns, 'origin'>)

/** One to three parts: `['orders', 'order_lines']`. */
export type RelationName = readonly string[]

/** A column of a batch. `data` holds `rows` values; where `valid` is given, bit i (least significant first) of byte i>>3 says whether value i is not null. */
export interface Vector {
  readonly type: string
  /** Typed arrays for fixed-width numbers, booleans (Uint8Array), dates (Int32Array of days) and timestamps (BigInt64Array of microseconds); decimals, texts, nested and others as an array of texts or values as JSON shows them. */
  readonly data:
    | Int8Array
    | Int16Array
    | Int32Array
    | BigInt64Array
    | Uint8Array
    | Uint16Array
    | Uint32Array
    | BigUint64Array
    | Float32Array
    | Float64Array
    | readonly unknown[]
  readonly valid?: Uint8Array
}

export interface Batch {
  readonly rows: number
  readonly vectors: readonly Vector[]
}

export interface Result {
  readonly columns: readonly ColumnType[]
  /** At most 2,048 rows a batch for DuckDB; ending the loop early frees the statement. */
  batches(): AsyncIterable<Batch>
}

export type Value =
  | string
  | number
  | bigint
  | boolean
  | null
  | Date
  | readonly Value[]
  | { readonly [key: string]: Value }

export interface WriteOptions {
  /** An existing, empty folder. */
  readonly folder: string
  /** What is written, in this order, cast to these types; `id` becomes the Parquet FIELD_ID. */
  readonly columns: readonly RelationColumn[]
  /** The rows in order of this column, so that readers of some of its values pass over the rest of a file. */
  readonly sortedBy?: string
  /** For answers that may be large: in order of the partitions' column, in files of so many rows at most that share no partition; a larger partition has its own. */
  readonly cut?: { readonly partition: Partition; readonly rowsMax: number }
  readonly compression?: 'zstd' | 'snappy'
}

export interface WrittenFile {
  readonly path: string
  readonly bytes: number
  readonly rows: number
  /** By column; nested ones have no count. */
  readonly nulls: Readonly<Record<string, number>>
}

/** The rows of a partition in a file. */
export interface PartitionContent {
  /** `2011-03` for a month; null for the partition of null values, and for all rows of what is not divided. */
  readonly name: string | null
  readonly rows: number
  /** Order-free: the sum of the rows' 64-bit hashes, in hex. */
  readonly content: string
}

export interface Session {
  /** Makes a view or an empty table; parents are made. */
  define(name: RelationName, relation: Relation): Promise<void>
  /** Runs statements that answer nothing. */
  run(sql: string): Promise<void>
  /** Columns and types of a SELECT, bound but not run. */
  describe(sql: string): Promise<ColumnType[]>
  query(sql: string, parameters?: readonly Value[]): Promise<Result>
  /** Small answers only: rows of plain values. int8 is a number where it is safe, else a bigint; decimals are texts; timestamps are ISO texts. */
  rows(sql: string, parameters?: readonly Value[]): Promise<Record<string, Value>[]>
  /** Writes a SELECT's rows as Parquet: one file, also for no row, where it is not cut. A type that Parquet would change without a word (HUGEINT) is refused with `engine.unwritable-type`. */
  write(sql: string, options: WriteOptions): Promise<WrittenFile[]>
  /** The engine's own trees of SELECTs, as JSON texts, in the order given: all SELECTs of a text in one tree, none for an empty one; another text gives its error and position (characters from 0). */
  parse(texts: readonly string[]): Promise<(ParsedSelect | ParseFailure)[]>
  /** Rows and null counts of Parquet files from their footers, in the order given. Nested columns have no count. */
  footers(
    paths: readonly string[],
  ): Promise<{ readonly rows: number; readonly nulls: Readonly<Record<string, number>> }[]>
  /** The partitions that a Parquet file holds, in order of the column; without one, all rows. */
  contents(path: string, columns: readonly string[], partition?: Partition): Promise<PartitionContent[]>
  close(): Promise<void>
}

export interface ParsedSelect {
  readonly ok: true
  readonly json: string
}

export interface ParseFailure {
  readonly ok: false
  readonly message: string
  readonly position?: number
}

/** Quotes an identifier for SQL. */
export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`
/** Quotes a text literal for SQL. */
export const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`

const formats = { hour: '%Y-%m-%dT%H', day: '%Y-%m-%d', month: '%Y-%m', year: '%Y' } as const // keys are the grains of moments

/** SQL of the partition of a row as text; NULL for the partition of null values. The same words stand in manifests: `2011-03` for a month. */
export const partitionText = ({ column, grain }: Partition): string =>
  grain === 'value' ? `cast(${quoteName(column)} as varchar)` : `strftime(${quoteName(column)}, '${formats[grain]}')`

/** SQL that holds for rows of these partitions. */
export const inPartitions = (partition: Partition, partitions: readonly (string | null)[]): string => {
  const texts = partitions.filter(it => it !== null).sort()
  const text = partitionText(partition)
  const listed =
    texts.length === 0 ? 'false' : `${boundsOf(partition, texts)}${text} in (${texts.map(quoteText).join(', ')})`
  return partitions.includes(null) ? `((${listed}) or ${quoteName(partition.column)} is null)` : listed
}

/** Parts of files that lie outside are passed over by their statistics, which a text made of the column has none of. */
const boundsOf = ({ column, grain }: Partition, sorted: readonly string[]): string => {
  // Years beyond 9999 do not sort as texts.
  if (grain === 'value' || sorted.some(it => !/^\d{4}(-|$)/.test(it))) return ''
  const name = quoteName(column)
  return `${name} >= ${startOf(sorted[0] ?? '', grain, 0)} and ${name} < ${startOf(sorted.at(-1) ?? '', grain, 1)} and `
}

const starts = { hour: ':00:00Z', day: 'T00:00:00Z', month: '-01T00:00:00Z', year: '-01-01T00:00:00Z' } as const // keys are the grains of moments

/** Where a partition, or the one so many behind it, begins: a day where it can be, since a DATE is compared with one as it stands. */
const startOf = (name: string, grain: keyof typeof starts, later: number): string => {
  const start = new Date(`${name}${starts[grain]}`)
  if (grain === 'hour') start.setUTCHours(start.getUTCHours() + later)
  else if (grain === 'day') start.setUTCDate(start.getUTCDate() + later)
  else if (grain === 'month') start.setUTCMonth(start.getUTCMonth() + later)
  else start.setUTCFullYear(start.getUTCFullYear() + later)
  const text = start.toISOString()
  return grain === 'hour'
    ? `timestamp ${quoteText(text.slice(0, 19).replace('T', ' '))}`
    : `date ${quoteText(text.slice(0, 10))}`
}
