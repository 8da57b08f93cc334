/** What changed between catalogue and files, and what each change is for the readers of a port. Pure. */
import { canonicalJson } from '../base/index.ts'
import type { ColumnBody, Entity, ModelBody } from './desired.ts'
import { entityKey } from './desired.ts'
import type { Change, ChangeClass, EntityChange, EntityKind } from './plan.ts'

/** A live entity of the catalogue with the definition in force. */
export interface AppliedEntity {
  readonly entityId: string
  readonly kind: EntityKind
  readonly subject: string
  readonly parent: string | undefined
  readonly root: string
  readonly revision: number
  readonly hash: string
  readonly body: unknown
  readonly file: string
  readonly line: number
  readonly fieldId: number | undefined
}

export interface Difference {
  readonly changes: readonly Change[]
  /** What to write, by the subject of the define step. */
  readonly byOwner: ReadonlyMap<string, { readonly root: string; readonly entities: readonly EntityChange[] }>
}

/** The kinds that are listed as changes of their own only where their parent was there before and stays. */
const details: ReadonlySet<EntityKind> = new Set([
  'column',
  'check',
  'contract',
  'pipeline',
  'inputPort',
  'model',
  'promise',
])

/** `kind subject` of everything that the given roots no longer have; other roots are left alone. */
export const removedKeys = (
  desired: ReadonlyMap<string, Entity>,
  applied: ReadonlyMap<string, AppliedEntity>,
  givenRoots: ReadonlySet<string>,
): string[] => [...applied.keys()].filter(key => !desired.has(key) && givenRoots.has(applied.get(key)?.root ?? ''))

/** `newFieldId` gives the id that a new column of a dataset takes; each call takes one. */
export const diff = (
  desired: ReadonlyMap<string, Entity>,
  applied: ReadonlyMap<string, AppliedEntity>,
  givenRoots: ReadonlySet<string>,
  newFieldId: (dataset: string, column: string) => number,
): Difference => {
  const removed = new Set(removedKeys(desired, applied, givenRoots))
  const renames = renamedColumns(desired, applied, removed)
  const changes: Change[] = []
  const byOwner = new Map<string, { root: string; entities: EntityChange[] }>()
  const note = (owner: string, root: string, change: EntityChange): void => {
    const list = byOwner.get(owner) ?? { root, entities: [] }
    list.entities.push(change)
    byOwner.set(owner, list)
  }
  for (const [key, entity] of desired) {
    if (!givenRoots.has(entity.root)) continue
    const from = renames.get(key)
    const before = applied.get(from ?? key)
    const isSame = before !== undefined && before.hash === entity.hash && before.root === entity.root
    if (isSame && from === undefined) continue
    note(entity.owner, entity.root, {
      kind: entity.kind,
      subject: entity.subject,
      change: before === undefined ? 'added' : 'changed',
      hash: entity.hash,
      body: entity.body,
      file: entity.file,
      line: entity.line,
      ...(entity.parent === undefined ? {} : { parent: entity.parent }),
      ...(from === undefined ? {} : { renamedFrom: applied.get(from)?.subject ?? '' }),
      ...(entity.kind !== 'column'
        ? {}
        : { fieldId: before?.fieldId ?? newFieldId(entity.parent ?? '', columnBody(entity).name) }),
    })
    const parentIsNew = entity.parent !== undefined && details.has(entity.kind) && !hasParent(entity, applied)
    if (!parentIsNew) changes.push(...describe(entity, before, from !== undefined))
  }
  const renamed = new Set(renames.values())
  for (const key of removed) {
    const before = applied.get(key)
    if (before === undefined || renamed.has(key)) continue
    note(ownerOf(before, applied, desired), before.root, {
      kind: before.kind,
      subject: before.subject,
      change: 'removed',
    })
    const parentIsGone = details.has(before.kind) && !parentStays(before, desired)
    if (!parentIsGone) changes.push(removal(before))
  }
  return { changes: sortChanges(changes), byOwner }
}

const parentKinds: Readonly<Partial<Record<EntityKind, EntityKind>>> = {
  column: 'dataset',
  check: 'dataset',
  model: 'dataset',
  contract: 'outputPort',
  pipeline: 'product',
  inputPort: 'product',
  dataset: 'outputPort',
  outputPort: 'product',
}

const parentKey = (kind: EntityKind, parent: string | undefined): string | undefined => {
  const parentKind = parentKinds[kind]
  return parentKind === undefined || parent === undefined ? undefined : entityKey(parentKind, parent)
}

