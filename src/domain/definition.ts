/** What every definition has, whatever its kind. */
import type { Place } from '../base/index.ts'

/** A step into a document: a key or an index. */
export type Path = readonly (string | number)[]

export interface Definition {
  /** The address in the mesh: `sales.shop-orders.orders.v1`. */
  readonly subject: string
  /** The root (repository) that it belongs to. */
  readonly root: string
  /** Relative to the project, with `/`. */
  readonly file: string
  /** Hash of what it says, comments and order of keys aside. */
  readonly hash: string
  /** The document as it was parsed, in the newest version of its standard. */
  readonly body: unknown
  /** The place of a value; the nearest parent's where the path leads to nothing. `key` gives the place of the key instead of the value. */
  at(path: Path, what?: 'key' | 'value'): Place
}
