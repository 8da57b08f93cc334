/** What an engine can say no to. */
import { defineProblems } from '../base/index.ts'

export const engineProblems = defineProblems({
  'engine.no-extension': {
    severity: 'error',
    title: 'The engine lacks an extension',
    why: 'Sheets of Excel are read by an extension of DuckDB that does not come with Weft, and Weft fetches none by itself.',
    mend: 'Install the extension for the version that `weft version` names, or save the sheet as CSV.',
  },
  'engine.sql': {
    severity: 'error',
    title: 'The engine refuses a statement',
    why: 'It cannot be parsed, or names or types do not fit.',
    mend: "The message is the engine's own, with the place in the text.",
  },
  'engine.runtime': {
    severity: 'error',
    title: 'A statement failed on the data',
    why: 'An expression met a value that it cannot take, for instance in a cast. The value itself is not shown.',
    mend: 'Make the expression total (try_cast, nullif, coalesce), or mend the data.',
  },
  'engine.out-of-memory': {
    severity: 'error',
    title: 'A statement needed more memory than its limit',
    why: 'Every session has a limit; what does not fit is spilled, and some operators cannot spill.',
    mend: 'Raise the limit, or let the statement do less at once.',
  },
  'engine.interrupted': {
    severity: 'error',
    title: 'A statement was ended',
    why: 'It was cancelled, or took longer than its limit.',
    mend: 'Try again, or raise the time limit.',
  },
  'engine.disk-full': {
    severity: 'error',
    title: 'The disk is full',
    why: 'The engine could not spill or write.',
    mend: 'Free space, then run again. What is served is unchanged.',
  },
  'engine.io': {
    severity: 'error',
    title: 'A file could not be read or written',
    why: 'The disk or the network failed while a statement ran, or a file was taken away.',
    mend: 'Try again. A pipeline with `limits.retries` does so by itself.',
  },
  'engine.bad-file': {
    severity: 'error',
    title: 'A file is not what its contract says',
    why: 'A column is missing or surplus, or a line cannot be read as the declared types.',
    mend: 'Mend the file, or the contract of the source.',
  },
  'engine.unwritable-type': {
    severity: 'error',
    title: 'A column has a type that Parquet would change without a word',
    why: 'HUGEINT, which every sum of whole numbers is, would be written as DOUBLE and lose digits.',
    mend: 'Give the column a type in the contract: BIGINT or DECIMAL(38,0).',
  },
})
