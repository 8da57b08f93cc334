/** Templates of the mesh: folders with `parameters.yaml`, whose `.template` files are copied with `{{words}}` filled in. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { didYouMean, problem, WeftError } from '../../base/index.ts'
import { meshProblems } from '../problems.ts'
import { parseFile } from '../yaml.ts'
import type { ScaffoldFile } from './write.ts'

const parameters = z.strictObject({
  parameters: z.array(
    z.strictObject({
      name: z.string().regex(/^[a-z][a-z0-9_]*$/),
      about: z.string().optional(),
      example: z.union([z.string(), z.number()]).optional(),
      default: z.union([z.string(), z.number()]).optional(),
    }),
  ),
})

export interface Template {
  readonly name: string
  readonly parameters: readonly {
    readonly name: string
    readonly about?: string | undefined
    readonly example?: string | number | undefined
    readonly default?: string | number | undefined
  }[]
  /** Paths inside the folder of the product, and texts, with `{{words}}` in both. */
  readonly files: readonly { readonly path: string; readonly text: string }[]
}

const ending = '.template'

/** Throws `template.unknown` with the names that there are. */
export const readTemplate = async (project: string, name: string): Promise<Template> => {
  const folder = join(project, 'templates')
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const names = entries.filter(it => it.isDirectory()).map(it => it.name)
  if (!names.includes(name)) {
    throw new WeftError(
      'usage',
      problem(meshProblems, 'template.unknown', `the mesh has no template "${name}"`, {
        found: name,
        expected: names.length === 0 ? 'a folder below templates/' : names.sort().join(', '),
        help: didYouMean(name, names),
      }),
    )
  }
  const file = `templates/${name}/parameters.yaml`
  const text = await readFile(join(project, file), 'utf8').catch(() => 'parameters: []')
  const parsed = parameters.safeParse(parseFile(file, text).body)
  if (!parsed.success) throw wrongFile(file, z.prettifyError(parsed.error).split('\n')[0] ?? '')
  return { name, parameters: parsed.data.parameters, files: await filesOf(join(folder, name), '') }
}

const wrongFile = (file: string, message: string): WeftError =>
  new WeftError(
    'invalid',
    problem(meshProblems, 'template.wrong-file', `${file}: ${message}`, { place: { file, line: 1, column: 1 } }),
  )

const filesOf = async (folder: string, prefix: string): Promise<{ path: string; text: string }[]> => {
  const found: { path: string; text: string }[] = []
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) found.push(...(await filesOf(path, `${prefix}${entry.name}/`)))
    else if (entry.name.endsWith(ending))
      found.push({ path: `${prefix}${entry.name.slice(0, -ending.length)}`, text: await readFile(path, 'utf8') })
  }
  return found
}

/** The files of a product, in its folder. A word that is no parameter is a fault of the template. */
export const fillTemplate = (
  template: Template,
  folder: string,
  values: Readonly<Record<string, string>>,
): ScaffoldFile[] => {
  const fill = (text: string, where: string): string =>
    text.replaceAll(/\{\{\s*([A-Za-z0-9_]+)\s*\}\}/g, (_, word: string) => {
      if (Object.hasOwn(values, word)) return values[word] ?? ''
      throw wrongFile(`templates/${template.name}/${where}${ending}`, `{{${word}}} is no parameter`)
    })
  return template.files.map(({ path, text }) => ({ file: `${folder}/${fill(path, path)}`, text: fill(text, path) }))
}
