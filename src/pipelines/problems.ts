/** What can go wrong in a run. */
import { defineProblems } from '../base/index.ts'

export const pipelineProblems = defineProblems({
  'run.wrong-range': {
    severity: 'error',
    title: 'A backfill has a range that cannot be built',
    why: 'A backfill builds the partitions from one bound to the other, both with it, of datasets that are divided.',
    mend: 'Give bounds as the datasets are divided: weft run sales.shop-orders --from 2011-03-01 --to 2011-03-31.',
  },
  'history.lost': {
    severity: 'error',
    title: 'Files of a history are gone',
    why: 'The past of a source that overwrites it stands in the history alone: built anew without its files, it would be lost without a word.',
    mend: 'Put the files back from a backup; or roll the port back to a snapshot whose files are there.',
  },
  'history.unclear-key': {
    severity: 'error',
    title: 'A history cannot tell which row follows which',
    why: 'A dataset that keeps history has one row for each key at a time; two rows of one key, or a row without a key, have no interval of their own.',
    mend: 'Make the model deliver one row for each key, or add the column that tells them apart to the key.',
  },
  'run.checks-failed': {
    severity: 'error',
    title: 'A check of severity error failed',
    why: 'The contract promises something that the new data does not keep. Nothing of it was published; readers still get the last good snapshot.',
    mend: 'Look at the failing keys beside the data (`weft snapshots <dataset>` names the quarantined snapshot), mend the source or the model, and run again.',
  },
  'run.held-upstream': {
    severity: 'error',
    title: 'A run was held because what it reads was not published',
    why: 'Building from an older state of one input beside the newer state of another would mix two moments.',
    mend: 'Mend the product upstream that the message names; the next `weft run` or `weft apply` then builds this one too.',
  },
  'run.held-by-person': {
    severity: 'error',
    title: 'A port is on hold',
    why: 'A rollback keeps what it published until somebody releases it or a plan changes the product.',
    mend: '`weft release <port>` ends the hold.',
  },
  'run.input-missing': {
    severity: 'error',
    title: 'An input has nothing published yet',
    why: 'The product reads a port that has no snapshot.',
    mend: 'Run the product that owns the port first, or select it together: `weft run +<product>`.',
  },
  'run.model-failed': {
    severity: 'error',
    title: 'A model failed while it ran',
    why: 'The engine stopped on the data, for instance at a cast that a value does not fit.',
    mend: 'The message names the model and the kind of failure. Make the expression total (try_cast, nullif) or mend the source.',
  },
  'run.out-of-memory': {
    severity: 'error',
    title: 'A run exceeded its memory limit',
    why: 'Every run has a limit, so that one model cannot take the machine from the others.',
    mend: "Raise `limits.memory` in the product's pipeline.yaml or the domain, or let the model do less at once.",
  },
  'run.out-of-time': {
    severity: 'error',
    title: 'A run exceeded its time limit',
    why: 'Every run has a limit, so that one model cannot hold up the others for ever.',
    mend: "Raise `limits.runTime` in the product's pipeline.yaml or the domain.",
  },
  'run.lease-lost': {
    severity: 'error',
    title: 'Another process took the run over',
    why: 'This process was silent for longer than the lease; what it made was not published.',
    mend: 'Nothing: the other process finishes the run. `weft runs` shows it.',
  },
  'run.cancelled': {
    severity: 'error',
    title: 'A run was cancelled',
    why: 'Somebody interrupted it. Nothing is left half done.',
    mend: 'Start it again: `weft run <product>`.',
  },
  'run.busy': {
    severity: 'error',
    title: 'The product is already being built',
    why: 'Two runs of one product at once would race for the same publication.',
    mend: 'Wait for the other run; `weft runs` shows it.',
  },
  'source.unreadable': {
    severity: 'error',
    title: 'A folder of a source cannot be read',
    why: 'A build without its files would look whole and miss rows.',
    mend: 'Give yourself the right to read the folder, or take it out of the path of the source.',
  },
  'source.not-found': {
    severity: 'error',
    title: 'A source has no files',
    why: "The path or glob of the contract's server matches nothing, and an empty source is more often a wrong path than a day without data.",
    mend: "Correct the path (relative ones start at the root's folder) or the environment's variable in mesh.yaml.",
  },
  'source.empty': {
    severity: 'error',
    title: 'A file has no columns',
    why: 'A contract says what columns there are, and an empty file has none.',
    mend: 'Take a file with at least a header, or write the contract by hand.',
  },
  'source.unsupported': {
    severity: 'error',
    title: 'A source of a kind that Weft does not read',
    why: 'Sources are files (local) in CSV, JSON or Parquet.',
    mend: "Change `type` or `format` of the contract's server, or publish the data in one of these.",
  },
  'port.nothing-published': {
    severity: 'error',
    title: 'The port has no publication to act on',
    why: 'Rollback and release need something that is or was served.',
    mend: 'Run the product first.',
  },
  'port.schema-differs': {
    severity: 'error',
    title: 'Rollback across different schemas is refused',
    why: 'Readers would see other columns or types than the contract in force promises.',
    mend: 'Apply the older contract first, or choose a snapshot with the same schema (`weft snapshots <dataset>`).',
  },
  'subject.unknown': {
    severity: 'error',
    title: 'Nothing, or more than one thing, has that name',
    why: "A name is a subject such as `sales.shop-orders.orders.v2`, a short form of it that is unambiguous, a reader's name such as `sales.shop_orders.order_lines`, or the id that the standard gives.",
    mend: 'Write more of the name; the message lists the choices.',
  },
  'run.not-applied': {
    severity: 'error',
    title: 'The files of a product differ from what was applied',
    why: 'A run builds what a plan has shown and somebody has applied, never a file that is still being edited.',
    mend: '`weft plan` shows the difference, `weft apply` applies it and builds what it changes.',
  },
  'snapshot.unknown': {
    severity: 'error',
    title: 'No snapshot has that id',
    why: 'The id is not among those of the dataset, or it was quarantined and can never be served.',
    mend: '`weft snapshots <dataset>` lists what can be served.',
  },
})
