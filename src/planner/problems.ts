/** What can stop a plan. */
import { defineProblems } from '../base/index.ts'

export const plannerProblems = defineProblems({
  'plan.storage-moved': {
    severity: 'error',
    title: 'The storage of a domain has another address',
    why: 'What is served lies at the old one, and would not be found any more.',
    mend: 'Copy the files to the new address first, then allow it by the name of the domain.',
  },
  'plan.unknown-permission': {
    severity: 'error',
    title: 'A permission names something that is not there',
    why: 'Breaking changes and removals are allowed by name; a misspelt name would allow nothing, or later something else.',
    mend: 'Take the name from the message that asked for the permission.',
  },
  'contract.breaking-change': {
    severity: 'error',
    title: 'A change breaks the readers of a port',
    why: 'Somebody built on what the contract promised. A removed, renamed, retyped or loosened column is found by the people it breaks, unless it is told to them first.',
    mend: 'Publish a new major of the port beside the old one and deprecate the old; `weft diff` tells what breaks whom and which version would do. If the readers agree, allow the change by name: `--allow-breaking <port>`.',
  },
  'contract.version-too-low': {
    severity: 'warning',
    title: 'A contract offers more and its version does not say so',
    why: 'Readers see by the version whether there is something new for them.',
    mend: 'Write the version that the message proposes, in the contract and at the port. `weft diff` tells what changed.',
  },
  'diff.unknown': {
    severity: 'error',
    title: 'Nothing is called like what should be compared',
    why: 'It is no file or folder, no subject or id of the mesh, and no commit that git knows here.',
    mend: 'Name a contract or model file, a folder, a subject, or a git ref, also with a path behind it: `main`, `HEAD~1:contracts/orders.odcs.yaml`.',
  },
  'diff.not-alike': {
    severity: 'error',
    title: 'Two things of different kinds cannot be compared',
    why: 'A contract has no counterpart in a model, nor a product in a file.',
    mend: 'Name two contracts, two models, or two meshes; beside a folder or a git ref also one product or port of this mesh.',
  },
  'port.still-read': {
    severity: 'error',
    title: 'A port that somebody reads would be retired',
    why: 'Whoever declares it, or has read it within the notice period (`limits.noticePeriodMs`), would find out by losing it.',
    mend: 'Deprecate it with a date and a successor, and wait until its readers have moved; the message names them. Against them the owner allows it by name: `--allow-removal <port>`.',
  },
  'plan.removal': {
    severity: 'error',
    title: 'A plan would remove something that was applied',
    why: 'A file that is gone by mistake must not take a product from its readers.',
    mend: "Put the definition back, or allow the removal by name: `--allow-removal <subject>`. Its data stays in the domain's storage.",
  },
  'plan.root-lost': {
    severity: 'error',
    title: 'A root came out empty or lost more than a fifth of its subjects',
    why: 'A wrong folder or a half-finished checkout looks just like that.',
    mend: "Check the root's path and checkout. If it is meant, allow each removal by name.",
  },
  'plan.unknown-base': {
    severity: 'error',
    title: 'Git has no such commit',
    why: 'A plan against a branch compares the files with those of the commit where both parted.',
    mend: 'Name a branch, tag or commit of the repository; a clone that was cut may have to be fetched whole (`git fetch --unshallow`).',
  },
  'plan.changed-there-too': {
    severity: 'error',
    title: 'The other branch has changed the same thing in another way',
    why: 'Together they are a third version that nobody has seen.',
    mend: 'Bring the other branch into this one, decide which change holds, and plan again.',
  },
  'plan.version-taken': {
    severity: 'error',
    title: 'The other branch has given the same version to other changes',
    why: 'One version of a contract is one set of promises.',
    mend: 'Bring the other branch into this one and write the next version.',
  },
  'plan.product-changed-there': {
    severity: 'warning',
    title: 'The other branch has changed the same product since',
    why: 'What was planned here was not seen together with it.',
    mend: 'Bring the other branch into this one and plan again, to see both at once.',
  },
  'plan.of-a-branch': {
    severity: 'error',
    title: 'A plan against git cannot be applied',
    why: 'It compares files with files: it knows nothing of what an environment has.',
    mend: 'Plan against the environment: `weft plan`, then apply that one.',
  },
  'plan.stale': {
    severity: 'error',
    title: 'What the plan read has changed since',
    why: 'Its consequences were told about another state.',
    mend: 'Make a new plan: `weft plan`.',
  },
  'plan.unknown': {
    severity: 'error',
    title: 'No plan has that id',
    why: "The id is neither in the catalogue nor in the project's plans.",
    mend: '`weft plan` makes one and prints its id.',
  },
  'plan.nothing-to-resume': {
    severity: 'error',
    title: 'No plan was interrupted',
    why: '`--resume` goes on with a plan that was stopped in the middle.',
    mend: '`weft apply` without it makes and applies a new plan.',
  },
  'plan.in-use': {
    severity: 'error',
    title: 'Another apply is at work on the same plan or state',
    why: 'Two at once would overwrite one another.',
    mend: 'Wait for the other, then plan again.',
  },
  'plan.step-failed': {
    severity: 'error',
    title: 'A step of the plan failed',
    why: 'The steps before it are done and recorded, those after it wait.',
    mend: 'Mend what the message names, then `weft apply --resume`.',
  },
  'plan.model-broken': {
    severity: 'warning',
    title: 'A model of another product no longer fits what it reads',
    why: 'A change upstream takes away something that the model uses. Its product keeps serving what it has and is on hold.',
    mend: 'Change the model, or keep the column upstream.',
  },
})
