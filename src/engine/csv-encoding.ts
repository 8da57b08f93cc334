/** Encodings of CSV files, by the names that people give them. */
import { problem, WeftError } from '../base/index.ts'
import { engineProblems } from './problems.ts'

/** DuckDB knows three encodings without an extension, each by one name. */
export const encodingOf = (name: string): 'utf-8' | 'utf-16' | 'latin-1' => {
  const plain = name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
  if (plain === 'utf8') return 'utf-8'
  if (plain === 'utf16' || plain === 'utf16le') return 'utf-16'
  if (plain === 'latin1' || plain === 'iso88591') return 'latin-1'
  throw new WeftError(
    'failed',
    problem(engineProblems, 'engine.bad-file', `the encoding "${name}" cannot be read`, {
      found: name,
      expected: 'utf-8, utf-16, latin-1',
    }),
  )
}
