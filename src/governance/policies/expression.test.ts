import { describe, expect, test } from 'vitest'
import { parseExpression } from './expression.ts'
import { checkExpression } from './expression-check.ts'
import { filterScope, standardScope } from './names.ts'

/** A tree as a text with a bracket around each operation. */
const shape = (text: string): string => {
  const parsed = parseExpression(text)
  if ('mistake' in parsed) return `${parsed.mistake.from}-${parsed.mistake.to} ${parsed.mistake.message}`
  const show = (it: typeof parsed.expression): string => {
    switch (it.kind) {
      case 'or':
      case 'and':
        return `(${show(it.left)} ${it.kind} ${show(it.right)})`
      case 'not':
        return `(not ${show(it.of)})`
      case 'exists':
        return `(exists ${show(it.of)})`
      case 'compare':
      case 'add':
        return `(${show(it.left)} ${it.operator} ${show(it.right)})`
      case 'value':
        return JSON.stringify(it.value)
      case 'duration':
        return `${it.ms}ms`
      case 'list':
        return `[${it.items.map(show).join(' ')}]`
      case 'call':
        return `${it.name}(${it.arguments.map(show).join(' ')})`
      case 'path':
        return it.path.join('.')
    }
  }
  return show(parsed.expression)
}

describe('the grammar', () => {
  test.each([
    ['a or b and not c', '(a or (b and (not c)))'],
    ['(a or b) and c', '((a or b) and c)'],
    ['not not a', '(not (not a))'],
    ['a.b == "x" or c != 2', '((a.b == "x") or (c != 2))'],
    ['a + 1 - b < 3', '(((a + 1) - b) < 3)'],
    ["'personal' in column.tags", '("personal" in column.tags)'],
    ['exists product.team.owner and true', '((exists product.team.owner) and true)'],
    ['today() - 30d > until', '((today() - 2592000000ms) > until)'],
    ['x in [1, "a", null, []]', '(x in [1 "a" null []])'],
    ['count(a.b) >= 1', '(count(a.b) >= 1)'],
    ['"it\\"s" == \'a\'', '("it\\"s" == "a")'],
    ['exists a.in', '(exists a.in)'],
  ])('%s', (text, tree) => {
    expect(shape(text)).toBe(tree)
  })

  test.each([
    ['', '0-1 the expression is not finished'],
    ['a ==', '4-5 the expression is not finished'],
    ['a b', '2-3 unexpected "b"'],
    ['(a or b', '7-8 ")" is missing at the end'],
    ['a & b', '2-3 unexpected "&"'],
    ['a == "x', '5-6 unexpected """'],
    ['exists "a"', '7-10 a name was expected, not ""a""'],
    ['a.', '2-3 a name was expected after "."'],
    ['and a', '0-3 a name was expected, not "and"'],
    ['a == b == c', '7-9 unexpected "=="'],
  ])('%s is refused at its place', (text, mistake) => {
    expect(shape(text)).toBe(mistake)
  })

  test('what is nested too deeply is refused, not run out of', () => {
    expect(shape('('.repeat(100_000))).toContain('nested too deeply')
    expect(shape('not '.repeat(100_000))).toContain('nested too deeply')
    expect(shape(`${'('.repeat(50)}a${')'.repeat(50)}`)).toBe('a')
  })
})

const onColumn = standardScope('column')

const mistakes = (text: string, scope = onColumn): string[] => {
  const parsed = parseExpression(text)
  if ('mistake' in parsed) throw new Error(parsed.mistake.message)
  return checkExpression(parsed.expression, scope).map(
    it => `${text.slice(it.from, it.to)}: ${it.help ?? it.message.split(';')[0]}`,
  )
}

describe('names', () => {
  test.each([
    'exists column.description',
    "'personal' in column.tags and column.logicalType == 'string'",
    'count(product.support) >= 1',
    'exists product.team.owner',
    "'postgres' in product.inputs.kind",
    "'latency' in port.contract.slaProperties.property",
    "'latency' in contract.slaProperties.property",
    "column.physicalType matches '^DECIMAL'",
    'column.logicalTypeOptions.maxLength < 100',
    "product.domain == 'sales' and domain.stage == 'guided'",
    'count(dataset.columns.name) > 0',
  ])('%s is right', text => {
    expect(mistakes(text)).toEqual([])
  })

  test.each([
    ['exists colum.description', ['colum: did you mean "column"?']],
    ['exists column.descripton', ['descripton: did you mean "description"?']],
    ['exists product.team.onwer', ['onwer: did you mean "owner"?']],
    ["'a' in port.contract.slaPropertys.property", ['slaPropertys: did you mean "slaProperties"?']],
    ['exists column.name.first', ['first: "name" has nothing inside']],
    ['cout(column.tags) == 1', ['cout: did you mean "count"?']],
    ['today(1) == now()', ['today: today takes no argument']],
  ])('%s is wrong', (text, found) => {
    expect(mistakes(text)).toEqual(found)
  })

  test('a rule on a product knows no column', () => {
    expect(mistakes('exists column.name', standardScope('product'))).toHaveLength(1)
    expect(mistakes('exists product.name', standardScope('product'))).toEqual([])
  })

  test('a filter knows columns by any name, and the lookups that are declared', () => {
    const scope = filterScope(['mine'])
    expect(mistakes("country in principal.countries and purpose == 'x' and id in lookup.mine.id", scope)).toEqual([])
    expect(mistakes('id in lookup.mien.id', scope)).toEqual(['mien: did you mean "mine"?'])
  })
})

describe('types', () => {
  test.each([
    ['column.primaryKey == "yes"', '==: a boolean is never == a text'],
    ["column.tags == 'a'", '==: a list is never == a text'],
    ["'a' in column.name", 'in: "in" takes a list, not a text'],
    ['column.name matches product.name', 'matches: "matches" takes a pattern in quotes'],
    ["column.name matches '('", "'(': the pattern is no regular expression"],
    ["column.name matches '(?=a)'", "'(?=a)': a pattern of RE2 has no look-around and no back-reference"],
    ['column.required + 1 == 2', '+: "+" takes no boolean'],
    ['column.name', 'column.name: say what must hold of it: exists column.name'],
    ['column.required and 1', '1: a number is neither true nor false'],
    ["count(column.tags) >= 'a'", '>=: a number is never >= a text'],
  ])('%s', (text, mistake) => {
    expect(mistakes(text)).toEqual([mistake])
  })

  test('null is compared with everything', () => {
    expect(mistakes('column.name == null or column.required != null')).toEqual([])
  })
})
