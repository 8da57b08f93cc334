/** What every way of landing shares: what it is given, what it gives, and how it writes. */
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Limits, Touched } from '../../base/index.ts'
import type { Column, Contract, Dataset } from '../../domain/index.ts'
import { quoteName, type RelationColumn, type Session, type WrittenFile } from '../../engine/index.ts'
import type { Drift } from './drift.ts'
import { foldersName } from './folders.ts'
import { originName } from './rejects.ts'
import type { SourceFile } from './source.ts'

export interface SourceRequest {
  readonly session: Session
  readonly contract: Contract
  readonly dataset: Dataset
  readonly files: readonly SourceFile[]
  /** Existing, empty. */
  readonly folder: string
  readonly limits: Limits
  /** Who depends on a column of the dataset. */
  readonly touchedBy?: (column: string) => Promise<readonly Touched[]>
  /** Ends the reading of files; the session has its own. */
  readonly signal?: AbortSignal
}

/** The same for a format: the dataset has the columns that stand in files, `folders` are those that stand in their paths. */
export interface LandRequest extends SourceRequest {
  readonly folders: readonly Column[]
}

/** What a format's way of landing gives. */
export interface LandedParts {
  /** Parquet files with the stored columns. */
  readonly parts: readonly { readonly path: string; readonly rows: number }[]
  readonly rejects: readonly { readonly path: string; readonly rows: number }[]
  /** Records of each file where they were counted apart from rows and rejects, by its place. */
  readonly lines: ReadonlyMap<number, number>
  readonly drift: readonly Drift[]
  readonly types: ReadonlyMap<string, string>
}

/** Given what headers or schemas say, before data is read: throws where the contract refuses it. */
export type RefuseDrift = (drift: readonly Drift[], types?: ReadonlyMap<string, string>) => Promise<void>

/** How files of a format become rows and rejects. */
export type Lander = (request: LandRequest, refuse: RefuseDrift) => Promise<LandedParts>

/** Types that Parquet would change without a word are kept as texts. */
const storedColumns = (columns: readonly Pick<RelationColumn, 'name' | 'type'>[]): RelationColumn[] => [
  ...columns.map(({ name, type }) => ({ name, type: /HUGEINT|INTERVAL/.test(type) ? 'VARCHAR' : type })),
  { name: originName, type: 'INTEGER' },
]

/** Writes rows of the dataset with their origin, and the columns that stand in the names of their folders. */
export const writeRows = (request: LandRequest, name: string, sql: string): ReturnType<typeof writeFiles> => {
  const { dataset, folders } = request
  const values = folders.map(column => {
    const texts = `(select list(${quoteName(column.name)} order by ${originName}) from ${foldersName})`
    return `, ${texts}[${originName} + 1] as ${quoteName(column.name)}`
  })
  return writeFiles(
    request,
    name,
    folders.length === 0 ? sql : `select *${values.join('')} from (${sql})`,
    storedColumns([...dataset.columns, ...folders]),
  )
}

/** Writes an answer into a new folder, which is gone again where that fails. */
export const writeFiles = async (
  request: LandRequest,
  name: string,
  sql: string,
  columns: readonly RelationColumn[],
): Promise<Pick<WrittenFile, 'path' | 'rows' | 'nulls'>[]> => {
  const folder = join(request.folder, name)
  await mkdir(folder)
  try {
    const written = await request.session.write(sql, { folder, columns, compression: 'snappy' })
    return written.map(({ path, rows, nulls }) => ({ path, rows, nulls }))
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

const filesAtOnce = 8

/** Work on files, a few at once; answers in their order. */
export const inParts = async <Item, Answer>(
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<Answer>,
): Promise<Answer[]> => {
  const answers: Answer[] = []
  for (let from = 0; from < items.length; from += filesAtOnce) {
    const part = items.slice(from, from + filesAtOnce)
    answers.push(...(await Promise.all(part.map((item, index) => work(item, from + index)))))
  }
  return answers
}
