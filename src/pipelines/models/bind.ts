/** Models bound against the contracts of what they read, without any data: unknown names, wrong types and broken promises are found before anything runs. */
import { type Cache, chunks, didYouMean, noCache, type Place, type Problem, problem } from '../../base/index.ts'
import {
  type Dataset,
  datasets,
  type Mesh,
  type Model,
  type OutputPort,
  type Product,
  validity,
} from '../../domain/index.ts'
import { type Session, StatementError } from '../../engine/index.ts'
import {
  allowedRead,
  canBeKey,
  functionCalls,
  type Lineage,
  orderDependent,
  parseSelects,
  placeInText,
  type Select,
  tableReferences,
} from '../../sql/index.ts'
import { bindChecks, checkTasks } from './bind-checks.ts'
import { cycleProblems } from './cycles.ts'
import { deliveryProblems } from './deliver.ts'
import { divisionOf, divisionProblem } from './division.ts'
import { inPlaceProblems } from './in-place.ts'
import { bindingKey, knownModel, learnModel } from './known-models.ts'
import { findVisible, type VisibleRelation, visibleRelations } from './names.ts'
import { modelProblems } from './problems.ts'
import { lineageOf, type Read, readsIn } from './reads.ts'

export interface BoundModel {
  /** The dataset that the model makes. */
  readonly dataset: string
  /** What it reads of other datasets, by way of use. */
  readonly reads: readonly Read[]
  readonly lineage: Lineage
}

export interface Bound {
  readonly models: readonly BoundModel[]
  readonly problems: readonly Problem[]
}

interface Job {
  readonly product: Product
  readonly port: OutputPort
  readonly dataset: Dataset
  readonly model: Model
}

/** Binds every model of the mesh that `cache` does not know. The session is opened only where there is something to bind. */
export const bindModels = async (mesh: Mesh, open: () => Promise<Session>, cache: Cache = noCache): Promise<Bound> => {
  const jobs = jobsOf(mesh).map((job): Task => {
    const { product, port, dataset, model } = job
    const visible = visibleRelations(mesh, product, port.major)
    const key = bindingKey({ model, dataset, pipeline: product.datasets[dataset.subject], visible })
    return { ...job, visible, key, known: knownModel(cache, key, model.dataset) }
  })
  const unknown = jobs.filter(job => job.known === undefined)
  const checks = checkTasks(mesh, cache)
  const found = new Map<Task, BoundModel>(jobs.flatMap(job => (job.known === undefined ? [] : [[job, job.known]])))
  const problems = missingModels(mesh)
  if (unknown.length > 0 || checks.length > 0) {
    const session = await open()
    try {
      problems.push(...(await bindUnknown(mesh, session, unknown, cache, found)))
      problems.push(...(await bindChecks(session, checks, cache)))
    } finally {
      await session.close()
    }
  }
  const models = jobs.flatMap(job => {
    const model = found.get(job)
    return model === undefined ? [] : [model]
  })
  const files = jobs.map(job => job.model)
  return { models, problems: [...problems, ...cycleProblems(models, files)] }
}

interface Task extends Job {
  readonly visible: readonly VisibleRelation[]
  readonly key: string | undefined
  readonly known: BoundModel | undefined
}

const bindUnknown = async (
  mesh: Mesh,
  session: Session,
  tasks: readonly Task[],
  cache: Cache,
  found: Map<Task, BoundModel>,
): Promise<Problem[]> => {
  const problems: Problem[] = []
  const defined = new Defined(session)
  // So many at once: trees of all models of a large mesh would not fit into memory.
  for (const part of chunks(tasks, 500)) {
    const parsed = await parseSelects(
      texts => session.parse(texts),
      part.map(job => job.model.text),
    )
    for (const [index, job] of part.entries()) {
      const select = parsed[index]
      if (select === undefined) continue
      if (!select.ok) {
        problems.push(
          problem(modelProblems, 'sql.syntax', select.message, {
            place: placeOf(job.model, select.position),
            subject: job.model.dataset,
          }),
        )
        continue
      }
      const lineage = lineageOf(select, parts => findVisible(job.visible, parts)?.dataset)
      const reads = readsIn(lineage, new Set(job.visible.map(it => it.dataset.subject)))
      const model = { dataset: job.model.dataset, reads, lineage }
      found.set(job, model)
      const own = [
        ...(await bindOne(session, defined, job, select, job.visible)),
        ...partitionProblems(mesh, job, select),
        ...inPlaceProblems(mesh, job.product, job.port, job.dataset, select),
      ]
      problems.push(...own)
      if (own.length > 0) continue
      learnModel(cache, job.key, model)
      // Lineage is large: where it is kept, it is read again by whoever asks.
      found.set(job, knownModel(cache, job.key, job.model.dataset) ?? model)
    }
  }
  return problems
}

