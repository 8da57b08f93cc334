/** A published dataset state, as a file beside the data: `weft.snapshot/1`. */
import type { Partition } from '../domain/index.ts'

export interface ManifestColumn {
  /** Stable over renames; the Parquet field id. */
  readonly id: number
  readonly name: string
  readonly type: string
  readonly nullable: boolean
}

/** One of a snapshot's Parquet files. */
export type ManifestFile = OwnedFile | ReferencedFile

/** Written by Weft; its place below the dataset's folder follows from its hash. */
export interface OwnedFile extends FileContent {
  readonly sha256: string
}

/** A source's own, read where it lies. */
export interface ReferencedFile extends FileContent {
  /** `file:///lake/orders.parquet`. */
  readonly uri: string
  /** As of `etagOf`: another one means that the snapshot cannot be read any more. */
  readonly etag: string
}

interface FileContent {
  readonly bytes: number
  readonly rows: number
  /** Small partitions share a file; none lies in two. */
  readonly partitions: readonly ManifestPartition[]
  /** In the order of the manifest's columns; null where nobody has counted. */
  readonly nulls: readonly (number | null)[]
}

/** A partition in its file; a dataset that is not divided is one. */
export interface ManifestPartition {
  /** Null for the partition of null values, and for a dataset that is not divided. */
  readonly name: string | null
  readonly rows: number
  /** Hash of what it was built from: equal keys, equal rows. */
  readonly buildKey: string
  /** Order-free hash of its rows, in hex. */
  readonly content: string
}

/** A partition of which the model delivered no row. */
export interface EmptyPartition {
  readonly partition: string | null
  readonly buildKey: string
}

/** Files of a source, or the table of an operational system, that a dataset was built from. */
export interface ManifestSource {
  /** Subject of the source's dataset. */
  readonly dataset: string
  /** Hash of what changes the rows that a file gives: columns, and how they are read. */
  readonly shape: string
  /** The column by which a partition takes its rows from the files. */
  readonly by?: Partition
  readonly files: readonly {
    readonly uri: string
    /** Absent for a table. */
    readonly bytes?: number
    /** Equal means unchanged. */
    readonly etag: string
    /** The partitions that it feeds. */
    readonly partitions?: readonly (string | null)[]
    /** Records of data: rows and rejects together. */
    readonly lines: number
    /** Absent where every line is a row. */
    readonly rejects?: number
    /** Partitions that were closed when the file came, and its rows of them, which are rejects. */
    readonly late?: { readonly partitions: readonly (string | null)[]; readonly rows: number }
  }[]
}

/** Rows that a policy has kept out of a snapshot because they are too old: those that the run found, and partitions of which none is left. */
export interface ManifestLeftOut {
  /** The policy and its rule: `retention/order-lines`. */
  readonly policy: string
  /** The column that tells the age of a row. */
  readonly by: string
  /** An instant of UTC: rows before it are too old. */
  readonly before: string
  readonly rows: number
  readonly partitions: number
}

export interface Manifest {
  readonly format: 'weft.snapshot/1'
  /** A UUIDv7, not a content hash. */
  readonly id: string
  /** Raised by an erasure. */
  readonly revision: number
  readonly dataset: string
  readonly port: string
  readonly contract: { readonly id: string; readonly version: string; readonly hash: string }
  readonly model: {
    readonly hash: string
    readonly engine: string
    readonly engineVersion: string
    readonly timeDependent: boolean
  }
  readonly run: string
  readonly createdAt: string
  readonly columns: readonly ManifestColumn[]
  readonly partition?: Partition
  /** Whether its files are Weft's, or a source's. */
  readonly layout: 'owned' | 'referenced'
  readonly files: readonly ManifestFile[]
  readonly empty?: readonly EmptyPartition[]
  /** Hash of what the rows follow from besides what is divided: the model, the columns, the engine, inputs that are read as a whole. */
  readonly baseKey?: string
  readonly rows: number
  readonly bytes: number
  /** Order-free over rows. */
  readonly contentHash: string
  readonly inputs: readonly { readonly dataset: string; readonly snapshot: string; readonly fingerprint: string }[]
  readonly sources: readonly ManifestSource[]
  /** Hash of models, inputs and engine: the same key is the same content. */
  readonly buildKey: string
  readonly profile?: string
  /** Parquet of what could not be read as rows, beside the data: source, line, column, reason and raw text. */
  readonly rejects?: { readonly uri: string; readonly rows: number }
  readonly leftOut?: readonly ManifestLeftOut[]
  readonly checks: {
    readonly passed: number
    readonly failed: number
    readonly warned: number
    readonly errored: number
  }
  readonly state: 'published' | 'quarantined'
  readonly previous?: string
  readonly erasures: readonly string[]
}

/** What a port's major served from a moment on: `publications/<seq>.json`, put after the catalogue's transaction. */
export interface PublicationFile {
  readonly format: 'weft.publication/1'
  readonly port: string
  readonly seq: number
  readonly reason: 'run' | 'rollback' | 'adopt'
  readonly run?: string
  readonly by: string
  readonly at: string
  readonly datasets: readonly { readonly dataset: string; readonly snapshot: string; readonly manifestHash: string }[]
  readonly hold?: { readonly reason: string; readonly since: string }
}
