/** The SQL of a product's datasets: `models/<port>.v<N>/<dataset>.sql` where a major has its own, else `models/<dataset>.sql`. */
import { posix } from 'node:path'
import { hashText } from '../base/index.ts'
import { type Model, type Product, plainModelText } from '../domain/index.ts'
import type { FoundFile } from './discover.ts'
import type { ProductDraft } from './drafts.ts'

/** `used` collects the files that a dataset is made by. */
export const linkModels = (
  draft: ProductDraft,
  outputs: Product['outputs'],
  models: readonly FoundFile[],
  used: Set<string>,
): Model[] => {
  if (draft.isImplied) return []
  const folder = posix.join(posix.dirname(draft.definition.file), 'models')
  const inFolder = new Map(
    models.filter(it => it.root === draft.definition.root).map(it => [it.file.toLowerCase(), it] as const),
  )
  const found: Model[] = []
  for (const port of outputs) {
    for (const dataset of port.datasets) {
      const own = posix.join(folder, `${port.name}.v${port.major}`, `${dataset.name}.sql`)
      const file =
        inFolder.get(own.toLowerCase()) ?? inFolder.get(posix.join(folder, `${dataset.name}.sql`).toLowerCase())
      if (file === undefined) continue
      used.add(file.file)
      // A semicolon at the end is a habit, not a second statement.
      const text = file.text.replace(/;\s*$/, '')
      found.push({ dataset: dataset.subject, file: file.file, text, hash: hashText(plainModelText(text)) })
    }
  }
  return found
}
