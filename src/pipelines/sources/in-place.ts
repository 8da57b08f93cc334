/** Parquet files of a source as a dataset of their own, without a copy: every one has the columns of the contract in their very types, or none is taken. */
import { type Problem, problem, WeftError } from '../../base/index.ts'
import type { ColumnType, WrittenFile } from '../../engine/index.ts'
import { modelProblems } from '../models/problems.ts'
import { matchHeader, sourceName } from './drift.ts'
import { driftTeller } from './drift-teller.ts'
import { parquetSchemas } from './land-parquet.ts'
import type { SourceRequest } from './land-part.ts'
import { pathColumns } from './path-columns.ts'
import { formatOfSource, type SourceFile } from './source.ts'

export interface InPlace {
  /** In the order of the request. */
  readonly files: readonly (Omit<SourceFile, 'uri'> & Pick<WrittenFile, 'rows' | 'nulls'>)[]
  /** Drift that the contract lets pass, as warnings. */
  readonly problems: readonly Problem[]
}

/** Throws `model.not-in-place` where a file would have to be copied to be what the contract says, and for drift as landing does. */
export const filesInPlace = async (request: SourceRequest, columns: readonly ColumnType[]): Promise<InPlace> => {
  const { session, contract, dataset, files } = request
  const refuse = (found: string, expected: string): WeftError =>
    new WeftError(
      'failed',
      problem(modelProblems, 'model.not-in-place', `the files of ${contract.id} cannot be read where they are`, {
        found,
        expected,
        subject: contract.subject,
      }),
    )
  const format = formatOfSource(contract, files)
  if (format !== 'parquet') throw refuse(format, 'files of Parquet')
  const paths = files.map(file => file.path)
  const inPath = pathColumns(paths).find(name => dataset.columns.some(column => sourceName(column) === name))
  if (inPath !== undefined) throw refuse(`${inPath} in the names of folders`, `a column ${inPath} in each file`)
  const { groups, drift, types } = await parquetSchemas(request)
  const { tell, refuse: refuseDrift } = driftTeller(request)
  await refuseDrift(drift, types)
  for (const { schema, files } of groups) {
    const header = schema.map(it => it.name)
    const { fields } = matchHeader(header, dataset, files[0]?.file.uri ?? '')
    for (const { name, type } of columns) {
      const found = schema[fields.indexOf(name)]
      if (found?.name === name && found.type === type) continue
      const what = found === undefined ? `no ${name}` : `${found.name} ${found.type}`
      throw refuse(`${files[0]?.file.uri ?? ''}: ${what}`, `${name} ${type}`)
    }
  }
  const footers = await session.footers(paths)
  return {
    files: files.map(({ path, bytes, etag }, index) => {
      const { rows, nulls } = footers[index] ?? { rows: 0, nulls: {} }
      return { path, bytes, etag, rows, nulls }
    }),
    problems: await tell(drift, types),
  }
}
