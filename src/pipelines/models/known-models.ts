/** Models that were bound before without a word to say, by all that binding looked at. */
import { type Cache, hashText } from '../../base/index.ts'
import type { Dataset, DatasetPipeline, Model } from '../../domain/index.ts'
import type { VisibleRelation } from './names.ts'
import type { Read } from './reads.ts'

export interface BindingOf {
  readonly model: Model
  /** What the model delivers to. */
  readonly dataset: Dataset
  readonly pipeline: DatasetPipeline | undefined
  readonly visible: readonly VisibleRelation[]
}

/** Undefined where binding looks at more than this: at the sources of what is read in place. */
export const bindingKey = ({ model, dataset, pipeline, visible }: BindingOf): string | undefined =>
  pipeline?.materialization === 'referenced'
    ? undefined
    : hashText(
        JSON.stringify([
          model.text,
          dataset.subject,
          shapeOf(dataset),
          pipeline ?? null,
          visible.map(it => [it.name, it.via ?? null, it.dataset.subject, shapeOf(it.dataset)]),
        ]),
      )

const shapes = new WeakMap<Dataset, string>()

/** Names and types of the columns, in their order. */
export const shapeOf = (dataset: Dataset): string => {
  const before = shapes.get(dataset)
  if (before !== undefined) return before
  const shape = hashText(JSON.stringify(dataset.columns.map(({ name, type }) => [name, type])))
  shapes.set(dataset, shape)
  return shape
}

export const knownReads = (cache: Cache, key: string | undefined): readonly Read[] | undefined =>
  key === undefined ? undefined : (cache.get(key) as readonly Read[] | undefined) // written below only, by this very build of the program

export const learnReads = (cache: Cache, key: string | undefined, reads: readonly Read[]): void => {
  if (key !== undefined) cache.set(key, reads)
}
