/** Whom it would touch if something that is applied changed: the consequences of a plan that is not made yet. */
import { z } from 'zod'
import { type OperationContext, operation } from '../base/index.ts'
import { appliedHops, type NodeKind, nodesIn, resolveNode } from '../lineage/index.ts'
import { loadApplied } from './applied-store.ts'
import { consequencesOf } from './consequences.ts'
import { readersOf } from './lineage.ts'
import type { PlanningParts } from './operations.ts'
import type { Consequence, EntityKind } from './plan.ts'
import { surroundings } from './surroundings.ts'

export interface Impact {
  readonly subject: string
  readonly kind: NodeKind
  readonly consequences: readonly Consequence[]
  /** There are more than the limit `consequencesMax`. */
  readonly consequencesCut?: true
  /** Products that something reaches, sorted. */
  readonly products: readonly string[]
  /** Whom to ask, sorted. */
  readonly owners: readonly string[]
}

/** What is outside of the mesh, or stands for another thing, changes as a dataset or as a column does. */
const kinds: Readonly<Record<NodeKind, EntityKind>> = {
  product: 'product',
  inputPort: 'inputPort',
  outputPort: 'outputPort',
  dataset: 'dataset',
  source: 'dataset',
  column: 'column',
  agreement: 'agreement',
  external: 'dataset',
}

export const impactOperation = operation({
  name: 'lineage.impact',
  effect: 'read',
  permission: 'mesh.read',
  summary: 'Tells whom it would touch if something changed.',
  input: z.object({ subject: z.string().min(1) }),
  async run({ parts }: OperationContext<PlanningParts>, input): Promise<Impact | { readonly nothing: true }> {
    const catalogue = await parts.catalogueIfThere()
    if (catalogue === undefined) return { nothing: true }
    const { store, env, limits } = catalogue
    const applied = await loadApplied(store.db, env)
    if (applied.size === 0) return { nothing: true }
    const node = applied.has(`domain ${input.subject}`)
      ? { subject: input.subject, kind: 'product' as const }
      : await resolveNode(store.db, env, input.subject)
    const { subject, kind } = node
    // What comes from outside is told apart by the graph alone: it is none of what a mesh delivers.
    const isOutside = kind === 'inputPort' || kind === 'source' || kind === 'external'
    const change = { subject, kind: kinds[kind], change: 'changed', class: 'breaking', detail: '' } as const
    const { consequences, isCut } = await consequencesOf([change], {
      limits,
      hops: appliedHops(store.db, env),
      reads: readersOf(catalogue),
      around: surroundings(applied),
      ...(isOutside && 'id' in node ? { beginAt: await nodesIn(store.db, node.id) } : {}),
    })
    const products = consequences.flatMap(it => (it.consumer.kind === 'product' ? [it.consumer.name] : []))
    return {
      subject,
      kind,
      consequences,
      ...(isCut ? { consequencesCut: true as const } : {}),
      products: [...new Set(products)].sort(),
      owners: [...new Set(consequences.map(it => it.owner))].sort(),
    }
  },
})
