/** The snapshot that a build takes over from. */
import type { Manifest, ManifestFile } from '../../storage/index.ts'

/** What a dataset serves before the build, as far as its files are there. */
export interface Previous {
  readonly manifest: Manifest
  /** Absolute. */
  path(file: ManifestFile): string
  /** Absolute path of its rejects. */
  readonly rejects?: string
  /** What measuring it left behind. */
  memory(): Promise<unknown>
  /** Files that somebody has taken away. */
  readonly lost?: number
}
