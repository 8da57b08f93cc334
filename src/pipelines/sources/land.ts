/** Files of a source, read once into Parquet of the run's scratch folder. */
import { join } from 'node:path'
import type { Limits } from '../../base/index.ts'
import type { Contract, Dataset } from '../../domain/index.ts'
import type { Relation, Session } from '../../engine/index.ts'
import { type SourceFile, sourceRelation } from './source.ts'

export interface Landed {
  /** The dataset's columns, and `__weft_source`: the place of a row's file in the list. */
  readonly relation: Relation & { readonly kind: 'parquet' }
}

export const landSource = async (request: {
  readonly session: Session
  readonly contract: Contract
  readonly dataset: Dataset
  readonly files: readonly SourceFile[]
  readonly folder: string
  readonly limits: Limits
}): Promise<Landed> => {
  const { session, contract, dataset, files, folder } = request
  const columns = [
    ...dataset.columns.map(({ name, type }) => ({ name, type })),
    { name: '__weft_source', type: 'INTEGER' },
  ]
  const written: string[] = []
  for (const [index, file] of files.entries()) {
    await session.define(['__file'], sourceRelation(contract, dataset, [file]))
    const target = join(folder, String(index))
    await (await import('node:fs/promises')).mkdir(target)
    const parts = await session.write(`select *, ${index} as __weft_source from __file`, {
      folder: target,
      columns,
      compression: 'snappy',
    })
    written.push(...parts.map(it => it.path))
  }
  return { relation: { kind: 'parquet', files: written, columns } }
}
