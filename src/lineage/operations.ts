/** Operations of this slice: lineage.show, lineage.paths, lineage.scene, lineage.observed, lineage.snapshot. */

import { z } from 'zod'
import { type Limits, type OperationContext, operation } from '../base/index.ts'
import { productOf } from '../domain/index.ts'
import type { Db } from '../store/index.ts'
import { resolveNode } from './names.ts'
import { type ObservedReport, observedReport } from './observed.ts'
import { type Paths, pathsBetween } from './paths.ts'
import { type Scene, scene } from './scene.ts'
import { type Shown, type ShownEdge, showAround, startOf } from './show.ts'
import { snapshotEdges } from './versions.ts'

/** What the composition root gives; undefined where nothing was ever applied. */
export interface LineageParts {
  catalogueIfThere(): Promise<{ readonly store: { readonly db: Db }; readonly env: string } | undefined>
  limits(): Promise<Pick<Limits, 'lineageNodesMax'>>
}

interface Graph {
  readonly db: Db
  readonly env: string
  readonly nodesMax: number
}

/** Undefined where the catalogue has no lineage yet. */
const graphOf = async (parts: LineageParts): Promise<Graph | undefined> => {
  const catalogue = await parts.catalogueIfThere()
  if (catalogue === undefined) return undefined
  const { store, env } = catalogue
  const any = await store.db.selectFrom('lineage_node').select('id').where('env', '=', env).limit(1).execute()
  return any.length === 0 ? undefined : { db: store.db, env, nodesMax: (await parts.limits()).lineageNodesMax }
}

const subject = z.string().min(1)
const hops = z.number().int().min(0)
/** As far as there is: no mesh is so deep, and the number of things is limited as well. */
const hopsAll = 1000

/** `nothing` where nothing is applied yet. */
type OrNothing<T> = T | { readonly nothing: true }

export const showLineage = operation({
  name: 'lineage.show',
  effect: 'read',
  permission: 'mesh.read',
  summary: 'Shows what something is made from and what is made from it.',
  input: z.object({
    subject,
    up: hops.default(1),
    down: hops.default(1),
    columns: z.boolean().default(false),
    nodesMax: z.number().int().min(1).optional(),
  }),
  async run({ parts }: OperationContext<LineageParts>, input): Promise<OrNothing<Shown>> {
    const graph = await graphOf(parts)
    if (graph === undefined) return { nothing: true }
    const { db, env, nodesMax } = graph
    return showAround(db, {
      env,
      node: await resolveNode(db, env, input.subject),
      up: input.up,
      down: input.down,
      withColumns: input.columns,
      nodesMax: Math.min(input.nodesMax ?? nodesMax, nodesMax),
    })
  },
})

export interface ShownPaths extends Paths {
  readonly from: string
  readonly to: string
}

export const showPaths = operation({
  name: 'lineage.paths',
  effect: 'read',
  permission: 'mesh.read',
  summary: 'Tells all ways from one thing to another, the shortest first.',
  input: z.object({ from: subject, to: subject, pathsMax: z.number().int().min(1).max(1000).default(20) }),
  async run({ parts }: OperationContext<LineageParts>, input): Promise<OrNothing<ShownPaths>> {
    const graph = await graphOf(parts)
    if (graph === undefined) return { nothing: true }
    const { db, env, nodesMax } = graph
    const [one, other] = [await resolveNode(db, env, input.from), await resolveNode(db, env, input.to)]
    const { level } = await startOf(db, one, false)
    const common = { env, level, hopsMax: hopsAll, nodesMax, pathsMax: input.pathsMax }
    // Whoever asks may not know which of the two comes first.
    const forth = await pathsBetween(db, { ...common, from: one, to: other })
    if (forth.paths.length > 0) return { from: one.subject, to: other.subject, ...forth }
    const back = await pathsBetween(db, { ...common, from: other, to: one })
    return back.paths.length > 0
      ? { from: other.subject, to: one.subject, ...back }
      : { from: one.subject, to: other.subject, ...forth, left: forth.left + back.left }
  },
})

export const showScene = operation({
  name: 'lineage.scene',
  effect: 'read',
  permission: 'mesh.read',
  summary: 'Shows a page of what lies around something, in levels, with the sums of what is folded away.',
  input: z.object({
    subject,
    up: hops.default(1),
    down: hops.default(1),
    columns: z.boolean().default(false),
    pageMax: z.number().int().min(1).max(1000).default(200),
    cursor: z.string().optional(),
  }),
  async run({ parts }: OperationContext<LineageParts>, input): Promise<OrNothing<Scene>> {
    const graph = await graphOf(parts)
    if (graph === undefined) return { nothing: true }
    const { db, env, nodesMax } = graph
    const focus = await resolveNode(db, env, input.subject)
    const { up, down, pageMax, cursor } = input
    const begin = await startOf(db, focus, input.columns)
    return scene(db, { env, ...begin, up, down, pageMax, nodesMax, ...(cursor === undefined ? {} : { cursor }) })
  },
})

export const showObserved = operation({
  name: 'lineage.observed',
  effect: 'read',
  permission: 'mesh.read',
  summary: 'Compares the input ports that are declared with what is really read.',
  input: z.object({ subject: subject.optional(), rowsMax: z.number().int().min(1).max(10_000).default(200) }),
  async run({ parts }: OperationContext<LineageParts>, input): Promise<OrNothing<ObservedReport>> {
    const graph = await graphOf(parts)
    if (graph === undefined) return { nothing: true }
    const { db, env } = graph
    const node = input.subject === undefined ? undefined : await resolveNode(db, env, input.subject)
    const product = node === undefined ? undefined : productOf(node.subject)
    return observedReport(db, { env, rowsMax: input.rowsMax, ...(product === undefined ? {} : { product }) })
  },
})

export const showSnapshotLineage = operation({
  name: 'lineage.snapshot',
  effect: 'read',
  permission: 'mesh.read',
  summary: 'Tells what the columns of an older snapshot were made from.',
  input: z.object({ snapshot: z.string() }),
  async run(
    { parts }: OperationContext<LineageParts>,
    input,
  ): Promise<OrNothing<{ readonly dataset: string; readonly edges: readonly ShownEdge[] }>> {
    const graph = await graphOf(parts)
    return graph === undefined ? { nothing: true } : snapshotEdges(graph.db, graph.env, input.snapshot)
  },
})

export const lineageOperations = [showLineage, showPaths, showScene, showObserved, showSnapshotLineage] as const
