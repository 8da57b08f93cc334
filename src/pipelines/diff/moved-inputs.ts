/** What a product reads that is not what it was when its served snapshots were built. */
import type { ResolvedInputs } from '../../access/index.ts'
import type { Manifest, ManifestSource } from '../../storage/index.ts'
import type { BuiltDataset } from '../build.ts'
import type { MovedInputs } from './result.ts'

export const movedInputs = async (built: readonly BuiltDataset[], inputs: ResolvedInputs): Promise<MovedInputs> => {
  const pairs: (readonly [Manifest, BuiltDataset])[] = []
  for (const one of built) {
    const served = await inputs.snapshot(one.dataset.subject)
    if (served !== undefined) pairs.push([served.manifest, one])
  }
  return movedSince(
    pairs.map(([{ inputs: read, sources }, one]) => ({ read, before: sources, now: one.sources })),
    inputs.ports.flatMap(port => port.datasets),
  )
}

interface Pair {
  /** What the served snapshot was built from. */
  readonly read: Manifest['inputs']
  readonly before: readonly ManifestSource[]
  readonly now: readonly ManifestSource[]
}

export const movedSince = (
  pairs: readonly Pair[],
  served: readonly { readonly dataset: string; readonly snapshot: string }[],
): MovedInputs => {
  const now = new Map(served.map(it => [it.dataset, it.snapshot]))
  const datasets = pairs.flatMap(({ read }) =>
    read.filter(it => now.has(it.dataset) && now.get(it.dataset) !== it.snapshot).map(it => it.dataset),
  )
  const files = new Set(pairs.flatMap(pair => changedFiles(pair.before, pair.now)))
  return { datasets: [...new Set(datasets)].sort(), files: files.size }
}

/** Addresses of files that are new, gone or changed, of sources that both have. */
const changedFiles = (before: readonly ManifestSource[], now: readonly ManifestSource[]): string[] =>
  now.flatMap(source => {
    const was = before.find(it => it.dataset === source.dataset)
    if (was === undefined) return []
    const etags = new Map(was.files.map(file => [file.uri, file.etag]))
    const present = new Set(source.files.map(file => file.uri))
    return [
      ...source.files.filter(file => etags.get(file.uri) !== file.etag).map(file => file.uri),
      ...was.files.filter(file => !present.has(file.uri)).map(file => file.uri),
    ]
  })
