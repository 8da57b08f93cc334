/** Files that come with the package, found from wherever this code runs: the sources, the compiled files, the one file that the command starts from. */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

let root: string | undefined

const packageRoot = (): string => {
  let folder = dirname(fileURLToPath(import.meta.url))
  // Only the root has the command's own file beside its package.json.
  while (!existsSync(join(folder, 'bin', 'weft.cjs')) && dirname(folder) !== folder) folder = dirname(folder)
  return folder
}

/** The absolute path of a file or folder of the package: `inPackage('dist/store/worker.js')`. */
export const inPackage = (path: string): string => {
  root ??= packageRoot()
  return join(root, path)
}
