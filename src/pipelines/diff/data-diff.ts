/** What a change of files would do to data: a product is built from the files as they are and compared with what it serves. Nothing is published. */
import { type QueryingParts, read } from '../../access/index.ts'
import { type OperationContext, problem, WeftError } from '../../base/index.ts'
import {
  type Dataset,
  type Mesh,
  type OutputPort,
  type Product,
  readerParts,
  resolveSubject,
} from '../../domain/index.ts'
import { type ColumnType, quoteName } from '../../engine/index.ts'
import { verifyReferenced } from '../../storage/index.ts'
import type { BuiltDataset } from '../build.ts'
import { notFound, type ProjectParts } from '../operations.ts'
import type { RunParts } from '../parts.ts'
import { pipelineProblems } from '../problems.ts'
import { failuresOf } from '../run-failure.ts'
import { runLimits } from '../run-limits.ts'
import { servedPorts } from '../up-to-date.ts'
import { countChecks } from '../verdict.ts'
import { columnDiffs, matchColumns } from './columns.ts'
import { type Compared, compareRows, type Sides } from './compare.ts'
import { examplesOf, valuesOf } from './examples.ts'
import { movedInputs } from './moved-inputs.ts'
import { type PreviewBuild, previewBuild } from './preview-build.ts'
import { renamedColumns } from './renames.ts'
import type { ComparedDataset, DataDiff, DatasetDiff, Examples, MovedInputs } from './result.ts'
import type { Sample } from './sample.ts'

export type DiffParts = ProjectParts & QueryingParts

export interface DiffRequest {
  /** A dataset, a port or a product. */
  readonly subject: string
  /** Of the rows that have to be compared. */
  readonly sample?: Sample | undefined
  readonly timeMs?: number | undefined
}

type Context = OperationContext<DiffParts>

export const diffData = async (context: Context, request: DiffRequest): Promise<DataDiff> => {
  const mesh = await context.parts.mesh()
  const { subject, product, datasets } = chosenBy(mesh, request.subject)
  const runs = await context.parts.runs()
  const found = new Map<string, DatasetDiff>()
  const served = await servedRows(runs)
  for (const { dataset } of datasets) {
    const before = served.get(dataset.subject) ?? null
    found.set(dataset.subject, { dataset: dataset.subject, before, timedOut: true })
  }
  const overtime = AbortSignal.timeout(request.timeMs ?? runs.limits.diffTimeMs)
  const signal = AbortSignal.any([context.signal, overtime])
  const startedMs = performance.now()
  const tell = (state: 'started' | 'done' | 'failed', detail?: string): void => {
    const event = { subject: product.subject, activity: 'compare', state, ...(detail === undefined ? {} : { detail }) }
    const durationMs = Math.round(performance.now() - startedMs)
    context.progress(state === 'started' ? event : { ...event, durationMs })
  }
  const onDataset = async (dataset: Dataset, activity: string, rows?: number): Promise<void> => {
    const counted = rows === undefined ? {} : { done: rows, unit: 'rows' }
    context.progress({ subject: dataset.subject, activity, state: 'moving', ...counted })
  }
  let inputs: MovedInputs | undefined
  tell('started')
  try {
    await previewBuild(runs, mesh, product, { signal, onDataset }, async build => {
      inputs = await movedInputs(build.built, build.inputs)
      for (const { port, dataset } of datasets) {
        const built = build.built.find(it => it.dataset.subject === dataset.subject)
        if (built === undefined) continue
        context.progress({ subject: dataset.subject, activity: 'comparing', state: 'moving' })
        const one = await compareDataset({ ...context, signal }, request, build, { runs, product, port, built })
        found.set(dataset.subject, one)
      }
    })
    tell('done')
  } catch (error) {
    tell('failed', overtime.aborted ? 'out of time' : undefined)
    // Of what was compared in time the answer stands.
    if (!overtime.aborted || context.signal.aborted) throw failureOf(error, context.signal, runs, mesh, product)
  }
  const moved = inputs === undefined ? {} : { inputs }
  return { subject, product: product.subject, datasets: [...found.values()], ...moved }
}

/** What a run would say of it. */
const failureOf = (error: unknown, signal: AbortSignal, runs: RunParts, mesh: Mesh, product: Product): WeftError => {
  if (signal.aborted) {
    const message = `the comparison of ${product.subject} was ended`
    return new WeftError('interrupted', problem(pipelineProblems, 'diff.interrupted', message), { cause: error })
  }
  const [first, ...more] = failuresOf(error, product, signal, false, runLimits(runs, mesh, product), [runs.scratch])
  return new WeftError(error instanceof WeftError ? error.kind : 'failed', first, { more, cause: error })
}

const servedRows = async (runs: RunParts) => {
  const ports = await servedPorts(runs)
  return new Map(
    [...ports.values()].flatMap(port =>
      port.datasets.map(({ dataset, snapshot, rows }) => [dataset, { snapshot, rows: rows ?? 0 }] as const),
    ),
  )
}

interface Subject {
  readonly runs: RunParts
  readonly product: Product
  readonly port: OutputPort
  readonly built: BuiltDataset
}

