/** The composition root: the only file that joins the parts. What the command line, tests and later the service open. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import type { z } from 'zod'
import {
  accessProblems,
  exportOperation,
  queryOperation,
  ReaderPool,
  type ReadParts,
  sweepQueries,
} from './access/index.ts'
import {
  assert,
  compileBetter,
  type Effects,
  fileLog,
  type Limits,
  lazy,
  type Operation,
  type OperationContext,
  type Principal,
  type ProblemKind,
  type ProgressEvent,
  systemEffects,
} from './base/index.ts'
import { type CatalogParts, catalogProblems, describeOperation, findOperation } from './catalog/index.ts'
import { type Mesh, selectorProblems, storageUrl } from './domain/index.ts'
import { type Engine, engineProblems, openEngine } from './engine/index.ts'
import { governanceProblems, rowRetention, snapshotRetention } from './governance/index.ts'
import { lineageOperations, lineageProblems } from './lineage/index.ts'
import {
  documentProblems,
  filesFingerprint,
  formatOperation,
  initOperation,
  isLarge,
  listFiles,
  meshLimits,
  meshProblems,
  type Project,
  readProject,
  scaffoldOperation,
  schemaOperation,
} from './mesh/index.ts'
import {
  cancelRun,
  diffDataOperation,
  inferSource,
  type LoggingParts,
  listRunsOperation,
  listSnapshots,
  modelProblems,
  pipelineProblems,
  type RunParts,
  releasePort,
  rollbackPort,
  showLogs,
  startRuns,
  sweepLeftovers,
  sweepScratch,
  type TestParts,
  testDataOperation,
} from './pipelines/index.ts'
import {
  type CheckedMesh,
  checkMesh,
  foreignOf,
  hasOtherRoots,
  loadApplied,
  type PlanningParts,
  plannerOperations,
  plannerProblems,
  readPlanFile,
  refuseUnapplied,
  validMesh,
  writePlanFile,
} from './planner/index.ts'
import { Catalogue, servingProblems } from './serving/index.ts'
import { sqlProblems } from './sql/index.ts'
import { openStorage, type Storage, storageProblems } from './storage/index.ts'
import { storeProblems } from './store/index.ts'

export { type ColumnLineageFacet, columnLineageFacet } from './lineage/index.ts'

/** Everything that can be asked of the platform. Command line, reference docs, and later REST and MCP are made from this list. */
export const operations = [
  initOperation,
  inferSource,
  scaffoldOperation,
  ...plannerOperations,
  formatOperation,
  schemaOperation,
  startRuns,
  cancelRun,
  listRunsOperation,
  showLogs,
  listSnapshots,
  rollbackPort,
  releasePort,
  queryOperation,
  exportOperation,
  testDataOperation,
  diffDataOperation,
  ...lineageOperations,
  findOperation,
  describeOperation,
] as const

/** All problem codes with what `weft explain` says of them. */
export const problemKinds: Readonly<Record<string, ProblemKind>> = {
  ...accessProblems,
  ...catalogProblems,
  ...documentProblems,
  ...engineProblems,
  ...governanceProblems,
  ...lineageProblems,
  ...meshProblems,
  ...modelProblems,
  ...pipelineProblems,
  ...plannerProblems,
  ...selectorProblems,
  ...servingProblems,
  ...sqlProblems,
  ...storageProblems,
  ...storeProblems,
}

export interface PlatformOptions {
  /** The project's folder. */
  readonly project: string
  readonly environment?: string
  /** Where the catalogue is: a PostgreSQL URL. Absent: embedded, in the project's `.weft` folder. */
  readonly store?: string
  readonly principal: Principal
  readonly purpose: string
  readonly signal: AbortSignal
  readonly progress?: (event: ProgressEvent) => void
  readonly output?: Writable
  /** What this process was called for, told to whoever waits for it: `weft run`. */
  readonly command: string
  readonly version: string
  /** The platform of the process that works for another terminal: its catalogue is used, and stays open. */
  readonly host?: Platform
}

export type Parts = PlanningParts &
  TestParts &
  LoggingParts &
  CatalogParts & { readonly reads: () => Promise<ReadParts> }

/** An open project. What it needs is opened when it is first needed; `close` gives everything back. */
export class Platform {
  readonly parts: Parts
  private readonly options: PlatformOptions
  private readonly project: Project
  /** `.weft/<env>`: what a laptop keeps of the project. */
  private readonly state: string
  private readonly effects: Effects
  private readonly engine: () => Promise<Engine>
  private readonly check: () => Promise<CheckedMesh>
  private readonly runs: () => Promise<RunParts>
  private readonly storages = new Map<string, Promise<Storage>>()
  private readonly catalogue: Catalogue
  private pool: ReaderPool | undefined
  private checked: { readonly fingerprint: string; readonly mesh: Promise<CheckedMesh> } | undefined

