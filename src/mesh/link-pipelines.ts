/** pipeline.yaml and the product that it belongs to. */
import { nearest, type Place, type Problem, parseDuration, parseSize, problem } from '../base/index.ts'
import { type DatasetPipeline, type Definition, type OutputPort, type Product, validity } from '../domain/index.ts'
import { duplicate } from './contracts.ts'
import type { PipelineDocument } from './documents/index.ts'
import type { ProductDraft } from './drafts.ts'
import { meshProblems, unknownName } from './problems.ts'
import type { ReadDocument } from './read.ts'

export interface ProductPipeline {
  readonly limits: Product['limits']
  readonly schedule?: unknown
  datasetsOf(outputs: readonly OutputPort[]): Record<string, DatasetPipeline>
}

export const linkPipelines = (
  documents: readonly ReadDocument[],
  drafts: readonly ProductDraft[],
  problems: Problem[],
): Map<string, ProductPipeline> => {
  const found = new Map<string, ProductPipeline>()
  const places = new Map<string, Definition>()
  const byName = new Map<string, ProductDraft>()
  // As `find` would: the first draft that has the name, as its subject or as its id.
  for (const draft of drafts)
    for (const name of [draft.subject, draft.document.id]) if (!byName.has(name)) byName.set(name, draft)
  for (const it of documents) {
    if (it.kind !== 'Pipeline') continue
    const { document, definition } = it
    let draft = byName.get(document.product)
    if (draft === undefined) {
      const names = drafts.map(one => one.subject)
      const place = definition.at(['product'])
      problems.push(
        unknownName(
          'mesh.unknown-product',
          `no product is called "${document.product}"`,
          document.product,
          names,
          place,
        ),
      )
      const meant = nearest(document.product, names)
      draft = drafts.find(one => one.subject === meant)
      if (draft === undefined) continue
    }
    const before = places.get(draft.subject)
    if (before !== undefined) {
      problems.push(duplicate('pipeline', draft.subject, definition.at(['product']), before.at(['product'])))
      continue
    }
    places.set(draft.subject, definition)
    problems.push(...pipelineProblems(document, definition, draft))
    found.set(draft.subject, {
      limits: runLimits(document),
      datasetsOf: outputs => datasetsOf(document, outputs),
      ...(document.schedule === undefined ? {} : { schedule: document.schedule }),
    })
  }
  return found
}

const datasetsOf = (document: PipelineDocument, outputs: readonly OutputPort[]): Record<string, DatasetPipeline> => {
  const found: Record<string, DatasetPipeline> = {}
  for (const port of outputs) {
    for (const dataset of port.datasets) {
      const it = document.datasets?.[dataset.name]
      if (it === undefined) continue
      const closedAfterMs = it.closedAfter === undefined ? undefined : parseDuration(it.closedAfter)
      found[dataset.subject] = {
        materialization: it.materialization ?? 'full',
        inputs: it.inputs ?? {},
        ...(it.partition === undefined ? {} : { partition: it.partition }),
        ...(closedAfterMs === undefined ? {} : { closedAfterMs }),
        ...(it.rejects?.atMost === undefined ? {} : { rejectsAtMost: String(it.rejects.atMost) }),
      }
    }
  }
  return found
}

const runLimits = ({ limits }: PipelineDocument): Product['limits'] => {
  const memory = typeof limits?.memory === 'string' ? parseSize(limits.memory) : undefined
  const runTimeMs = typeof limits?.runTime === 'string' ? parseDuration(limits.runTime) : undefined
  return {
    ...(memory === undefined ? {} : { memory }),
    ...(runTimeMs === undefined ? {} : { runTimeMs }),
    ...(limits?.retries === undefined ? {} : { retries: limits.retries }),
  }
}

const pipelineProblems = (document: PipelineDocument, { at }: Definition, draft: ProductDraft): Problem[] => {
  const problems: Problem[] = []
  const datasets = draft.outputs.flatMap(port => port.entry?.document.schema ?? [])
  const inputs = draft.inputs.map(it => it.name)
  for (const [name, it] of Object.entries(document.datasets ?? {})) {
    const path = ['datasets', name]
    const dataset = datasets.filter(one => one.name === name)
    if (dataset.length === 0) {
      const names = datasets.map(one => one.name)
      problems.push(
        unknownName('mesh.unknown-dataset', `${draft.subject} has no dataset "${name}"`, name, names, at(path, 'key')),
      )
      continue
    }
    if (it.materialization === 'history') problems.push(...dataset.flatMap(one => historyProblems(one, name, at(path))))
    if (it.materialization === 'partitioned' && it.partition === undefined) {
      problems.push(
        problem(meshProblems, 'pipeline.unsupported', `a partitioned dataset needs a partition`, {
          place: at([...path, 'materialization']),
          expected: 'partition: { column, grain }',
        }),
      )
    }
    const columns = dataset.flatMap(one => (one.properties ?? []).map(property => property.name))
    const column = it.partition?.column
    if (column !== undefined && !columns.includes(column))
      problems.push(
        unknownName(
          'mesh.unknown-column',
          `${name} has no column "${column}"`,
          column,
          columns,
          at([...path, 'partition', 'column']),
        ),
      )
    for (const input of Object.keys(it.inputs ?? {}))
      if (!inputs.includes(input))
        problems.push(
          unknownName(
            'mesh.unknown-port',
            `${draft.subject} has no input port "${input}"`,
            input,
            inputs,
            at([...path, 'inputs', input], 'key'),
          ),
        )
  }
  problems.push(...scheduleProblems(document, at, inputs, draft.subject))
  return problems
}

interface WithProperties {
  readonly properties?: readonly { readonly name: string; readonly primaryKey?: unknown }[] | undefined
}

/** A history needs a key that says which row follows which, and columns for the times. */
const historyProblems = (dataset: WithProperties, name: string, place: Place): Problem[] => {
  const properties = dataset.properties ?? []
  const keys = properties.filter(it => it.primaryKey === true && it.name !== validity.from)
  const missing = [validity.from, validity.to].filter(it => !properties.some(property => property.name === it))
  const lines = missing.map(it => `- { name: ${it}, logicalType: timestamp, physicalType: TIMESTAMP }`)
  return [
    ...(keys.length > 0
      ? []
      : [
          problem(meshProblems, 'pipeline.history', `${name} keeps history and has no key`, {
            place,
            expected: 'primaryKey: true at the columns that say which row is the same as before',
          }),
        ]),
    ...(missing.length === 0
      ? []
      : [
          problem(meshProblems, 'pipeline.history', `${name} keeps history and has no ${missing.join(' and no ')}`, {
            place,
            expected: lines.join(', '),
            help: 'add to the contract; the model does not deliver them',
          }),
        ]),
  ]
}

const scheduleProblems = (
  { schedule }: PipelineDocument,
  at: Definition['at'],
  inputs: readonly string[],
  product: string,
): Problem[] => {
  const after = schedule !== undefined && 'after' in schedule && Array.isArray(schedule.after) ? schedule.after : []
  return after.flatMap((input, index) =>
    inputs.includes(input)
      ? []
      : [
          unknownName(
            'mesh.unknown-port',
            `${product} has no input port "${input}"`,
            input,
            inputs,
            at(['schedule', 'after', index]),
          ),
        ],
  )
}
