/** What can be wrong with a model before any row is read. */
import { defineProblems } from '../../base/index.ts'

export const modelProblems = defineProblems({
  'sql.syntax': {
    severity: 'error',
    title: 'A model is no valid SELECT',
    why: "A model is one SELECT statement in DuckDB's dialect; it is never a template and never several statements.",
    mend: 'Mend the statement at the place that is shown.',
  },
  'sql.not-incremental': {
    severity: 'error',
    title: 'A model cannot be built partition by partition as its pipeline says',
    why: 'A partition is built from rows of the same partition of an input that is read as "same" (or "lookback"). A model that looks beyond would give another answer built by partition than built as a whole.',
    mend: 'Carry the column that says the partition through groups, windows, joins and duplicates; or read the input as "whole"; or build the dataset in full.',
  },
  'model.wrong-partition': {
    severity: 'error',
    title: 'A dataset is divided by a column that has no such parts',
    why: 'Hours, days, months and years are those of dates and timestamps; a value is a text, a whole number or a date.',
    mend: 'Choose another grain, or a column of such a type.',
  },
  'sql.unknown-table': {
    severity: 'error',
    title: 'A model reads a table that it does not know',
    why: 'A model sees its own datasets by name, and those of declared input ports as <input port>.<dataset> or by the name that readers use. Nothing else is visible to it.',
    mend: 'Take the nearest name, or declare an input port for what is read.',
  },
  'sql.unknown-column': {
    severity: 'error',
    title: 'A model reads a column that is not there',
    why: 'Models are bound against the contracts of what they read, so that this is found before anything runs.',
    mend: 'Take the nearest name, or add the column to the contract of what is read.',
  },
  'sql.ambiguous-name': {
    severity: 'error',
    title: 'A name means more than one column',
    why: 'Two tables of the statement have a column of that name.',
    mend: 'Write the table before the column.',
  },
  'sql.wrong-type': {
    severity: 'error',
    title: 'An expression has values of the wrong type',
    why: 'The function or operator does not take values of that type.',
    mend: 'Cast the value, or use another function.',
  },
  'sql.does-not-bind': {
    severity: 'error',
    title: 'A model cannot be bound',
    why: 'The engine refuses the statement against the contracts of what it reads.',
    mend: 'Mend the statement at the place that is shown.',
  },
  'sql.not-allowed': {
    severity: 'error',
    title: 'A model does something that models may not do',
    why: 'A model reads its inputs and nothing else: no files, no network, no settings, no other tables.',
    mend: 'Declare an input port for what is read.',
  },
  'sql.order-dependent': {
    severity: 'warning',
    title: 'The answer depends on an order that the statement does not say',
    why: 'Rows come in any order, so the same data can give another answer in the next run, and nobody can tell a change from chance.',
    mend: 'Say the order (`order by` inside the aggregate or window), or take min, max, or arg_min with an order that has no ties.',
  },
  'sql.inexact-sum': {
    severity: 'warning',
    title: 'A sum over binary fractions depends on the order of the rows',
    why: 'Adding doubles in another order gives another last digit, so that equal data looks changed; money must add up exactly.',
    mend: 'Cast to DECIMAL before adding, or make the column a DECIMAL in its contract.',
  },
  'model.missing': {
    severity: 'error',
    title: 'A dataset has no model',
    why: 'A contract promises the dataset, and nothing makes it.',
    mend: 'Write models/<dataset>.sql beside the product.',
  },
  'model.missing-column': {
    severity: 'error',
    title: 'A model does not deliver a column that its contract promises',
    why: 'Readers rely on the contract; a build would fail.',
    mend: 'Select the column under that name, or take it from the contract with a new major version.',
  },
  'model.wrong-type': {
    severity: 'error',
    title: 'A model delivers a column in another type than its contract promises',
    why: 'Casting without a word could lose what the values say.',
    mend: 'Cast in the model, or mend the type in the contract.',
  },
  'model.surplus-column': {
    severity: 'warning',
    title: 'A model delivers a column that its contract does not have',
    why: 'It is not published: readers see what the contract has.',
    mend: 'Add the column to the contract, or take it out of the model.',
  },
  'model.not-in-place': {
    severity: 'error',
    title: 'A dataset cannot be read where its source has it',
    why: '`materialization: referenced` copies nothing, so that the files must be what the contract says: Parquet, with its columns in their very names and types, and a model that takes them as they are.',
    mend: 'Take `materialization: full`, or mend the model, the contract or the files.',
  },
  'model.cycle': {
    severity: 'error',
    title: 'Datasets are made from one another in a circle',
    why: 'None of them could ever be built first.',
    mend: 'Take one of the reads away; the message shows the whole circle.',
  },
})
