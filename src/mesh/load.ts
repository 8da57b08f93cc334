/** Files to one mesh with all problems: discover, read, link, check references. */
import { join } from 'node:path'
import {
  defaultLimits,
  didYouMean,
  type Limits,
  type Problem,
  problem,
  sortProblems,
  WeftError,
} from '../base/index.ts'
import type { Mesh } from '../domain/index.ts'
import { duplicate } from './contracts.ts'
import { discover } from './discover.ts'
import { openKnown } from './known.ts'
import { type Foreign, linkMesh } from './link.ts'
import { limitsOf } from './link-domains.ts'
import { type Listed, listFiles } from './listed.ts'
import { meshProblems } from './problems.ts'
import { meshFile, type Project, readProject } from './project.ts'
import { readDefinitions } from './read.ts'
import { referenceProblems } from './references.ts'

export interface LoadOptions {
  /** The project's folder. */
  readonly project: string
  /** Absent: the mesh's default. */
  readonly environment?: string
  /** Only these roots are read; absent: all. */
  readonly roots?: readonly string[]
  /** What is known of other roots. */
  readonly foreign?: Foreign
  /** The files, where they were listed already. */
  readonly listed?: Listed
  /** A folder for what was found out about files; absent: nothing is kept. */
  readonly cache?: string
}

export interface LoadedMesh {
  readonly mesh: Mesh
  readonly limits: Limits
  /** Every definition could be understood, if not without problems. */
  readonly isComplete: boolean
  /** Errors first. With errors the mesh holds what could be understood. */
  readonly problems: readonly Problem[]
  /** Definition and model files that were read. */
  readonly files: number
}

/** Throws `invalid` where mesh.yaml or a root cannot be read at all, `usage` for an environment or root that the mesh does not have. */
export const loadMesh = async (options: LoadOptions): Promise<LoadedMesh> => {
  const { foreign = { domains: [], products: [] } } = options
  const whole = await readProject(options.project, options.environment)
  const project = { ...whole, roots: chosenRoots(whole, options.roots) }
  const limits = meshLimits(project)
  const known = options.cache === undefined ? undefined : openKnown(join(options.cache, 'files'), project.environment)
  const listed = options.listed ?? listFiles(project.roots, whole.roots)
  const found = discover(options.project, project.roots, limits, listed, known)
  const files = found.definitions.filter(it => it.file !== meshFile)
  const read = readDefinitions(files, project.environment)
  // A part of the roots is not what is worth keeping.
  if (project.roots.length === whole.roots.length) known?.save()
  const linked = linkMesh(project, read.documents, found.models, foreign)
  const isComplete = read.unreadable === 0
  const links = [...linked.problems, ...referenceProblems(linked.mesh, project.document, read.documents)]
  const problems = [
    ...project.problems,
    ...found.problems,
    ...read.problems,
    ...secondMeshes(read.documents, project),
    // Where a definition could not be read, a link that leads nowhere most likely leads there.
    ...links.filter(it => isComplete || !/^(mesh\.unknown-|mesh\.unused-|source\.)/.test(it.code)),
  ]
  return {
    mesh: linked.mesh,
    limits,
    isComplete,
    problems: sortProblems(problems),
    files: found.definitions.length + found.models.length,
  }
}

const chosenRoots = (project: Project, chosen: readonly string[] | undefined): Project['roots'] => {
  if (chosen === undefined || chosen.length === 0) return project.roots
  const ids = project.roots.map(root => root.id)
  const wrong = chosen.find(id => !ids.includes(id))
  if (wrong !== undefined) {
    throw new WeftError(
      'usage',
      problem(meshProblems, 'mesh.unknown-root', `the mesh has no root "${wrong}"`, {
        found: wrong,
        expected: ids.join(', '),
        help: didYouMean(wrong, ids),
      }),
    )
  }
  return project.roots.filter(root => chosen.includes(root.id))
}

/** All limits, those that mesh.yaml sets and the defaults of the rest. */
export const meshLimits = (project: Pick<Project, 'document'>): Limits => {
  const set = limitsOf(project.document?.limits)
  const known = Object.entries(set).filter(
    ([name, value]) => Object.hasOwn(defaultLimits, name) && typeof value === 'number',
  )
  return { ...defaultLimits, ...Object.fromEntries(known) }
}

const secondMeshes = (documents: ReturnType<typeof readDefinitions>['documents'], project: Project): Problem[] =>
  documents.flatMap(it =>
    it.kind !== 'Mesh'
      ? []
      : [
          project.definition === undefined
            ? problem(
                meshProblems,
                'mesh.several-meshes',
                `a mesh is defined here, and not in ${meshFile} of the project`,
                {
                  place: it.definition.at(['kind']),
                },
              )
            : duplicate('mesh', it.document.id, it.definition.at(['id']), project.definition.at(['id'])),
        ],
  )
