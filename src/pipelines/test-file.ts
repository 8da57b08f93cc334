/** The checks of a contract on a file, which is read as a run reads it: rows, rejects and drift. Nothing is made or applied for it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { readDataset } from '../access/index.ts'
import { assert, type Limits, type Problem, problem, WeftError } from '../base/index.ts'
import type { Contract, Dataset, Mesh, Product } from '../domain/index.ts'
import type { Relation, Session } from '../engine/index.ts'
import { rejectsCheck } from './incremental/rejects.ts'
import { measure } from './measure/index.ts'
import type { CheckResult } from './measure/result.ts'
import { type ReadsOfModels, readsOfModels, touchedBy } from './models/index.ts'
import { findDataset, type TestParts } from './operations.ts'
import { pipelineProblems } from './problems.ts'
import { fileServer } from './sources/drift-policy.ts'
import { listFiles } from './sources/files.ts'
import { filesInPlace } from './sources/in-place.ts'
import { type Landed, landSource, readableFormats } from './sources/land.ts'
import type { SourceRequest } from './sources/land-part.ts'
import { formatOf } from './sources/source.ts'
import type { Tested } from './test-data.ts'

/** Lines that are no rows: where, and why; never what stands in them. */
export interface ReadFile {
  readonly lines: number
  readonly rows: number
  readonly rejects: number
  /** The first of them, in the order of the file. */
  readonly rejected: readonly {
    readonly line: number | null
    readonly column: string | null
    readonly reason: string
  }[]
}

interface Given {
  readonly nowMs: number
  readonly parts: TestParts
  readonly mesh: Mesh
  readonly session: Session
  readonly signal: AbortSignal
  readonly limits: Limits
}

/** What a file is tested as. */
interface Subject {
  readonly product: Product
  readonly dataset: Dataset
  readonly contract: Contract
  readonly isSource: boolean
}

const rejectedMax = 100