const jobsOf = (mesh: Mesh): Job[] => {
  const all = datasets(mesh)
  return [...mesh.products.values()].flatMap(product =>
    product.models.flatMap(model => {
      const found = all.get(model.dataset)
      return found === undefined ? [] : [{ product, port: found.port, dataset: found.dataset, model }]
    }),
  )
}

/** A product without any model is described only, and that is all right; one that has some must have all. */
const missingModels = (mesh: Mesh): Problem[] =>
  [...mesh.products.values()].flatMap(product => {
    if (product.models.length === 0) return []
    const made = new Set(product.models.map(model => model.dataset))
    return product.outputs.flatMap(port =>
      port.datasets
        .filter(dataset => !made.has(dataset.subject))
        .map(dataset =>
          problem(
            modelProblems,
            'model.missing',
            `no model makes ${dataset.name} of ${port.name} version ${port.major}`,
            {
              place: dataset.place,
              expected: `models/${dataset.name}.sql`,
              subject: dataset.subject,
            },
          ),
        ),
    )
  })

/** Tables are made once for all models that see the same dataset under the same name. */
class Defined {
  private readonly session: Session
  private readonly tables = new Map<string, string>()

  constructor(session: Session) {
    this.session = session
  }

  async see(name: readonly string[], dataset: Dataset): Promise<void> {
    const key = name.join('.')
    if (this.tables.get(key) === dataset.subject) return
    await this.session.define(name, {
      kind: 'empty',
      columns: dataset.columns.map(({ name, type }) => ({ name, type })),
    })
    this.tables.set(key, dataset.subject)
  }
}

const bindOne = async (
  session: Session,
  defined: Defined,
  job: Job,
  select: Select,
  visible: readonly VisibleRelation[],
): Promise<Problem[]> => {
  const { model } = job
  const problems: Problem[] = []
  for (const { parts, position } of tableReferences(select)) {
    const found = findVisible(visible, parts)
    if (found === undefined) {
      const names = visible.map(it => it.name.join('.'))
      problems.push(
        problem(modelProblems, 'sql.unknown-table', `nothing that this model reads is called ${parts.join('.')}`, {
          place: placeOf(model, position, parts.join('.').length),
          found: parts.join('.'),
          expected: names.slice(0, 12).join(', '),
          help: didYouMean(parts.join('.'), names),
          subject: model.dataset,
        }),
      )
    } else await defined.see(parts, found.dataset)
  }
  for (const refused of allowedRead(select)) {
    problems.push(
      problem(modelProblems, 'sql.not-allowed', refused.message, {
        place: placeOf(model, refused.position, refused.found.length),
        found: refused.found,
        help: refused.help,
        subject: model.dataset,
      }),
    )
  }
  problems.push(...determinism(model, select, visible))
  if (problems.some(it => it.severity === 'error')) return problems
  try {
    const delivered = await session.describe(model.text)
    return [...problems, ...deliveryProblems(model, promisedBy(job), delivered, outputPlace(model, select))]
  } catch (error) {
    if (error instanceof StatementError) return [...problems, refusal(job, error, visible, select)]
    throw error
  }
}

/** The times of a history are not the model's to deliver. */
const promisedBy = ({ product, dataset }: Job): Dataset => {
  if (product.datasets[dataset.subject]?.materialization !== 'history') return dataset
  const columns = dataset.columns.filter(it => it.name !== validity.from && it.name !== validity.to)
  return { ...dataset, columns }
}

