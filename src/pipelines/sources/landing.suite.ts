/** What the tests of landing share: a session and folders that are gone after each test. */
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import { defaultLimits } from '../../base/index.ts'
import type { Column, Contract, Dataset } from '../../domain/index.ts'
import { openEngine, type Session, type Value } from '../../engine/index.ts'
import { filesInPlace, type InPlace } from './in-place.ts'
import { type Landed, landSource } from './land.ts'
import type { SourceRequest } from './land-part.ts'
import type { SourceFile } from './source.ts'

export interface LandingWorkspace {
  readonly session: Session
  readonly folder: string
  file(name: string, content: string | Uint8Array): Promise<SourceFile>
  /** Files of `name` and content, landed with columns as `name TYPE` (`name TYPE required`, `name TYPE from Name in files`, `name TYPE inside TYPE in files`). */
  land(
    files: readonly SourceFile[],
    columns: readonly string[],
    options?: Readonly<Record<string, unknown>>,
    limits?: Partial<typeof defaultLimits>,
  ): Promise<Landed>
  /** The same files where they are. */
  inPlace(files: readonly SourceFile[], columns: readonly string[]): Promise<InPlace>
  /** One CSV text, landed. */
  csv(
    text: string | Uint8Array,
    columns: readonly string[],
    options?: Readonly<Record<string, unknown>>,
  ): Promise<Landed>
  rows(landed: Landed): Promise<Record<string, Value>[]>
  rejects(landed: Landed): Promise<Record<string, Value>[]>
}

const place = { file: 'contract.yaml', line: 1, column: 1 }

const columnOf = (text: string): Column => {
  const [whole = '', sourceType] = text.split(' inside ')
  const [declared = '', physicalName] = whole.split(' from ')
  const name = declared.slice(0, declared.indexOf(' '))
  const isRequired = declared.endsWith(' required')
  const type = declared.slice(name.length + 1).replace(/ required$/, '')
  return {
    name,
    type,
    ...(physicalName === undefined ? {} : { physicalName }),
    ...(sourceType === undefined ? {} : { sourceType }),
    logicalType: 'string',
    nullable: !isRequired,
    unique: false,
    tags: [],
    terms: [],
    place,
  }
}

const contractOf = (columns: readonly string[], options: Readonly<Record<string, unknown>>): Contract => {
  const dataset: Dataset = {
    subject: 'sales.shop.files.lines',
    name: 'lines',
    columns: columns.map(columnOf),
    rules: [],
    place,
  }
  const { format, ...rest } = options
  const server = { name: 's', type: 'local', location: 'data', options: rest, place }
  return {
    subject: 'sales.shop.files',
    root: 'root',
    file: 'contract.yaml',
    hash: '',
    body: {},
    at: () => place,
    id: 'files',
    version: '1.0.0',
    major: 1,
    status: 'active',
    datasets: [dataset],
    servers: [{ ...server, ...(typeof format === 'string' ? { format } : {}) }],
  }
}

export const useLanding = (): (() => LandingWorkspace) => {
  let current: LandingWorkspace | undefined
  beforeEach(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'weft-land-'))
    const engine = await openEngine('duckdb')
    const session = await engine.open({ memory: 512 * 1024 ** 2, threads: 2, scratch: folder })
    let count = 0
    const file: LandingWorkspace['file'] = async (name, content) => {
      const path = join(folder, name)
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, content)
      return { path, uri: name, bytes: (await stat(path)).size, etag: '' }
    }
    const asked = async (
      files: readonly SourceFile[],
      columns: readonly string[],
      options: Readonly<Record<string, unknown>> = {},
    ): Promise<SourceRequest> => {
      const contract = contractOf(columns, options)
      const into = join(folder, `landed-${count++}`)
      await mkdir(into)
      const dataset = contract.datasets[0]
      if (dataset === undefined) throw new Error('the contract has one dataset')
      return { session, contract, dataset, files, folder: into, limits: defaultLimits }
    }
    const land: LandingWorkspace['land'] = async (files, columns, options, limits = {}) =>
      landSource({ ...(await asked(files, columns, options)), limits: { ...defaultLimits, ...limits } })
    current = {
      session,
      folder,
      file,
      land,
      inPlace: async (files, columns) => {
        const request = await asked(files, columns)
        return filesInPlace(request, request.dataset.columns)
      },
      csv: async (text, columns, options = {}) => land([await file(`a${count}.csv`, text)], columns, options),
      rows: async landed => {
        await session.define(['read'], landed.relation)
        return session.rows('select * from read order by all')
      },
      rejects: async landed => {
        if (landed.rejects.length === 0) return []
        await session.define(['rejected'], { kind: 'parquet', files: landed.rejects.map(it => it.path) })
        return session.rows('select * from rejected order by uri, line')
      },
    }
  })
  afterEach(async () => {
    await current?.session.close()
    if (current !== undefined) await rm(current.folder, { recursive: true, force: true })
    current = undefined
  })
  return () => {
    if (current === undefined) throw new Error('the workspace is there in tests only')
    return current
  }
}