export const testFile = async (given: Given, selectors: readonly string[], file: string): Promise<Tested> => {
  const { parts, mesh } = given
  const [word, ...more] = selectors
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
  const subject = subjectNamed(mesh, word)
  const { dataset } = subject
  const other = await servedByAny(parts, mesh)
  const { rules, problems } = await evaluable(dataset, other)
  const folder = await mkdtemp(join(tmpdir(), 'weft-test-'))
  try {
    const reads = await readsOfModels(mesh, given.session)
    const landed = await landGiven(given, subject, resolve(file), folder, reads)
    const columns = dataset.columns.map(({ name, type }) => ({ name, type }))
    const relation: Relation = { kind: 'parquet', files: landed.relation.files, columns }
    const checks = await checksOf(given.nowMs, given.session, { ...dataset, rules }, relation, other)
    const read = await readFile(given.session, landed)
    return {
      checks: [...checks, ...thresholds(subject, reads, read)],
      problems: [...problems, ...landed.problems],
      read,
    }
  } catch (error) {
    const isOfFile =
      error instanceof WeftError && /^(engine\.bad-file|source\.(column-.*|broken-file))$/.test(error.code)
    if (!isOfFile) throw error
    return { checks: [unreadable(dataset, error.message)], problems: [...problems, ...error.problems] }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** As a run lands it: with the options of the source's server, where the dataset is one of a source. */
const landGiven = async (
  { parts, mesh, session, signal, limits }: Given,
  { product, dataset, contract, isSource }: Subject,
  path: string,
  folder: string,
  reads: ReadsOfModels,
): Promise<Landed> => {
  const declared = isSource ? fileServer(contract) : undefined
  const ending = formatOf(path)
  const format = readableFormats.includes(ending) ? ending : declared?.format
  if (format === undefined) {
    throw new WeftError(
      'usage',
      problem(pipelineProblems, 'source.unsupported', `${path} is in no format that Weft reads`, {
        found: ending,
        expected: readableFormats.join(', '),
      }),
    )
  }
  const files = await listFiles(path, limits, { what: 'argument of --data', base: parts.project })
  const server = { name: 'file', type: 'local', location: path, options: {}, place: dataset.place, ...declared, format }
  const touched = async (column: string) => (isSource ? touchedBy(mesh, product, dataset, column, reads) : [])
  const request: SourceRequest = {
    ...{ session, dataset, files, folder, limits, signal },
    contract: { ...contract, servers: [server] },
    touchedBy: touched,
  }
  return (format === 'parquet' ? await readInPlace(request) : undefined) ?? landSource(request)
}

/** Parquet in the very columns of the contract has no line that is no row: a copy would be the same. Undefined for any other. */
const readInPlace = async (request: SourceRequest): Promise<Landed | undefined> => {
  const { dataset, files } = request
  const columns = dataset.columns.map(({ name, type }) => ({ name, type }))
  try {
    const { files: found, problems } = await filesInPlace(request, columns)
    const relation = { kind: 'parquet' as const, files: found.map(it => it.path), columns }
    const counted = found.map(({ rows }, index) => ({ uri: files[index]?.uri ?? '', lines: rows, rows, rejects: 0 }))
    return { relation, files: counted, rejects: [], drift: [], problems }
  } catch (error) {
    if (error instanceof WeftError && error.code === 'model.not-in-place') return undefined
    throw error
  }
}

const readFile = async (session: Session, { files, rejects }: Landed): Promise<ReadFile> => {
  const sum = (count: (file: Landed['files'][number]) => number): number =>
    files.reduce((total, file) => total + count(file), 0)
  const counts = { lines: sum(it => it.lines), rows: sum(it => it.rows), rejects: sum(it => it.rejects) }
  if (rejects.length === 0) return { ...counts, rejected: [] }
  await session.define(['__weft_rejects'], { kind: 'parquet', files: rejects.map(it => it.path) })
  const found = await session.rows(
    `select line, "column", reason from __weft_rejects order by uri, line limit ${rejectedMax}`,
  )
  const rejected = found.map(row => ({
    line: row.line === null ? null : Number(row.line),
    column: row.column === null ? null : String(row.column),
    reason: String(row.reason),
  }))
  return { ...counts, rejected }
}

/** The threshold of the dataset; for a source the strictest of the datasets that read it. */
const thresholds = ({ product, dataset, isSource }: Subject, reads: ReadsOfModels, read: ReadFile): CheckResult[] => {
  const readers = isSource
    ? product.models.map(it => it.dataset).filter(it => reads.get(it)?.some(one => one.dataset === dataset.subject))
    : [dataset.subject]
  const counts = { rows: read.rejects, lines: read.lines }
  const verdicts = readers.flatMap(it => {
    const pipeline = product.datasets[it]
    return pipeline?.rejectsAtMost === undefined ? [] : (rejectsCheck(dataset, pipeline, counts) ?? [])
  })
  const verdict = verdicts.find(it => it.state === 'failed') ?? verdicts[0] ?? rejectsCheck(dataset, undefined, counts)
  return verdict === undefined ? [] : [verdict]
}

/** The rules that can be judged, and a warning for each that cannot: a key into what nobody has published is neither kept nor broken. */
const evaluable = async (
  dataset: Dataset,
  other: (subject: string) => Promise<Relation | undefined>,
): Promise<{ readonly rules: Dataset['rules']; readonly problems: readonly Problem[] }> => {
  const known = new Map<string, Relation | undefined>()
  for (const rule of dataset.rules)
    if (rule.test.kind === 'foreignKey') known.set(rule.test.to, await other(rule.test.to))
  const unknown = dataset.rules.filter(
    ({ test }) => test.kind === 'foreignKey' && test.to !== dataset.subject && known.get(test.to) === undefined,
  )
  const problems = unknown.map(rule =>
    problem(
      pipelineProblems,
      'port.nothing-published',
      `${rule.id} was not evaluated: what it points to is not published`,
      { severity: 'warning', place: rule.place, subject: dataset.subject },
    ),
  )
  return { rules: dataset.rules.filter(rule => !unknown.includes(rule)), problems }
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

/** A dataset of a port by any of its names, or one of a source by its subject. */
const subjectNamed = (mesh: Mesh, word: string): Subject => {
  for (const product of mesh.products.values())
    for (const { target } of product.inputs) {
      const dataset = target.kind === 'source' ? target.datasets.find(it => it.subject === word) : undefined
      if (target.kind === 'source' && dataset !== undefined)
        return { product, dataset, contract: target.contract, isSource: true }
    }
  const { product, port, dataset } = findDataset(mesh, word)
  assert(port.contract !== undefined, 'datasets come from a contract')
  return { product, dataset, contract: port.contract, isSource: false }
}

export const checksOf = async (
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
