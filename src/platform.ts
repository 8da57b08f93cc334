/** The composition root: the only file that joins the parts. What the command line, tests and later the service open. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { accessProblems, queryOperation, ReaderPool, type ReadParts, sweepQueries } from './access/index.ts'
import {
  type Effects,
  fileLog,
  hasErrors,
  type Limits,
  type OperationContext,
  type Principal,
  type ProblemKind,
  type ProgressEvent,
  problem,
  sortProblems,
  systemEffects,
  WeftError,
} from './base/index.ts'
import { type Mesh, selectorProblems, storageUrl } from './domain/index.ts'
import { type Engine, engineProblems, openEngine } from './engine/index.ts'
import { governanceProblems } from './governance/index.ts'
import {
  documentProblems,
  formatOperation,
  initOperation,
  meshLimits,
  meshProblems,
  type Project,
  readProject,
  scaffoldOperation,
  schemaOperation,
} from './mesh/index.ts'
import {
  inferSource,
  listRunsOperation,
  listSnapshots,
  modelProblems,
  pipelineProblems,
  type RunParts,
  releasePort,
  requeueLostRuns,
  rollbackPort,
  startRuns,
  sweepStorage,
  type TestParts,
  testDataOperation,
} from './pipelines/index.ts'
import {
  applyOperation,
  type CheckedMesh,
  checkMesh,
  checkOperation,
  createPlanOperation,
  desiredEntities,
  entityKey,
  foreignOf,
  loadApplied,
  type Plan,
  type PlanningParts,
  planHash,
  plannerProblems,
  showPlan,
  statusOperation,
} from './planner/index.ts'
import { sqlProblems } from './sql/index.ts'
import { openStorage, type Storage, storageProblems } from './storage/index.ts'
import { openStore, type Store, storeProblems } from './store/index.ts'

/** Everything that can be asked of the platform. Command line, reference docs, and later REST and MCP are made from this list. */
export const operations = [
  initOperation,
  inferSource,
  scaffoldOperation,
  checkOperation,
  formatOperation,
  schemaOperation,
  createPlanOperation,
  showPlan,
  applyOperation,
  startRuns,
  listRunsOperation,
  listSnapshots,
  rollbackPort,
  releasePort,
  queryOperation,
  testDataOperation,
  statusOperation,
] as const

/** All problem codes with what `weft explain` says of them. */
export const problemKinds: Readonly<Record<string, ProblemKind>> = {
  ...accessProblems,
  ...documentProblems,
  ...engineProblems,
  ...governanceProblems,
  ...meshProblems,
  ...modelProblems,
  ...pipelineProblems,
  ...plannerProblems,
  ...selectorProblems,
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
}

