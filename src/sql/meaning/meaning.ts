/** What changed between two SELECTs in what they mean: sources, joins, filters, groups, columns. Layout, comments and aliases are nothing. Pure. */
import { canonicalJson } from '../../base/index.ts'
import { foldName, isNode, type JsonNode, nodeAt, nodesAt, type Select, textAt } from '../tree.ts'
import { groupsOf, type Names, namesOf, normalNode, outputName, partsOf, type SourceNode, sourcesOf } from './normal.ts'
import { changeInWords, inWords } from './words.ts'

export interface MeaningChange {
  readonly what: 'filter' | 'join' | 'source' | 'group' | 'column' | 'order' | 'other'
  readonly change: 'added' | 'removed' | 'changed'
  /** `column total: sum(price) -> sum(price * quantity)`. */
  readonly detail: string
  /** The column that the answer delivers. */
  readonly column?: string
}

/** Nothing where both mean the same, as far as their trees tell. */
export const meaningChanges = (before: Select, after: Select): MeaningChange[] => {
  const [from, to] = [before.tree, renamedCtes(before.tree, after.tree)]
  const found = queryChanges(from, to, '')
  if (found.length > 0 || plain(from) === plain(to)) return found
  return [{ what: 'other', change: 'changed', detail: 'something else in the query' }]
}

/** Whether two SELECTs differ in nothing but the columns that they deliver: their rows come from the same, by the same. */
export const haveSameRows = (before: Select, after: Select): boolean => {
  const rest = (tree: JsonNode): string => {
    const { select_list: _, ...it } = normalNode(tree, noNames)
    return canonicalJson(it)
  }
  return rest(before.tree) === rest(renamedCtes(before.tree, after.tree))
}

/** By name, what each column that a SELECT delivers is made from: equal texts mean the same, given the same sources. */
export const columnMeanings = ({ tree }: Select): ReadonlyMap<string, string> => {
  if (tree.type !== 'SELECT_NODE') return new Map()
  const block = blockOf(tree)
  const sources = block.sources.map(it => canonicalJson(normalNode(it.node, block.names)))
  return new Map([...block.columns].map(([name, node]) => [name, canonicalJson([node, sources])]))
}

const noNames: Names = { sources: new Map() }

const plain = (tree: JsonNode): string => canonicalJson(normalNode(tree, noNames))

const ctesOf = (tree: JsonNode): ReadonlyMap<string, JsonNode> =>
  new Map(
    nodesAt(nodeAt(tree, 'cte_map'), 'map').flatMap(it => {
      const query = nodeAt(nodeAt(nodeAt(it, 'value'), 'query'), 'node')
      return query === undefined ? [] : [[foldName(textAt(it, 'key')), query] as const]
    }),
  )

/** A common table expression that has another name and says the same gets its old name. */
const renamedCtes = (before: JsonNode, after: JsonNode): JsonNode => {
  const old = ctesOf(before)
  let tree = after
  for (const name of ctesOf(after).keys()) {
    if (old.has(name)) continue
    const query = ctesOf(tree).get(name)
    const taken = new Set(ctesOf(tree).keys())
    const same = [...old].find(([key, node]) => !taken.has(key) && query !== undefined && plain(node) === plain(query))
    if (same !== undefined) tree = withName(tree, name, same[0])
  }
  return tree
}

const withName = (node: JsonNode, from: string, to: string): JsonNode => {
  const copy: Record<string, unknown> = {}
  // A table of a schema is none of the query's own.
  const isTable =
    node.type === 'BASE_TABLE' && textAt(node, 'schema_name') === '' && foldName(textAt(node, 'table_name')) === from
  for (const [key, value] of Object.entries(node)) {
    const isName = (isTable && key === 'table_name') || (key === 'key' && foldName(String(value)) === from)
    copy[key] = isName
      ? to
      : Array.isArray(value)
        ? value.map(it => (isNode(it) ? withName(it, from, to) : it))
        : isNode(value)
          ? withName(value, from, to)
          : value
  }
  // The name that it went by stays what columns are called by.
  if (isTable && textAt(node, 'alias') === '') copy.alias = textAt(node, 'table_name')
  return copy
}

/** `where` says which part of the whole, for messages: `in recent: `. */
const queryChanges = (before: JsonNode, after: JsonNode, where: string): MeaningChange[] => {
  const found: MeaningChange[] = []
  const [old, now] = [ctesOf(before), ctesOf(after)]
  for (const [name, query] of now) {
    const was = old.get(name)
    if (was !== undefined) found.push(...inside(queryChanges(was, query, `${where}in ${name}: `)))
  }
  if (before.type !== after.type)
    return [...found, { what: 'other', change: 'changed', detail: `${where}another kind of query` }]
  if (before.type === 'SELECT_NODE') return [...found, ...blockChanges(blockOf(before), blockOf(after), where)]
  for (const side of ['left', 'right'] as const) {
    const [was, is] = [nodeAt(before, side), nodeAt(after, side)]
    if (was !== undefined && is !== undefined) found.push(...queryChanges(was, is, `${where}in its ${side} part: `))
  }
  const kind = (node: JsonNode): string =>
    `${textAt(node, 'setop_type').toLowerCase()}${node.setop_all === true ? ' all' : ''}`
  if (kind(before) !== kind(after))
    found.push({ what: 'other', change: 'changed', detail: `${where}${kind(before)} -> ${kind(after)}` })
  return [...found, ...modifierChanges(before, after, noNames, noNames, where)]
}

