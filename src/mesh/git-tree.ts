/** The definitions and models of a folder as git has them at a commit, written into a folder of their own. Never touches the checkout. */
import { spawn } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Limits, problem, WeftError } from '../base/index.ts'
import { meshProblems } from './problems.ts'

/** The id of the tree that a word names in the repository of a folder; undefined where it names none, or there is no repository. Throws where git itself is missing. */
export const gitTree = async (folder: string, ref: string): Promise<string | undefined> => {
  // A word that begins so would be an option.
  if (ref === '' || ref.startsWith('-') || /[\0\n]/.test(ref)) return undefined
  const [prefix, tree] = [
    await git(folder, ['rev-parse', '--show-prefix']),
    await git(folder, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{tree}`]),
  ]
  if (prefix.code !== 0 || tree.code !== 0) return undefined
  const below = prefix.output.toString().trim().replace(/\/$/, '')
  const whole = tree.output.toString().trim()
  if (below === '') return whole
  const own = await git(folder, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${whole}:${below}`])
  return own.code === 0 ? own.output.toString().trim() : undefined
}

export interface BranchPoint {
  /** What the word names. */
  readonly tip: string
  /** Where the checkout's own commits begin: the tip itself where it is a commit of theirs. */
  readonly base: string
}

/** Where the checkout of a folder left what a word names; undefined where the word names no commit, or there is no repository. */
export const branchPoint = async (folder: string, ref: string): Promise<BranchPoint | undefined> => {
  if (ref === '' || ref.startsWith('-') || /[\0\n]/.test(ref)) return undefined
  const commit = await git(folder, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`])
  if (commit.code !== 0) return undefined
  const tip = commit.output.toString().trim()
  const base = await git(folder, ['merge-base', 'HEAD', tip])
  // Histories that have nothing in common, or a clone that was cut: the tip is all there is to compare with.
  return { tip, base: base.code === 0 ? base.output.toString().trim() : tip }
}

/** Writes what could be a definition or a model. Throws `invalid` where there are more than limits.definitionsMax of them. */
export const writeTree = async (folder: string, tree: string, to: string, limits: Limits): Promise<void> => {
  // Below the top of a repository git would list the folder's own path within the tree, and find nothing.
  const listed = await git(folder, ['ls-tree', '--full-tree', '-r', '-z', '-l', tree])
  if (listed.code !== 0) throw failed('its files cannot be listed', listed.problem)
  const files = listed.output
    .toString()
    .split('\0')
    .flatMap(line => entryOf(line, limits.definitionBytesMax))
  if (files.length > 2 * limits.definitionsMax)
    throw failed(`it has ${files.length} files that may be definitions or models`, '')
  const {
    code,
    output,
    problem: said,
  } = await git(folder, ['cat-file', '--batch'], files.map(it => `${it.id}\n`).join(''))
  if (code !== 0) throw failed('its files cannot be read', said)
  let start = 0
  for (const { path } of files) {
    // `<id> blob <bytes>`, a line end, the bytes, a line end.
    const end = output.indexOf(10, start)
    const bytes = Number(output.subarray(start, end).toString().split(' ')[2])
    if (!Number.isSafeInteger(bytes)) throw failed(`${path} cannot be read`, output.subarray(start, end).toString())
    const file = join(to, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, output.subarray(end + 1, end + 1 + bytes))
    start = end + bytes + 2
  }
}

/** Plain files only: a link could lead anywhere. */
const entryOf = (line: string, bytesMax: number): { readonly id: string; readonly path: string }[] => {
  const match = /^100\d{3} blob ([0-9a-f]+) +(\d+)\t(.+)$/s.exec(line)
  const [, id, bytes, path] = match ?? []
  if (id === undefined || path === undefined || Number(bytes) > bytesMax) return []
  if (!/\.(ya?ml|json|sql)$/i.test(path) || path.split('/').some(part => part === '..' || part === '')) return []
  return [{ id, path }]
}

interface Ran {
  readonly code: number | null
  readonly output: Buffer
  readonly problem: string
}

const git = (folder: string, args: readonly string[], input = ''): Promise<Ran> =>
  new Promise((resolve, reject) => {
    const child = spawn('git', args, { cwd: folder, env: { ...process.env, GIT_OPTIONAL_LOCKS: '0' } })
    const chunks: Buffer[] = []
    let said = ''
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString()
    })
    child.on('error', cause =>
      reject(
        new WeftError(
          'usage',
          problem(meshProblems, 'git.missing', 'git cannot be started', { found: cause.message }),
          {
            cause,
          },
        ),
      ),
    )
    child.on('close', code => resolve({ code, output: Buffer.concat(chunks), problem: said.trim() }))
    // A git that has ended already takes no input; its code tells.
    child.stdin.on('error', () => {})
    child.stdin.end(input)
  })

const failed = (what: string, said: string): WeftError =>
  new WeftError(
    'failed',
    problem(meshProblems, 'git.unreadable', `a commit cannot be read: ${what}`, said === '' ? {} : { found: said }),
  )
