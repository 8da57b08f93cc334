/** `weft test`: the checks of contracts on what is served, or on any CSV or Parquet file with nothing applied. */
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { readDataset } from '../access/index.ts'
import { type Limits, type OperationContext, type Problem, problem, WeftError } from '../base/index.ts'
import { type Contract, type Dataset, datasets, type Mesh } from '../domain/index.ts'
import type { Relation, Session } from '../engine/index.ts'
import { measure, refuseUnfit } from './measure/index.ts'
import type { CheckResult } from './measure/result.ts'
import { chooseProducts, findDataset, type TestParts } from './operations.ts'
import { pipelineProblems } from './problems.ts'
import { type Landed, landSource } from './sources/land.ts'
import { isPlainText } from './sources/plain-file.ts'
import { postgresServer } from './sources/postgres.ts'
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
  const folder = await mkdtemp(join(tmpdir(), 'weft-test-'))
  try {
    return input.data === undefined
      ? await testServed(nowMs, parts, mesh, session, input.selectors, progress)
      : await testFile(nowMs, parts, mesh, session, input, input.data, { limits, folder, signal })
  } finally {
    await session.close()
    await rm(folder, { recursive: true, force: true })
  }
}

const testFile = async (
  nowMs: number,
  parts: TestParts,
  mesh: Mesh,
  session: Session,
  input: TestInput,
  file: string,
  reading: Reading,
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
  const { dataset, contract } = datasetNamed(mesh, word)
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
    const landed = contract === undefined ? undefined : await landFile(session, contract, dataset, file, reading)
    const relation = landed?.relation ?? fileRelation(dataset, file)
    if (relation.kind === 'csv' && !(await isPlainText(resolve(file))))
      return { checks: [unreadable(dataset, `${file} is no text of UTF-8`)], problems }
    await refuseUnfit(session, relation)
    const checks = await checksOf(nowMs, session, { ...dataset, rules }, relation, other)
    const [{ lines = 0, rejects = 0 } = {}] = landed?.files ?? []
    const broken = rejects === 0 ? [] : [unreadable(dataset, `${rejects} of ${lines} lines cannot be read`)]
    return { checks: [...broken, ...checks], problems: [...(landed?.problems ?? []), ...problems] }
  } catch (error) {
    const isOfFile = /^(engine\.bad-file|source\.(broken-file|wrong-value|column-.*))$/
    if (!(error instanceof WeftError) || !isOfFile.test(error.code)) throw error
    return { checks: [unreadable(dataset, error.message)], problems }
  }
}

interface Reading {
  readonly limits: Limits
  /** Existing, empty. */
  readonly folder: string
  readonly signal: AbortSignal
}

/** A file of a source, as a run reads it. */
const landFile = async (
  session: Session,
  contract: Contract,
  dataset: Dataset,
  file: string,
  reading: Reading,
): Promise<Landed> => {
  const path = resolve(file)
  const bytes = (await stat(path).catch(() => undefined))?.size
  if (bytes === undefined) throw unfitFile(`${file} cannot be opened`, file)
  return landSource({ session, contract, dataset, files: [{ path, uri: file, bytes, etag: '' }], ...reading })
}

/** A file of what a port serves: exactly its columns. */
const fileRelation = (dataset: Dataset, file: string): Relation => {
  const path = resolve(file)
  const columns = dataset.columns.map(({ name, type }) => ({ name, type }))
  const format = formatOf(path)
  if (format === 'parquet') return { kind: 'parquet', files: [path], columns }
  if (format === 'csv') return { kind: 'csv', files: [path], columns, options: {} }
  throw unfitFile(`${file} is neither CSV nor Parquet`, format)
}

const unfitFile = (message: string, found: string): WeftError =>
  new WeftError(
    'usage',
    problem(pipelineProblems, 'source.unsupported', message, { found, expected: 'csv, csv.gz, parquet' }),
  )

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

/** A dataset of a port, or one of a source with how its files are read, by its subject or its bare name. */
const datasetNamed = (mesh: Mesh, word: string): { readonly dataset: Dataset; readonly contract?: Contract } => {
  for (const { inputs } of mesh.products.values()) {
    for (const { target } of inputs) {
      if (target.kind !== 'source') continue
      const dataset = target.datasets.find(it => it.subject === word)
      if (dataset === undefined) continue
      const { contract } = target
      return postgresServer(contract) === undefined ? { dataset, contract } : { dataset }
    }
  }
  return { dataset: findDataset(mesh, word).dataset }
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
