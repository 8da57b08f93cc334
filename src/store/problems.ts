/** What can go wrong with the catalogue. */
import { defineProblems } from '../base/index.ts'

export const storeProblems = defineProblems({
  'store.locked': {
    severity: 'error',
    title: 'The catalogue is open in another process',
    why: 'The embedded catalogue has one owner: a second one would lose rows without a word.',
    mend: 'Wait for the other process, or stop it; its number is in the message. Several at once need PostgreSQL: set WEFT_STORE.',
  },
  'store.unreachable': {
    severity: 'error',
    title: 'The catalogue cannot be opened',
    why: 'The database does not answer, or refuses who asks.',
    mend: 'Check the URL in WEFT_STORE and that the server runs; for the embedded catalogue, the rights of its folder.',
  },
  'store.unknown-scheme': {
    severity: 'error',
    title: 'The address of the catalogue is of an unknown kind',
    why: 'A misspelt address would otherwise become a folder of that name, with an empty catalogue in it.',
    mend: 'Set WEFT_STORE to a postgres: URL or to a folder.',
  },
  'store.disk-full': {
    severity: 'error',
    title: 'The disk of the catalogue is full',
    why: 'What is done must be written down before it counts. What is served stays served.',
    mend: 'Free space where the message says, then do it again.',
  },
  'store.timeout': {
    severity: 'error',
    title: 'A statement on the catalogue took too long',
    why: 'Every statement has a limit, so that nothing waits for ever.',
    mend: 'Try again; if it repeats, raise the limit storeTimeMs.',
  },
  'store.conflict': {
    severity: 'error',
    title: 'Two writers met',
    why: 'Somebody else wrote the same thing first.',
    mend: 'Try again from the new state.',
  },
  'store.newer': {
    severity: 'error',
    title: 'The catalogue was written by a newer Weft',
    why: 'Its tables have changes that this version does not know.',
    mend: 'Use the newer version.',
  },
})
