/** Every limit has a name, a default and a unit, and can be set: by `limits` in mesh.yaml, or closer by a domain or a pipeline. */

/** Sizes in bytes, times in milliseconds, the rest are counts. */
export const limits = {
  runMemory: { value: 2 * 1024 ** 3, unit: 'bytes', what: 'memory that the engine may use for one run' },
  runTimeMs: { value: 60 * 60_000, unit: 'ms', what: 'time that one run may take' },
  runsAtOnce: { value: 2, unit: 'count', what: 'products that are built side by side' },
  runThreads: {
    value: 0,
    unit: 'count',
    what: 'threads of the engine for one run; 0 means as many as its input is worth, up to all cores, which the runs share',
  },
  runThreadBytes: {
    value: 16 * 1024 ** 2,
    unit: 'bytes',
    what: 'input for which a run gets one more thread, where runThreads is 0: threads that find nothing to do cost time',
  },
  partitionsAtOnce: {
    value: 400,
    unit: 'count',
    what: 'partitions that are built by one statement; a build of more remembers each group that is finished',
  },
  partitionFileRows: {
    value: 1_000_000,
    unit: 'count',
    what: 'rows up to which partitions share a file; a larger one has a file of its own',
  },
  partitionFilesSmallMax: {
    value: 16,
    unit: 'count',
    what: 'files of a dataset with less than a quarter of these rows; when there are more, the next run makes them one',
  },
  partsKeptMs: {
    value: 7 * 86_400_000,
    unit: 'ms',
    what: 'time for which finished parts of a build that was ended are kept',
  },
  leaseMs: { value: 30_000, unit: 'ms', what: 'time after which a run whose process is silent may be taken over' },
  retryPauseMs: {
    value: 5_000,
    unit: 'ms',
    what: 'pause before a failed run is tried again; each further one is twice as long',
  },
  cancelPollMs: {
    value: 500,
    unit: 'ms',
    what: 'time after which a process looks again whether its runs were cancelled',
  },
  snapshotsKept: {
    value: 20,
    unit: 'count',
    what: 'snapshots of a dataset that are kept, and quarantined ones, where no retention policy is in force',
  },
  noticePeriodMs: {
    value: 30 * 86_400_000,
    unit: 'ms',
    what: 'time for which somebody who has read a port counts as its reader: while there is one, the port is not retired',
  },
  readersMax: { value: 200, unit: 'count', what: 'readers of a port that are told, those who read last first' },
  retiredKeptMs: {
    value: 90 * 86_400_000,
    unit: 'ms',
    what: 'time for which the snapshots of a retired port are kept, so that it can be brought back',
  },
  failingKeysMax: {
    value: 100,
    unit: 'count',
    what: "failing keys that are kept for a check, in the domain's storage",
  },
  queryMemory: { value: 1024 ** 3, unit: 'bytes', what: 'memory that the engine may use for one query' },
  queryTimeMs: { value: 5 * 60_000, unit: 'ms', what: 'time that one query may take' },
  queryThreads: { value: 2, unit: 'count', what: 'threads of the engine for one query' },
  queriesAtOnce: { value: 4, unit: 'count', what: 'queries that run at once; further ones wait' },
  queryRowsMax: { value: 10_000, unit: 'count', what: 'rows that a query prints where --limit is absent' },
  consequencesMax: {
    value: 10_000,
    unit: 'count',
    what: 'consequences that one plan names; it says where there are more',
  },
  readsRememberedMs: {
    value: 90 * 24 * 3_600_000,
    unit: 'ms',
    what: 'time after which somebody who has read something counts as a reader no more',
  },
  diffRows: {
    value: 5_000_000,
    unit: 'count',
    what: 'rows of a side up to which a preview of data compares all; of more it compares a sample of about so many',
  },
  diffTimeMs: { value: 10 * 60_000, unit: 'ms', what: 'time that a preview of data may take where --time is absent' },
  diffExamples: {
    value: 5,
    unit: 'count',
    what: 'rows of each kind, and of each column, that a preview of data shows',
  },
  statementCharactersMax: { value: 1_000_000, unit: 'count', what: 'length of one SQL statement' },
  definitionBytesMax: { value: 4 * 1024 ** 2, unit: 'bytes', what: 'size of one definition file' },
  definitionsMax: { value: 200_000, unit: 'count', what: 'definition files of one root' },
  sourceTimeMs: { value: 30 * 60_000, unit: 'ms', what: 'time that one statement on an operational system may take' },
  sourceFilesMax: { value: 100_000, unit: 'count', what: 'files of one source' },
  sourceLineBytesMax: {
    value: 1024 ** 2,
    unit: 'bytes',
    what: 'size of one record of a CSV file; a longer line is a reject',
  },
  ownerWaitMs: {
    value: 60_000,
    unit: 'ms',
    what: 'time that a command waits for the process that holds the embedded catalogue',
  },
  messageBytesMax: { value: 16 * 1024 ** 2, unit: 'bytes', what: 'size of one message between two terminals' },
  storeTimeMs: { value: 60_000, unit: 'ms', what: 'time that one statement on the catalogue may take' },
  lineageNodesMax: {
    value: 2_000,
    unit: 'count',
    what: 'things that one question about lineage is answered with in each direction; it says how many it left out',
  },
  logBytesMax: { value: 16 * 1024 ** 2, unit: 'bytes', what: 'size of the log; one older file of that size is kept' },
  hitsMax: { value: 1000, unit: 'count', what: 'hits up to which a search counts and turns pages' },
  problemsShownMax: { value: 20, unit: 'count', what: 'problems that are printed for people; --json has all' },
} as const satisfies Record<string, { value: number; unit: 'bytes' | 'ms' | 'count'; what: string }>

export type LimitName = keyof typeof limits

/** All limits with what the mesh set. */
export type Limits = Readonly<Record<LimitName, number>>

export const defaultLimits: Limits = Object.fromEntries(
  Object.entries(limits).map(([name, limit]) => [name, limit.value]),
) as Limits // fromEntries forgets the keys

const sizeUnits: Readonly<Record<string, number>> = { B: 1, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3, TB: 1024 ** 4 }
const timeUnits: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  mo: 30 * 86_400_000,
  y: 365 * 86_400_000,
}

/** `2GB` in bytes (1 KB is 1,024 bytes); undefined where it is no size. */
export const parseSize = (text: string): number | undefined => scaled(text, sizeUnits)
/** `15min`, `30h`, `90d` in milliseconds (a month has 30 days, a year 365); undefined where it is no duration. */
export const parseDuration = (text: string): number | undefined => scaled(text, timeUnits)

const scaled = (text: string, units: Readonly<Record<string, number>>): number | undefined => {
  const match = /^(\d+(?:\.\d+)?)\s*([A-Za-z]+)$/.exec(text.trim())
  const unit = match?.[2] === undefined ? undefined : units[match[2]]
  return match?.[1] === undefined || unit === undefined ? undefined : Math.round(Number(match[1]) * unit)
}
