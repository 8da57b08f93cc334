/** How a partitioned dataset's model can be built a partition at a time: which of the tables that it reads are divided with it, and by which column. Pure. */
import { type Problem, parseDuration, problem } from '../../base/index.ts'
import type { Dataset, DatasetPipeline, Mesh, Model, OutputPort, Partition, Product } from '../../domain/index.ts'
import { type Locality, type LocalTable, partitionLocality, placeInText, type Select } from '../../sql/index.ts'
import { findVisible, type VisibleRelation, visibleRelations } from './names.ts'
import { modelProblems } from './problems.ts'

export interface Division {
  readonly partition: Partition
  /** By the dataset's subject; what is not among them is read as a whole. */
  readonly divided: ReadonlyMap<string, { readonly column: string; readonly reachMs: number }>
  /** Every row comes from a divided input. Else partitions are known only once all are built. */
  readonly isRooted: boolean
}

interface Mode {
  readonly isDeclared: boolean
  readonly mode: 'same' | 'whole'
  readonly reachMs: number
}

/**
 * Undefined for a dataset that is not partitioned. Inputs that are declared are taken at their word or refused; of the others those are divided that
 * the text proves to be, so that an increment is never another answer than the whole.
 */
export const divisionOf = (
  mesh: Mesh,
  product: Product,
  port: OutputPort,
  dataset: Dataset,
  select: Select,
): Division | Extract<Locality, { ok: false }> | undefined => {
  const pipeline = product.datasets[dataset.subject]
  if (pipeline?.materialization !== 'partitioned' || pipeline.partition === undefined) return undefined
  const { partition } = pipeline
  const visible = visibleRelations(mesh, product, port.major)
  const modes = new Map(visible.map(it => [it.dataset.subject, modeOf(pipeline, it)]))
  for (;;) {
    const found = partitionLocality(select, partition, parts => localTable(findVisible(visible, parts), modes))
    const conflict = found.ok ? twoColumns(found.keys, visible) : undefined
    if (found.ok && conflict === undefined) {
      const divided = new Map<string, { column: string; reachMs: number }>()
      for (const [name, column] of found.keys) {
        const subject = findVisible(visible, name.split('.'))?.dataset.subject ?? ''
        divided.set(subject, { column, reachMs: modes.get(subject)?.reachMs ?? 0 })
      }
      return { partition, divided, isRooted: found.isRooted }
    }
    const table = found.ok ? (conflict ?? '') : found.table
    const subject = findVisible(visible, table.split('.'))?.dataset.subject
    if (!makeWhole(modes, subject)) {
      if (!found.ok) return found
      return { ok: false, table, refused: { reason: `${table} is read under two names, by another column each` } }
    }
  }
}

/** What was only guessed gives way: the table itself, else all that were guessed. False where nothing was. */
const makeWhole = (modes: Map<string, Mode>, subject: string | undefined): boolean => {
  const guessed = [...modes].filter(([, it]) => !it.isDeclared && it.mode === 'same')
  const chosen = guessed.filter(([one]) => one === subject)
  for (const [one, it] of chosen.length > 0 ? chosen : guessed) modes.set(one, { ...it, mode: 'whole' })
  return guessed.length > 0
}

const modeOf = (pipeline: DatasetPipeline, { via }: VisibleRelation): Mode => {
  const declared = via === undefined ? undefined : pipeline.inputs[via]
  if (declared === undefined) return { isDeclared: false, mode: 'same', reachMs: 0 }
  if (typeof declared === 'string') return { isDeclared: true, mode: declared, reachMs: 0 }
  return { isDeclared: true, mode: 'same', reachMs: parseDuration(declared.lookback) ?? 0 }
}

const localTable = (found: VisibleRelation | undefined, modes: ReadonlyMap<string, Mode>): LocalTable | undefined => {
  if (found === undefined) return undefined
  const { mode = 'whole', reachMs = 0 } = modes.get(found.dataset.subject) ?? {}
  return { mode, reachMs, columns: found.dataset.columns.map(({ name, type }) => ({ name, type })) }
}

/** A dataset that is read under two names must be divided by one column. */
const twoColumns = (keys: ReadonlyMap<string, string>, visible: readonly VisibleRelation[]): string | undefined => {
  const columns = new Map<string, string>()
  for (const [name, column] of keys) {
    const subject = findVisible(visible, name.split('.'))?.dataset.subject ?? ''
    if ((columns.get(subject) ?? column) !== column) return name
    columns.set(subject, column)
  }
  return undefined
}

/** A model that cannot be built as its pipeline says. */
export const divisionProblem = (
  model: Model,
  { table, refused }: Extract<Locality, { ok: false }>,
  { column, grain }: Partition,
): Problem =>
  problem(modelProblems, 'sql.not-incremental', `${model.dataset} cannot be built partition by partition`, {
    place: { file: model.file, ...placeInText(model.text, refused.position ?? 0) },
    found: refused.reason,
    expected: `rows that depend only on rows of ${table} of the same ${grain === 'value' ? 'value' : grain} of ${column}`,
    help: 'read the input as "whole", or give the dataset the materialization "full"',
    subject: model.dataset,
  })
