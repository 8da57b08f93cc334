/**
 * @module access
 * The one door for rows: who reads what is decided here, recorded, and run where nothing else can be seen.
 * `read` answers a statement; `resolveInputs` says what a build may read; a row that leaves Weft otherwise is a bug.
 */
export { acceptRead, finishRead, type ReadDataset } from './audit.ts'
export { type AgreementDocument, agreementDocument } from './documents.ts'
export { draftName, jsonRow, type Rows, type TextFormat, type Written, writeFileWhole, writeRows } from './formats.ts'
export {
  auditInputs,
  type InputDataset,
  type InputFile,
  type ResolvedInputs,
  type ResolveRequest,
  readDataset,
  resolveInputs,
} from './inputs.ts'
export { findByReaderName, readerName } from './names.ts'
export { type Answer, exportOperation, type QueryingParts, queryOperation } from './operations.ts'
export { accessProblems } from './problems.ts'
export { type Reading, type ReadParts, type ReadRequest, read, readParquet } from './read.ts'
export { type KnownReader, type PortReader, portReaders, type Via } from './readers.ts'
export type { OpenableSnapshot, Storages } from './relation.ts'
export { sweepQueries } from './sealed/folder.ts'
export { ReaderPool, type ReaderPoolOptions } from './sealed/pool.ts'
export { type Served, type ServedSnapshot, servedSnapshots, snapshotsAt } from './served.ts'
export {
  closeTombstones,
  insertTombstones,
  type RetiredDataset,
  retiredDatasets,
  standingTombstones,
  type Tombstone,
} from './tombstones.ts'
export { cell, type JsonValue, jsonValue } from './values.ts'
