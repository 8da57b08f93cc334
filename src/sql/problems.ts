/** What the parser of statements refuses. */
import { defineProblems } from '../base/index.ts'

export const sqlProblems = defineProblems({
  'sql.not-one-select': {
    severity: 'error',
    title: 'The text is not exactly one SELECT',
    why: 'Readers and models ask; they change nothing. Several statements in one text are refused, because only the first would be looked at.',
    mend: 'Write one SELECT statement, without anything behind it.',
  },
})
