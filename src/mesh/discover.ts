/** The files below a root that may be definitions or models: content decides, folders are convention. */
import { readFileSync } from 'node:fs'
import { basename, dirname, relative, sep } from 'node:path'
import { type Limits, type Problem, problem, WeftError } from '../base/index.ts'
import { modelHash, modelText, type Root } from '../domain/index.ts'
import type { Known, KnownFile } from './known.ts'
import { type Listed, type ListedFile, listFiles } from './listed.ts'
import { meshProblems } from './problems.ts'

export interface FoundFile {
  readonly root: string
  /** Relative to the project, with `/`. */
  readonly file: string
  readonly path: string
  readonly text: string
  /** What was found out before about a file with this very content. */
  readonly known?: KnownFile
  /** Remembers what was found out about it. */
  readonly learn?: (known: KnownFile) => void
}

export interface Discovered {
  readonly definitions: readonly FoundFile[]
  readonly models: readonly FoundFile[]
  readonly problems: readonly Problem[]
}

/** Reads the files of all roots; those that are known only when their text is asked for. Throws an `invalid` error for a root that cannot be read. */
export const discover = (
  project: string,
  roots: readonly Root[],
  limits: Limits,
  listed: Listed = listFiles(roots),
  known?: Known,
): Discovered => {
  const found = roots.map(root => discoverRoot(project, root, listed.get(root.id) ?? [], limits, known))
  return {
    definitions: found.flatMap(it => it.definitions),
    models: found.flatMap(it => it.models),
    problems: found.flatMap(it => it.problems),
  }
}

const discoverRoot = (
  project: string,
  root: Root,
  files: readonly ListedFile[],
  limits: Limits,
  known: Known | undefined,
): Discovered => {
  const definitions: FoundFile[] = []
  const models: FoundFile[] = []
  const problems: Problem[] = []
  for (const listed of files) {
    const { path, bytes } = listed
    const file = fileIn(project, path)
    const isModel = path.endsWith('.sql')
    if (bytes > limits.definitionBytesMax) {
      if (isModel || namedLikeDefinition(path)) problems.push(tooLarge(file, bytes, limits.definitionBytesMax))
      continue
    }
    const before = known?.find(file, listed)
    const it: FoundFile =
      before === undefined ? foundFile(root.id, file, listed, known) : knownFile(root.id, file, path, before)
    if (isModel) {
      const model = before ?? modelOf(it.text)
      if (before === undefined) it.learn?.(model)
      models.push(before === undefined ? { ...it, known: model } : it)
    } else if (before === undefined ? looksLikeDefinition(path, it.text) : before.is !== 'nothing') definitions.push(it)
    else if (before === undefined) it.learn?.({ is: 'nothing' })
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

/** Nearly all lie in the project, and to cut its name off is all there is to do. */
const fileIn = (project: string, path: string): string => {
  const inside = path.startsWith(project + sep) ? path.slice(project.length + 1) : relative(project, path)
  return sep === '/' ? inside : inside.split(sep).join('/')
}

const readText = (path: string): string => readFileSync(path, 'utf8').replace(/^\uFEFF/, '')

const foundFile = (root: string, file: string, listed: ListedFile, known: Known | undefined): FoundFile => {
  const it = { root, file, path: listed.path, text: readText(listed.path) }
  return known === undefined ? it : { ...it, learn: found => known.learn(file, listed, found) }
}

const knownFile = (root: string, file: string, path: string, known: KnownFile): FoundFile => ({
  root,
  file,
  path,
  known,
  get text() {
    return known.is === 'model' ? known.text : readText(path)
  },
})

const modelOf = (text: string): KnownFile => ({ is: 'model', text, hash: modelHash(modelText(text)) })

const tooLarge = (file: string, bytes: number, bytesMax: number): Problem =>
  problem(meshProblems, 'mesh.too-large', 'the file is larger than limits.definitionBytesMax', {
    place: { file, line: 1, column: 1 },
    found: `${bytes} bytes`,
    expected: `at most ${bytesMax}`,
  })

/** `kind` or `apiVersion` as a key of the outermost level, or anywhere in a JSON text. */
const header = /(^|\n)["']?(kind|apiVersion)["']?\s*:|^\s*\{[\s\S]*?["'](kind|apiVersion)["']\s*:/

const looksLikeDefinition = (path: string, text: string): boolean => namedLikeDefinition(path) || header.test(text)

/** Files with one of our names are definitions even where their header is misspelt. */
const namedLikeDefinition = (path: string): boolean =>
  /\.(odps|odcs|oaas)\.(ya?ml|json)$/.test(path) ||
  ['mesh.yaml', 'domain.yaml', 'pipeline.yaml'].includes(basename(path)) ||
  (['policies', 'terms', 'chapters'].includes(basename(dirname(path))) && /\.ya?ml$/.test(path))
