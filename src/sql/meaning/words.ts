/** Expressions of a normal tree as people would write them: for messages, never to be run. Pure. */
import { isNode, type JsonNode, nodeAt, nodesAt, textAt } from '../tree.ts'

const comparisons: Readonly<Record<string, string>> = {
  COMPARE_EQUAL: '=',
  COMPARE_NOTEQUAL: '<>',
  COMPARE_LESSTHAN: '<',
  COMPARE_GREATERTHAN: '>',
  COMPARE_LESSTHANOREQUALTO: '<=',
  COMPARE_GREATERTHANOREQUALTO: '>=',
  COMPARE_DISTINCT_FROM: 'is distinct from',
  COMPARE_NOT_DISTINCT_FROM: 'is not distinct from',
}

const lengthMax = 80

/** Cut where it is long. */
export const inWords = (node: JsonNode | undefined): string => cut(wholeWords(node), 0)

/** `before -> after`; of long ones the part in which they begin to differ. */
export const changeInWords = (before: JsonNode | undefined, after: JsonNode | undefined): string => {
  const [from, to] = [wholeWords(before), wholeWords(after)]
  let same = 0
  while (same < from.length && from[same] === to[same]) same++
  // The beginning of a word, and some of what stands before it.
  const isLong = Math.max(from.length, to.length) > lengthMax
  const start = isLong && same > contextLength ? from.lastIndexOf(' ', same - contextLength) + 1 : 0
  return `${cut(from, start)} -> ${cut(to, start)}`
}

const contextLength = 20

const wholeWords = (node: JsonNode | undefined): string => (node === undefined ? 'nothing' : wordsOf(node))

const cut = (text: string, start: number): string => {
  const part = text.slice(start)
  return `${start > 0 ? '...' : ''}${part.length > lengthMax ? `${part.slice(0, lengthMax - 3)}...` : part}`
}

/** An argument may have a name: a field of a structure, a parameter. */
const list = (nodes: readonly JsonNode[]): string =>
  nodes.map(it => (textAt(it, 'alias') === '' ? '' : `${textAt(it, 'alias')} := `) + wordsOf(it)).join(', ')

const wordsOf = (node: JsonNode): string => {
  const children = nodesAt(node, 'children')
  const part = (key: string): string => wordsOf(nodeAt(node, key) ?? {})
  switch (node.class) {
    case 'COLUMN_REF':
      return Array.isArray(node.column_names) ? node.column_names.join('.') : ''
    case 'CONSTANT':
      return constant(nodeAt(node, 'value') ?? {})
    case 'COMPARISON':
      return `${part('left')} ${comparisons[textAt(node, 'type')] ?? textAt(node, 'type')} ${part('right')}`
    case 'CONJUNCTION':
      return `(${children.map(wordsOf).join(node.type === 'CONJUNCTION_OR' ? ' or ' : ' and ')})`
    case 'BETWEEN':
      return `${part('input')} between ${part('lower')} and ${part('upper')}`
    case 'CAST':
      return `${part('child')}::${typeName(nodeAt(node, 'cast_type') ?? {})}`
    case 'FUNCTION':
    case 'WINDOW':
      return call(node, children)
    case 'OPERATOR':
      return operator(node, children)
    case 'CASE': {
      const checks = nodesAt(node, 'case_checks').map(
        it => `when ${wordsOf(nodeAt(it, 'when_expr') ?? {})} then ${wordsOf(nodeAt(it, 'then_expr') ?? {})}`,
      )
      return `case ${checks.join(' ')} else ${part('else_expr')} end`
    }
    case 'STAR':
      return star(node)
    case 'SUBQUERY':
      return '(a query)'
    default:
      return isNode(node.expression) ? wordsOf(node.expression) : String(node.class ?? node.type ?? '').toLowerCase()
  }
}