  /** Reads mesh.yaml and nothing else. Throws `invalid` where that cannot be read, `usage` for an unknown environment. */
  static async open(options: PlatformOptions): Promise<Platform> {
    return new Platform(options, await readProject(options.project, options.environment))
  }

  private constructor(options: PlatformOptions, project: Project) {
    this.options = options
    this.project = project
    this.state = join(options.project, '.weft', project.environment.name)
    this.effects =
      options.host?.effects ??
      systemEffects(fileLog(() => join(this.folder('logs'), 'weft.ndjson'), meshLimits(project).logBytesMax))
    this.engine = lazy(() => openEngine('duckdb'))
    this.check = lazy(() => this.checkFiles())
    this.runs = lazy(() => this.openRuns())
    this.catalogue = this.openShared()
    this.parts = {
      project: options.project,
      scratch: options.project,
      effects: this.effects,
      engine: this.engine,
      limits: async () => (await this.check()).limits,
      settings: { limits: this.limits, environment: this.environment },
      check: this.check,
      checkWithCatalogue: roots => this.checkWithCatalogue(roots),
      mesh: async () => validMesh(await this.check()),
      runs: this.runs,
      catalogueIfThere: async () => (this.hasCatalogue() ? this.runs() : undefined),
      catalogueAsIs: async () =>
        this.hasCatalogue()
          ? { store: await this.catalogue.open(), env: this.environment, limits: this.limits }
          : undefined,
      reads: () => this.reads(),
      logFiles: ['weft.1.ndjson', 'weft.ndjson'].map(name => join(this.state, 'logs', name)),
      refuseUnapplied: async products =>
        refuseUnapplied((await this.catalogue.open()).db, this.environment, await this.check(), products),
      savePlan: plan => writePlanFile(this.folder('plans'), plan),
      readPlanFile: word => readPlanFile(join(this.state, 'plans'), word),
    }
  }

  /** All limits, those that mesh.yaml sets and the defaults of the rest. */
  get limits(): Limits {
    return meshLimits(this.project)
  }

  get environment(): string {
    return this.project.environment.name
  }

  /** Everybody in a team or group of the mesh. */
  async people(): Promise<string[]> {
    const { mesh } = await this.check()
    const inTeams = [...mesh.domains.values()].flatMap(it => it.team?.members.map(member => member.username) ?? [])
    const inGroups = (this.project.document?.groups ?? []).flatMap(it => it.members ?? [])
    return [...new Set([...inTeams, ...inGroups])].sort()
  }

  /** Does an operation: here, or in the process that holds the embedded catalogue. */
  ask<Input extends z.ZodType, Output>(
    operation: Operation<Parts, Input, Output>,
    input: z.input<Input>,
  ): Promise<Output> {
    return this.catalogue.ask(operation, input, this.context())
  }

  /** Begins to open the catalogue and to read the files beside it; a failure shows where either is used. */
  warm(): void {
    if (this.catalogue.isHeldElsewhere()) return
    this.catalogue.open().catch(() => {})
    this.check().catch(() => {})
  }

  /** What other terminals have asked of this process and still wait for: closing finishes it first. */
  get waiting(): readonly string[] {
    return this.catalogue.waiting
  }

  async close(): Promise<void> {
    if (this.options.host !== undefined) return
    await this.catalogue.leave()
    await this.pool?.close()
    if (existsSync(this.scratch())) await rm(this.scratch(), { recursive: true, force: true })
    await this.catalogue.close()
  }

  private context(): OperationContext<Parts> {
    const { principal, purpose, signal, progress, output } = this.options
    const context = { parts: this.parts, principal, purpose, signal, progress: progress ?? (() => {}) }
    return output === undefined ? context : { ...context, output }
  }

  private checkOptions() {
    const { project, environment } = this.options
    return {
      project,
      engine: this.engine,
      scratch: project,
      cache: join(this.state, 'cache'),
      ...(environment === undefined ? {} : { environment }),
    }
  }

  /** Files that are as they were a moment ago are not read and bound again for each terminal that asks. */
  private async checkFiles(): Promise<CheckedMesh> {
    const listed = listFiles(this.project.roots)
    const fingerprint = filesFingerprint(listed)
    if (isLarge(listed) && !existsSync(join(this.state, 'cache', 'files'))) compileBetter()
    const host = this.options.host ?? this
    if (host.checked?.fingerprint === fingerprint) return host.checked.mesh
    const mesh = checkMesh({ ...this.checkOptions(), listed })
    host.checked = { fingerprint, mesh }
    return mesh
  }

