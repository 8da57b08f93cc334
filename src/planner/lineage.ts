/** What a step says of lineage, written in the step's own transaction. */
import { sql } from 'kysely'
import { oncePer } from '../base/index.ts'
import type { Mesh, Product } from '../domain/index.ts'
import {
  agreedEdges,
  declaredEdges,
  derivedEdges,
  type LastRead,
  lastReads,
  type NodeKey,
  type NodeKind,
  type Owned,
  removeNodes,
  renameNode,
  replaceOwned,
  silenceOwners,
} from '../lineage/index.ts'
import type { BoundModel, RunParts } from '../pipelines/index.ts'
import type { Db } from '../store/index.ts'
import type { CheckedMesh } from './check.ts'
import type { EntityChange, EntityKind, Step } from './plan.ts'

/** Replaces the lineage of the product, or of the agreement, that the step defines, and takes out what it removes. Touches no rows of others. */
export const writeLineage = async (
  db: Db,
  env: string,
  at: Date,
  checked: CheckedMesh,
  step: Step & { kind: 'define' | 'retire' },
): Promise<void> => {
  const { subject, entities } = step
  const removed = entities.filter(it => it.change === 'removed')
  await removeNodes(db, env, at, removed.flatMap(nodeOf))
  await silenceOwners(db, env, at, removed.filter(it => it.kind === 'model').flatMap(modelOwner))
  for (const it of entities)
    if (it.kind === 'column' && it.renamedFrom !== undefined)
      await renameNode(db, env, { kind: 'column', subject: it.renamedFrom }, { kind: 'column', subject: it.subject })
  await replaceOwned(db, env, at, ownedBy(checked, subject))
}

/** What products and agreements of these files say that were applied before lineage was kept. Those of other roots wait for theirs. */
export const writeUnknownLineage = async (db: Db, env: string, at: Date, checked: CheckedMesh): Promise<void> => {
  const { rows } = await sql<{ subject: string }>`select e.subject from entity e where e.env = ${env}
    and e.kind in ('product', 'agreement') and e.removed_at is null and e.root_id in (${sql.join(checked.mesh.roots.map(it => it.id))})
    and not exists (select 1 from lineage_node n join lineage_definition d on d.owner_id = n.id
      where n.subject = e.subject and n.kind = e.kind and n.env = e.env)`.execute(db)
  for (const { subject } of rows) await replaceOwned(db, env, at, ownedBy(checked, subject))
}

/** What the files say of the product or the agreement of that subject; nothing of what is neither. */
export const ownedBy = (checked: CheckedMesh, subject: string): Owned[] => {
  const { mesh } = checked
  const product = mesh.products.get(subject)
  if (product !== undefined) return ofProduct(checked, mesh, product)
  return mesh.others.filter(it => it.kind === 'agreement' && it.subject === subject).map(it => agreedEdges(mesh, it))
}

const ofProduct = (checked: CheckedMesh, mesh: Mesh, product: Product): Owned[] => {
  const { broken, bound } = boundOf(checked)
  const columns = new Map(
    product.outputs.flatMap(port => port.datasets.map(it => [it.subject, it.columns.map(one => one.name)] as const)),
  )
  const models = product.models.flatMap(({ dataset, hash, file, text }) => {
    const lineage = bound.get(dataset)?.lineage
    if (lineage === undefined) return []
    return [{ owned: derivedEdges({ dataset, hash, file, text, lineage }, columns.get(dataset) ?? []), dataset }]
  })
  const declared = declaredEdges(
    mesh,
    product,
    models.flatMap(it => it.owned.edges),
  )
  return [declared, ...models.filter(it => !broken.has(it.dataset)).map(it => it.owned)]
}

interface BoundOf {
  readonly bound: ReadonlyMap<string, BoundModel>
  /** A model that does not bind now keeps what was said of it when it did. */
  readonly broken: ReadonlySet<string | undefined>
}

/** By dataset, once for all products of a mesh. */
const boundOf = oncePer(
  (checked: CheckedMesh): BoundOf => ({
    broken: new Set(checked.bindProblems.filter(it => it.severity === 'error').map(it => it.subject)),
    bound: new Map(checked.models.map(model => [model.dataset, model])),
  }),
)

const kinds: Readonly<Partial<Record<EntityKind, NodeKind>>> = {
  product: 'product',
  inputPort: 'inputPort',
  outputPort: 'outputPort',
  dataset: 'dataset',
  column: 'column',
  agreement: 'agreement',
}

const nodeOf = ({ kind, subject }: EntityChange): NodeKey[] => {
  const known = kinds[kind]
  return known === undefined ? [] : [{ kind: known, subject }]
}

const modelOwner = ({ subject }: EntityChange): NodeKey[] => [{ kind: 'dataset', subject }]

/** Who has read things within the time that readers are remembered. */
export const readersOf =
  ({ store, env, effects, limits }: RunParts) =>
  (nodes: readonly NodeKey[]): Promise<LastRead[]> =>
    lastReads(store.db, env, nodes, new Date(effects.now().getTime() - limits.readsRememberedMs))
