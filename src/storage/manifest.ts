/** A published dataset state, as a file beside the data: `weft.snapshot/1`. */

export interface ManifestColumn {
  /** Stable over renames; the Parquet field id. */
  readonly id: number
  readonly name: string
  readonly type: string
  readonly nullable: boolean
}

export interface ManifestFile {
  readonly id: string
  /** Relative to the dataset's folder. */
  readonly path: string
  readonly bytes: number
  readonly rows: number
  readonly sha256: string
  readonly partition?: string | null
  readonly buildKey: string
  readonly columns: readonly { readonly id: number; readonly nulls: number }[]
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
  readonly partition?: { readonly column: string; readonly grain: string }
  readonly layout: 'owned'
  readonly files: readonly ManifestFile[]
  readonly rows: number
  readonly bytes: number
  /** Order-free over rows. */
  readonly contentHash: string
  readonly inputs: readonly { readonly dataset: string; readonly snapshot: string; readonly fingerprint: string }[]
  readonly sources: readonly { readonly uri: string; readonly bytes: number; readonly etag: string }[]
  /** Hash of models, inputs and engine: the same key is the same content. */
  readonly buildKey: string
  readonly profile?: string
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
