/** What a star stands for: `*`, `t.*`, `s.*`, with EXCLUDE, REPLACE and RENAME, and COLUMNS by pattern, list or lambda. Pure. */
import { nameOf } from '../functions.ts'
import { foldName, isNode, type JsonNode, nodeAt, nodesAt, textAt } from '../tree.ts'
import { type Column, resolve, type Scope, type Source, starOf } from './scope.ts'
import { placedAt } from './value.ts'
import type { Ctes, Walk } from './walk.ts'

export const expanded = (walk: Walk, node: JsonNode, ctes: Ctes, scope: Scope): readonly Column[] => {
  const position = typeof node.position === 'number' ? node.position : undefined
  const excluded = new Set((Array.isArray(node.exclude_list) ? node.exclude_list : []).map(it => foldName(String(it))))
  const qualified = nodesAt(node, 'qualified_exclude_list')
  const replaced = new Map(nodesAt(node, 'replace_list').map(it => [foldName(textAt(it, 'key')), nodeAt(it, 'value')]))
  const renames = new Map(
    nodesAt(node, 'rename_list').map(it => [foldName(textAt(nodeAt(it, 'key') ?? {}, 'column')), textAt(it, 'value')]),
  )
  const isChosen = chooser(walk, node)
  const all = columnsOf(walk, textAt(node, 'relation_name'), scope, (source, name) => {
    const isOut = qualified.some(
      it =>
        foldName(textAt(it, 'column')) === foldName(name) &&
        ['', source.alias].includes(foldName(textAt(it, 'table'))) &&
        ['', source.parts.at(-2) ?? ''].includes(foldName(textAt(it, 'schema'))),
    )
    const column = isOut ? source.column(foldName(name)) : undefined
    if (column !== undefined) walk.named(placedAt(column.value, position))
    return isOut
  })
  for (const { name, value } of all)
    if ([excluded, replaced, renames].some(it => it.has(foldName(name)))) walk.named(placedAt(value, position))
  return all
    .filter(it => !excluded.has(foldName(it.name)) && isChosen(it.name))
    .map(({ name, value }) => {
      const replacement = replaced.get(foldName(name))
      return {
        name: renames.get(foldName(name)) ?? name,
        value: replacement === undefined ? placedAt(value, position) : walk.expression(replacement, ctes, scope),
      }
    })
}

/** Columns of the nearest FROM, of one table of it, or fields of a structure. */
const columnsOf = (
  walk: Walk,
  relation: string,
  scope: Scope,
  isLeftOut: (source: Source, column: string) => boolean,
): readonly Column[] => {
  const alias = foldName(relation)
  let at: Scope = scope
  while (at.parameters !== undefined && at.outer !== undefined) at = at.outer
  if (alias === '' || at.relation.sources.some(it => it.alias === alias)) return starOf(at.relation, alias, isLeftOut)
  for (let outer = at.outer; outer !== undefined; outer = outer.outer)
    if (outer.relation.sources.some(it => it.alias === alias)) return starOf(outer.relation, alias, isLeftOut)
  return resolve([relation], at, walk.leaves, undefined)?.fields() ?? []
}

/** `* LIKE 'a%'`, with NOT, GLOB and SIMILAR TO as well: the columns whose names are so; undefined for any other expression. */
export const starByName = (walk: Walk, node: JsonNode, ctes: Ctes, scope: Scope): readonly Column[] | undefined => {
  const call = node.type === 'OPERATOR_NOT' ? (nodesAt(node, 'children')[0] ?? node) : node
  const [star, pattern] = nodesAt(call, 'children')
  if (call.class !== 'FUNCTION' || star?.class !== 'STAR' || star.columns === true) return undefined
  const isMeant = pattern === undefined ? undefined : condition({ ...call, children: [nameOfColumn, pattern] })
  if (isMeant === undefined) return undefined
  return expanded(walk, star, ctes, scope).filter(it => isMeant(it.name) === (call === node))
}

const nameOfColumn: JsonNode = { class: 'COLUMN_REF', type: 'COLUMN_REF', column_names: [''] }

type Chooser = (name: string) => boolean

const everything: Chooser = () => true

