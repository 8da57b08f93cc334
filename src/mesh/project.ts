/** The project's own file: roots, environments and what else holds for the whole mesh. */
import { readFile, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { didYouMean, nearest, type Problem, problem, WeftError } from '../base/index.ts'
import { type Definition, type Root, slugOf } from '../domain/index.ts'
import type { MeshDocument } from './documents/index.ts'
import { meshProblems } from './problems.ts'
import { type Environment, readOne } from './read.ts'

export interface Project {
  readonly id: string
  readonly name: string
  readonly roots: readonly Root[]
  readonly environment: Environment
  readonly document?: MeshDocument
  readonly definition?: Definition
  readonly problems: readonly Problem[]
}

/** The path of the project's file, below the project's folder. */
export const meshFile = 'mesh.yaml'

/**
 * Reads mesh.yaml. Without one the folder is a mesh of one root. A file that cannot be read at all leaves nothing to go on from: throws `invalid`.
 * Throws a usage error for an environment that the mesh does not have.
 */
export const readProject = async (folder: string, environment: string | undefined): Promise<Project> => {
  const path = join(folder, meshFile)
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text === undefined) return withoutFile(folder, environment)
  const read = readOne({ root: '', file: meshFile, path, text: text.replace(/^\uFEFF/, '') }, undefined)
  if (read.document?.kind !== 'Mesh') throw invalid(read.problems)
  const { document, definition } = read.document
  const environments = document.environments ?? {}
  const names = Object.keys(environments)
  let name = environment ?? document.defaultEnvironment ?? names[0] ?? 'dev'
  const problems = [...read.problems]
  if (names.length > 0 && !names.includes(name)) {
    const unknown = problem(meshProblems, 'mesh.unknown-environment', `no environment "${name}"`, {
      found: name,
      expected: names.join(', '),
      help: didYouMean(name, names),
      ...(environment === undefined ? { place: definition.at(['defaultEnvironment']) } : {}),
    })
    if (environment !== undefined) throw new WeftError('usage', unknown)
    problems.push(unknown)
    name = nearest(name, names) ?? name
  }
  const roots = await rootsOf(folder, document, definition, problems)
  const first = roots[0]
  return {
    id: document.id,
    name: document.name ?? document.id,
    roots,
    environment: { name, variables: environments[name]?.variables ?? {} },
    document,
    definition: { ...definition, at: definition.at, subject: document.id, root: first?.id ?? document.id },
    problems,
  }
}

const invalid = (problems: readonly Problem[]): WeftError => {
  const [first, ...more] = problems
  return new WeftError(
    'invalid',
    first ??
      problem(meshProblems, 'yaml.syntax', 'mesh.yaml is no definition of a mesh', {
        place: { file: meshFile, line: 1, column: 1 },
        expected: 'kind: Mesh',
      }),
    { more },
  )
}

const withoutFile = (folder: string, environment: string | undefined): Project => {
  const id = slugOf(basename(folder)) || 'mesh'
  return {
    id,
    name: id,
    roots: [{ id, path: folder }],
    environment: { name: environment ?? 'dev', variables: {} },
    problems: [],
  }
}

const rootsOf = async (
  folder: string,
  document: MeshDocument,
  { at }: Definition,
  problems: Problem[],
): Promise<Root[]> => {
  const listed = document.roots ?? []
  if (listed.length === 0) return [{ id: document.id, path: folder }]
  const roots: Root[] = []
  for (const [index, root] of listed.entries()) {
    const path = root.path === undefined ? undefined : resolve(folder, root.path)
    const isThere = path !== undefined && (await stat(path).catch(() => undefined))?.isDirectory() === true
    if (path !== undefined && isThere) roots.push({ id: root.id, path })
    else
      problems.push(
        problem(meshProblems, 'mesh.unknown-root', `root ${root.id} is not there`, {
          place: at(['roots', index, root.path === undefined ? 'id' : 'path']),
          found: root.path ?? root.git,
          expected: 'a folder',
        }),
      )
  }
  return roots
}
