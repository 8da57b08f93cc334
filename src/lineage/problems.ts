/** What can be wrong with a question about lineage. */
import { defineProblems } from '../base/index.ts'

export const lineageProblems = defineProblems({
  'lineage.unknown-subject': {
    severity: 'error',
    title: 'Nothing that is applied has that name',
    why: 'Lineage is kept in the catalogue, for what `weft apply` has written there.',
    mend: 'Take the name from the message. A product, a port, a dataset or a column is named by its subject, an end of it, or as in SQL.',
  },
  'lineage.wrong-cursor': {
    severity: 'error',
    title: 'A scene cannot go on from there',
    why: 'What a page gives as `cursor` is given back as it is.',
    mend: 'Give back what the page gave, or leave it out to begin anew.',
  },
  'lineage.ambiguous': {
    severity: 'error',
    title: 'A name means more than one thing',
    why: 'A short name is allowed where it can only mean one thing.',
    mend: 'Write more of the name; the message lists the choices.',
  },
  'lineage.unknown-snapshot': {
    severity: 'error',
    title: 'The lineage of a snapshot is not known',
    why: 'A snapshot names the model that made it. One that was made before lineage was kept, or by a model that was never applied here, cannot be explained.',
    mend: '`weft snapshots <dataset>` lists what there is.',
  },
})
