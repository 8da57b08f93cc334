/** Changes of one column, and of all that lies inside of it. Pure. */
import { canonicalJson } from '../../base/index.ts'
import type { ItemDocument } from '../contract/documents.ts'
import { type Found, shown } from './change.ts'
import type { Element } from './elements.ts'
import { type Pairs, pairColumns } from './pairs.ts'
import type { ChangeRuleId } from './rules.ts'
import { typeRelation } from './type-relation.ts'

type Detail = Pick<Found, 'rule' | 'detail'> & Partial<Pick<Found, 'from' | 'to' | 'change'>>

/** `dataset` is its name behind the subject of the contract: `.orders`. */
export const columnChanges = (dataset: string, from: Element, to: Element): Found[] => {
  const own: Detail[] = [
    ...typeChanges(from, to),
    ...nullChanges(from, to),
    ...uniqueChanges(from.document, to.document),
    ...enumChanges(from.document, to.document),
    ...meaningChanges(from.document, to.document),
    ...useChanges(from, to),
  ]
  const words = wordsOf(from.document, to.document, own)
  if (words.length > 0) own.push({ rule: 'words', detail: `changed: ${words.join(', ')}` })
  const common = { kind: 'column' as const, change: 'changed' as const, name: `${dataset}.${to.name}`, place: to.place }
  return [...own.map((it): Found => ({ ...common, ...it })), ...insideChanges(dataset, from, to)]
}

/** What a structure, list or map has inside; a part whose kind is another has been told. */
const insideChanges = (dataset: string, from: Element, to: Element): Found[] => {
  if (from.type !== to.type || from.inside.length === 0 || to.inside.length === 0) return []
  if (from.type.toUpperCase() !== 'STRUCT') {
    return to.inside.flatMap((it, index) => {
      const before = from.inside[index]
      return before === undefined ? [] : columnChanges(dataset, before, it)
    })
  }
  return pairedChanges(dataset, pairColumns(from.inside, to.inside))
}

/** Of columns that were paired: what each pair differs in, what came and what went. */
export const pairedChanges = (dataset: string, { pairs, added, removed }: Pairs): Found[] => [
  ...pairs.flatMap(({ from, to, isRenamed, proposal }) => [
    ...(isRenamed ? [renamed(dataset, from, to, proposal)] : []),
    ...columnChanges(dataset, from, to),
  ]),
  ...added.map(
    ({ it, aliasOf }): Found => ({
      ...placed(dataset, it),
      rule: aliasOf === undefined ? 'column.added' : 'column.alias',
      change: 'added',
      detail: aliasOf === undefined ? 'new column' : `new column, a second name of ${aliasOf}`,
      to: it.type,
    }),
  ),
  ...removed.map(
    (it): Found => ({
      ...placed(dataset, it),
      rule: 'column.removed',
      change: 'removed',
      detail: 'column is no longer in the files',
    }),
  ),
]

const placed = (dataset: string, it: Element) => ({
  kind: 'column' as const,
  name: `${dataset}.${it.name}`,
  place: it.place,
})

const lastOf = (it: Element): string => it.document.name ?? it.name

const renamed = (dataset: string, from: Element, to: Element, proposal: string | undefined): Found => ({
  ...placed(dataset, to),
  rule: 'column.renamed',
  change: 'renamed',
  from: lastOf(from),
  to: lastOf(to),
  detail: `renamed from ${lastOf(from)}`,
  ...(proposal === undefined ? {} : { proposal }),
})

const typeChanges = (from: Element, to: Element): Detail[] => {
  if (from.type === to.type) {
    const [was, is] = [from.document.logicalType, to.document.logicalType]
    if (was === undefined || is === undefined || was === is) return []
    return [{ rule: 'type.logical', from: was, to: is, detail: `logical type ${was} -> ${is}` }]
  }
  const relation = typeRelation(from.type, to.type)
  const rule: ChangeRuleId =
    relation === 'widened' ? 'type.widened' : relation === 'narrowed' ? 'type.narrowed' : 'type.changed'
  return [{ rule, from: from.type, to: to.type, detail: `type ${from.type} -> ${to.type}` }]
}

const nullChanges = (from: Element, to: Element): Detail[] => {
  if (from.isNullable === to.isNullable) return []
  return [
    {
      rule: to.isNullable ? 'null.allowed' : 'null.refused',
      from: from.isNullable ? 'nullable' : 'required',
      to: to.isNullable ? 'nullable' : 'required',
      detail: to.isNullable ? 'may now be null' : 'is now required',
    },
  ]
}

const uniqueChanges = (from: ItemDocument, to: ItemDocument): Detail[] => {
  const [was, is] = [from.unique === true, to.unique === true]
  if (was === is) return []
  return [{ rule: is ? 'unique.added' : 'unique.removed', detail: is ? 'is now unique' : 'is no longer unique' }]
}

const enumChanges = (from: ItemDocument, to: ItemDocument): Detail[] => {
  const [before, after] = [from.enum?.map(it => it.value), to.enum?.map(it => it.value)]
  if (before === undefined && after === undefined) return []
  if (before === undefined) return [{ rule: 'enum.added', detail: 'is now limited to an enumeration' }]
  if (after === undefined) return [{ rule: 'enum.removed', detail: 'is no longer limited to an enumeration' }]
  const added = after.filter(value => !before.includes(value))
  const gone = before.filter(value => !after.includes(value))
  return [
    ...(added.length > 0
      ? [{ rule: 'enum.gained' as const, detail: `enumeration gains ${added.map(String).join(', ')}` }]
      : []),
    ...(gone.length > 0
      ? [{ rule: 'enum.lost' as const, detail: `enumeration loses ${gone.map(String).join(', ')}` }]
      : []),
  ]
}