export type Parts = PlanningParts & TestParts & { readonly reads: () => Promise<ReadParts> }

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
  private store: Promise<Store> | undefined
  private pool: ReaderPool | undefined

  /** Reads mesh.yaml and nothing else. Throws `invalid` where that cannot be read, `usage` for an unknown environment. */
  static async open(options: PlatformOptions): Promise<Platform> {
    return new Platform(options, await readProject(options.project, options.environment))
  }

  private constructor(options: PlatformOptions, project: Project) {
    this.options = options
    this.project = project
    this.state = join(options.project, '.weft', project.environment.name)
    this.effects = systemEffects(fileLog(() => join(this.folder('logs'), 'weft.ndjson')))
    this.engine = once(() => openEngine('duckdb'))
    this.check = once(() => checkMesh(this.checkOptions()))
    this.runs = once(() => this.openRuns())
    this.parts = {
      project: options.project,
      scratch: options.project,
      effects: this.effects,
      engine: this.engine,
      limits: async () => (await this.check()).limits,
      check: this.check,
      checkWithCatalogue: roots => this.checkWithCatalogue(roots),
      mesh: async () => valid(await this.check()),
      runs: this.runs,
      catalogueIfThere: async () => (this.hasCatalogue() ? this.runs() : undefined),
      reads: () => this.reads(),
      refuseUnapplied: products => this.refuseUnapplied(products),
      savePlan: plan => this.savePlan(plan),
      readPlanFile: path => this.readPlanFile(path),
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

  /** What an operation is called with. */
  context(): OperationContext<Parts> {
    const { principal, purpose, signal, progress } = this.options
    return { parts: this.parts, principal, purpose, signal, progress: progress ?? (() => {}) }
  }

  /** Begins to open the catalogue while files are still read; a failure shows where the catalogue is used. */
  warm(): void {
    this.openCatalogue().catch(() => {})
  }

  async close(): Promise<void> {
    await this.pool?.close()
    const store = await this.store?.catch(() => undefined)
    if (store === undefined) return
    await rm(this.scratch(), { recursive: true, force: true })
    await store.close()
  }

  private checkOptions() {
    const { project, environment } = this.options
    return {
      project,
      engine: this.engine,
      scratch: project,
      ...(environment === undefined ? {} : { environment }),
    }
  }

  /** Definitions of roots that are not given are taken from the catalogue, so that links to them hold. */
  private async checkWithCatalogue(roots: readonly string[] | undefined): Promise<CheckedMesh> {
    const isWhole = roots === undefined || roots.length === 0
    const first = await (isWhole ? this.check() : checkMesh({ ...this.checkOptions(), roots }))
    const store = await this.openCatalogue()
    const given = new Set(first.mesh.roots.map(root => root.id))
    const foreign = foreignOf(await loadApplied(store.db, this.environment), given)
    if (foreign.products.length === 0 && foreign.domains.length === 0) return first
    return checkMesh({ ...this.checkOptions(), foreign, ...(isWhole ? {} : { roots }) })
  }

  private hasCatalogue(): boolean {
    return this.options.store !== undefined || existsSync(join(this.state, 'catalogue'))
  }

  private openCatalogue(): Promise<Store> {
    this.store ??= this.openStore()
    return this.store
  }

  private async openStore(): Promise<Store> {
    const { store } = this.options
    // The lock lies beside what it locks, wherever the project is.
    const where = store ?? join(this.folder(), 'catalogue')
    const lockPath = store === undefined ? join(this.folder(), 'lock') : `${store}.lock`
    return openStore({ where, lockPath, limits: meshLimits(this.project) })
  }

  private async openRuns(): Promise<RunParts> {
    const [store, { mesh, limits }] = await Promise.all([this.openCatalogue(), this.check()])
    const scratch = this.scratch()
    await mkdir(scratch, { recursive: true, mode: 0o700 })
    const roots = new Map(mesh.roots.map(root => [root.id, root.path]))
    const parts: RunParts = {
      effects: this.effects,
      env: this.environment,
      store,
      engine: this.engine,
      storageOf: domain => this.storageOf(mesh, domain),
      rootPath: root => roots.get(root) ?? this.options.project,
      limits,
      scratch,
      owner: `${hostname()}:${process.pid}:${this.effects.id()}`,
    }
    await this.sweep(parts, mesh)
    return parts
  }

  /** Clears what a process that was killed left behind. The owner of an embedded catalogue is alone; on a server only lost leases are taken over. */
  private async sweep(parts: RunParts, mesh: Mesh): Promise<void> {
    const isAlone = parts.store.kind === 'embedded'
    const now = this.effects.now()
    await requeueLostRuns(parts.store.db, parts.env, now, isAlone)
    if (isAlone) await this.sweepScratch()
    await sweepQueries(parts.scratch)
    const isLive = async (id: string): Promise<boolean> => {
      if (isAlone) return false
      const row = await parts.store.db.selectFrom('run').select('lease_until').where('id', '=', id).executeTakeFirst()
      return row?.lease_until != null && row.lease_until > now
    }
    for (const domain of mesh.domains.keys()) {
      try {
        const storage = await parts.storageOf(domain)
        await sweepStorage(parts, storage, isLive)
        if (isAlone) await storage.sweepDrafts()
      } catch (error) {
        // One domain's storage that cannot be reached or understood is no reason to refuse the others.
        if (!(error instanceof WeftError)) throw error
        this.effects.log.warn('sweep.failed', { domain, code: error.code })
      }
    }
  }

  private scratch(): string {
    return join(this.state, 'tmp', String(process.pid))
  }

  private async sweepScratch(): Promise<void> {
    const folder = join(this.state, 'tmp')
    for (const name of await readdir(folder).catch(() => []))
      if (name !== String(process.pid)) await removeTree(join(folder, name))
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
    this.pool ??= new ReaderPool({ scratch, readersMax: limits.queriesAtOnce })
    return { db: store.db, env, effects, limits, storages: storageOf, pool: this.pool }
  }

  private async refuseUnapplied(products: readonly string[]): Promise<void> {
    const checked = await this.check()
    const applied = await loadApplied((await this.openCatalogue()).db, this.environment)
    const desired = [...desiredEntities(checked.mesh, checked.reads).values()]
    for (const product of products) {
      const differs = desired.find(
        it => it.owner === product && applied.get(entityKey(it.kind, it.subject))?.hash !== it.hash,
      )
      if (differs === undefined) continue
      const isNew = !applied.has(entityKey('product', product))
      throw new WeftError(
        'blocked',
        problem(
          pipelineProblems,
          'run.not-applied',
          isNew ? `${product} was not applied yet` : `${product} differs from what was applied`,
          {
            subject: product,
            found: isNew ? undefined : `${differs.kind} ${differs.subject}`,
            help: 'weft plan shows what would change; weft apply applies it and builds',
            place: { file: differs.file, line: differs.line, column: 1 },
          },
        ),
      )
    }
  }

  private async savePlan(plan: Plan): Promise<string> {
    const path = join(this.folder('plans'), `${plan.id}.json`)
    await writeFile(path, `${JSON.stringify({ schema: 'weft.plan/1', ...plan }, null, 1)}\n`)
    return path
  }

  private async readPlanFile(word: string): Promise<Plan | undefined> {
    for (const path of [resolve(word), join(this.state, 'plans', `${basename(word, '.json')}.json`)]) {
      const text = await readFile(path, 'utf8').catch(() => undefined)
      if (text === undefined) continue
      try {
        const { schema, ...plan } = JSON.parse(text) as { schema: string } & Plan // its id is a hash of the rest, compared now
        if (schema === 'weft.plan/1' && planHash(plan) === plan.id) return plan
      } catch {
        // No plan of ours: the caller says that there is none of that name.
      }
    }
    return undefined
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

const once = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let made: Promise<T> | undefined
  return () => {
    made ??= make()
    return made
  }
}

/** The mesh, where it has no error; else throws all of them. */
const valid = (checked: CheckedMesh): Mesh => {
  const problems = sortProblems([...checked.problems, ...checked.bindProblems])
  const [first, ...more] = problems
  if (first !== undefined && hasErrors(problems)) throw new WeftError('invalid', first, { more })
  return checked.mesh
}

/** Folders of readers are closed against new files, which `rm` alone does not open again. */
const removeTree = async (path: string): Promise<void> => {
  for (const name of await readdir(path).catch(() => [])) await chmod(join(path, name, 'data'), 0o700).catch(() => {})
  await rm(path, { recursive: true, force: true })
}
