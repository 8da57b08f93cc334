/** A product's models in the order in which they can be built, and what each depends on. */
import { assert, problem, WeftError } from '../../base/index.ts'
import type { Model, Product } from '../../domain/index.ts'
import type { Session } from '../../engine/index.ts'
import { allowedRead, parseSelects, placeInText, type Select, tableReferences, timeDependent } from '../../sql/index.ts'
import { findVisible, siblingRelations } from './names.ts'
import { modelProblems } from './problems.ts'

export interface OrderedModel {
  readonly model: Model
  readonly select: Select
  /** Its answer depends on the instant of the run. */
  readonly isTimeDependent: boolean
}

/** `check` has told of it at its place; a build looks again, because it is the one that opens files. */
const refuseForeign = (model: Model, select: Select): void => {
  const [refused] = allowedRead(select)
  if (refused === undefined) return
  throw new WeftError(
    'invalid',
    problem(modelProblems, 'sql.not-allowed', refused.message, {
      place: { file: model.file, ...placeInText(model.text, refused.position ?? 0) },
      found: refused.found,
      subject: model.dataset,
    }),
  )
}

/** Each model after the siblings that it reads. `check` has refused circles before. */
export const orderedModels = async (product: Product, session: Session): Promise<OrderedModel[]> => {
  const parsed = await parseSelects(
    texts => session.parse(texts),
    product.models.map(model => model.text),
  )
  const majors = new Map(product.outputs.flatMap(port => port.datasets.map(it => [it.subject, port.major] as const)))
  const keys = new Map(
    product.outputs.flatMap(port =>
      port.datasets.map(
        it => [it.subject, it.rules.flatMap(rule => (rule.test.kind === 'foreignKey' ? [rule.test.to] : []))] as const,
      ),
    ),
  )
  const models = new Map(product.models.map(model => [model.dataset, model]))
  /** The siblings that a model reads. */
  const siblingsOf = (model: Model): readonly Model[] => {
    const select = parsed[product.models.indexOf(model)]
    if (select?.ok !== true) return []
    const visible = siblingRelations(product, majors.get(model.dataset) ?? 0)
    return tableReferences(select).flatMap(({ parts }) => {
      const sibling = models.get(findVisible(visible, parts)?.dataset.subject ?? '')
      return sibling === undefined || sibling === model ? [] : [sibling]
    })
  }
  const isMadeFrom = (model: Model, source: Model, seen: ReadonlySet<Model> = new Set()): boolean =>
    siblingsOf(model).some(it => it === source || (!seen.has(it) && isMadeFrom(it, source, new Set([...seen, model]))))
  const ordered: OrderedModel[] = []
  const state = new Map<string, 'open' | 'done'>()
  const visit = (model: Model): void => {
    if (state.has(model.dataset)) return
    state.set(model.dataset, 'open')
    const select = parsed[product.models.indexOf(model)]
    assert(select?.ok === true, `model ${model.dataset} can be parsed`)
    refuseForeign(model, select)
    for (const sibling of siblingsOf(model)) visit(sibling)
    // What a key points to is built first, so that it is judged against the new rows; but what it is made from comes before it.
    for (const target of keys.get(model.dataset) ?? []) {
      const sibling = product.models.find(it => it.dataset === target)
      if (sibling !== undefined && sibling !== model && !isMadeFrom(sibling, model)) visit(sibling)
    }
    state.set(model.dataset, 'done')
    ordered.push({ model, select, isTimeDependent: timeDependent(select).length > 0 })
  }
  for (const model of product.models) visit(model)
  return ordered
}