/** A column of an expression inside is none of the answer's. */
const inside = (changes: readonly MeaningChange[]): MeaningChange[] => changes.map(({ column: _, ...it }) => it)

interface Block {
  readonly node: JsonNode
  readonly names: Names
  readonly sources: readonly SourceNode[]
  readonly joins: ReadonlyMap<string, JsonNode>
  readonly filters: readonly JsonNode[]
  readonly groups: readonly JsonNode[]
  readonly columns: ReadonlyMap<string, JsonNode>
}

const blockOf = (node: JsonNode): Block => {
  const from = nodeAt(node, 'from_table')
  const sources = sourcesOf(from)
  const names = namesOf(sources, undefined)
  const items = nodesAt(node, 'select_list').map((it, index) => [outputName(it) || `#${index + 1}`, it] as const)
  const normal = (it: JsonNode): JsonNode => normalNode(it, names)
  return {
    node,
    names,
    sources,
    joins: joinsOf(from, sources, names),
    filters: partsOf(nodeAt(node, 'where_clause'), 'CONJUNCTION_AND').map(normal),
    groups: groupsOf(node).map(normal),
    columns: new Map(items.map(([name, it]) => [name, normal(it)])),
  }
}

/** How each source but the first is joined, by its name. */
const joinsOf = (from: JsonNode | undefined, sources: readonly SourceNode[], names: Names): Map<string, JsonNode> => {
  const found = new Map<string, JsonNode>()
  for (let node = from; node !== undefined && node.type === 'JOIN'; node = nodeAt(node, 'left')) {
    const right = nodeAt(node, 'right')
    const name = sources.find(it => it.node === right)?.name ?? '(a join)'
    const { left: _, right: __, ...how } = node
    found.set(name, normalNode(how, names))
  }
  return found
}

const blockChanges = (from: Block, to: Block, where: string): MeaningChange[] => [
  ...sourceChanges(from, to, where),
  ...listChanges(from.filters, to.filters, 'filter', where),
  ...groupChanges(from, to, where),
  ...partChanges(from, to, 'having', 'filter of groups', where),
  ...partChanges(from, to, 'qualify', 'filter of windows', where),
  ...columnChanges(from, to, where),
  ...modifierChanges(from.node, to.node, from.names, to.names, where),
]

const sourceChanges = (from: Block, to: Block, where: string): MeaningChange[] => {
  const [old, now] = [from, to].map(it => new Map(it.sources.map(one => [one.name, one.node])))
  const found: MeaningChange[] = []
  for (const [name, node] of now ?? []) {
    const was = old?.get(name)
    if (was === undefined) {
      found.push({ what: 'source', change: 'added', detail: `${where}reads ${name} too` })
      continue
    }
    const [query, nowQuery] = [was, node].map(it => nodeAt(nodeAt(it, 'subquery'), 'node'))
    if (query !== undefined && nowQuery !== undefined)
      found.push(...inside(queryChanges(query, nowQuery, `${where}in a query that it reads: `)))
    else if (canonicalJson(normalNode(was, from.names)) !== canonicalJson(normalNode(node, to.names)))
      found.push({ what: 'source', change: 'changed', detail: `${where}reads ${name} otherwise` })
    found.push(...joinChanges(name, from.joins.get(name), to.joins.get(name), where))
  }
  for (const name of old?.keys() ?? [])
    if (now?.has(name) !== true)
      found.push({ what: 'source', change: 'removed', detail: `${where}no longer reads ${name}` })
  return found
}

const joinChanges = (
  name: string,
  from: JsonNode | undefined,
  to: JsonNode | undefined,
  where: string,
): MeaningChange[] => {
  if (from === undefined || to === undefined || canonicalJson(from) === canonicalJson(to)) return []
  const kind = (it: JsonNode): string =>
    `${textAt(it, 'ref_type')} ${textAt(it, 'join_type')}`.replace(/^REGULAR /, '').toLowerCase()
  const found: MeaningChange[] = []
  if (kind(from) !== kind(to))
    found.push({ what: 'join', change: 'changed', detail: `${where}join with ${name}: ${kind(from)} -> ${kind(to)}` })
  const { join_type: _, ref_type: __, ...was } = from
  const { join_type: ___, ref_type: ____, ...is } = to
  if (canonicalJson(was) !== canonicalJson(is)) {
    const condition = (it: JsonNode): string =>
      Array.isArray(it.using_columns) && it.using_columns.length > 0
        ? `using (${it.using_columns.join(', ')})`
        : inWords(nodeAt(it, 'condition'))
    found.push({
      what: 'join',
      change: 'changed',
      detail: `${where}condition of the join with ${name}: ${condition(from)} -> ${condition(to)}`,
    })
  }
  return found
}