const hasParent = (entity: Entity, applied: ReadonlyMap<string, AppliedEntity>): boolean => {
  const key = parentKey(entity.kind, entity.parent)
  return key === undefined || applied.has(key)
}

const parentStays = (entity: AppliedEntity, desired: ReadonlyMap<string, Entity>): boolean => {
  const key = parentKey(entity.kind, entity.parent)
  return key === undefined || desired.has(key)
}

/** The product or other thing whose step writes the removal. */
const ownerOf = (
  entity: AppliedEntity,
  applied: ReadonlyMap<string, AppliedEntity>,
  desired: ReadonlyMap<string, Entity>,
): string => {
  const key = parentKey(entity.kind, entity.parent)
  const parent = key === undefined ? undefined : (applied.get(key) ?? undefined)
  if (parent === undefined) return desired.get(key ?? '')?.owner ?? entity.subject
  return ownerOf(parent, applied, desired)
}

/** New column's key to old column's key, where the contract's own id of the property stayed and the name did not. */
const renamedColumns = (
  desired: ReadonlyMap<string, Entity>,
  applied: ReadonlyMap<string, AppliedEntity>,
  removed: ReadonlySet<string>,
): Map<string, string> => {
  const old = new Map<string, string>()
  for (const key of removed) {
    const entity = applied.get(key)
    const id = entity?.kind === 'column' ? (entity.body as ColumnBody).id : undefined // bodies of columns are written by desired.ts only
    if (entity !== undefined && id !== undefined) old.set(`${entity.parent} ${id}`, key)
  }
  const renames = new Map<string, string>()
  if (old.size === 0) return renames
  for (const [key, entity] of desired) {
    if (entity.kind !== 'column' || applied.has(key)) continue
    const id = columnBody(entity).id
    const from = id === undefined ? undefined : old.get(`${entity.parent} ${id}`)
    if (from !== undefined) renames.set(key, from)
  }
  return renames
}

const described: ReadonlySet<EntityKind> = new Set([
  'product',
  'outputPort',
  'dataset',
  'column',
  'policy',
  'term',
  'chapter',
  'agreement',
  'domain',
])

const describe = (entity: Entity, before: AppliedEntity | undefined, isRenamed: boolean): Change[] => {
  const { kind, subject, file, line } = entity
  const common = { subject, kind, file, line }
  if (before === undefined) {
    const word = described.has(kind) ? 'additive' : kind === 'contract' ? 'metadata' : 'data'
    return [{ ...common, change: 'added', class: word, detail: `new ${words[kind]}` }]
  }
  if (kind === 'column') return columnChanges(entity, before, isRenamed)
  if (kind === 'model') {
    const changed = (entity.body as ModelBody).text !== (before.body as ModelBody).text // bodies of models are written by desired.ts only
    return changed
      ? [{ ...common, change: 'changed', class: 'data', detail: 'the SQL changed: the dataset is built anew' }]
      : []
  }
  const fields = changedFields(before.body, entity.body)
  return [{ ...common, change: 'changed', class: classOfChange(kind, fields), detail: `changed: ${fields.join(', ')}` }]
}

const words: Readonly<Record<EntityKind, string>> = {
  domain: 'domain',
  product: 'data product',
  inputPort: 'input port',
  outputPort: 'output port',
  contract: 'data contract',
  dataset: 'dataset',
  column: 'column',
  model: 'model',
  check: 'check',
  promise: 'promise',
  pipeline: 'pipeline',
  policy: 'policy',
  term: 'term',
  chapter: 'chapter',
  agreement: 'access agreement',
}

const classOfChange = (kind: EntityKind, fields: readonly string[]): ChangeClass => {
  if (kind === 'dataset') return fields.includes('primaryKey') ? 'breaking' : 'metadata'
  if (kind === 'outputPort') return fields.includes('kind') ? 'breaking' : 'metadata'
  if (kind === 'inputPort' || kind === 'check') return 'data'
  if (kind === 'pipeline') return fields.includes('datasets') ? 'data' : 'metadata'
  return 'metadata'
}

const changedFields = (before: unknown, after: unknown): string[] => {
  const from = asRecord(before)
  const to = asRecord(after)
  const names = new Set([...Object.keys(from), ...Object.keys(to)])
  const changed = [...names].filter(
    name => name !== 'document' && canonicalJson(from[name]) !== canonicalJson(to[name]),
  )
  if (changed.length > 0) return changed.sort()
  return changedDocumentKeys(from.document, to.document)
}

