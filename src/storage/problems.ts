/** What can go wrong where files live. */
import { defineProblems } from '../base/index.ts'

export const storageProblems = defineProblems({
  'storage.unknown-scheme': {
    severity: 'error',
    title: 'Storage of a kind that Weft does not have',
    why: "A domain's storage is named by a URL; its scheme chooses what keeps the files.",
    mend: 'Use a folder: `file:///data/sales`, or a path relative to the project.',
  },
  'storage.bad-key': {
    severity: 'error',
    title: 'A name that no file of the storage can have',
    why: "Keys are relative, with `/`, and never lead out of the storage's folder.",
    mend: 'Rename the product, port or dataset.',
  },
  'storage.not-found': {
    severity: 'error',
    title: 'A file of the storage is gone',
    why: 'A manifest or the catalogue names a file that is not there: somebody removed it outside of Weft.',
    mend: 'Restore it from a copy, or build the product again with `weft run <product> --full`.',
  },
  'storage.corrupt-manifest': {
    severity: 'error',
    title: 'A manifest is not what it was when it was written',
    why: 'Manifests are never changed; its hash or form does not fit.',
    mend: 'Restore the file from a copy, or build the product again with `weft run <product> --full`.',
  },
  'storage.disk-full': {
    severity: 'error',
    title: 'The disk is full',
    why: 'Nothing of what was being written is seen; what is served stays served.',
    mend: 'Free space, then run again.',
  },
  'storage.unreachable': {
    severity: 'error',
    title: 'The storage cannot be read or written',
    why: 'The folder does not exist and cannot be made, or its rights forbid it.',
    mend: "Check the path in the domain's `storage` and the rights of the user who runs Weft.",
  },
  'source.changed': {
    severity: 'error',
    title: 'A file that a snapshot points to is not the same any more',
    why: 'A snapshot never changes. Files that are referenced where they lie must not be written again.',
    mend: 'Put the old file back, or run the product again to make a snapshot of the new one.',
  },
})
