/** CSV into Parquet: one strict pass of the engine for all files of equal header; only files that it refuses are read record by record. */
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { WeftError } from '../../base/index.ts'
import {
  type CsvOptions,
  quoteName,
  quoteText,
  type RelationColumn,
  readCsvHeader,
  type Session,
  type WrittenFile,
} from '../../engine/index.ts'
import { csvOptions } from './csv.ts'
import { type Drift, headerDrift, matchHeader, type RenameGuess, renameGuesses } from './drift.ts'
import { inParts, type LandedParts, type Lander, type LandRequest, writeFiles, writeRows } from './land-part.ts'
import { encodingNamed, isPlainText, plainFile } from './plain-file.ts'
import {
  lineName,
  misfitRows,
  misfitsName,
  originName,
  rawName,
  rejectColumns,
  sortRecords,
  type TroubledFile,
} from './rejects.ts'
import { rowWithin } from './row-pattern.ts'
import { readableServer } from './source.ts'

interface PlainFile {
  readonly index: number
  readonly uri: string
  readonly path: string
  readonly bytes: number
  /** What is none is not for the engine: where it reads some of the fields alone, bytes that are no UTF-8 in another than the first end it for good. */
  readonly isText: boolean
}

/** Files with one header. */
interface HeaderGroup {
  readonly names?: readonly string[]
  readonly fields: readonly (string | undefined)[]
  readonly emptyLines: number
  readonly files: readonly PlainFile[]
}

interface Landing {
  readonly request: LandRequest
  readonly options: CsvOptions
  readonly columns: readonly RelationColumn[]
  readonly parts: { readonly path: string; readonly rows: number }[]
  readonly troubled: TroubledFile[]
}

/** Files that are refused together and are no larger than this are read record by record together: finding the one with trouble would cost more. */
const carefulBytes = 8 * 1024 ** 2