/** As a set: the order of filters is nothing. */
const listChanges = (
  from: readonly JsonNode[],
  to: readonly JsonNode[],
  word: 'filter',
  where: string,
): MeaningChange[] => {
  const has = (list: readonly JsonNode[], it: JsonNode): boolean =>
    list.some(one => canonicalJson(one) === canonicalJson(it))
  return [
    ...to
      .filter(it => !has(from, it))
      .map(it => ({ what: word, change: 'added' as const, detail: `${where}new ${word}: ${inWords(it)}` })),
    ...from
      .filter(it => !has(to, it))
      .map(it => ({ what: word, change: 'removed' as const, detail: `${where}no ${word} any more: ${inWords(it)}` })),
  ]
}

const groupChanges = (from: Block, to: Block, where: string): MeaningChange[] => {
  const sets = ({ node }: Block): string => canonicalJson([node.group_sets, node.aggregate_handling])
  const sorted = (it: Block): string =>
    it.groups
      .map(one => canonicalJson(one))
      .sort()
      .join()
  if (sorted(from) === sorted(to) && sets(from) === sets(to)) return []
  const words = ({ groups, node }: Block): string =>
    groups.length > 0
      ? groups.map(inWords).join(', ')
      : node.aggregate_handling === 'FORCE_AGGREGATES'
        ? 'all'
        : 'nothing'
  return [{ what: 'group', change: 'changed', detail: `${where}grouped by ${words(from)} -> ${words(to)}` }]
}

const partChanges = (from: Block, to: Block, key: string, word: string, where: string): MeaningChange[] => {
  const [was, is] = [from, to].map(it => {
    const node = nodeAt(it.node, key)
    return node === undefined ? undefined : normalNode(node, it.names)
  })
  if (canonicalJson(was) === canonicalJson(is)) return []
  const change = was === undefined ? 'added' : is === undefined ? 'removed' : 'changed'
  return [{ what: 'filter', change, detail: `${where}${word}: ${changeInWords(was, is)}` }]
}

/** What a star stands for is not in the text: where there is one, columns that are not named may be there all the same. */
const starsOf = ({ columns }: Block): string =>
  [...columns.values()]
    .filter(it => it.class === 'STAR')
    .map(inWords)
    .join(', ')

const columnChanges = (from: Block, to: Block, where: string): MeaningChange[] => {
  const found: MeaningChange[] = []
  const [had, has] = [starsOf(from), starsOf(to)]
  if (had !== has && had + has !== '') {
    const words = (stars: string): string => (stars === '' ? 'those that are named' : stars)
    found.push({ what: 'column', change: 'changed', detail: `${where}columns: ${words(had)} -> ${words(has)}` })
  }
  for (const [name, node] of to.columns) {
    const was = from.columns.get(name)
    if (was === undefined) {
      if (node.class === 'STAR' || (had !== '' && node.class === 'COLUMN_REF')) continue
      found.push({
        what: 'column',
        change: had === '' ? 'added' : 'changed',
        column: name,
        detail:
          had === '' ? `${where}new column ${name}: ${inWords(node)}` : `${where}column ${name}: ${inWords(node)}`,
      })
    } else if (was.class === 'STAR' && node.class === 'STAR') continue
    else if (canonicalJson(was) !== canonicalJson(node))
      found.push({
        what: 'column',
        change: 'changed',
        column: name,
        detail: `${where}column ${name}: ${changeInWords(was, node)}`,
      })
  }
  for (const [name, node] of from.columns) {
    if (to.columns.has(name) || node.class === 'STAR' || (has !== '' && had === '')) continue
    const detail = has === '' ? `no column ${name} any more` : `column ${name} is not named any more`
    found.push({
      what: 'column',
      change: has === '' ? 'removed' : 'changed',
      column: name,
      detail: `${where}${detail}`,
    })
  }
  return found
}

const modifierChanges = (before: JsonNode, after: JsonNode, from: Names, to: Names, where: string): MeaningChange[] => {
  const all = (node: JsonNode, names: Names): Map<string, string> =>
    new Map(nodesAt(node, 'modifiers').map(it => [textAt(it, 'type'), canonicalJson(normalNode(it, names))]))
  const [old, now] = [all(before, from), all(after, to)]
  const words: Readonly<Record<string, string>> = {
    ORDER_MODIFIER: 'order',
    DISTINCT_MODIFIER: 'distinct',
    LIMIT_MODIFIER: 'limit',
    LIMIT_PERCENT_MODIFIER: 'limit',
  }
  return [...new Set([...old.keys(), ...now.keys()])].flatMap(type => {
    if (old.get(type) === now.get(type)) return []
    const change = !old.has(type) ? 'added' : !now.has(type) ? 'removed' : 'changed'
    return [{ what: 'order' as const, change, detail: `${where}${words[type] ?? type} ${change}` }]
  })
}
