/** A contract with data, small enough to be judged by eye: as files for another tool, and judged by Weft. */
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { defaultLimits, problem, WeftError } from '../../src/base/index.ts'
import { type Contract, contractDocument, contractOf, type Dataset, type ResolveKey } from '../../src/domain/index.ts'
import { engineProblems, type Relation, type Session } from '../../src/engine/index.ts'
import { type CheckResult, measure } from '../../src/pipelines/measure/index.ts'
import { listFiles } from '../../src/pipelines/sources/files.ts'
import { landSource } from '../../src/pipelines/sources/land.ts'

export type Format = 'csv' | 'parquet' | 'json'
/** A property of a contract as YAML has it. */
export type Property = Readonly<Record<string, unknown>>
type Body = Readonly<Record<string, unknown>>

export interface CaseDataset {
  readonly properties: readonly Property[]
  readonly quality?: readonly Body[]
  readonly relationships?: readonly Body[]
  /** A SELECT of the rows, with the columns in the contract's order; `text` instead is the whole file as it stands. */
  readonly rows?: string
  readonly text?: string
}

export interface CheckCase {
  readonly name: string
  readonly format: Format
  readonly datasets: Readonly<Record<string, CaseDataset>>
  readonly promises?: readonly Body[]
  /** Ids of the checks that do not pass; all others do. */
  readonly fails: readonly string[]
}

/** What Weft says of a case: its checks, or that the file is not what the contract says. */
export type CaseVerdict =
  | { readonly kind: 'checked'; readonly checks: readonly CheckResult[] }
  | { readonly kind: 'unreadable'; readonly reason: string }

export const subjectOf = (dataset: string): string => `cases.case.case.v1.${dataset}`

/** The contract as ODCS 3.2 has it; a tool that reads files finds them in the folder. */
export const contractBody = (it: CheckCase, folder: string): Body => ({
  apiVersion: 'v3.2.0',
  kind: 'DataContract',
  id: it.name,
  version: '1.0.0',
  status: 'active',
  servers: [{ server: 'data', type: 'local', format: it.format, path: join(folder, `{model}.${it.format}`) }],
  schema: Object.entries(it.datasets).map(([name, { properties, quality, relationships }]) => ({
    name,
    properties,
    ...(quality === undefined ? {} : { quality }),
    ...(relationships === undefined ? {} : { relationships }),
  })),
  ...(it.promises === undefined ? {} : { slaProperties: it.promises }),
})

/** Writes contract and data into the folder; the contract as JSON, which is YAML too. */
export const writeCase = async (session: Session, it: CheckCase, folder: string): Promise<void> => {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'contract.odcs.yaml'), JSON.stringify(contractBody(it, folder), null, 2))
  for (const [name, { rows, text }] of Object.entries(it.datasets)) {
    const file = join(folder, `${name}.${it.format}`)
    if (text !== undefined) await writeFile(file, text)
    else await session.run(`copy (${rows}) to '${file}' (format ${it.format}${it.format === 'csv' ? ', header' : ''})`)
    // Weft keeps rows that came as JSON in Parquet.
    if (it.format === 'json') await session.run(`copy (${rows}) to '${file}.parquet' (format parquet)`)
  }
}

/** Weft's verdicts of a case that has been written. */
export const judgeCase = async (
  session: Session,
  it: CheckCase,
  folder: string,
  nowMs: number,
): Promise<CaseVerdict> => {
  const contract = readContract(contractBody(it, folder))
  const checks: CheckResult[] = []
  try {
    const read = new Map<string, Relation>()
    for (const dataset of contract.datasets)
      read.set(dataset.subject, await relationOf(session, it, contract, dataset, folder))
    for (const dataset of contract.datasets) {
      const { measurement } = await measure({
        session,
        dataset: dataset.subject,
        relation: read.get(dataset.subject) ?? { kind: 'empty', columns: [] },
        columns: dataset.columns,
        rules: dataset.rules,
        other: async subject => read.get(subject),
        nowMs,
        profile: false,
      })
      checks.push(...measurement.checks)
    }
  } catch (error) {
    if (error instanceof WeftError && /^(engine\.bad-file|source\.)/.test(error.code))
      return { kind: 'unreadable', reason: error.message }
    throw error
  }
  return { kind: 'checked', checks }
}

const readContract = (body: Body): Contract => {
  const document = contractDocument.parse(body)
  const place = { file: 'contract.odcs.yaml', line: 1, column: 1 }
  const definition = { subject: 'cases.case.case.v1', root: 'main', file: place.file, hash: '', body, at: () => place }
  const resolve: ResolveKey = target => ({ dataset: subjectOf(target.dataset), column: target.column })
  return contractOf(document, definition, definition.subject, resolve)
}

/** Read as a run reads it. The other tool knows no rejects: a line that is no row makes the file unreadable. */
const relationOf = async (
  session: Session,
  it: CheckCase,
  contract: Contract,
  dataset: Dataset,
  folder: string,
): Promise<Relation> => {
  // Weft keeps rows that came as JSON in Parquet.
  const format = it.format === 'json' ? 'parquet' : it.format
  const path = join(folder, `${dataset.name}.${it.format}${it.format === 'json' ? '.parquet' : ''}`)
  const server = { name: 'data', type: 'local', location: path, format, options: {}, place: dataset.place }
  const landed = await landSource({
    ...{ session, dataset, contract: { ...contract, servers: [server] }, limits: defaultLimits },
    files: await listFiles(path, defaultLimits, { what: 'case', base: folder }),
    folder: await mkdtemp(join(folder, 'landed-')),
  })
  const [rejects] = landed.rejects
  if (rejects !== undefined) {
    const reason = `${dataset.name} has lines that are no rows`
    throw new WeftError('failed', problem(engineProblems, 'engine.bad-file', reason))
  }
  const columns = dataset.columns.map(({ name, type }) => ({ name, type }))
  return { kind: 'parquet', files: landed.relation.files, columns }
}