export const landCsv: Lander = async (request, refuse) => {
  const scratch = join(request.folder, 'plain')
  await mkdir(scratch)
  try {
    const { encoding, ...options } = csvOptions(readableServer(request.contract))
    const landing: Landing = {
      request,
      options: { ...options, lineBytesMax: request.limits.sourceLineBytesMax },
      columns: request.dataset.columns.map(({ name, type }) => ({ name, type })),
      parts: [],
      troubled: [],
    }
    const files = await inParts(request.files, async (file, index): Promise<PlainFile> => {
      const path = await plainFile(file, encodingNamed(encoding ?? 'utf-8'), join(scratch, `${index}.csv`))
      return { index, uri: file.uri, path, bytes: file.bytes, isText: await isPlainText(path) }
    })
    const { groups, drift, types } = await groupFiles(landing, files)
    await refuse(drift, types)
    for (const group of groups) {
      landing.troubled.push(...group.files.filter(file => !file.isText).map(file => troubledFile(group, file)))
      await landGroup(
        landing,
        group,
        group.files.filter(file => file.isText),
      )
    }
    const careful =
      landing.troubled.length === 0 ? { rejects: [], lines: new Map() } : await landCarefully(landing, scratch)
    return { parts: landing.parts, drift, types, ...careful }
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

const groupFiles = async (
  landing: Landing,
  files: readonly PlainFile[],
): Promise<{ groups: HeaderGroup[]; drift: Drift[]; types: Map<string, string> }> => {
  const { options, request } = landing
  const drift: Drift[] = []
  const types = new Map<string, string>()
  const byPlace = landing.columns.map(column => column.name)
  if (options.header === false) return { groups: [{ fields: byPlace, emptyLines: 0, files }], drift, types }
  const headers = await inParts(files, file => readCsvHeader(file.path, options))
  const groups = new Map<string, HeaderGroup & { files: PlainFile[]; renames: readonly RenameGuess[] }>()
  for (const [index, file] of files.entries()) {
    const { names, emptyLines } = headers[index] ?? { names: [], emptyLines: 0 }
    const key = JSON.stringify([names, emptyLines])
    const known = groups.get(key)
    if (options.isByPosition === true) {
      const group = known ?? { names, fields: byPlace, emptyLines, files: [], renames: [] }
      group.files.push(file)
      groups.set(key, group)
      continue
    }
    const match = matchHeader(names, request.dataset, file.uri)
    const group = known ?? {
      names,
      fields: match.fields,
      emptyLines,
      files: [],
      renames: await fittingRenames(
        landing,
        file,
        { emptyLines, fields: match.fields },
        renameGuesses(match, request.dataset),
      ),
    }
    group.files.push(file)
    groups.set(key, group)
    const own = headerDrift(match, group.renames, file.uri)
    if (known === undefined && file.isText && own.some(it => it.kind === 'added' && !types.has(it.column)))
      for (const [name, type] of await typesSeen(request.session, file, options)) types.set(name, type)
    drift.push(...own)
  }
  // Nothing to read is in a file without so much as a header.
  return { groups: [...groups.values()].filter(group => group.names?.length !== 0), drift, types }
}

const rowsLookedAt = 1000

/** The guesses whose values are of the type that the contract wants. Where the file cannot be read or has no values, a like name is enough. */
const fittingRenames = async (
  { request, options }: Landing,
  file: PlainFile,
  header: Pick<HeaderGroup, 'fields' | 'emptyLines'>,
  guesses: readonly RenameGuess[],
): Promise<RenameGuess[]> => {
  const fitting: RenameGuess[] = []
  for (const guess of guesses) {
    const { name, type } = guess.column
    await request.session.define(['__weft_guess'], {
      kind: 'csv',
      files: [file.path],
      columns: [{ name, type }],
      fields: header.fields.map((_, at) => (at === guess.at ? name : undefined)),
      options: { ...options, emptyLines: header.emptyLines },
      misfits: misfitsName,
    })
    const count = `select count(${quoteName(name)}) as good, count(${misfitsName}) as bad from (select * from __weft_guess limit ${rowsLookedAt})`
    const [row] = file.isText ? await request.session.rows(count).catch(unlessBadFile) : []
    const [good, bad] = [Number(row?.good ?? 0), Number(row?.bad ?? 0)]
    if (good + bad === 0 ? guess.why === 'a like name' : bad * 10 <= good) fitting.push(guess)
  }
  return fitting
}

const unlessBadFile = (error: unknown): [] => {
  if (error instanceof WeftError && error.code === 'engine.bad-file') return []
  throw error
}

/** Types that the engine guesses, by name; nothing where it cannot. */
const typesSeen = async (session: Session, file: PlainFile, options: CsvOptions): Promise<[string, string][]> => {
  try {
    await session.define(['__weft_seen'], { kind: 'csv', files: [file.path], options })
    return (await session.describe('select * from __weft_seen')).map(it => [it.name.trim(), it.type])
  } catch (error) {
    if (error instanceof WeftError && error.kind === 'interrupted') throw error
    return []
  }
}

/** Halves what is refused until the files with trouble are found: files without trouble are written once. */
const landGroup = async (landing: Landing, group: HeaderGroup, files: readonly PlainFile[]): Promise<void> => {
  if (files.length === 0) return
  const written = await landStrictly(landing, group, files)
  if (written !== undefined) {
    landing.parts.push(...written)
    return
  }
  if (files.length === 1 || files.reduce((sum, file) => sum + file.bytes, 0) <= carefulBytes) {
    landing.troubled.push(...files.map(file => troubledFile(group, file)))
    return
  }
  const half = Math.ceil(files.length / 2)
  await landGroup(landing, group, files.slice(0, half))
  await landGroup(landing, group, files.slice(half))
}

const troubledFile = ({ names, fields }: HeaderGroup, { index, uri, path }: PlainFile): TroubledFile => ({
  index,
  uri,
  path,
  fields,
  hasHeader: names !== undefined,
})

const landStrictly = async (
  landing: Landing,
  group: HeaderGroup,
  files: readonly PlainFile[],
): Promise<{ readonly path: string; readonly rows: number }[] | undefined> => {
  const { request, options, columns } = landing
  const { session } = request
  await session.define(['__weft_csv'], {
    kind: 'csv',
    files: files.map(file => file.path),
    columns,
    fields: group.fields,
    options: { ...options, emptyLines: group.emptyLines },
    origin: { name: originName, of: files.map(file => file.index) },
  })
  const name = `part-${files[0]?.index}-${files.length}`
  const written = await writeRows(request, name, 'select * from __weft_csv').catch(unlessBadFile)
  if (written.length === 0) return undefined
  if (!(await isDoubtful(landing, group, written))) return written
  await rm(join(request.folder, name), { recursive: true, force: true })
  return undefined
}

/** What the engine takes and we do not: an empty line as NULL where there is one field, a header once more where every column is a text, and rows as the text of a field. */
const isDoubtful = async (
  { request: { session }, options, columns }: Landing,
  { fields, names }: HeaderGroup,
  written: readonly Pick<WrittenFile, 'path' | 'nulls'>[],
): Promise<boolean> => {
  const paths = written.map(it => it.path)
  if (fields.length === 1) {
    const [field] = fields
    return field === undefined || written.some(({ nulls }) => (nulls[field] ?? 0) > 0)
  }
  const texts = columns.filter(column => column.type === 'VARCHAR' && fields.includes(column.name))
  const doubts: string[] = []
  if (names !== undefined && texts.length > 0 && texts.length === columns.length)
    doubts.push(
      `(${texts.map(({ name }) => `trim(${quoteName(name)}) = ${quoteText(names[fields.indexOf(name)] ?? '')}`).join(' and ')})`,
    )
  const pattern = rowWithin(fields, columns, options.delimiter ?? ',')
  if (pattern !== undefined)
    for (const { name } of texts)
      doubts.push(
        `(contains(${quoteName(name)}, chr(10)) and regexp_matches(${quoteName(name)}, ${quoteText(pattern)}))`,
      )
  if (doubts.length === 0) return false
  await session.define(['__weft_written'], { kind: 'parquet', files: paths })
  return (await session.rows(`select 1 as doubt from __weft_written where ${doubts.join(' or ')} limit 1`)).length > 0
}

const landCarefully = async (landing: Landing, scratch: string): Promise<Pick<LandedParts, 'rejects' | 'lines'>> => {
  const { request, options, columns } = landing
  const { session } = request
  const quote = options.quote ?? '"'
  const clean = join(scratch, 'clean.csv')
  const broken = join(scratch, 'broken.csv')
  const { lineBytesMax = 0, nullText, ...written } = options
  const sorted = await sortRecords({
    files: landing.troubled,
    columns,
    dialect: { delimiter: options.delimiter ?? ',', quote, escape: options.escape ?? quote },
    lineBytesMax,
    clean,
    rejects: broken,
    ...(nullText === undefined ? {} : { nullText }),
    ...(request.signal === undefined ? {} : { signal: request.signal }),
  })
  // A record stands there twice, as it was and by fields, and a quote is two signs.
  const ours = { delimiter: ',', quote: '"', escape: '"', header: true, lineBytesMax: 8 * lineBytesMax }
  const all = [
    { name: originName, type: 'INTEGER' },
    { name: lineName, type: 'BIGINT' },
    { name: rawName, type: 'VARCHAR' },
    ...columns,
  ]
  await session.define(['__weft_careful'], {
    kind: 'csv',
    files: [clean],
    columns: all,
    fields: all.map(column => column.name),
    options: { ...written, ...ours },
    misfits: misfitsName,
  })
  const good = await writeRows(request, 'careful', `select * from __weft_careful where ${misfitsName} is null`)
  landing.parts.push(...good)
  const rows = good.reduce((sum, part) => sum + part.rows, 0)
  const hasMisfits = sorted.reduce((sum, file) => sum + file.clean, 0) > rows
  await session.define(['__weft_broken'], {
    kind: 'csv',
    files: [broken],
    columns: rejectColumns,
    fields: rejectColumns.map(column => column.name),
    options: ours,
  })
  const misfits = misfitRows('__weft_careful', { files: request.files, columns: request.dataset.columns })
  const rejects = await writeFiles(
    request,
    'rejects', // Another pass over all that is clean, which broken lines alone do not need.
    hasMisfits ? `select * from __weft_broken union all ${misfits}` : 'select * from __weft_broken',
    rejectColumns,
  )
  return {
    rejects: rejects.filter(it => it.rows > 0),
    lines: new Map(sorted.map(file => [file.index, file.records])),
  }
}