const compareDataset = async (
  context: Context,
  request: DiffRequest,
  { session, inputs }: PreviewBuild,
  subject: Subject,
): Promise<ComparedDataset> => {
  const { runs, built } = subject
  const { dataset, relation } = built
  const checks = built.measured.measurement.checks
  const after = dataset.columns.map(({ name, type }) => ({ name, type }))
  const told = {
    after: { rows: built.rows },
    checks: { ...countChecks(checks), results: checks.filter(it => it.state !== 'passed') },
    timedOut: false as const,
  }
  const served = await inputs.snapshot(dataset.subject)
  if (served === undefined)
    return { dataset: dataset.subject, before: null, ...neverServed(built.rows, after, keyNames(dataset)), ...told }
  const { manifest, relation: old } = served
  const before = (old.columns ?? []).map(({ name, type }) => ({ name, type }))
  const columns = matchColumns(before, after, keyNames(dataset) ?? [], await renamedColumns(runs, dataset))
  const shared = sharedFiles(old.files, relation)
  const isOwn = (file: string): boolean => !shared.has(file)
  await verifyReferenced(manifest)
  await session.define(['__weft_before'], { ...old, files: old.files.filter(isOwn) })
  await session.define(['__weft_after'], { ...relation, files: relation.files.filter(isOwn) })
  const sides: Sides = { session, before: '__weft_before', after: '__weft_after', columns }
  const compared = await compareRows(sides, request.sample ?? { rows: runs.limits.diffRows })
  const examples = await readExamples(context, subject, served.served.snapshot, sides, compared)
  await verifyReferenced(manifest)
  const inShared = manifest.files.map(({ rows }, index) => (isOwn(old.files[index] ?? '') ? 0 : rows))
  const { added, removed, changed, repeated, sampled } = compared
  return {
    dataset: dataset.subject,
    before: { snapshot: served.served.snapshot, rows: served.served.rows },
    after: told.after,
    key: columns.key.length === 0 ? null : columns.key.map(it => it.name),
    ...{ added, removed, changed },
    unchanged: inShared.reduce((sum, rows) => sum + rows, compared.unchanged),
    repeated,
    columns: columnDiffs(columns, after, compared.columns),
    examples,
    sampled,
    checks: told.checks,
    timedOut: false,
  }
}

const keyNames = (dataset: Dataset): string[] | null => {
  const key = dataset.columns.filter(it => it.primaryKeyPosition !== undefined)
  const names = key.sort((a, b) => (a.primaryKeyPosition ?? 0) - (b.primaryKeyPosition ?? 0)).map(it => it.name)
  return names.length === 0 ? null : names
}

const neverServed = (rows: number, columns: readonly ColumnType[], key: readonly string[] | null) => ({
  ...{ key, added: rows, removed: 0, changed: key === null ? null : 0, unchanged: 0 },
  repeated: { before: 0, after: 0 },
  columns: columns.map(({ name, type }) => ({ name, changed: 0, change: 'added' as const, after: type })),
  examples: { added: [], removed: [], changed: [] },
  sampled: { share: 1, rowsBefore: 0, rowsAfter: rows },
})

/** Files that the build has taken over with all of their rows: nobody has to read them. */
const sharedFiles = (before: readonly string[], after: BuiltDataset['relation']): ReadonlySet<string> =>
  new Set(after.only === undefined ? after.files.filter(file => before.includes(file)) : [])

const readExamples = (
  { parts, principal, purpose, signal }: Context,
  { runs, product, port, built }: Subject,
  snapshot: string,
  sides: Sides,
  compared: Compared,
): Promise<Examples> => {
  const name = readerParts(product.domain, `${product.slug}_v${port.major}`, built.dataset.name)
  return examplesOf({
    ...{ sides, compared },
    served: name.map(quoteName).join('.'),
    door: async sql => {
      const reading = await read(await parts.reads(), { sql, principal, purpose, signal, exit: 'diff', at: snapshot })
      return valuesOf(reading.batches())
    },
    mayAll: principal.kind === 'operator',
    max: runs.limits.diffExamples,
  })
}

/** A product, a port or a dataset by any of its names, with the datasets that it stands for. */
const chosenBy = (mesh: Mesh, word: string) => {
  for (const kind of ['product', 'outputPort', 'dataset'] as const) {
    const found = resolveSubject(mesh, word, kind)
    if (found.kind === 'many') throw notFound('dataset, port or product', word, found.choices)
    if (found.kind === 'none') continue
    const { subject } = found
    for (const product of mesh.products.values()) {
      const all = product.outputs.flatMap(port => port.datasets.map(dataset => ({ port, dataset })))
      const isChosen = ({ port, dataset }: { readonly port: OutputPort; readonly dataset: Dataset }): boolean =>
        [product.subject, port.subject, dataset.subject].includes(subject)
      const datasets = all.filter(isChosen)
      if (product.subject !== subject && datasets.length === 0) continue
      if (product.models.length === 0 || datasets.length === 0) throw nothingBuilt(subject)
      return { subject, product, datasets }
    }
  }
  const inside = [...mesh.products.values()].flatMap(it => it.outputs).flatMap(port => [port, ...port.datasets])
  throw notFound('dataset, port or product', word, [...mesh.products.keys(), ...inside.map(it => it.subject)])
}

const nothingBuilt = (subject: string): WeftError =>
  new WeftError(
    'usage',
    problem(pipelineProblems, 'diff.nothing-built', `no model of ${subject} makes any data`, {
      subject,
      expected: 'a product, port or dataset with a model',
    }),
  )
