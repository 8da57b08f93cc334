/** What the door for rows can say no to. */
import { defineProblems } from '../base/index.ts'

export const accessProblems = defineProblems({
  'query.not-a-select': {
    severity: 'error',
    title: 'Only one SELECT can be asked',
    why: 'Data is changed by builds alone; a query reads.',
    mend: 'Write a single SELECT, without SET, COPY, ATTACH, CREATE or a second statement.',
  },
  'query.not-allowed': {
    severity: 'error',
    title: 'The statement uses something that readers may not use',
    why: 'Only functions and constructs that were reviewed are open to readers: no files, no settings, no system tables.',
    mend: 'Leave it out, or read a dataset by its name: `<domain>.<product>.<dataset>`.',
  },
  'query.bad-statement': {
    severity: 'error',
    title: 'The engine cannot bind the statement',
    why: 'A name or a type in it does not fit the datasets that it reads.',
    mend: 'The message is the engine’s own first line. `weft describe <dataset>` lists columns and types.',
  },
  'query.too-long': {
    severity: 'error',
    title: 'The statement is longer than the limit',
    why: 'Every input has a limit.',
    mend: 'Shorten it, or raise `limits.statementCharactersMax` in mesh.yaml.',
  },
  'query.unknown-dataset': {
    severity: 'error',
    title: 'Nothing published has that name',
    why: 'Readers see published datasets, as `<domain>.<product>.<dataset>` with `-` written as `_`, or `<product>_v2` for a named major.',
    mend: 'The message proposes the nearest name; `weft status` lists what is published.',
  },
  'query.not-published': {
    severity: 'error',
    title: 'The dataset exists, but nothing of it is published',
    why: 'A dataset can be read from its first publication on, or it was not yet published at the instant that was asked for.',
    mend: '`weft run <product>` builds and publishes it.',
  },
  'query.retired': {
    severity: 'error',
    title: 'The dataset was of a port that is retired',
    why: 'A retired port serves nothing any more. What it served is kept for a while, so that it can be brought back.',
    mend: 'Read the successor that the message names; a state from before can still be read with `--at`. Its owner brings the port back by putting its files back.',
  },
  'query.not-granted': {
    severity: 'error',
    title: 'The reader may not read the dataset',
    why: 'A product reads what its declared input ports cover, and nothing else.',
    mend: 'Declare an input port for it in the product’s file, then plan and apply.',
  },
  'query.bad-instant': {
    severity: 'error',
    title: '`--at` is neither a snapshot nor an instant',
    why: 'An older state is named by a snapshot’s id or by an instant in ISO 8601.',
    mend: '`weft snapshots <dataset>` lists ids; an instant looks like 2026-01-31T12:00:00Z.',
  },
  'query.snapshot-not-readable': {
    severity: 'error',
    title: 'The snapshot cannot be read',
    why: 'Only a snapshot that was published can be read: a quarantined one failed its checks, an expired one has no files any more.',
    mend: '`weft snapshots <dataset>` shows the state of each.',
  },
  'query.failed': {
    severity: 'error',
    title: 'The statement failed on the data',
    why: 'An expression met a value that it cannot take, for instance in a cast. The value is not shown: error texts must not tell of rows.',
    mend: 'Make the expression total (try_cast, nullif, coalesce).',
  },
  'query.out-of-memory': {
    severity: 'error',
    title: 'The statement needed more memory than its limit',
    why: 'Every query has a limit, so that one reader cannot take the machine from the others.',
    mend: 'Read less at once, or raise `limits.queryMemory` in mesh.yaml.',
  },
  'query.out-of-time': {
    severity: 'error',
    title: 'The statement took longer than its limit',
    why: 'Every query has a limit, so that one reader cannot take the machine from the others.',
    mend: 'Read less at once, or raise `limits.queryTimeMs` in mesh.yaml.',
  },
  'query.interrupted': {
    severity: 'error',
    title: 'The query was interrupted',
    why: 'Somebody ended it. Nothing of it is left behind.',
    mend: 'Ask again.',
  },
  'query.reader-lost': {
    severity: 'error',
    title: 'The process that ran the statement is gone',
    why: 'Each statement runs in a process of its own, which ended before it answered: the statement was too much for it, or the system ended it.',
    mend: 'Ask again; where it happens again, ask for less at once.',
  },
})
