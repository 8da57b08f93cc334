/** What a contract's schema, quality and promises ask of the data, each as one rule. Source: ODCS 3.2.0, sections schema, relationships. Pure. */
import type { Definition, Path } from '../definition.ts'
import type { KeyTarget, ResolveKey } from './contract.ts'
import type { ContractDocument, DatasetDocument, ItemDocument } from './documents.ts'
import { promiseRules } from './promise-rule.ts'
import { qualityRule } from './quality-rule.ts'
import { type Dimension, type Rule, type RuleTest, rule } from './rule.ts'

interface RulesInput {
  readonly contract: ContractDocument
  readonly dataset: DatasetDocument
  /** Of the dataset in the document. */
  readonly path: Path
  readonly at: Definition['at']
  readonly resolveKey: ResolveKey
}

/** In the order of the document: columns with their checks, then the dataset's checks, keys, promises. Ids are unique. */
export const rulesOf = (input: RulesInput): Rule[] => {
  const { dataset, path, at } = input
  const properties = dataset.properties ?? []
  const keys = properties.filter(it => it.primaryKey === true)
  const found: Rule[] = []
  properties.forEach((column, index) => {
    found.push(...columnRules(input, column, column.name, [...path, 'properties', index], keys.length))
  })
  if (keys.length > 0) {
    const ordered = [...keys].sort((a, b) => (a.primaryKeyPosition ?? 0) - (b.primaryKeyPosition ?? 0))
    const first = properties.findIndex(it => it.primaryKey === true)
    const columns = ordered.map(it => it.name)
    found.push(
      rule(
        'primaryKey',
        'error',
        'uniqueness',
        { kind: 'primaryKey', columns },
        at([...path, 'properties', first, 'primaryKey']),
      ),
    )
  }
  dataset.quality?.forEach((check, index) => {
    found.push(qualityRule(check, undefined, at, [...path, 'quality', index]))
  })
  dataset.relationships?.forEach((it, index) => {
    const place: Path = [...path, 'relationships', index, 'to']
    found.push(...foreignKey(input, listOf(it.from), listOf(it.to), it.customProperties, place))
  })
  found.push(...promiseRules(input.contract, dataset, at))
  return uniqueIds(found)
}

/** Of a column and all that lies inside it; `keyColumns` is how many columns the primary key has. */
const columnRules = (input: RulesInput, column: ItemDocument, name: string, path: Path, keyColumns: number): Rule[] => {
  const { at } = input
  const isInside = keyColumns < 0
  const isKey = column.primaryKey === true
  const found: Rule[] = []
  const add = (key: string, dimension: Dimension, test: RuleTest): void => {
    found.push(rule(`${name}.${test.kind}`, 'error', dimension, test, at([...path, ...key.split('/')])))
  }
  // A key of a map is never NULL.
  if ((column.required === true || (isInside && isKey)) && !name.endsWith('[key]'))
    add(column.required === true ? 'required' : 'primaryKey', 'completeness', { kind: 'required', column: name })
  // A primary key of one column is unique already.
  if ((column.unique === true && !(isKey && keyColumns === 1)) || (isInside && isKey))
    add(column.unique === true ? 'unique' : 'primaryKey', 'uniqueness', { kind: 'unique', columns: [name] })
  if (column.enum !== undefined)
    add('enum', 'conformity', { kind: 'enum', column: name, values: column.enum.map(it => it.value) })
  for (const test of optionTests(column, name)) add(`logicalTypeOptions/${optionKey(test)}`, 'conformity', test)
  for (const member of column.logicalTypeOptions?.required ?? []) {
    if (column.properties?.some(it => it.name === member && it.required === true)) continue
    const place = at([...path, 'logicalTypeOptions', 'required'])
    const test: RuleTest = { kind: 'required', column: `${name}.${member}` }
    found.push(rule(`${name}.${member}.required`, 'error', 'completeness', test, place))
  }
  column.quality?.forEach((check, index) => {
    found.push(qualityRule(check, name, at, [...path, 'quality', index]))
  })
  column.relationships?.forEach((it, index) => {
    const place: Path = [...path, 'relationships', index, 'to']
    found.push(...foreignKey(input, [name], listOf(it.to), it.customProperties, place))
  })
  return [...found, ...insideRules(input, column, name, path)]
}

const insideRules = (input: RulesInput, column: ItemDocument, name: string, path: Path): Rule[] => [
  ...(column.properties ?? []).flatMap((inner, index) =>
    columnRules(input, inner, `${name}.${inner.name}`, [...path, 'properties', index], inside),
  ),
  ...(column.items === undefined ? [] : columnRules(input, column.items, `${name}[]`, [...path, 'items'], inside)),
  ...(column.map === undefined
    ? []
    : (['key', 'value'] as const).flatMap(side =>
        columnRules(input, column.map?.[side] ?? {}, `${name}[${side}]`, [...path, 'map', side], inside),
      )),
]

