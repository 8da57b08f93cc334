/** What can go wrong between two terminals. */
import { defineProblems } from '../base/index.ts'

export const servingProblems = defineProblems({
  'operation.wrong-input': {
    severity: 'error',
    title: 'An operation was given what it cannot take',
    why: 'A name that is empty, or a number out of its range, means nothing.',
    mend: 'See what the message expects, and `--help` of the command.',
  },
  'owner.gone': {
    severity: 'error',
    title: 'The process that did the work has ended',
    why: 'The embedded catalogue has one owner, which works for other terminals too. It was stopped before it answered; nothing is half done.',
    mend: 'Ask again: the next command opens the catalogue itself. `weft runs` shows what a run has come to.',
  },
  'owner.busy': {
    severity: 'error',
    title: 'The catalogue is in use by another process',
    why: 'The embedded catalogue has one owner, and that one could not take on more work in the time that was waited.',
    mend: 'Wait for the process in the message, or stop it. The limit `ownerWaitMs` says how long is waited.',
  },
  'owner.message-too-large': {
    severity: 'error',
    title: 'A question is too large to be handed on',
    why: 'What one terminal asks of the process that holds the catalogue is limited, so that nobody fills its memory.',
    mend: 'Ask for less at once, or raise the limit `messageBytesMax`.',
  },
})