const changedDocumentKeys = (before: unknown, after: unknown): string[] => {
  const from = asRecord(before)
  const to = asRecord(after)
  const names = [...new Set([...Object.keys(from), ...Object.keys(to)])]
  return names.filter(name => canonicalJson(from[name]) !== canonicalJson(to[name])).sort()
}

const asRecord = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {} // any object can be read by key

/** One change for each way in which a column differs: for a reader loosening breaks, tightening does not. */
const columnChanges = (entity: Entity, before: AppliedEntity, isRenamed: boolean): Change[] => {
  const from = columnBody(before)
  const to = columnBody(entity)
  const common = {
    subject: entity.subject,
    kind: 'column' as const,
    file: entity.file,
    line: entity.line,
    change: 'changed' as const,
  }
  const found: Change[] = []
  if (isRenamed) {
    found.push({
      ...common,
      change: 'renamed',
      class: 'breaking',
      from: from.name,
      to: to.name,
      detail: `renamed from ${from.name}`,
    })
  }
  if (from.type !== to.type) {
    found.push({
      ...common,
      class: 'breaking',
      from: from.type,
      to: to.type,
      detail: `type ${from.type} -> ${to.type}`,
    })
  }
  if (from.nullable !== to.nullable) {
    found.push({
      ...common,
      class: to.nullable ? 'breaking' : 'additive',
      from: from.nullable ? 'nullable' : 'required',
      to: to.nullable ? 'nullable' : 'required',
      detail: to.nullable ? 'may now be null' : 'is now required',
    })
  }
  if (from.unique !== to.unique) {
    found.push({
      ...common,
      class: to.unique ? 'additive' : 'breaking',
      detail: to.unique ? 'is now unique' : 'is no longer unique',
    })
  }
  found.push(...enumChanges(from.enum, to.enum).map(change => ({ ...common, ...change })))
  const rest = (['businessName', 'description', 'classification', 'tags', 'terms', 'position', 'id'] as const).filter(
    name => canonicalJson(from[name]) !== canonicalJson(to[name]),
  )
  // A column that moved because another was added or removed is no change of its own.
  const telling = rest.filter(name => name !== 'position')
  if (telling.length > 0) found.push({ ...common, class: 'metadata', detail: `changed: ${telling.join(', ')}` })
  return found
}

const enumChanges = (
  before: readonly unknown[] | undefined,
  after: readonly unknown[] | undefined,
): { class: ChangeClass; detail: string }[] => {
  if (canonicalJson(before) === canonicalJson(after)) return []
  if (before === undefined) return [{ class: 'additive', detail: 'is now limited to an enumeration' }]
  if (after === undefined) return [{ class: 'breaking', detail: 'is no longer limited to an enumeration' }]
  const added = after.filter(value => !before.includes(value))
  const gone = before.filter(value => !after.includes(value))
  return [
    ...(added.length > 0
      ? [{ class: 'breaking' as const, detail: `enumeration gains ${added.map(String).join(', ')}` }]
      : []),
    ...(gone.length > 0
      ? [{ class: 'additive' as const, detail: `enumeration loses ${gone.map(String).join(', ')}` }]
      : []),
  ]
}

const breakingRemovals: ReadonlySet<EntityKind> = new Set(['product', 'outputPort', 'dataset', 'column'])

const removal = (before: AppliedEntity): Change => ({
  subject: before.subject,
  kind: before.kind,
  change: 'removed',
  class: breakingRemovals.has(before.kind)
    ? 'breaking'
    : before.kind === 'check' || before.kind === 'inputPort' || before.kind === 'model'
      ? 'data'
      : 'metadata',
  detail: `${words[before.kind]} is no longer in the files`,
  file: before.file,
  line: before.line,
})

const classRank: Readonly<Record<ChangeClass, number>> = { breaking: 0, additive: 1, data: 2, metadata: 3 }

const sortChanges = (changes: readonly Change[]): Change[] =>
  [...changes].sort(
    (a, b) =>
      classRank[a.class] - classRank[b.class] ||
      a.subject.localeCompare(b.subject) ||
      a.kind.localeCompare(b.kind) ||
      a.detail.localeCompare(b.detail),
  )

/** Bodies of columns are written by desired.ts only. */
const columnBody = (entity: { readonly body: unknown }): ColumnBody => entity.body as ColumnBody // as the comment says
