/** What changed between catalogue and files, and what each change is for the readers of a port. Pure. */
import { canonicalJson } from '../base/index.ts'
import { plainModelText } from '../domain/index.ts'
import type { MeaningChange } from '../sql/index.ts'
import { childrenOf, contractChanges } from './contract-pieces.ts'
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

/** How the SQL of a dataset changed: in words, and what each column is made from before and after. */
export interface ModelChange {
  readonly changes: readonly MeaningChange[]
  readonly before: ReadonlyMap<string, string>
  readonly after: ReadonlyMap<string, string>
  /** The only ones with other values, as the engine folds their names; absent where any may have others, and where rows may be others. */
  readonly columns?: readonly string[]
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

/** `kind subject` of everything that the given roots no longer have, in a fixed order; other roots are left alone. */
export const removedKeys = (
  desired: ReadonlyMap<string, unknown>,
  applied: ReadonlyMap<string, AppliedEntity>,
  givenRoots: ReadonlySet<string>,
): string[] =>
  [...applied.keys()].filter(key => !desired.has(key) && givenRoots.has(applied.get(key)?.root ?? '')).sort()

/** `newFieldId` gives the id that a new column of a dataset takes; each call takes one. */
export const diff = (
  desired: ReadonlyMap<string, Entity>,
  applied: ReadonlyMap<string, AppliedEntity>,
  givenRoots: ReadonlySet<string>,
  newFieldId: (dataset: string, column: string) => number,
  meanings: ReadonlyMap<string, ModelChange> = new Map(),
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
  const ports = new Set<string>()
  const touchPort = ({ kind, subject }: { readonly kind: EntityKind; readonly subject: string }): boolean => {
    const keys = (['outputPort', 'contract'] as const).map(it => entityKey(it, portOf(subject)))
    // One that gets its contract or loses it has nothing that could be compared.
    if (!ofContract.has(kind) || !keys.every(key => desired.has(key) && applied.has(key))) return false
    ports.add(portOf(subject))
    return true
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
    if (touchPort(entity)) continue
    const parentIsNew = entity.parent !== undefined && details.has(entity.kind) && !hasParent(entity, applied)
    if (!parentIsNew) changes.push(...describe(entity, before, meanings.get(entity.subject)))
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
    if (touchPort(before)) continue
    const parentIsGone = details.has(before.kind) && !parentStays(before, desired)
    if (!parentIsGone) changes.push(removal(before))
  }
  changes.push(...portChanges(ports, desired, applied, meanings))
  return { changes: sortChanges(changes), byOwner }
}

/** What the contract of a port consists of: told by comparing the whole of it, where the port was there before and stays. */
const ofContract: ReadonlySet<EntityKind> = new Set(['contract', 'dataset', 'column', 'check'])

const portChanges = (
  ports: ReadonlySet<string>,
  desired: ReadonlyMap<string, Entity>,
  applied: ReadonlyMap<string, AppliedEntity>,
  meanings: ReadonlyMap<string, ModelChange>,
): Change[] => {
  if (ports.size === 0) return []
  const [before, after] = [childrenOf(applied.values()), childrenOf(desired.values())]
  const placeOf = (kind: EntityKind, subject: string) => {
    const found = desired.get(entityKey(kind, subject)) ?? applied.get(entityKey(kind, subject))
    return found === undefined ? undefined : { file: found.file, line: found.line }
  }
  return [...ports].flatMap(port => {
    const origins = {
      before: (dataset: string, column: string) => meanings.get(`${port}.${dataset}`)?.before.get(column),
      after: (dataset: string, column: string) => meanings.get(`${port}.${dataset}`)?.after.get(column),
    }
    return contractChanges(port, before, after, placeOf, origins)
  })
}

/** `sales.shop-orders.orders.v2.order_lines.country` -> `sales.shop-orders.orders.v2`. */
export const portOf = (subject: string): string => subject.replace(/#.*$/, '').split('.').slice(0, 4).join('.')

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

const describe = (entity: Entity, before: AppliedEntity | undefined, meaning: ModelChange | undefined): Change[] => {
  const { kind, subject, file, line } = entity
  const common = { subject, kind, file, line }
  if (before === undefined) {
    const word = described.has(kind) ? 'additive' : kind === 'contract' ? 'metadata' : 'data'
    return [{ ...common, change: 'added', class: word, detail: `new ${words[kind]}` }]
  }
  if (kind === 'model') {
    const [from, to] = [before.body as ModelBody, entity.body as ModelBody] // bodies of models are written by desired.ts only
    if (plainModelText(from.text) === plainModelText(to.text)) return []
    const what =
      meaning === undefined ? '' : `: ${meaning.changes.map(it => it.detail).join('; ') || 'the same in other words'}`
    return [
      { ...common, change: 'changed', class: 'data', detail: `the SQL changed, the dataset is built anew${what}` },
    ]
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
