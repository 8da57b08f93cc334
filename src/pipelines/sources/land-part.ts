/** What every way of landing shares: what it is given, what it gives, and how it writes. */
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Limits, Touched } from '../../base/index.ts'
import type { Contract, Dataset } from '../../domain/index.ts'
import type { RelationColumn, Session, WrittenFile } from '../../engine/index.ts'
import type { Drift } from './drift.ts'
import { originName } from './rejects.ts'
import type { SourceFile } from './source.ts'

export interface LandRequest {
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

/** Types that Parquet would change without a word are kept as texts. */
const storedColumns = (dataset: Dataset): RelationColumn[] => [
  ...dataset.columns.map(({ name, type }) => ({ name, type: /HUGEINT|INTERVAL/.test(type) ? 'VARCHAR' : type })),
  { name: originName, type: 'INTEGER' },
]

/** Writes rows into a new folder, which is gone again where that fails. */
export const writePart = async (
  request: LandRequest,
  name: string,
  sql: string,
  columns: readonly RelationColumn[] = storedColumns(request.dataset),
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
