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
  const session = await engine.open({ memory: 2 * 1024 ** 3, threads: 0, scratch: parts.scratch, signal })
  try {
    return input.data === undefined
      ? await testServed(nowMs, parts, mesh, session, input.selectors, progress)
      : await testFile(nowMs, mesh, session, input, input.data)
  } finally {
    await session.close()
  }
}

const testFile = async (
  nowMs: number,
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
  return { checks: await checksOf(nowMs, session, dataset, relation, async () => undefined), problems: [] }
}

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
    columns: dataset.columns.map(({ name, type, primaryKeyPosition }) => ({
      name,
      type,
      ...(primaryKeyPosition === undefined ? {} : { primaryKeyPosition }),
    })),
    rules: dataset.rules,
    other,
    nowMs,
    profile: false,
  })
  return measurement.checks
}
