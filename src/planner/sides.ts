/** What `weft diff` is given, found: a file, a folder, a subject of the mesh, or a commit of git. */
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { basename, join, relative, resolve, sep } from 'node:path'
import { didYouMean, type Limits, problem, WeftError } from '../base/index.ts'
import { type ContractDocument, type ContractSide, type Mesh, modelText, outputPorts } from '../domain/index.ts'
import { gitTree, loadMesh, readOne, writeTree } from '../mesh/index.ts'
import { plannerProblems } from './problems.ts'

export type Side =
  | { readonly kind: 'contract'; readonly subject: string; readonly side: ContractSide }
  | { readonly kind: 'model'; readonly subject: string; readonly file: string; readonly text: string }
  /** A whole mesh, or what lies below a subject of it. */
  | { readonly kind: 'mesh'; readonly mesh: Mesh; readonly below?: string }

export interface SideOptions {
  readonly project: string
  readonly environment: string | undefined
  readonly limits: Limits
  /** A folder for what is taken out of git; whoever gives it removes it. */
  readonly scratch: string
}

/** Throws a usage error where nothing is called so. */
export const sideOf = async (word: string, options: SideOptions): Promise<Side> => {
  const path = resolve(options.project, word)
  const found = await stat(path).catch(() => undefined)
  if (found?.isDirectory()) return { kind: 'mesh', mesh: await meshOf(path, options) }
  if (found?.isFile()) return fileSide(path, options)
  const own = await meshOf(options.project, options)
  const named = namedSide(own, word)
  if (named !== undefined) return named
  const colon = word.indexOf(':')
  const [ref, inside] = colon < 0 ? [word, ''] : [word.slice(0, colon), word.slice(colon + 1)]
  const tree = await gitTree(options.project, ref)
  const side = tree === undefined ? undefined : await treeSide(tree, inside, options)
  if (side !== undefined) return side
  throw unknown(word, own)
}

const meshOf = async (project: string, { environment }: SideOptions): Promise<Mesh> => {
  // Another folder need not have the environments of this one.
  const same = { project, ...(environment === undefined ? {} : { environment }) }
  const { mesh, problems, isComplete } = await loadMesh(same).catch(() => loadMesh({ project }))
  const [first, ...more] = problems.filter(it => it.severity === 'error')
  if (!isComplete && first !== undefined) throw new WeftError('invalid', first, { more })
  return mesh
}

const fileSide = async (path: string, options: SideOptions): Promise<Side> => {
  const text = await readFile(path, 'utf8')
  const inside = relative(options.project, path).split(sep).join('/')
  const file = inside.startsWith('..') ? path : inside
  if (path.endsWith('.sql')) return { kind: 'model', subject: basename(path, '.sql'), file, text: modelText(text) }
  const { document, problems } = readOne({ root: '', file, path, text: text.replace(/^\uFEFF/, '') }, undefined)
  const [first, ...more] = problems.filter(it => it.severity === 'error')
  if (first !== undefined) throw new WeftError('invalid', first, { more })
  if (document?.kind !== 'DataContract')
    throw new WeftError(
      'usage',
      problem(plannerProblems, 'diff.unknown', `${file} is no contract and no model`, {
        found: document?.kind ?? 'no definition',
        expected: 'a contract (kind: DataContract), a model (.sql), or a folder',
      }),
    )
  const { id } = document.document
  return { kind: 'contract', subject: id, side: { document: document.document, at: document.definition.at } }
}

/** A port, product or domain by its subject, a contract by its id. */
const namedSide = (mesh: Mesh, word: string): Side | undefined => {
  const port = outputPorts(mesh).get(word)?.port
  const contract = port?.contract ?? mesh.contracts.get(word)
  if (contract !== undefined) {
    const document = contract.body as ContractDocument // the body of a contract is its document
    return { kind: 'contract', subject: port?.subject ?? contract.subject, side: { document, at: contract.at } }
  }
  const model = [...mesh.products.values()].flatMap(it => it.models).find(it => it.dataset === word)
  if (model !== undefined) return { kind: 'model', subject: word, file: model.file, text: model.text }
  const product = mesh.products.get(word) ?? [...mesh.products.values()].find(it => it.id === word)
  if (product !== undefined) return { kind: 'mesh', mesh, below: product.subject }
  return mesh.domains.has(word) ? { kind: 'mesh', mesh, below: word } : undefined
}

/** What a commit says: of all, of a file or folder of it, or of a subject of the mesh that it was. */
const treeSide = async (tree: string, inside: string, options: SideOptions): Promise<Side | undefined> => {
  const folder = await mkdtemp(join(options.scratch, 'tree-'))
  await writeTree(options.project, tree, folder, options.limits)
  const path = resolve(folder, inside)
  if (path !== folder && !path.startsWith(folder + sep)) return undefined
  const within = { ...options, project: folder }
  const found = await stat(path).catch(() => undefined)
  if (found?.isFile()) return fileSide(path, within)
  if (found?.isDirectory()) return { kind: 'mesh', mesh: await meshOf(path, within) }
  return namedSide(await meshOf(folder, within), inside)
}

/** The same part of another mesh, where one side is a part and the other a whole. */
export const partOf = (whole: Side & { readonly kind: 'mesh' }, part: Side): Side | undefined => {
  if (part.kind === 'mesh') return part.below === undefined ? whole : { ...whole, below: part.below }
  return namedSide(whole.mesh, part.subject)
}

const unknown = (word: string, mesh: Mesh): WeftError => {
  const names = [...mesh.products.keys(), ...outputPorts(mesh).keys(), ...mesh.contracts.keys()]
  return new WeftError(
    'usage',
    problem(plannerProblems, 'diff.unknown', `nothing is called "${word}"`, {
      found: word,
      expected: 'a file, a folder, a subject or id of the mesh, or a git ref',
      help: didYouMean(word, names),
    }),
  )
}

/** Removes a scratch folder when the work is done, whatever came of it. */
export const withScratch = async <Result>(
  parent: string,
  work: (folder: string) => Promise<Result>,
): Promise<Result> => {
  const folder = await mkdtemp(join(parent, 'weft-diff-'))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
