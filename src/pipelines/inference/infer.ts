/** Operation source.infer: looks at files and says what a contract for them would be. Changes nothing. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { type Limits, type OperationContext, operation, problem, WeftError } from '../../base/index.ts'
import type { ServerDocument } from '../../domain/index.ts'
import { type Engine, quoteName, quoteText, type Relation, type Session } from '../../engine/index.ts'
import { pipelineProblems } from '../problems.ts'
import type { CsvSource } from '../sources/csv.ts'
import { listFiles, type SourceFile } from '../sources/files.ts'
import { inParts } from '../sources/land-part.ts'
import { pathColumns, pathText } from '../sources/path-columns.ts'
import { decodedText, encodingNamed, plainFile, unpackedBytes } from '../sources/plain-file.ts'
import { originName } from '../sources/rejects.ts'
import { formatOf } from '../sources/source.ts'
import { type Draft, draftOf } from './draft.ts'
import { type ColumnFacts, observe } from './observe.ts'
import { keyColumn, keyPairs, type Vocabulary } from './promise.ts'
import { encodingOfBytes, sniffCsv } from './sniff.ts'

export interface InferParts {
  readonly engine: () => Promise<Engine>
  readonly limits: () => Promise<Limits>
  readonly scratch: string
}

export interface InferredSource extends Draft {
  readonly server: Pick<ServerDocument, 'format' | 'encoding' | 'customProperties'>
  readonly files: number
  readonly bytes: number
  readonly rows: number
  /** Some of the rows were looked at, not all. */
  readonly isSample: boolean
}

const bytesLookedAtMax = 200 * 1024 ** 2
const rowsLookedAtMax = 5_000_000
const headBytes = 1024 ** 2

const vocabulary = z.object({
  terms: z.array(
    z.object({ id: z.string(), name: z.string(), type: z.string().optional(), synonyms: z.array(z.string()) }),
  ),
  classifications: z.array(z.string()),
})

export const inferSource = operation({
  name: 'source.infer',
  effect: 'read',
  permission: 'mesh.read',
  summary: 'Looks at files and drafts a contract for them.',
  input: z.object({
    /** Absolute path, folder or glob. */
    files: z.string(),
    /** Name of the product's dataset. */
    dataset: z.string(),
    /** Name of the source's dataset. */
    sourceDataset: z.string(),
    /** What the model calls the source: `<input port>.<dataset>`. */
    from: z.string(),
    vocabulary,
  }),
  async run({ parts, signal }: OperationContext<InferParts>, input): Promise<InferredSource> {
    const limits = await parts.limits()
    const files = await listFiles(input.files, limits, { what: `path ${input.files}` })
    const engine = await parts.engine()
    const session = await engine.open({
      memory: limits.runMemory,
      threads: limits.runThreads,
      scratch: parts.scratch,
      signal,
    })
    const folder = await mkdtemp(join(tmpdir(), 'weft-look-'))
    try {
      return await lookAt(session, files, folder, input)
    } finally {
      await session.close()
      await rm(folder, { recursive: true, force: true })
    }
  },
})

const lookAt = async (
  session: Session,
  files: readonly SourceFile[],
  folder: string,
  input: {
    readonly dataset: string
    readonly sourceDataset: string
    readonly from: string
    readonly vocabulary: Vocabulary
  },
): Promise<InferredSource> => {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  const chosen = sampleOf(files)
  const format = formatOf(files[0]?.path ?? '')
  const opened = await openSource(session, format, chosen, folder)
  const { columns, isCut, isForgiving } = await copySample(session, opened, chosen)
  const untyped = new Set(format === 'csv' ? columns.map(it => it.name) : pathColumns(chosen.map(file => file.path)))
  const facts = (await observe(session, 'sample', columns)).map(it => ({ ...it, isUntyped: untyped.has(it.name) }))
  const rows = facts[0]?.rows ?? 0
  const draft = draftOf(
    { facts, options: opened.options, key: await keyOf(session, facts), rows, files: files.length },
    input,
  )
  return {
    ...draft,
    server: serverOf(format, draft.options),
    files: files.length,
    bytes,
    rows,
    isSample: isCut || chosen.length < files.length,
    remarks: [...draft.remarks, ...(isForgiving ? ['some lines of the files are broken and were passed over'] : [])],
  }
}

/** All files where they are small together, else files spread over the whole list. What is compressed counts five times. */
const sampleOf = (files: readonly SourceFile[]): SourceFile[] => {
  const weight = (file: SourceFile): number => file.bytes * (/\.(gz|zst|parquet)$/.test(file.path) ? 5 : 1)
  const whole = files.reduce((sum, file) => sum + weight(file), 0)
  if (whole <= bytesLookedAtMax) return [...files]
  const count = Math.max(1, Math.floor((files.length * bytesLookedAtMax) / whole))
  return Array.from({ length: count }, (_, index) => files[Math.floor((index * files.length) / count)]).filter(
    file => file !== undefined,
  )
}

interface Opened {
  readonly relation: Relation
  /** The same where broken lines do not stop it. */
  readonly forgiving?: Relation
  readonly options: CsvSource
}

