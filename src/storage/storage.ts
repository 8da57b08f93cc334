/** Where a domain's files live: a folder today, a bucket by the same face. Keys use `/`; none is another's folder. */

export interface StoredObject {
  readonly key: string
  readonly bytes: number
}

export interface Storage {
  /** As the domain wrote it. */
  readonly url: string
  /** Creates; never overwrites. Written to a temporary name, synced, put in place. */
  put(key: string, content: string | Uint8Array): Promise<'created' | 'exists'>
  /** Moves a finished local file in place (same rules). */
  putFile(key: string, path: string): Promise<'created' | 'exists'>
  /** Throws `storage.not-found`. `end` is exclusive. */
  get(key: string, range?: { readonly start: number; readonly end: number }): Promise<Uint8Array>
  head(key: string): Promise<StoredObject | undefined>
  /** All under a prefix, in order of the key. Temporary files are not among them. */
  list(prefix: string): AsyncIterable<StoredObject>
  /** Removing what is not there is no error. */
  remove(key: string): Promise<void>
  /** A path that the engine may open. */
  localPath(key: string): Promise<string>
  /** A folder for a run's unfinished files, on the same file system; made if absent. */
  scratch(runId: string): Promise<string>
  /** Ids of the runs that left something behind. */
  listScratch(): Promise<string[]>
  removeScratch(runId: string): Promise<void>
  /** Removes temporary files that no write of this process is at work on; for the start of a process that owns the storage. */
  sweepDrafts(): Promise<void>
}
