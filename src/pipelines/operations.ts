/** Operations of this slice: run.start, run.list, snapshot.list, data.test. */
import { z } from 'zod'
import { findByReaderName, retiredDatasets } from '../access/index.ts'
import { type Limits, nearest, type OperationContext, operation, problem, WeftError } from '../base/index.ts'
import {
  type Dataset,
  datasets,
  type Mesh,
  type OutputPort,
  type Product,
  resolveSubject,
  selectProducts,
} from '../domain/index.ts'
import type { Db } from '../store/index.ts'
import { againOf, rangeInput } from './backfill.ts'
import type { CheckResult } from './measure/result.ts'
import type { RunParts } from './parts.ts'
import { pipelineProblems } from './problems.ts'
import { servedPublications } from './publication-store.ts'
import type { Run } from './run.ts'
import { buildOrder, runProducts, upstreamOf } from './schedule.ts'
import { listRuns } from './store.ts'
import { type Tested, testData } from './test-data.ts'
import { upToDateProducts } from './up-to-date.ts'

/** What operations of a project are given: the mesh as it was applied, and what runs need. */
export interface ProjectParts {
  readonly project: string
  /** Loaded and bound, without errors; else throws an `invalid` error with all problems. */
  mesh(): Promise<Mesh>
  runs(): Promise<RunParts>
  /** Refuses products whose definitions are not the ones that were applied. */
  refuseUnapplied(products: readonly string[]): Promise<void>
}

export const startRuns = operation({
  name: 'run.start',
  effect: 'write',
  permission: 'product.run',
  summary: 'Builds, checks and publishes products, each after what it reads.',
  isLong: true,
  input: z.object({
    selectors: z.array(z.string()).default([]),
    full: z.boolean().default(false),
    ...rangeInput,
  }),
  async run(
    { parts, principal, signal, progress }: OperationContext<ProjectParts>,
    input,
  ): Promise<{ runs: readonly Run[] }> {
    const mesh = await parts.mesh()
    const runParts = await parts.runs()
    const products = await productsToRun(runParts, mesh, input.selectors)
    await parts.refuseUnapplied(products)
    const runs = await runProducts(
      runParts,
      mesh,
      { products, trigger: 'person', again: againOf(mesh, products, input) },
      { signal, progress, by: principal.name },
    )
    return { runs }
  },
})

/** `changed` stands for whatever has something to do. */
const productsToRun = async (parts: RunParts, mesh: Mesh, selectors: readonly string[]): Promise<string[]> => {
  const named = selectors.filter(it => it !== 'changed')
  const chosen = named.length === selectors.length || named.length > 0 ? chooseProducts(mesh, named) : []
  if (named.length === selectors.length) return chosen
  const ordered = buildOrder(mesh, new Set(mesh.products.keys()))
  const done = await upToDateProducts(parts, mesh, ordered, product => upstreamOf(mesh, product))
  return [...new Set([...chosen, ...ordered.filter(it => !done.has(it))])]
}

/** The products that selectors name; without selectors all of them. */
export const chooseProducts = (mesh: Mesh, selectors: readonly string[]): string[] => {
  if (selectors.length === 0) return [...mesh.products.keys()]
  const graph = new Map([...mesh.products.values()].map(product => [product.subject, upstreamOf(mesh, product)]))
  return selectProducts(mesh, selectors, graph)
}

export const listRunsOperation = operation({
  name: 'run.list',
  effect: 'read',
  permission: 'product.read',
  summary: 'Lists the last runs, or shows one.',
  input: z.object({
    id: z.string().optional(),
    product: z.string().optional(),
    limit: z.number().int().min(1).max(1000).default(20),
  }),
  async run({ parts }: OperationContext<ProjectParts>, input): Promise<{ runs: readonly Run[] }> {
    const { store, env } = await parts.runs()
    const { id, product, limit } = input
    return {
      runs: await listRuns(store.db, env, {
        limit,
        ...(id === undefined ? {} : { id }),
        ...(product === undefined ? {} : { product }),
      }),
    }
  },
})

export interface SnapshotView {
  readonly id: string
  readonly dataset: string
  readonly state: 'served' | 'kept' | 'quarantined' | 'retired'
  readonly createdAt: string
  readonly run: string
  readonly rows: number
  readonly bytes: number
  readonly files: number
  readonly reusedFiles: number
  readonly schemaHash: string
  readonly contentHash: string
}

