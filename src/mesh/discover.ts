/** The files below a root that may be definitions or models: content decides, folders are convention. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, join, relative, sep } from 'node:path'
import { hashText, type Limits, type Problem, problem, WeftError } from '../base/index.ts'
import type { Root } from '../domain/index.ts'
import { meshProblems } from './problems.ts'

export interface FoundFile {
  readonly root: string
  /** Relative to the project, with `/`. */
  readonly file: string
  readonly path: string
  readonly text: string
}

export interface Discovered {
  readonly definitions: readonly FoundFile[]
  readonly models: readonly FoundFile[]
  readonly problems: readonly Problem[]
}

/** Folders that hold no definitions, whoever made them. */
const passedOver = new Set(['node_modules', 'dist', 'target', '__pycache__'])

/** Reads the files of all roots. A file below two roots belongs to the inner one. Throws an `invalid` error for a root that cannot be read. */
export const discover = async (
  project: string,
  roots: readonly Root[],
  limits: Limits,
  /** All roots of the mesh, also those that are not read now. */
  allRoots: readonly Root[] = roots,
): Promise<Discovered> => {
  const found = await Promise.all(roots.map(root => discoverRoot(project, root, allRoots, limits)))
  return {
    definitions: found.flatMap(it => it.definitions),
    models: found.flatMap(it => it.models),
    problems: found.flatMap(it => it.problems),
  }
}

/** Equal means that no file was added, removed or changed that `discover` would read: told without opening any. Throws as `discover` does. */
export const filesFingerprint = async (roots: readonly Root[]): Promise<string> => {
  const found: string[] = []
  for (const root of roots) {
    const inner = roots.filter(it => it.id !== root.id && it.path.startsWith(root.path + sep)).map(it => it.path)
    const paths = await candidates(root, new Set(inner))
    const files = await Promise.all(paths.map(path => stat(path, { bigint: true })))
    found.push(root.id, ...files.map((it, index) => `${paths[index]} ${it.ino} ${it.size} ${it.mtimeNs}`))
  }
  return hashText(found.join('\n'))
}

const discoverRoot = async (
  project: string,
  root: Root,
  roots: readonly Root[],
  limits: Limits,
): Promise<Discovered> => {
  const inner = new Set(roots.filter(it => it.id !== root.id && it.path.startsWith(root.path + sep)).map(it => it.path))
  const definitions: FoundFile[] = []
  const models: FoundFile[] = []
  const problems: Problem[] = []
  for (const path of await candidates(root, inner)) {
    const file = relative(project, path).split(sep).join('/')
    const isModel = path.endsWith('.sql')
    const { size } = await stat(path)
    if (size > limits.definitionBytesMax) {
      if (isModel || namedLikeDefinition(path)) problems.push(tooLarge(file, size, limits.definitionBytesMax))
      continue
    }
    const text = (await readFile(path, 'utf8')).replace(/^\uFEFF/, '')
    const it = { root: root.id, file, path, text }
    if (isModel) models.push(it)
    else if (looksLikeDefinition(path, text)) definitions.push(it)
    if (definitions.length > limits.definitionsMax) {
      throw new WeftError(
        'invalid',
        problem(meshProblems, 'mesh.too-many-definitions', `root ${root.id} has too many definition files`, {
          found: `more than ${limits.definitionsMax}`,
        }),
      )
    }
  }
  return { definitions, models, problems }
}

const tooLarge = (file: string, bytes: number, bytesMax: number): Problem =>
  problem(meshProblems, 'mesh.too-large', 'the file is larger than limits.definitionBytesMax', {
    place: { file, line: 1, column: 1 },
    found: `${bytes} bytes`,
    expected: `at most ${bytesMax}`,
  })

const candidates = async (root: Root, inner: ReadonlySet<string>): Promise<string[]> => {
  const found: string[] = []
  const walk = async (folder: string): Promise<void> => {
    const entries = await readdir(folder, { withFileTypes: true })
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (entry.name.startsWith('.')) continue
      const path = join(folder, entry.name)
      if (entry.isDirectory()) {
        if (!passedOver.has(entry.name) && !inner.has(path)) await walk(path)
      } else if (entry.isFile() && /\.(ya?ml|json|sql)$/i.test(entry.name)) found.push(path)
    }
  }
  try {
    await walk(root.path)
  } catch (cause) {
    throw new WeftError(
      'invalid',
      problem(meshProblems, 'mesh.unknown-root', `root ${root.id} cannot be read`, { found: root.path }),
      { cause },
    )
  }
  return found
}

/** `kind` or `apiVersion` as a key of the outermost level, or anywhere in a JSON text. */
const header = /(^|\n)["']?(kind|apiVersion)["']?\s*:|^\s*\{[\s\S]*?["'](kind|apiVersion)["']\s*:/

const looksLikeDefinition = (path: string, text: string): boolean => namedLikeDefinition(path) || header.test(text)

/** Files with one of our names are definitions even where their header is misspelt. */
const namedLikeDefinition = (path: string): boolean =>
  /\.(odps|odcs|oaas)\.(ya?ml|json)$/.test(path) ||
  ['mesh.yaml', 'domain.yaml', 'pipeline.yaml'].includes(basename(path)) ||
  (['policies', 'terms', 'chapters'].includes(basename(dirname(path))) && /\.ya?ml$/.test(path))