const chooser = (walk: Walk, node: JsonNode): Chooser => {
  const expr = nodeAt(node, 'expr')
  if (expr === undefined) return everything
  const one = literalOf(expr)
  if (typeof one === 'string') {
    const pattern = regExp(one)
    if (pattern !== undefined) return name => pattern.test(name)
  }
  const names = listOf(expr)
  if (names !== undefined) {
    const wanted = new Set(names.map(foldName))
    return name => wanted.has(foldName(name))
  }
  if (expr.class === 'FUNCTION' && nameOf(expr) === 'list_filter') {
    const [, lambda] = nodesAt(expr, 'children')
    const body = nodeAt(lambda, 'expr')
    const test = body === undefined ? undefined : condition(body)
    if (test !== undefined) return name => test(name) === true
  }
  walk.wide('the columns that COLUMNS stands for are found by an expression: it may be any', node)
  return everything
}

const literalOf = (node: JsonNode): unknown => (node.class === 'CONSTANT' ? nodeAt(node, 'value')?.value : undefined)

const listOf = (node: JsonNode): string[] | undefined => {
  if (node.class !== 'FUNCTION' || !/^list_(value|pack)$/.test(nameOf(node))) return undefined
  const items = nodesAt(node, 'children').map(literalOf)
  return items.every(it => typeof it === 'string') ? items : undefined
}

/** RE2 and JavaScript agree on what names of columns are looked for with; what does not compile may be any. */
const regExp = (pattern: string): RegExp | undefined => {
  try {
    const flags = /^\(\?([is]+)\)/.exec(pattern)
    return flags === null ? new RegExp(pattern, 'u') : new RegExp(pattern.slice(flags[0].length), `u${flags[1]}`)
  } catch {
    return undefined
  }
}

/** A lambda's body as a test of a name; undefined where it is more than comparing texts. */
const condition = (node: JsonNode): ((name: string) => boolean | undefined) | undefined => {
  const children = nodesAt(node, 'children')
  if (node.class === 'CONJUNCTION') {
    const parts = children.map(condition)
    if (!parts.every(it => it !== undefined)) return undefined
    return node.type === 'CONJUNCTION_AND'
      ? name => parts.every(it => it(name) === true)
      : name => parts.some(it => it(name) === true)
  }
  if (node.type === 'OPERATOR_NOT') {
    const [inner] = children.map(condition)
    return inner === undefined ? undefined : name => inner(name) === false
  }
  const [left, right, ...more] = node.class === 'COMPARISON' ? [node.left, node.right] : children
  if (!isNode(left) || !isNode(right) || left.class !== 'COLUMN_REF') return undefined
  const texts = [right, ...more].map(it => (isNode(it) ? literalOf(it) : undefined))
  if (!texts.every(it => typeof it === 'string')) return undefined
  const [text = ''] = texts
  const kind = node.class === 'FUNCTION' ? nameOf(node) : textAt(node, 'type')
  switch (kind) {
    case 'COMPARE_EQUAL':
      return name => name === text
    case 'COMPARE_NOTEQUAL':
      return name => name !== text
    case 'COMPARE_IN':
      return name => texts.includes(name)
    case 'COMPARE_NOT_IN':
      return name => !texts.includes(name)
    case 'starts_with':
    case '^@':
    case 'prefix':
      return name => name.startsWith(text)
    case 'ends_with':
    case 'suffix':
      return name => name.endsWith(text)
    case 'contains':
      return name => name.includes(text)
    case '~~':
      return like(text, '', false)
    case '~~*':
      return like(text, 'i', false)
    case '!~~':
      return like(text, '', true)
    case '!~~*':
      return like(text, 'i', true)
    case '~~~':
      return glob(text)
    case 'regexp_full_match':
    case 'regexp_matches': {
      const pattern = more.length === 0 ? regExp(kind === 'regexp_matches' ? text : `^(?:${text})$`) : undefined
      return pattern === undefined ? undefined : name => pattern.test(name)
    }
    default:
      return undefined
  }
}

/** `*`, `?` and sets of letters; undefined where a set is none. */
const glob = (pattern: string): Chooser | undefined => {
  const source = pattern
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
    .replaceAll('[!', '[^')
  const regular = regExp(`^${source}$`)
  return regular === undefined ? undefined : name => regular.test(name)
}

const like = (pattern: string, flags: string, isNot: boolean): Chooser => {
  const source = pattern
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('%', '.*')
    .replaceAll('_', '.')
  const regular = new RegExp(`^${source}$`, `s${flags}`)
  return name => regular.test(name) !== isNot
}