/** Instead of the number of the key's columns: what lies inside a column has a key of its own. */
const inside = -1

/** Where a test stands among the options of its column. */
const optionKey = (test: RuleTest): string =>
  test.kind === 'numberFormat' || test.kind === 'dateFormat' ? 'format' : test.kind

const optionTests = (column: ItemDocument, name: string): RuleTest[] => {
  const options = column.logicalTypeOptions ?? {}
  const tests: RuleTest[] = []
  for (const kind of ['minimum', 'exclusiveMinimum', 'maximum', 'exclusiveMaximum'] as const) {
    const value = options[kind]
    if (value !== undefined) tests.push({ kind, column: name, value })
  }
  for (const kind of counted) {
    const value = options[kind]
    if (value !== undefined) tests.push({ kind, column: name, value })
  }
  if (options.uniqueItems === true) tests.push({ kind: 'uniqueItems', column: name })
  if (options.normalized === true) tests.push({ kind: 'normalized', column: name })
  if (options.pattern !== undefined) tests.push({ kind: 'pattern', column: name, pattern: options.pattern })
  const { format } = options
  if (format !== undefined) tests.push({ kind: formatKind(column.logicalType), column: name, format })
  return tests
}

const counted = [
  'multipleOf',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  'dimensions',
] as const

const formatKind = (logicalType: string | undefined): 'format' | 'numberFormat' | 'dateFormat' => {
  if (logicalType === 'integer' || logicalType === 'number') return 'numberFormat'
  return logicalType === 'date' || logicalType === 'timestamp' || logicalType === 'time' ? 'dateFormat' : 'format'
}

type Custom = readonly { readonly property: string; readonly value?: unknown }[] | undefined

const listOf = (value: string | readonly string[]): readonly string[] => (typeof value === 'string' ? [value] : value)

const foreignKey = (
  { at, resolveKey, dataset }: RulesInput,
  from: readonly string[],
  to: readonly string[],
  custom: Custom,
  path: Path,
): Rule[] => {
  const contract = custom?.find(it => it.property === 'contract')?.value
  const targets = to.map(it => keyTarget(it, typeof contract === 'string' ? contract : undefined))
  const found = targets.map(target => (target === undefined ? undefined : resolveKey(target, path)))
  const [first] = found
  // The caller has told of what leads nowhere.
  if (first === undefined || found.includes(undefined)) return []
  if (found.some(it => it?.dataset !== first.dataset) || from.length !== to.length)
    return [
      rule(
        `${from.join('+')}.foreignKey`,
        'info',
        'consistency',
        { kind: 'unsupported', engine: 'a key into more than one dataset' },
        at(path),
      ),
    ]
  const columns = from.map(it => lastPart(it, dataset.name))
  const toColumns = found.flatMap(it => (it === undefined ? [] : [it.column]))
  const test: RuleTest = { kind: 'foreignKey', columns, to: first.dataset, toColumns }
  return [rule(`${columns.join('+')}.foreignKey`, 'error', 'consistency', test, at(path))]
}

/** `orders.customer_id` at the dataset `orders`, or a path that ends with the column's id. */
const lastPart = (reference: string, dataset: string): string =>
  reference.startsWith(`${dataset}.`)
    ? reference.slice(dataset.length + 1)
    : reference.slice(Math.max(reference.lastIndexOf('.'), reference.lastIndexOf('/')) + 1)

/** Where a reference leads: `items.stock_code`, `items.odcs.yaml#/schema/items/properties/stock_code`. */
export const keyTarget = (reference: string, contract: string | undefined): KeyTarget | undefined => {
  const path = /^(?:(.*)#)?\/?schema\/([^/]+)\/properties\/([^/]+)$/.exec(reference)
  const of = contract === undefined ? {} : { contract }
  if (path !== null) {
    const [, file, dataset = '', column = ''] = path
    return { ...of, dataset, column, ...(file === undefined || file === '' ? {} : { file }) }
  }
  const dot = reference.lastIndexOf('.')
  return dot < 0 ? undefined : { ...of, dataset: reference.slice(0, dot), column: reference.slice(dot + 1) }
}

const uniqueIds = (rules: readonly Rule[]): Rule[] => {
  const taken = new Set<string>()
  return rules.map(it => {
    let id = it.id
    for (let n = 2; taken.has(id); n++) id = `${it.id}-${n}`
    taken.add(id)
    return id === it.id ? it : { ...it, id }
  })
}