export const listSnapshots = operation({
  name: 'snapshot.list',
  effect: 'read',
  permission: 'product.read',
  summary: 'Lists the snapshots of a dataset, newest first.',
  input: z.object({ dataset: z.string() }),
  async run({ parts }: OperationContext<ProjectParts>, input): Promise<{ snapshots: readonly SnapshotView[] }> {
    const mesh = await parts.mesh()
    const { store, env } = await parts.runs()
    const subject = await retiredOrLive(store.db, env, mesh, input.dataset)
    const served = new Set(
      [...(await servedPublications(store.db, env)).values()].flatMap(it => it.datasets.map(one => one.snapshot)),
    )
    const rows = await store.db
      .selectFrom('snapshot')
      .selectAll()
      .where('env', '=', env)
      .where('dataset', '=', subject)
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .execute()
    return {
      snapshots: rows.map(row => ({
        id: row.id,
        dataset: row.dataset,
        state: served.has(row.id)
          ? 'served'
          : row.state === 'quarantined'
            ? 'quarantined'
            : row.state === 'expired'
              ? 'retired'
              : 'kept',
        createdAt: row.created_at.toISOString(),
        run: row.run_id,
        rows: row.rows,
        bytes: row.bytes,
        files: row.files,
        reusedFiles: row.reused_files,
        schemaHash: row.schema_hash,
        contentHash: row.content_hash,
      })),
    }
  },
})

/** The dataset of a retired port is asked for by its subject or its reader's name; a live one of the name comes first. */
const retiredOrLive = async (db: Db, env: string, mesh: Mesh, word: string): Promise<string> => {
  if (resolveSubject(mesh, word, 'dataset').kind === 'none') {
    const retired = (await retiredDatasets(db, env)).map(it => it.dataset)
    const found = retired.find(it => it === word) ?? findByReaderName(word.split('.'), retired)
    if (found !== undefined) return found
  }
  return findDataset(mesh, word).dataset.subject
}

interface Found {
  readonly product: Product
  readonly port: OutputPort
  readonly dataset: Dataset
}

/** A dataset by its subject, its short form or its reader's name. */
export const findDataset = (mesh: Mesh, word: string): Found => {
  const all = datasets(mesh)
  const found = resolveSubject(mesh, word, 'dataset')
  if (found.kind === 'one') {
    const it = all.get(found.subject)
    if (it !== undefined) return it
  }
  throw notFound('dataset', word, found.kind === 'many' ? found.choices : [...all.keys()])
}

/** A port by its subject or a short form of it. */
export const findPort = (mesh: Mesh, word: string): { product: Product; port: OutputPort } => {
  const ports = [...mesh.products.values()].flatMap(product => product.outputs.map(port => ({ product, port })))
  const found = resolveSubject(mesh, word, 'outputPort')
  const it = found.kind === 'one' ? ports.find(one => one.port.subject === found.subject) : undefined
  if (it !== undefined) return it
  throw notFound('output port', word, found.kind === 'many' ? found.choices : ports.map(one => one.port.subject))
}

/** Nothing, or more than one thing, has that name. */
export const notFound = (what: string, word: string, choices: readonly string[]): WeftError => {
  const near = nearest(word, choices)
  const shown = choices.slice(0, 8).join(', ')
  return new WeftError(
    'usage',
    problem(pipelineProblems, 'subject.unknown', `no ${what} is called "${word}", or several are`, {
      found: word,
      expected: shown === '' ? `a ${what}` : shown,
      help: near === undefined ? undefined : `did you mean "${near}"?`,
    }),
  )
}

export const testDataOperation = operation({
  name: 'data.test',
  effect: 'read',
  permission: 'product.read',
  summary: 'Runs the checks of contracts on what is served, or on a file.',
  input: z.object({ selectors: z.array(z.string()).default([]), data: z.string().optional() }),
  async run(
    { parts, signal, progress }: OperationContext<TestParts>,
    input,
  ): Promise<Tested & { readonly counts: ReturnType<typeof counted> }> {
    const result = await testData(parts, input, signal, progress)
    return { ...result, counts: counted(result.checks) }
  },
})

export interface TestParts extends ProjectParts {
  /** What runs are given, where there is a catalogue already; undefined where nothing was ever applied. */
  readonly catalogueIfThere: () => Promise<RunParts | undefined>
  /** An engine's scratch folder that needs no store. */
  readonly scratch: string
  readonly limits: () => Promise<Limits>
  readonly engine: RunParts['engine']
  readonly effects: RunParts['effects']
}

const counted = (checks: readonly CheckResult[]) => ({
  passed: checks.filter(it => it.state === 'passed').length,
  failed: checks.filter(it => it.state === 'failed' && it.severity === 'error').length,
  warned: checks.filter(it => it.state !== 'passed' && it.severity !== 'error').length,
  errored: checks.filter(it => it.state === 'error' && it.severity === 'error').length,
})
