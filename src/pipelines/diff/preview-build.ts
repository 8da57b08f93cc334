/** A build that nobody is served: from the files as they are, with the inputs that a run would have, in a folder that goes with it. */
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { auditInputs, type ResolvedInputs } from '../../access/index.ts'
import type { Mesh, Product } from '../../domain/index.ts'
import type { Session } from '../../engine/index.ts'
import { type BuildInput, type BuiltDataset, buildDatasets } from '../build.ts'
import type { RunParts } from '../parts.ts'
import { entityIds, type RunIds } from '../run-ids.ts'
import { buildInput, inputsOf } from '../run-inputs.ts'
import { runLimits, runThreads } from '../run-limits.ts'
import { previewPrefix } from '../sweep.ts'

export interface PreviewBuild {
  readonly session: Session
  readonly inputs: ResolvedInputs
  /** All datasets of the product, in the order in which they were built. */
  readonly built: readonly BuiltDataset[]
}

/** Builds what differs from what is served; the rows are there while `use` is at work. */
export const previewBuild = async <T>(
  parts: RunParts,
  mesh: Mesh,
  product: Product,
  context: { readonly signal: AbortSignal; readonly onDataset: BuildInput['onDataset'] },
  use: (build: PreviewBuild) => Promise<T>,
): Promise<T> => {
  const { signal, onDataset } = context
  const id = parts.effects.id()
  const scratch = join(parts.scratch, `${previewPrefix}${id}`)
  let session: Session | undefined
  try {
    await mkdir(scratch, { recursive: true })
    const nowMs = parts.effects.now().getTime()
    const inputs = await inputsOf(parts, mesh, product, signal)
    await auditInputs(parts.store.db, parts.effects, { env: parts.env, product: product.subject, run: id, inputs })
    const { memory } = runLimits(parts, mesh, product)
    const engine = await parts.engine()
    session = await engine.open({ memory, threads: runThreads(parts, inputs), scratch, signal })
    const built = await buildDatasets({
      ...(await buildInput(parts, mesh, product, { session, inputs, scratch, signal })),
      ...{ nowMs, onDataset },
      again: 'none',
      kept: async () => join(scratch, 'parts'),
      fieldId: fieldIds(await entityIds(parts, product)),
      // Values of rows that fail are kept beside a snapshot, and this is none.
      failingKeysMax: 0,
    })
    return await use({ session, inputs, built })
  } finally {
    await session?.close()
    await rm(scratch, { recursive: true, force: true })
  }
}

/** Greater than that of any column that was applied. */
const firstNewId = 2 ** 30

/** Columns that were not applied yet get ids of their own, which no published column has. */
const fieldIds = ({ fieldIds }: RunIds): BuildInput['fieldId'] => {
  const fresh = new Map<string, number>()
  return (dataset, column) => {
    const subject = `${dataset}.${column}`
    const id = fieldIds.get(subject) ?? fresh.get(subject) ?? firstNewId + fresh.size
    if (!fieldIds.has(subject)) fresh.set(subject, id)
    return id
  }
}
