/** What can be wrong with policies. In this version they are parsed and checked, and not enforced yet. */
import { defineProblems } from '../base/index.ts'

export const governanceProblems = defineProblems({
  'policy.no-instant': {
    severity: 'error',
    title: 'A policy keeps rows by a column that tells no age',
    why: '`keepRows` leaves out rows whose `by` lies too long ago: it has to be a date or a timestamp in every dataset that the rule covers, and for a history the time at which a row holds no longer.',
    mend: 'Name a column of dates or timestamps, or say more narrowly by `on` which datasets the rule is about.',
  },
  'policy.not-enforced': {
    severity: 'warning',
    title: 'A policy is not enforced yet',
    why: 'This version checks policies and shows them in plans; it does not decide by them.',
    mend: 'Nothing needs to be done; enforcement comes with a later version.',
  },
})
