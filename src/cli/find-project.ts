/** The project that a command is about: the nearest folder upwards with a mesh.yaml. */
import { stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { problem, WeftError } from '../base/index.ts'
import { cliProblems } from './problem-kinds.ts'

/** Throws a usage error where there is none. A folder that is named need not have a mesh.yaml: its definitions are found by content. */
export const findProject = async (named: string | undefined): Promise<string> => {
  if (named !== undefined) {
    const folder = resolve(named)
    if ((await stat(folder).catch(() => undefined))?.isDirectory()) return folder
    throw new WeftError(
      'usage',
      problem(cliProblems, 'project.not-found', `there is no folder ${named}`, { found: named }),
    )
  }
  for (let folder = process.cwd(); ; folder = dirname(folder)) {
    if ((await stat(join(folder, 'mesh.yaml')).catch(() => undefined))?.isFile()) return folder
    if (dirname(folder) === folder) break
  }
  throw new WeftError(
    'usage',
    problem(cliProblems, 'project.not-found', 'no mesh.yaml here or in a folder above', {
      found: process.cwd(),
      help: 'weft init makes a mesh; --project . takes the definitions of this folder as they are',
    }),
  )
}
