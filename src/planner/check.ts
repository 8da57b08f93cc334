/** Files to a checked mesh: loaded, linked, and every model bound against the contracts of what it reads. Needs no store and no data. */
import { join } from 'node:path'
import { hasErrors, type Limits, noCache, openCache, type Problem, sortProblems, WeftError } from '../base/index.ts'
import { type Mesh, outputPorts } from '../domain/index.ts'
import type { Engine } from '../engine/index.ts'
import { type Listed, loadMesh } from '../mesh/index.ts'
import { type BoundModel, bindModels, driftPolicyProblems } from '../pipelines/index.ts'
import type { ModelReads } from './desired.ts'
import type { Foreign } from './foreign.ts'

export interface CheckedMesh {
  readonly mesh: Mesh
  readonly limits: Limits
  /** Of the files and their links. */
  readonly problems: readonly Problem[]
  /** Of the models; `subject` is the dataset that the model makes. */
  readonly bindProblems: readonly Problem[]
  /** What each model reads of other datasets, by the model's dataset. */
  readonly reads: ReadonlyMap<string, readonly ModelReads[]>
  readonly models: readonly BoundModel[]
  readonly files: number
  /** A folder for what follows from files and catalogue; absent: nothing is kept. */
  readonly cache?: string
}

export interface CheckOptions {
  readonly project: string
  readonly environment?: string
  /** Only these roots; the rest is known by `foreign`. */
  readonly roots?: readonly string[]
  readonly foreign?: Foreign
  /** The files of all roots, where they were listed already. */
  readonly listed?: Listed
  /** A folder for what follows from files alone; absent: nothing is kept. */
  readonly cache?: string
  readonly engine: () => Promise<Engine>
  /** A folder for the engine. */
  readonly scratch: string
}

export const checkMesh = async (options: CheckOptions): Promise<CheckedMesh> => {
  const { project, environment, roots, foreign, listed, cache } = options
  // The engine's native part is loaded while files are read; a failure shows where the engine is used.
  const engine = options.engine()
  engine.catch(() => {})
  const loaded = await loadMesh({
    project,
    ...(environment === undefined ? {} : { environment }),
    ...(roots === undefined ? {} : { roots }),
    ...(foreign === undefined ? {} : { foreign }),
    ...(listed === undefined ? {} : { listed }),
    ...(cache === undefined ? {} : { cache }),
  })
  const open = async () =>
    (await engine).open({ memory: loaded.limits.runMemory, threads: 1, scratch: options.scratch })
  const known = cache === undefined ? noCache : openCache(join(cache, 'models'), '')
  const bound = await bindModels(loaded.mesh, open, known)
  if (roots === undefined) known.save()
  return {
    mesh: loaded.mesh,
    limits: loaded.limits,
    problems: sortProblems([...loaded.problems, ...driftPolicyProblems(loaded.mesh)]),
    // Models may read what a definition that cannot be read has: they are judged when it can.
    bindProblems: loaded.isComplete ? sortProblems(bound.problems) : [],
    reads: new Map(bound.models.map(model => [model.dataset, readsOf(model)])),
    models: bound.models,
    files: loaded.files,
    ...(cache === undefined ? {} : { cache }),
  }
}

/** The mesh, where it has no error; else throws all of them. */
export const validMesh = (checked: CheckedMesh): Mesh => {
  const problems = sortProblems([...checked.problems, ...checked.bindProblems])
  const [first, ...more] = problems
  if (first !== undefined && hasErrors(problems)) throw new WeftError('invalid', first, { more })
  return checked.mesh
}

/** A bound model's reads, grouped by dataset and way of use, in a fixed order: they are part of a definition's hash. */
const readsOf = (model: BoundModel): ModelReads[] => {
  const grouped = new Map<string, { dataset: string; how: string; columns: Set<string> }>()
  for (const read of model.reads) {
    const key = `${read.dataset} ${read.how}`
    const one = grouped.get(key) ?? { dataset: read.dataset, how: read.how, columns: new Set<string>() }
    grouped.set(key, one)
    for (const column of read.columns) one.columns.add(column)
  }
  return [...grouped.keys()].sort().flatMap(key => {
    const one = grouped.get(key)
    return one === undefined ? [] : [{ dataset: one.dataset, how: one.how, columns: [...one.columns].sort() }]
  })
}

export interface MeshCounts {
  readonly domains: number
  readonly products: number
  readonly inputPorts: number
  readonly outputPorts: number
  readonly contracts: number
  readonly datasets: number
  readonly columns: number
  readonly models: number
  readonly policies: number
}

export const countMesh = (mesh: Mesh): MeshCounts => {
  const products = [...mesh.products.values()]
  const ports = [...outputPorts(mesh).values()].map(it => it.port)
  const datasets = ports.flatMap(port => port.datasets)
  return {
    domains: mesh.domains.size,
    products: products.length,
    inputPorts: products.reduce((sum, product) => sum + product.inputs.length, 0),
    outputPorts: ports.length,
    contracts: mesh.contracts.size,
    datasets: datasets.length,
    columns: datasets.reduce((sum, dataset) => sum + dataset.columns.length, 0),
    models: products.reduce((sum, product) => sum + product.models.length, 0),
    policies: mesh.others.filter(it => it.kind === 'policy').length,
  }
}
