/** How models changed in what they mean, by the engine's parser. */

import { plainModelText } from '../domain/index.ts'
import {
  changedColumns,
  columnMeanings,
  type MeaningChange,
  meaningChanges,
  type Parse,
  parseSelects,
} from '../sql/index.ts'
import type { Entity, ModelBody } from './desired.ts'
import type { ModelChange } from './diff.ts'

export interface ModelPair {
  readonly dataset: string
  readonly before: string
  readonly after: string
}

/** By dataset. A text that is no SELECT has no meaning that could be told. */
export const modelChanges = async (parse: Parse, pairs: readonly ModelPair[]): Promise<Map<string, ModelChange>> => {
  if (pairs.length === 0) return new Map()
  const parsed = await parseSelects(
    parse,
    pairs.flatMap(it => [it.before, it.after]),
  )
  return new Map(
    pairs.flatMap(({ dataset }, index) => {
      const [before, after] = [parsed[2 * index], parsed[2 * index + 1]]
      if (before?.ok !== true || after?.ok !== true) return []
      const changes: MeaningChange[] = meaningChanges(before, after)
      const columns = changedColumns(before, after)
      return [
        [
          dataset,
          {
            ...{ changes, before: columnMeanings(before), after: columnMeanings(after) },
            ...(columns === undefined ? {} : { columns: [...columns] }),
          },
        ] as const,
      ]
    }),
  )
}

/** Models that both have, with texts that differ in more than layout and comments. */
export const changedModels = (
  desired: ReadonlyMap<string, Entity>,
  applied: ReadonlyMap<string, { readonly body: unknown }>,
): ModelPair[] =>
  [...desired].flatMap(([key, entity]) => {
    const before = entity.kind === 'model' ? applied.get(key) : undefined
    if (before === undefined) return []
    const [from, to] = [before.body as ModelBody, entity.body as ModelBody] // bodies of models are written by desired.ts only
    if (from.text === to.text || plainModelText(from.text) === plainModelText(to.text)) return []
    return [{ dataset: entity.subject, before: from.text, after: to.text }]
  })
