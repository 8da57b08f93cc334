/** Parquet that a snapshot points to where it lies, without a copy: good only as long as nobody touches it. */
import { stat } from 'node:fs/promises'
import { problem, WeftError } from '../../base/index.ts'
import { pipelineProblems } from '../problems.ts'

export interface ReferencedFile {
  /** Absolute. */
  readonly path: string
  readonly uri: string
  readonly bytes: number
  readonly etag: string
}

/** Throws `source.changed` where a file is gone or is not the one that the snapshot was made of. */
export const verifyReferenced = async (files: readonly ReferencedFile[]): Promise<void> => {
  const states = await Promise.all(
    files.map(async file => {
      const it = await stat(file.path, { bigint: true }).catch(() => undefined)
      const etag = it === undefined ? 'gone' : `${it.size}-${it.mtimeNs}`
      return { file, etag }
    }),
  )
  const changed = states.filter(({ file, etag }) => etag !== file.etag)
  const [first] = changed
  if (first === undefined) return
  throw new WeftError(
    'failed',
    problem(
      pipelineProblems,
      'source.changed',
      `${changed.length === 1 ? 'a file' : `${changed.length} files`} that a snapshot points to ${first.etag === 'gone' ? 'cannot be found' : 'changed'}`,
      { found: `${first.file.uri} ${first.etag}`, expected: first.file.etag },
    ),
  )
}
