/** Models that were bound before without a word to say, by all that binding looked at. */
import { type Cache, hashText, oncePer } from '../../base/index.ts'
import type { Dataset, DatasetPipeline, Model } from '../../domain/index.ts'
import type { Lineage } from '../../sql/index.ts'
import type { BoundModel } from './bind.ts'
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

/** Names and types of the columns, in their order. */
export const shapeOf = oncePer((dataset: Dataset): string =>
  hashText(JSON.stringify(dataset.columns.map(({ name, type }) => [name, type]))),
)

/** What was learnt of a model; its lineage, which is large and seldom asked for, is there and is read only then. */
export const knownModel = (cache: Cache, key: string | undefined, dataset: string): BoundModel | undefined => {
  if (key === undefined) return undefined
  const reads = cache.get(key) as readonly Read[] | undefined // written below only, by this very build of the program
  if (reads === undefined || !cache.has(lineageKey(key))) return undefined
  return {
    dataset,
    reads,
    get lineage() {
      return cache.get(lineageKey(key)) as Lineage // it is there, and written as the reads are
    },
  }
}

export const learnModel = (cache: Cache, key: string | undefined, { reads, lineage }: BoundModel): void => {
  if (key === undefined) return
  cache.set(key, reads)
  cache.set(lineageKey(key), lineage)
}

const lineageKey = (key: string): string => `${key} lineage`