const openSource = async (
  session: Session,
  format: string,
  files: readonly SourceFile[],
  folder: string,
): Promise<Opened> => {
  const paths = files.map(file => file.path)
  const origin = { name: originName, of: files.map((_, index) => index) }
  if (format === 'csv') {
    const sniffed = await sniffFirst(paths)
    if (sniffed === undefined) throw emptySource(paths)
    const columns = sniffed.names.map(name => ({ name, type: 'VARCHAR' }))
    const options = { ...sniffed.options, ...(sniffed.isByPosition ? { isByPosition: true } : {}) }
    const { encoding, ...written } = options
    const plain = await inParts(files, (file, index) =>
      plainFile(file, encodingNamed(encoding ?? 'utf-8'), join(folder, `${index}.csv`)),
    )
    const relation = { kind: 'csv' as const, files: plain, columns, options: written, origin }
    return { relation, forgiving: { ...relation, options: { ...written, skipsBroken: true } }, options }
  }
  if (format !== 'parquet' && format !== 'json' && format !== 'excel') {
    throw new WeftError(
      'usage',
      problem(pipelineProblems, 'source.unsupported', `no contract can be made from files of format "${format}"`, {
        found: format,
        expected: 'csv, tsv, json, ndjson, parquet, xlsx, all but the last two also as .gz or .zst',
      }),
    )
  }
  const inferred: Relation = { kind: format, files: paths }
  await session.define(['inferred'], inferred)
  const found = await session.describe('select * from inferred')
  if (found.length === 0 || files.every(file => file.bytes === 0)) throw emptySource(paths)
  // Columns of nothing but nulls and of values of every kind are JSON to the engine: their texts are kept.
  const columns = found.map(({ name, type }) => ({
    name,
    type: type.replaceAll(/(^|[ (])JSON(?=$|[,)[])/g, '$1VARCHAR'),
  }))
  return { relation: { kind: format, files: paths, columns, origin }, options: {} }
}

const emptySource = (paths: readonly string[]): WeftError =>
  new WeftError(
    'invalid',
    problem(
      pipelineProblems,
      'source.empty',
      `${paths[0]?.split('/').at(-1)} has nothing that a contract could be made from`,
      {
        found: 'no column',
        expected: 'at least a header',
      },
    ),
  )

const sniffFirst = async (paths: readonly string[]) => {
  for (const path of paths.slice(0, 20)) {
    const { bytes, isWhole } = await headOf(path)
    const encoding = encodingOfBytes(bytes)
    const sniffed = sniffCsv(await decodedText(bytes, encoding), encoding, isWhole)
    if (sniffed !== undefined) return sniffed
  }
  return undefined
}

const headOf = async (path: string): Promise<{ bytes: Buffer; isWhole: boolean }> => {
  const chunks: Buffer[] = []
  let length = 0
  try {
    for await (const chunk of unpackedBytes(path)) {
      chunks.push(chunk)
      length += chunk.length
      if (length >= headBytes) break
    }
  } catch (error) {
    // What came out of a file that is cut off is enough to look at; reading it says what is wrong.
    if (length === 0) throw badFile(path, error)
  }
  return { bytes: Buffer.concat(chunks).subarray(0, headBytes), isWhole: length < headBytes }
}

const badFile = (path: string, cause: unknown): WeftError =>
  new WeftError(
    'failed',
    problem(pipelineProblems, 'source.unreadable', `${path.split('/').at(-1)} cannot be read as its ending says`),
    { cause },
  )

/** The rows that are looked at, once, as a table: every question is then answered from memory or scratch. */
const copySample = async (session: Session, { relation, forgiving }: Opened, files: readonly SourceFile[]) => {
  const paths = files.map(file => file.path)
  const folders = pathColumns(paths).map(name => {
    const texts = paths.map(path => pathText(path, name)).map(text => (text === null ? 'null' : quoteText(text)))
    return `, [${texts.join(', ')}]::varchar[][${originName} + 1] as ${quoteName(name)}`
  })
  const sample = `select * exclude (${originName})${folders.join('')} from source limit ${rowsLookedAtMax}`
  const copy = async (from: Relation): Promise<void> => {
    await session.define(['source'], from)
    await session.run(`create or replace temp table sample as ${sample}`)
  }
  let isForgiving = false
  try {
    await copy(relation)
  } catch (error) {
    if (forgiving === undefined || !(error instanceof WeftError) || error.code !== 'engine.bad-file') throw error
    await copy(forgiving)
    isForgiving = true
  }
  const [row] = await session.rows('select count(*) as n from sample')
  const columns = (await session.describe('select * from sample')).map(({ name, type }) => ({ name, type }))
  return { columns, isForgiving, isCut: Number(row?.n ?? 0) >= rowsLookedAtMax }
}

const keyOf = async (session: Session, facts: readonly ColumnFacts[]): Promise<string[]> => {
  const one = keyColumn(facts)
  if (one !== undefined) return [one]
  for (const pair of keyPairs(facts)) {
    const names = pair.map(quoteName).join(', ')
    const [row] = await session.rows(`select count(*) as n from (select distinct ${names} from sample)`)
    if (Number(row?.n ?? 0) === facts[0]?.rows) return pair
  }
  return []
}

const serverOf = (format: string, options: CsvSource): InferredSource['server'] => {
  const { encoding, isByPosition, ...more } = options
  const named = isByPosition === true ? { ...more, columnsBy: 'position' } : more
  const customProperties = Object.entries(named).map(([property, value]) => ({ property, value, vendor: 'weft' }))
  return {
    format,
    ...(encoding === undefined ? {} : { encoding }),
    ...(customProperties.length === 0 ? {} : { customProperties }),
  }
}