/** The engine's refusal in our words, with the nearest of the columns that are there. */
const refusal = (job: Job, error: StatementError, visible: readonly VisibleRelation[], select: Select): Problem => {
  const { model } = job
  const message = error.engineMessage
  const subject = model.dataset
  const column =
    /Referenced column "([^"]+)"|does not have a column named "([^"]+)"|column "?([^"\s]+)"? (?:not found|does not exist)/i.exec(
      message,
    )
  const name = column?.slice(1).find(it => it !== undefined)
  if (/ambiguous/i.test(message)) {
    const found = /"([^"]+)"/.exec(message)?.[1]
    const place = placeOf(model, error.position, found?.length)
    return problem(modelProblems, 'sql.ambiguous-name', message, { place, found, subject })
  }
  if (name !== undefined) {
    const read = tableReferences(select).flatMap(({ parts }) => findVisible(visible, parts)?.dataset.columns ?? [])
    // Where another table of the statement has that very name, it is not what was meant here.
    const names = read.map(it => it.name).filter(it => it.toLowerCase() !== name.toLowerCase())
    return problem(modelProblems, 'sql.unknown-column', `no column "${name}" in what this model reads`, {
      place: placeOf(model, error.position, name.length),
      found: name,
      expected: [...new Set(names)].slice(0, 20).join(', '),
      help: didYouMean(name, names),
      subject,
    })
  }
  const isType = /No function matches|Cannot (mix|compare)|type|cast/i.test(message)
  return problem(modelProblems, isType ? 'sql.wrong-type' : 'sql.does-not-bind', message, {
    place: placeOf(model, error.position),
    subject,
  })
}

/** A dataset that is divided must be one that can be. */
const partitionProblems = (mesh: Mesh, { product, port, dataset, model }: Job, select: Select): Problem[] => {
  const partition = product.datasets[dataset.subject]?.partition
  const column = dataset.columns.find(it => it.name === partition?.column)
  if (partition === undefined || column === undefined) return []
  if (!canBeKey(column.type, partition.grain)) {
    const wrong = problem(modelProblems, 'model.wrong-partition', `${dataset.name} is divided by ${column.name}`, {
      place: column.place,
      found: `${column.type}, by ${partition.grain}`,
      expected: partition.grain === 'value' ? 'a text, a whole number or a date' : 'DATE or TIMESTAMP',
      subject: dataset.subject,
    })
    return [wrong]
  }
  const division = divisionOf(mesh, product, port, dataset, select)
  return division !== undefined && 'ok' in division ? [divisionProblem(model, division, partition)] : []
}

const inexact = /^(sum|avg|mean|stddev.*|var.*)$/i

const determinism = (model: Model, select: Select, visible: readonly VisibleRelation[]): Problem[] => {
  const subject = model.dataset
  const ordered = orderDependent(select).map(call =>
    problem(modelProblems, 'sql.order-dependent', `${call.name} gives another answer when rows come in another order`, {
      place: placeOf(model, call.position, call.name.length),
      found: call.name,
      help: call.fix,
      subject,
    }),
  )
  const read = tableReferences(select).flatMap(({ parts }) => findVisible(visible, parts)?.dataset.columns ?? [])
  const doubles = new Set(
    read.filter(it => it.type === 'DOUBLE' || it.type === 'FLOAT').map(it => it.name.toLowerCase()),
  )
  const sums = functionCalls(select).flatMap(call => {
    if (!inexact.test(call.name)) return []
    const column = call.keptColumns.find(parts => doubles.has((parts.at(-1) ?? '').toLowerCase()))
    if (column === undefined) return []
    return [
      problem(modelProblems, 'sql.inexact-sum', `${call.name} over ${column.join('.')}, which is a DOUBLE`, {
        place: placeOf(model, call.position, call.name.length),
        found: call.name,
        help: `${call.name}(${column.join('.')}::decimal(18, 3))`,
        subject,
      }),
    ]
  })
  return [...ordered, ...sums]
}

/** A position in the model's text, in characters from 0; the first line where there is none. */
const placeOf = (model: Model, position: number | undefined, length?: number): Place => {
  if (position === undefined) return { file: model.file, ...placeInText(model.text, firstWord(model.text)) }
  const end = length === undefined ? {} : endOf(placeInText(model.text, position + length))
  return { file: model.file, ...placeInText(model.text, position), ...end }
}

const endOf = ({ line, column }: { line: number; column: number }) => ({ endLine: line, endColumn: column })

/** The first word that is no comment. */
const firstWord = (text: string): number => {
  const match = /^(?:\s|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*/.exec(text)
  return match?.[0].length ?? 0
}

/** The place of an output column by its name: where the outermost SELECT says it. */
const outputPlace = (model: Model, select: Select) => {
  const places = select.outputs
  return (name: string): Place => {
    const found = places.find(it => it.name.toLowerCase() === name.toLowerCase() && name !== '')
    return placeOf(model, found?.position)
  }
}
