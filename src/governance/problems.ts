/** What can be wrong with policies. In this version they are parsed and checked, and not enforced yet. */
import { defineProblems } from '../base/index.ts'

export const governanceProblems = defineProblems({
  'policy.not-enforced': {
    severity: 'warning',
    title: 'A policy is not enforced yet',
    why: 'This version checks policies and shows them in plans; it does not decide by them.',
    mend: 'Nothing needs to be done; enforcement comes with a later version.',
  },
})
