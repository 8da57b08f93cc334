/** Writes what a scaffold has made: all files or none, and none over a file that is there. */
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { problem, WeftError } from '../../base/index.ts'
import { meshProblems } from '../problems.ts'

export interface ScaffoldFile {
  /** Relative to the project, with `/`. */
  readonly file: string
  readonly text: string
  /** What stands there now and is changed; a file without it must not be there yet. */
  readonly before?: string
}

export const writeScaffold = async (project: string, files: readonly ScaffoldFile[]): Promise<void> => {
  const there: string[] = []
  for (const { file, before } of files)
    if (before === undefined && (await stat(join(project, file)).catch(() => undefined)) !== undefined) there.push(file)
  if (there.length > 0) throw exists(there)
  const written: string[] = []
  try {
    for (const { file, text, before } of files) {
      const path = join(project, file)
      if (before === undefined) {
        await mkdir(dirname(path), { recursive: true })
        await writeFile(path, text, { flag: 'wx' })
        written.push(path)
      } else if ((await readFile(path, 'utf8')) === before) {
        const draft = `${path}.${process.pid}.part`
        await writeFile(draft, text)
        await rename(draft, path)
      } else throw exists([file])
    }
  } catch (error) {
    for (const path of written) await rm(path, { force: true })
    throw error
  }
}

/** A usage error that names what is there already. */
export const exists = (what: readonly string[]): WeftError =>
  new WeftError(
    'usage',
    problem(meshProblems, 'scaffold.exists', `${what.join(', ')} ${what.length === 1 ? 'is' : 'are'} there already`, {
      found: what.join(', '),
      expected: 'names that are free; nothing was written',
      help: 'take another name: --name, --product or --domain',
    }),
  )
