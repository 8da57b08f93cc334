/** Changes of the datasets of a contract: which there are, what one row stands for, their keys, columns and checks. Pure. */

import type { KeyTarget } from '../contract/contract.ts'
import type { DatasetDocument } from '../contract/documents.ts'
import type { Rule } from '../contract/rule.ts'
import { rulesOf } from '../contract/rules.ts'
import type { ContractSide, Found } from './change.ts'
import { checkChanges } from './check-changes.ts'
import { pairedChanges, wordsOf } from './column-changes.ts'
import { columnElements, type Element, flatElements } from './elements.ts'
import { pairBy } from './pair-by.ts'
import { type Origin, type Pairs, pairColumns } from './pairs.ts'
import type { ChangeRuleId } from './rules.ts'

/** What a column of a dataset is made from, before and after. */
export interface Origins {
  readonly before: (dataset: string, column: string) => string | undefined
  readonly after: (dataset: string, column: string) => string | undefined
}

interface Placed {
  readonly document: DatasetDocument
  readonly path: readonly (string | number)[]
  readonly side: ContractSide
}

export const datasetChanges = (before: ContractSide, after: ContractSide, origins?: Origins): Found[] => {
  const [old, now] = [placed(before), placed(after)]
  const pairs = new Map<Placed, Placed>()
  const left = new Set(old)
  const open = new Set(now)
  for (const way of [(it: Placed) => it.document.name, (it: Placed) => it.document.id])
    pairBy(left, open, way, (from, to) => pairs.set(to, from))
  return [
    ...now.flatMap(to => {
      const from = pairs.get(to)
      if (from !== undefined) return pairChanges(from, to, origins)
      return [{ ...common(to), rule: 'dataset.added' as const, change: 'added' as const, detail: 'new dataset' }]
    }),
    ...[...left].map(
      (it): Found => ({
        ...common(it),
        rule: 'dataset.removed',
        change: 'removed',
        detail: 'dataset is no longer in the files',
      }),
    ),
  ]
}

const placed = (side: ContractSide): Placed[] =>
  (side.document.schema ?? []).map((document, index) => ({ document, path: ['schema', index], side }))

const common = ({ document, path, side }: Placed) => ({
  kind: 'dataset' as const,
  name: `.${document.name}`,
  place: side.at([...path, 'name']),
})

const pairChanges = (from: Placed, to: Placed, origins: Origins | undefined): Found[] => {
  const name = `.${to.document.name}`
  const [before, after] = [elementsOf(from), elementsOf(to)]
  const pairs = pairColumns(
    before,
    after,
    originOf(origins?.before, from.document.name),
    originOf(origins?.after, to.document.name),
  )
  return [
    ...ownChanges(from, to),
    ...keyChanges(from, to, pairs),
    ...orderChanges(to, before, after, pairs),
    ...pairedChanges(name, pairs),
    ...ruleChanges(name, from, to, pairs, before, after),
  ]
}

const elementsOf = ({ document, path, side }: Placed): Element[] =>
  columnElements(document.properties ?? [], path, side.at)

const originOf = (
  of: ((dataset: string, column: string) => string | undefined) | undefined,
  dataset: string,
): Origin => (of === undefined ? () => undefined : column => of(dataset, column))

const ownChanges = (from: Placed, to: Placed): Found[] => {
  const [was, is] = [from.document, to.document]
  const found: Found[] = []
  const tell = (
    rule: ChangeRuleId,
    detail: string,
    values: Partial<Pick<Found, 'from' | 'to' | 'change'>> = {},
  ): void => {
    found.push({ ...common(to), change: 'changed', rule, detail, ...values })
  }
  if (was.name !== is.name)
    tell('dataset.renamed', `renamed from ${was.name}`, { change: 'renamed', from: was.name, to: is.name })
  const [row, nowRow] = [was.dataGranularityDescription, is.dataGranularityDescription]
  if (row !== nowRow) {
    if (row === undefined) tell('dataset.granularity-said', `one row: ${nowRow}`)
    else if (nowRow === undefined) tell('dataset.granularity-unsaid', `one row was: ${row}`)
    else tell('dataset.granularity', `one row: ${row} -> ${nowRow}`, { from: row, to: nowRow })
  }
  const [physical, nowPhysical] = [was.physicalName ?? was.name, is.physicalName ?? is.name]
  if (physical !== nowPhysical && (was.physicalName !== undefined || is.physicalName !== undefined))
    tell('dataset.physical', `physical name ${physical} -> ${nowPhysical}`, { from: physical, to: nowPhysical })
  const words = [
    ...wordsOf(was, is, []).filter(key => key !== 'dataGranularityDescription'),
    ...(was.physicalType === is.physicalType ? [] : ['physicalType']),
  ]
  if (words.length > 0) tell('words', `changed: ${words.sort().join(', ')}`)
  return found
}

