/** Problems of finding and describing. */
import { defineProblems } from '../base/index.ts'

export const catalogProblems = defineProblems({
  'describe.unknown': {
    severity: 'error',
    title: 'Nothing has that name',
    why: 'A thing is named by its subject, a short form of it, its name in SQL, or the id that the standard gave it.',
    mend: 'Take one of the names in the message, or look for it: weft find.',
  },
  'describe.retired': {
    severity: 'error',
    title: 'A port is no longer',
    why: 'Its owners have ended it; what it served is kept for a while, so that it can be brought back.',
    mend: 'Take its successor, or ask its owners. `weft status` lists retired ports.',
  },
  'describe.ambiguous': {
    severity: 'error',
    title: 'A name means more than one thing',
    why: 'A short form fits several things of one kind, such as columns of different datasets.',
    mend: 'Take one of the subjects in the message.',
  },
  'find.wrong-operator': {
    severity: 'error',
    title: 'A search asks by something that is not known',
    why: 'A word with a colon narrows a search: domain, owner, status, tag, kind, has and col.',
    mend: 'Take one of these, or leave the colon out.',
  },
  'find.wrong-cursor': {
    severity: 'error',
    title: 'A search cannot go on from there',
    why: 'What a search gives as `next` is given back as it is, and leads no further than the limit hitsMax.',
    mend: 'Give back what the search gave, or narrow the search.',
  },
})
