/** What can be wrong with the shape of a definition. */
import { defineProblems } from '../../base/index.ts'

export const documentProblems = defineProblems({
  'document.unknown-key': {
    severity: 'error',
    title: 'A key is not known',
    why: 'A key that nobody reads is most often a misspelt one, and what it says would be lost without a word.',
    mend: 'Take the nearest key, or put what is your own into `customProperties`.',
  },
  'document.missing-key': {
    severity: 'error',
    title: 'A key is missing',
    why: 'Without it the definition does not say what it must.',
    mend: 'Add the key that the message names; `weft schema <kind>` shows all.',
  },
  'document.wrong-type': {
    severity: 'error',
    title: 'A value is of the wrong type',
    why: 'YAML reads 1.0 as a number, yes as a text and an unquoted comma in { } as the end of a value; what arrives is not always what was meant.',
    mend: 'Write what the message expects, in quotes where it is a text.',
  },
  'document.wrong-value': {
    severity: 'error',
    title: 'A value is not one of the valid ones',
    why: 'The standard, or Weft, gives the key a list or a form.',
    mend: 'Take one of the values in the message.',
  },
  'document.duplicate-value': {
    severity: 'error',
    title: 'An entry occurs twice',
    why: 'Each entry of the list stands for one thing.',
    mend: 'Remove one of the two.',
  },
  'document.wrong-expression': {
    severity: 'error',
    title: 'An expression cannot be understood',
    why: 'Expressions of policies are checked when the file is read, so that a policy never fails later.',
    mend: 'Mend the expression at the place that is shown; its language is in docs/reference/expressions.md.',
  },
  'document.lenient': {
    severity: 'warning',
    title: 'A definition was read in another way than it is written',
    why: 'Files in the wild depart from the standard; what can be understood is read, and other tools may refuse it.',
    mend: 'Write it as the message expects.',
  },
})
