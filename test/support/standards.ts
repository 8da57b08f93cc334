/** Files of the open standards, which lie beside the repository and are read, never copied. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { parse } from 'yaml'

const folder = join(import.meta.dirname, '../../../shared/standards')

export const hasStandards = existsSync(folder)

/** A title that says why its tests are skipped, where they are. */
export const titled = (title: string): string =>
  hasStandards ? title : `${title} (skipped: the files of the standards are not beside the repository)`

export interface StandardFile {
  /** Relative to the folder of the standards. */
  readonly file: string
  readonly name: string
  readonly text: string
  readonly body: unknown
}

/** The YAML files under a folder of the standards, in the order of their names; none where the standards are absent. */
export const standardFiles = (under: string): StandardFile[] => filesIn(join(folder, under), folder)

/** The YAML files under any folder. */
export const filesIn = (path: string, base: string): StandardFile[] => {
  if (!existsSync(path)) return []
  const files = readdirSync(path, { recursive: true, withFileTypes: true })
    .filter(it => it.isFile() && /\.ya?ml$/.test(it.name))
    .map(it => join(it.parentPath, it.name))
    .sort()
  return files.map(file => {
    const text = readFileSync(file, 'utf8')
    const body: unknown = parse(text)
    return { file: relative(base, file), name: basename(file), text, body }
  })
}

/** A JSON Schema of the standards. */
export const standardSchema = (file: string): object => {
  const schema: unknown = JSON.parse(readFileSync(join(folder, file), 'utf8'))
  if (typeof schema !== 'object' || schema === null) throw new Error(`${file} is no JSON Schema`)
  return schema
}