/** `t.* exclude (a) replace (b + 1 as b) rename (c as d)`. */
const star = (node: JsonNode): string => {
  const relation = textAt(node, 'relation_name')
  const all = relation === '' ? '*' : `${relation}.*`
  const clause = (word: string, parts: readonly string[]): string =>
    parts.length === 0 ? '' : ` ${word} (${parts.join(', ')})`
  const left = Array.isArray(node.exclude_list) ? node.exclude_list.filter(it => typeof it === 'string') : []
  const leftOf = nodesAt(node, 'qualified_exclude_list').map(it => textAt(it, 'column'))
  const made = nodesAt(node, 'replace_list').map(it => `${wordsOf(nodeAt(it, 'value') ?? {})} as ${textAt(it, 'key')}`)
  const named = nodesAt(node, 'rename_list').map(
    it => `${textAt(nodeAt(it, 'key') ?? {}, 'column')} as ${textAt(it, 'value')}`,
  )
  const text = `${all}${clause('exclude', [...left, ...leftOf])}${clause('replace', made)}${clause('rename', named)}`
  if (node.columns !== true) return text
  const chosen = nodeAt(node, 'expr')
  return `columns(${chosen === undefined ? text : wordsOf(chosen)})`
}

const constant = (value: JsonNode): string => {
  if (value.is_null === true) return 'null'
  const { value: inner } = value
  if (isNode(inner) || Array.isArray(inner)) return JSON.stringify(inner)
  const type = nodeAt(value, 'type') ?? {}
  const text = String(inner)
  const scale = Number(nodeAt(type, 'type_info')?.scale ?? 0)
  if (type.id === 'DECIMAL' && scale > 0) return withPoint(text, scale)
  return type.id === 'VARCHAR' ? `'${text}'` : text
}

/** Decimals are kept as whole numbers of their smallest unit: 15 of scale 1 is 1.5. */
const withPoint = (text: string, scale: number): string => {
  const digits = text.replace('-', '').padStart(scale + 1, '0')
  return `${text.startsWith('-') ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

const typeName = (type: JsonNode): string => {
  const info = nodeAt(type, 'type_info')
  const id = textAt(type, 'id').toLowerCase()
  if (info?.type === 'DECIMAL_TYPE_INFO') return `decimal(${info.width}, ${info.scale})`
  return id === 'unbound' ? textAt(info ?? {}, 'name') : id
}

const call = (node: JsonNode, children: readonly JsonNode[]): string => {
  const name = textAt(node, 'function_name')
  const [first, second] = children
  if (node.is_operator === true && first !== undefined)
    return second === undefined ? `${name}${wordsOf(first)}` : `${wordsOf(first)} ${name} ${wordsOf(second)}`
  const over = node.class !== 'WINDOW' ? '' : ` over (${windowWords(node)})`
  const filter = nodeAt(node, 'filter')
  const where = filter === undefined ? '' : ` filter (where ${wordsOf(filter)})`
  const plain =
    name === 'count_star' ? 'count(*)' : `${name}(${node.distinct === true ? 'distinct ' : ''}${list(children)})`
  return `${plain}${where}${over}`
}

const windowWords = (node: JsonNode): string => {
  const partitions = nodesAt(node, 'partitions')
  const orders = nodesAt(node, 'orders')
  return [
    ...(partitions.length > 0 ? [`partition by ${list(partitions)}`] : []),
    ...(orders.length > 0 ? [`order by ${list(orders)}`] : []),
  ].join(' ')
}

const operator = (node: JsonNode, children: readonly JsonNode[]): string => {
  const [first = {}, ...rest] = children
  switch (node.type) {
    case 'OPERATOR_NOT':
      return `not ${wordsOf(first)}`
    case 'OPERATOR_IS_NULL':
      return `${wordsOf(first)} is null`
    case 'OPERATOR_IS_NOT_NULL':
      return `${wordsOf(first)} is not null`
    case 'COMPARE_IN':
      return `${wordsOf(first)} in (${list(rest)})`
    case 'COMPARE_NOT_IN':
      return `${wordsOf(first)} not in (${list(rest)})`
    default:
      return `${textAt(node, 'type')
        .replace(/^OPERATOR_/, '')
        .toLowerCase()}(${list(children)})`
  }
}
