/** The SQL of a product's datasets: `models/<port>.v<N>/<dataset>.sql` where a major has its own, else `models/<dataset>.sql`. */
import { posix } from 'node:path'
import { type Model, modelHash, modelText, type Product } from '../domain/index.ts'
import type { FoundFile } from './discover.ts'
import type { ProductDraft } from './drafts.ts'

/** Files of models by their root and place; letters' case does not count. */
export const modelFiles = (models: readonly FoundFile[]): ReadonlyMap<string, FoundFile> =>
  new Map(models.map(it => [modelKey(it.root, it.file), it]))

const modelKey = (root: string, file: string): string => `${root} ${file.toLowerCase()}`

/** `used` collects the files that a dataset is made by. */
export const linkModels = (
  draft: ProductDraft,
  outputs: Product['outputs'],
  models: ReadonlyMap<string, FoundFile>,
  used: Set<string>,
): Model[] => {
  if (draft.isImplied) return []
  const { root } = draft.definition
  const folder = posix.join(posix.dirname(draft.definition.file), 'models')
  const found: Model[] = []
  for (const port of outputs) {
    for (const dataset of port.datasets) {
      const own = posix.join(folder, `${port.name}.v${port.major}`, `${dataset.name}.sql`)
      const file =
        models.get(modelKey(root, own)) ?? models.get(modelKey(root, posix.join(folder, `${dataset.name}.sql`)))
      if (file === undefined) continue
      used.add(file.file)
      const text = modelText(file.text)
      const hash = file.known?.is === 'model' ? file.known.hash : modelHash(text)
      found.push({ dataset: dataset.subject, file: file.file, text, hash })
    }
  }
  return found
}
