/** A run builds what was applied: products whose files say something else are refused. */
import { problem, WeftError } from '../base/index.ts'
import { pipelineProblems } from '../pipelines/index.ts'
import type { Db } from '../store/index.ts'
import { loadApplied } from './applied-store.ts'
import type { CheckedMesh } from './check.ts'
import { desiredEntities, entityKey } from './desired.ts'

/** Throws `run.not-applied` for the first of these products that differs from what was applied. */
export const refuseUnapplied = async (
  db: Db,
  env: string,
  checked: CheckedMesh,
  products: readonly string[],
): Promise<void> => {
  const applied = await loadApplied(db, env)
  const desired = [...desiredEntities(checked.mesh, checked.reads).values()]
  for (const product of products) {
    const differs = desired.find(
      it => it.owner === product && applied.get(entityKey(it.kind, it.subject))?.hash !== it.hash,
    )
    if (differs === undefined) continue
    const isNew = !applied.has(entityKey('product', product))
    throw new WeftError(
      'blocked',
      problem(
        pipelineProblems,
        'run.not-applied',
        isNew ? `${product} was not applied yet` : `${product} differs from what was applied`,
        {
          subject: product,
          found: isNew ? undefined : `${differs.kind} ${differs.subject}`,
          help: 'weft plan shows what would change; weft apply applies it and builds',
          place: { file: differs.file, line: differs.line, column: 1 },
        },
      ),
    )
  }
}