const keyOf = ({ document }: Placed): string[] =>
  (document.properties ?? [])
    .flatMap((it, index) =>
      it.primaryKey === true ? [{ name: it.name, position: positionOf(it.primaryKeyPosition) ?? index + 1 }] : [],
    )
    .sort((a, b) => a.position - b.position)
    .map(it => it.name)

const positionOf = (position: number | undefined): number | undefined =>
  position !== undefined && position > 0 ? position : undefined

const keyChanges = (from: Placed, to: Placed, { pairs }: Pairs): Found[] => {
  const now = keyOf(to)
  // A key column that has another name is told as that.
  const names = new Map(pairs.map(it => [it.from.name, it.to.name]))
  const before = keyOf(from).map(it => names.get(it) ?? it)
  if (before.join('\0') === now.join('\0')) return []
  const isSame = [...before].sort().join('\0') === [...now].sort().join('\0')
  const rule =
    before.length === 0 ? 'key.added' : now.length === 0 ? 'key.removed' : isSame ? 'key.order' : 'key.changed'
  const [was, is] = [before.join(', '), now.join(', ')]
  return [
    {
      ...common(to),
      rule,
      change: 'changed',
      detail: `primary key ${was || 'none'} -> ${is || 'none'}`,
      ...(was === '' ? {} : { from: was }),
      ...(is === '' ? {} : { to: is }),
    },
  ]
}

/** Of columns that stay: one that moved because another came or went is no change. */
const orderChanges = (to: Placed, before: readonly Element[], after: readonly Element[], { pairs }: Pairs): Found[] => {
  const positions = new Map(before.map((it, index) => [it, index]))
  const origins = new Map(pairs.map(it => [it.to, positions.get(it.from)]))
  const order = after.flatMap(it => origins.get(it) ?? [])
  if (order.every((position, index) => position >= (order[index - 1] ?? 0))) return []
  return [{ ...common(to), rule: 'dataset.order', change: 'changed', detail: 'columns stand in another order' }]
}

const ruleChanges = (
  name: string,
  from: Placed,
  to: Placed,
  { pairs }: Pairs,
  before: readonly Element[],
  after: readonly Element[],
): Found[] => {
  // Rules of a column with another name are those of the old one.
  const renames = new Map(pairs.filter(it => it.isRenamed).map(it => [it.from.name, it.to.name]))
  const [old, now] = [flatElements(before), flatElements(after)]
  const whole = new Set(now.filter(it => it.document.logicalType === 'integer').map(it => it.name))
  const names = new Set(now.map(it => it.name))
  // A rule of something that came or went is told with it.
  const kept = new Set(old.map(it => renamed(it.name, renames)).filter(it => names.has(it)))
  const rules = ownRules(from).map(it => renamedRule(it, renames))
  return checkChanges(
    name,
    rules,
    ownRules(to),
    column => whole.has(column),
    column => kept.has(column),
  )
}

/** What a column, or a part of one, is called after its column was renamed. */
const renamed = (name: string, renames: ReadonlyMap<string, string>): string => {
  const column = /^[^.[]+/.exec(name)?.[0] ?? name
  return `${renames.get(column) ?? column}${name.slice(column.length)}`
}

const ownRules = ({ document, path, side }: Placed): Rule[] =>
  rulesOf({ contract: side.document, dataset: document, path, at: side.at, resolveKey: keyAsWritten })

/** Where a key leads is compared as it is written: both versions stand in the same place of the mesh. */
const keyAsWritten = ({ contract, file, dataset, column }: KeyTarget) => ({
  dataset: [contract ?? file, dataset].filter(it => it !== undefined).join('.'),
  column,
})

const renamedRule = (it: Rule, renames: ReadonlyMap<string, string>): Rule => {
  if (renames.size === 0) return it
  const now = (column: string): string => renamed(column, renames)
  if ('column' in it.test && it.test.column !== undefined) {
    const { column } = it.test
    const id = it.id.startsWith(`${column}.`) ? `${now(column)}${it.id.slice(column.length)}` : it.id
    return { ...it, id, test: { ...it.test, column: now(column) } }
  }
  return 'columns' in it.test ? { ...it, test: { ...it.test, columns: it.test.columns.map(now) } } : it
}
