/** Operation project.init: a first mesh, copied from the examples that Weft comes with. */
import { copyFile, mkdir, readdir, rm, rmdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { didYouMean, inPackage, type OperationContext, operation, problem, WeftError } from '../base/index.ts'
import { meshProblems } from './problems.ts'

const examples = inPackage('examples')
const starter = 'starter'
/** What running an example leaves in its folder. */
const notCopied = new Set(['.weft', 'node_modules'])

export const initOperation = operation({
  name: 'project.init',
  effect: 'local',
  permission: 'mesh.write',
  summary: 'Makes a mesh that passes the check at once, in an empty folder.',
  input: z.object({ folder: z.string(), example: z.string().optional() }),
  async run(_: OperationContext<unknown>, input): Promise<{ folder: string; files: readonly string[] }> {
    const folder = resolve(input.folder)
    const source = join(examples, await exampleNamed(input.example))
    await refuseFull(folder)
    const isThere = (await stat(folder).catch(() => undefined)) !== undefined
    await mkdir(folder, { recursive: true })
    try {
      const files = await copyTree(source, folder, '')
      return { folder, files: files.sort() }
    } catch (error) {
      // Whole or not at all. The folder itself stays where somebody made it, perhaps to stand in it.
      for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true, force: true })
      if (!isThere) await rmdir(folder)
      throw error
    }
  },
})

const exampleNamed = async (name: string | undefined): Promise<string> => {
  if (name === undefined) return starter
  const entries = await readdir(examples, { withFileTypes: true })
  const names = entries.filter(it => it.isDirectory() && it.name !== starter).map(it => it.name)
  if (names.includes(name)) return name
  throw new WeftError(
    'usage',
    problem(meshProblems, 'init.unknown-example', `no example is called "${name}"`, {
      found: name,
      expected: names.join(', '),
      help: didYouMean(name, names),
    }),
  )
}

const refuseFull = async (folder: string): Promise<void> => {
  const it = await stat(folder).catch(() => undefined)
  if (it === undefined) return
  const entries = it.isDirectory() ? await readdir(folder) : ['']
  if (entries.length === 0) return
  throw new WeftError(
    'usage',
    problem(meshProblems, 'init.not-empty', `${folder} is not empty; nothing was written`, {
      found: it.isDirectory() ? `${entries.length} entries` : 'a file',
      expected: 'an empty folder, or a name that is not there yet',
    }),
  )
}

/** Paths of the copied files, relative to the target. Data that a generator writes is not part of an example. */
const copyTree = async (from: string, to: string, prefix: string): Promise<string[]> => {
  const files: string[] = []
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const path = prefix === '' ? entry.name : `${prefix}/${entry.name}`
    if (notCopied.has(entry.name) || path === 'data/orders') continue
    if (entry.isDirectory()) {
      await mkdir(join(to, entry.name), { recursive: true })
      files.push(...(await copyTree(join(from, entry.name), join(to, entry.name), path)))
    } else if (entry.isFile()) {
      await copyFile(join(from, entry.name), join(to, entry.name))
      files.push(path)
    }
  }
  return files
}