  /** Definitions of roots that are not given are taken from the catalogue, so that links to them hold. */
  private async checkWithCatalogue(roots: readonly string[] | undefined): Promise<CheckedMesh> {
    const isWhole = roots === undefined || roots.length === 0
    const first = await (isWhole ? this.check() : checkMesh({ ...this.checkOptions(), roots }))
    const store = await this.catalogue.open()
    const given = new Set(first.mesh.roots.map(root => root.id))
    if (!(await hasOtherRoots(store.db, this.environment, given))) return first
    const foreign = foreignOf(await loadApplied(store.db, this.environment), given)
    if (foreign.products.length === 0 && foreign.domains.length === 0) return first
    return checkMesh({ ...this.checkOptions(), foreign, ...(isWhole ? {} : { roots }) })
  }

  private hasCatalogue(): boolean {
    return this.options.store !== undefined || existsSync(join(this.state, 'catalogue'))
  }

  /** The catalogue of this process, or of the one that this platform works in for another terminal. */
  private openShared(): Catalogue {
    const { host, store: url, command, version, signal, project } = this.options
    if (host !== undefined) return host.catalogue
    return new Catalogue({
      url,
      state: this.state,
      makeState: () => void this.folder(),
      limits: this.limits,
      effects: this.effects,
      command,
      version,
      signal,
      isLong: name => {
        const found = operations.find(it => it.name === name)
        return found === undefined ? undefined : 'isLong' in found
      },
      serve: async ({ operation, input, asker }, context) => {
        const options = { ...context, project, environment: this.environment, command: asker, version, host: this }
        const guest = await Platform.open(options)
        try {
          return await guest.answer(operation, input)
        } finally {
          await guest.close()
        }
      },
    })
  }

  /** An operation by its name, for another terminal; its turn has come. */
  private async answer(name: string, input: unknown): Promise<unknown> {
    const found = operations.find(it => it.name === name)
    assert(found !== undefined, `there is an operation ${name}`)
    const operation = found as unknown as Operation<Parts, z.ZodType, unknown> // each takes what its own schema has parsed
    return operation.run(this.context(), operation.input.parse(input))
  }

  private async openRuns(): Promise<RunParts> {
    const { host } = this.options
    // What a killed process left is swept once, by the process that opened the catalogue.
    if (host !== undefined) await host.runs()
    const [store, { mesh, limits }] = await Promise.all([this.catalogue.open(), this.check()])
    const scratch = this.scratch()
    await mkdir(scratch, { recursive: true, mode: 0o700 })
    const roots = new Map(mesh.roots.map(root => [root.id, root.path]))
    const today = this.effects.now().toISOString().slice(0, 10)
    const parts: RunParts = {
      effects: this.effects,
      env: this.environment,
      store,
      engine: this.engine,
      storageOf: domain => this.storageOf(mesh, domain),
      rootPath: root => roots.get(root) ?? this.options.project,
      limits,
      keepSnapshots: snapshotRetention(mesh, today),
      keepRows: rowRetention(mesh, today),
      scratch,
      owner: `${hostname()}:${process.pid}:${this.effects.id()}`,
    }
    if (host !== undefined) return parts
    if (store.kind === 'embedded') await sweepScratch(join(this.state, 'tmp'), String(process.pid))
    await sweepQueries(scratch)
    await sweepLeftovers(parts, mesh.domains.keys())
    return parts
  }

  private scratch(): string {
    return join(this.state, 'tmp', String(process.pid))
  }

  private storageOf(mesh: Mesh, domain: string): Promise<Storage> {
    const before = this.storages.get(domain)
    if (before !== undefined) return before
    const it = mesh.domains.get(domain)
    const root = mesh.roots.find(one => one.id === it?.root)
    const opened = openStorage(
      storageUrl(mesh, domain),
      it?.storage === undefined ? this.options.project : (root?.path ?? this.options.project),
    )
    this.storages.set(domain, opened)
    return opened
  }

  private async reads(): Promise<ReadParts> {
    const { effects, env, store, limits, scratch, storageOf } = await this.runs()
    const owner = this.options.host ?? this
    owner.pool ??= new ReaderPool({ scratch, readersMax: limits.queriesAtOnce })
    return { db: store.db, env, effects, limits, storages: storageOf, pool: owner.pool }
  }

  /** A folder of the state, made when it is first needed, kept out of git by a file of its own. */
  private folder(part = ''): string {
    const folder = join(this.state, part)
    mkdirSync(folder, { recursive: true })
    const ignore = join(this.options.project, '.weft', '.gitignore')
    if (!existsSync(ignore)) writeFileSync(ignore, '*\n')
    return folder
  }
}
