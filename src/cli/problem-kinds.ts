/** What can be wrong with how a command is called. */
import { defineProblems } from '../base/problem.ts'

export const cliProblems = defineProblems({
  'project.not-found': {
    severity: 'error',
    title: 'There is no mesh here',
    why: 'Commands work on a project: the nearest folder upwards with a mesh.yaml.',
    mend: 'Change to the folder of a mesh, name it with --project, or make one with `weft init`.',
  },
  'usage.needs-yes': {
    severity: 'error',
    title: 'Nobody can be asked',
    why: 'What is about to be done is asked about first, and there is no terminal to ask at.',
    mend: 'Give --yes.',
  },
  'usage.wrong-command': {
    severity: 'error',
    title: 'The command line cannot be understood',
    why: 'A command, an option or an argument is unknown or missing.',
    mend: '`weft --help` lists the commands, `weft <command> --help` what each takes.',
  },
  'usage.not-yours': {
    severity: 'error',
    title: 'Acting as somebody else is not possible here',
    why: "On a laptop's own catalogue everything is the operator's, who may look at it with another's eyes. On a shared one nobody may.",
    mend: 'Leave --as out.',
  },
  'usage.declined': {
    severity: 'error',
    title: 'It was not confirmed',
    why: 'Nothing was done.',
    mend: 'Look at the plan with `weft plan` and apply it when it is right.',
  },
  'usage.wrong-value': {
    severity: 'error',
    title: 'An option has a value that it cannot have',
    why: 'Guessing what was meant would be worse than asking again.',
    mend: 'Take one of the values in the message.',
  },
  'explain.unknown-code': {
    severity: 'error',
    title: 'No problem has that code',
    why: 'Codes are words with a slice, such as `sql.unknown-column`.',
    mend: 'Take the nearest code; docs/reference/problems.md lists all.',
  },
  'weft.bug': {
    severity: 'error',
    title: 'Weft has a bug',
    why: 'Something happened that the code holds to be impossible.',
    mend: 'Tell us, with the message and what you did.',
  },
})
