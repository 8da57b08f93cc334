/** `weft test`: the checks of contracts on what is served, or on any CSV or Parquet file with nothing applied. */
import { resolve } from 'node:path'
import { readDataset } from '../access/index.ts'
import { type OperationContext, type Problem, problem, WeftError } from '../base/index.ts'
import { type Dataset, datasets, type Mesh } from '../domain/index.ts'
import type { Relation, Session } from '../engine/index.ts'
import { measure } from './measure/index.ts'
import type { CheckResult } from './measure/result.ts'
import { chooseProducts, findDataset, type TestParts } from './operations.ts'
import { pipelineProblems } from './problems.ts'
import { formatOf } from './sources/source.ts'

export interface TestInput {
  readonly selectors: readonly string[]
  readonly data?: string | undefined
}

interface Tested {
  readonly checks: readonly CheckResult[]
  readonly problems: readonly Problem[]
}

/** Verdicts of all rules, in the order of the contracts. A dataset that has nothing published is a warning. */
export const testData = async (
  parts: TestParts,
  input: TestInput,
  signal: AbortSignal,
  progress: OperationContext<unknown>['progress'],
): Promise<Tested> => {
  const mesh = await parts.mesh()
  const engine = await parts.engine()
  const nowMs = parts.effects.now().getTime()
  const limits = await parts.limits()
  const session = await engine.open({
    memory: limits.runMemory,
    threads: limits.runThreads,
    scratch: parts.scratch,
    signal,
  })
  try {
    return input.data === undefined
      ? await testServed(nowMs, parts, mesh, session, input.selectors, progress)
      : await testFile(nowMs, parts, mesh, session, input, input.data)
  } finally {
    await session.close()
  }
}

const testFile = async (
  nowMs: number,
  parts: TestParts,
  mesh: Mesh,
  session: Session,
  input: TestInput,
  file: string,
): Promise<Tested> => {
  const [word, ...more] = input.selectors
  if (word === undefined || more.length > 0) {
    throw new WeftError(
      'usage',
      problem(
        pipelineProblems,
        'subject.unknown',
        '--data needs the one dataset whose contract the file is tested against',
        { expected: 'weft test <dataset> --data FILE' },
      ),
    )
  }
  const dataset = datasetNamed(mesh, word)
  const path = resolve(file)
  const columns = dataset.columns.map(({ name, type }) => ({ name, type }))
  const format = formatOf(path)
  if (format !== 'csv' && format !== 'parquet') {
    throw new WeftError(
      'usage',
      problem(pipelineProblems, 'source.unsupported', `${file} is neither CSV nor Parquet`, {
        found: format,
        expected: 'csv, csv.gz, parquet',
      }),
    )
  }
  const relation: Relation =
    format === 'parquet'
      ? { kind: 'parquet', files: [path], columns }
      : { kind: 'csv', files: [path], columns, options: {} }
  const other = await servedByAny(parts, mesh)
  const known = new Map<string, Relation | undefined>()
  for (const rule of dataset.rules)
    if (rule.test.kind === 'foreignKey') known.set(rule.test.to, await other(rule.test.to))
  // A key into what nobody has published can be neither kept nor broken.
  const unknown = dataset.rules.filter(
    ({ test }) => test.kind === 'foreignKey' && test.to !== dataset.subject && known.get(test.to) === undefined,
  )
  const problems = unknown.map(rule =>
    problem(
      pipelineProblems,
      'port.nothing-published',
      `${rule.id} was not evaluated: what it points to is not published`,
      {
        severity: 'warning',
        place: rule.place,
        subject: dataset.subject,
      },
    ),
  )
  const rules = dataset.rules.filter(rule => !unknown.includes(rule))
  try {
    return { checks: await checksOf(nowMs, session, { ...dataset, rules }, relation, other), problems }
  } catch (error) {
    if (!(error instanceof WeftError) || error.code !== 'engine.bad-file') throw error
    return { checks: [unreadable(dataset, error.message)], problems }
  }
}

/** What is served, where a catalogue is there; nothing is made or applied for a test of a file. */
const servedByAny = async (
  parts: TestParts,
  mesh: Mesh,
): Promise<(subject: string) => Promise<Relation | undefined>> => {
  const runs = await parts.catalogueIfThere()
  if (runs === undefined) return async () => undefined
  const { store, env, storageOf } = runs
  return subject => readDataset({ db: store.db, env, mesh, storages: storageOf, dataset: subject })
}

/** A file that has not the columns of the contract, or not their types, has failed the first of all checks. */
const unreadable = (dataset: Dataset, found: string): CheckResult => ({
  ...dataset.place,
  dataset: dataset.subject,
  check: 'schema',
  kind: 'schema',
  dimension: 'conformity',
  severity: 'error',
  state: 'failed',
  found,
  expected: `the columns ${dataset.columns.map(column => `${column.name} ${column.type}`).join(', ')}`,
})

/** A dataset of a port, or one of a source, by its subject or its bare name. */
const datasetNamed = (mesh: Mesh, word: string): Dataset => {
  const sources = [...mesh.products.values()].flatMap(product =>
    product.inputs.flatMap(port => (port.target.kind === 'source' ? port.target.datasets : [])),
  )
  return sources.find(dataset => dataset.subject === word) ?? findDataset(mesh, word).dataset
}

const testServed = async (
  nowMs: number,
  parts: TestParts,
  mesh: Mesh,
  session: Session,
  selectors: readonly string[],
  progress: OperationContext<unknown>['progress'],
): Promise<Tested> => {
  const { store, env, storageOf } = await parts.runs()
  const served = (subject: string) => readDataset({ db: store.db, env, mesh, storages: storageOf, dataset: subject })
  const all = datasets(mesh)
  const exact = selectors.flatMap(word => (all.has(word) ? [word] : []))
  const products = new Set(exact.length === selectors.length && exact.length > 0 ? [] : chooseProducts(mesh, selectors))
  const checks: CheckResult[] = []
  const problems: Problem[] = []
  for (const { product, dataset } of all.values()) {
    if (!products.has(product.subject) && !exact.includes(dataset.subject)) continue
    const relation = await served(dataset.subject)
    if (relation === undefined) {
      problems.push(
        problem(pipelineProblems, 'port.nothing-published', `${dataset.subject} has nothing published`, {
          subject: dataset.subject,
          severity: 'warning',
        }),
      )
      continue
    }
    const found = await checksOf(nowMs, session, dataset, relation, served)
    checks.push(...found)
    const bad = found.filter(it => it.state !== 'passed')
    progress({
      subject: dataset.subject,
      activity: 'test',
      state: bad.some(it => it.severity === 'error') ? 'failed' : 'done',
      done: found.length - bad.length,
      total: found.length,
      unit: 'checks',
    })
  }
  return { checks, problems }
}

const checksOf = async (
  nowMs: number,
  session: Session,
  dataset: Dataset,
  relation: Relation,
  other: (subject: string) => Promise<Relation | undefined>,
): Promise<readonly CheckResult[]> => {
  const { measurement } = await measure({
    session,
    dataset: dataset.subject,
    relation,
    columns: dataset.columns,
    rules: dataset.rules,
    other,
    nowMs,
    profile: false,
  })
  return measurement.checks
}