/** What the same value stands for: its unit, its definition, its zone. */
const meaningChanges = (from: ItemDocument, to: ItemDocument): Detail[] => {
  const found: Detail[] = []
  const [unit, nowUnit] = [unitOf(from), unitOf(to)]
  if (unit !== nowUnit) {
    const rule = unit === undefined ? 'unit.said' : nowUnit === undefined ? 'unit.unsaid' : 'unit.changed'
    found.push({ rule, ...fromTo(unit, nowUnit), detail: `unit ${unit ?? 'unsaid'} -> ${nowUnit ?? 'unsaid'}` })
  }
  const [meaning, nowMeaning] = [meaningsOf(from), meaningsOf(to)]
  const gone = meaning.filter(it => !nowMeaning.includes(it))
  const come = nowMeaning.filter(it => !meaning.includes(it))
  if (gone.length > 0 || come.length > 0) {
    const rule = gone.length === 0 ? 'meaning.said' : come.length === 0 ? 'meaning.unsaid' : 'meaning.changed'
    const [was, is] = [gone.join(', '), come.join(', ')]
    found.push({
      rule,
      ...fromTo(was || undefined, is || undefined),
      detail: `meaning ${was || 'unsaid'} -> ${is || 'unsaid'}`,
    })
  }
  const [zone, nowZone] = [from.logicalTypeOptions?.defaultTimezone, to.logicalTypeOptions?.defaultTimezone]
  if (zone !== nowZone && (zone ?? 'UTC') !== (nowZone ?? 'UTC'))
    found.push({ rule: 'type.zone', ...fromTo(zone, nowZone), detail: `zone ${zone ?? 'UTC'} -> ${nowZone ?? 'UTC'}` })
  return found
}

const fromTo = (from: string | undefined, to: string | undefined) => ({
  ...(from === undefined ? {} : { from }),
  ...(to === undefined ? {} : { to }),
})

const unitOf = (it: ItemDocument): string | undefined => {
  const value = it.customProperties?.find(one => one.property === 'unit')?.value
  return value === undefined || value === null ? undefined : shown(value)
}

/** Terms, and definitions of the business: other links say how it is made, or teach. */
const meaningsOf = (it: ItemDocument): string[] =>
  (it.authoritativeDefinitions ?? [])
    .filter(one => one.url.startsWith('weft:term/') || one.type === 'businessDefinition')
    .map(one => one.url)

const useChanges = (from: Element, to: Element): Detail[] => {
  const [was, is] = [from.document, to.document]
  const found: Detail[] = []
  if ((was.deprecated === true) !== (is.deprecated === true))
    found.push(
      is.deprecated === true
        ? { rule: 'column.deprecated', detail: 'is now deprecated' }
        : { rule: 'column.undeprecated', detail: 'is no longer deprecated' },
    )
  // Where nothing else is said, the physical name is the name.
  const [before, after] = [was.physicalName ?? was.name, is.physicalName ?? is.name]
  if (before !== after && (was.physicalName !== undefined || is.physicalName !== undefined))
    found.push({ rule: 'column.physical', ...fromTo(before, after), detail: `physical name ${before} -> ${after}` })
  const partition = (it: ItemDocument): string => canonicalJson([it.partitioned === true, it.partitionKeyPosition])
  if (partition(was) !== partition(is)) found.push({ rule: 'column.partition', detail: 'partitioning changed' })
  if (was.encryptedName !== is.encryptedName && was.encryptedName !== undefined)
    found.push({
      rule: 'column.encrypted',
      ...fromTo(was.encryptedName, is.encryptedName),
      detail: `encrypted as ${is.encryptedName ?? 'nothing'}, was ${was.encryptedName}`,
    })
  return found
}

/** Keys whose values are told of above, by checks, by keys, or by what lies inside. */
const told: ReadonlySet<string> = new Set([
  'name',
  'logicalType',
  'physicalType',
  'logicalTypeOptions',
  'required',
  'unique',
  'primaryKey',
  'primaryKeyPosition',
  'deprecated',
  'physicalName',
  'partitioned',
  'partitionKeyPosition',
  'quality',
  'relationships',
  'properties',
  'items',
  'map',
])

/** The other keys that differ. */
export const wordsOf = (from: object, to: object, found: readonly { readonly rule: ChangeRuleId }[]): string[] => {
  const isTold = (key: string): boolean =>
    told.has(key) ||
    (key === 'customProperties' && found.some(it => it.rule.startsWith('unit.'))) ||
    (key === 'authoritativeDefinitions' && found.some(it => it.rule.startsWith('meaning.'))) ||
    (key === 'enum' && found.some(it => it.rule.startsWith('enum.'))) ||
    (key === 'encryptedName' && found.some(it => it.rule === 'column.encrypted'))
  return [...new Set([...Object.keys(from), ...Object.keys(to)])]
    .filter(key => !isTold(key) && canonicalJson(Reflect.get(from, key)) !== canonicalJson(Reflect.get(to, key)))
    .sort()
}
