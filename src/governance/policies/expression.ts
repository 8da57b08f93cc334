/** The small language of policies: typed, total, without side effects. Grammar in docs/reference/expressions.md. Pure. */
import { didYouMean, parseDuration } from '../../base/index.ts'

export type Expression =
  | { readonly kind: 'or' | 'and'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'not'; readonly of: Expression }
  | { readonly kind: 'exists'; readonly path: readonly string[]; readonly from: number }
  | {
      readonly kind: 'compare'
      readonly operator: string
      readonly left: Expression
      readonly right: Expression
      readonly from: number
    }
  | { readonly kind: 'add'; readonly operator: '+' | '-'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'value'; readonly value: string | number | boolean | null }
  | { readonly kind: 'duration'; readonly ms: number }
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  | { readonly kind: 'call'; readonly name: string; readonly arguments: readonly Expression[]; readonly from: number }
  | { readonly kind: 'path'; readonly path: readonly string[]; readonly from: number; readonly to: number }

export interface Mistake {
  readonly message: string
  /** Characters from 0. */
  readonly from: number
  readonly to: number
  readonly help?: string
}

interface Token {
  readonly kind: 'word' | 'number' | 'text' | 'duration' | 'sign' | 'end'
  readonly text: string
  readonly from: number
  readonly to: number
}

class SyntaxMistake extends Error {
  readonly token: Token

  constructor(message: string, token: Token) {
    super(message)
    this.token = token
  }
}

const functions: Readonly<Record<string, readonly [number, number]>> = {
  count: [1, 1],
  lower: [1, 1],
  upper: [1, 1],
  length: [1, 1],
  today: [0, 0],
  now: [0, 0],
}
const words = new Set(['or', 'and', 'not', 'in', 'matches', 'exists', 'true', 'false', 'null'])

/** Parses a text; a mistake says where. */
export const parseExpression = (text: string): { readonly expression: Expression } | { readonly mistake: Mistake } => {
  try {
    const parser = new Parser(tokens(text))
    return { expression: parser.whole() }
  } catch (error) {
    if (!(error instanceof SyntaxMistake)) throw error
    const { from, to } = error.token
    return { mistake: { message: error.message, from, to } }
  }
}

const pattern =
  /\s*(?:(\d+(?:\.\d+)?(?:ms|min|mo|s|h|d|w|y)\b)|(\d+(?:\.\d+)?)|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|([A-Za-z_][A-Za-z0-9_-]*)|(==|!=|<=|>=|[<>()[\],.+-]))/y

const tokens = (text: string): Token[] => {
  const found: Token[] = []
  pattern.lastIndex = 0
  let at = 0
  while (text.slice(at).trim() !== '') {
    pattern.lastIndex = at
    const match = pattern.exec(text)
    const start = at + (/^\s*/.exec(text.slice(at))?.[0].length ?? 0)
    if (match === null)
      throw new SyntaxMistake(`unexpected "${text[start] ?? ''}"`, {
        kind: 'sign',
        text: '',
        from: start,
        to: start + 1,
      })
    const kinds = ['duration', 'number', 'text', 'word', 'sign'] as const
    const index = match.slice(1).findIndex(it => it !== undefined)
    const kind = kinds[index] ?? 'sign'
    at = pattern.lastIndex
    found.push({ kind, text: match[index + 1] ?? '', from: start, to: at })
  }
  found.push({ kind: 'end', text: '', from: text.length, to: text.length + 1 })
  return found
}

class Parser {
  private readonly tokens: readonly Token[]
  private at = 0

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens
  }

  whole(): Expression {
    const expression = this.or()
    const rest = this.peek()
    if (rest.kind !== 'end') throw new SyntaxMistake(`unexpected "${rest.text}"`, rest)
    return expression
  }

  private peek(): Token {
    return this.tokens[this.at] ?? { kind: 'end', text: '', from: 0, to: 1 }
  }

  private take(): Token {
    const token = this.peek()
    this.at++
    return token
  }

  private takes(text: string): boolean {
    const token = this.peek()
    if (token.kind === 'text' || token.text !== text) return false
    this.at++
    return true
  }

  private needs(text: string): Token {
    const token = this.take()
    if (token.kind === 'text' || token.text !== text)
      throw new SyntaxMistake(
        token.kind === 'end' ? `"${text}" is missing at the end` : `"${text}" was expected`,
        token,
      )
    return token
  }

  private or(): Expression {
    let left = this.and()
    while (this.takes('or')) left = { kind: 'or', left, right: this.and() }
    return left
  }

  private and(): Expression {
    let left = this.not()
    while (this.takes('and')) left = { kind: 'and', left, right: this.not() }
    return left
  }

  private not(): Expression {
    return this.takes('not') ? { kind: 'not', of: this.not() } : this.comparison()
  }

  private comparison(): Expression {
    const { from } = this.peek()
    if (this.takes('exists')) return { kind: 'exists', path: this.path().path, from }
    const left = this.sum()
    const token = this.peek()
    if (token.kind === 'text' || !['==', '!=', '<', '<=', '>', '>=', 'in', 'matches'].includes(token.text)) return left
    this.at++
    return { kind: 'compare', operator: token.text, left, right: this.sum(), from: token.from }
  }

  private sum(): Expression {
    let left = this.value()
    for (;;) {
      const operator = this.takes('+') ? '+' : this.takes('-') ? '-' : undefined
      if (operator === undefined) return left
      left = { kind: 'add', operator, left, right: this.value() }
    }
  }

  private value(): Expression {
    const token = this.peek()
    if (this.takes('(')) {
      const inner = this.or()
      this.needs(')')
      return inner
    }
    if (this.takes('[')) return { kind: 'list', items: this.until(']') }
    if (token.kind === 'number') return this.literal(Number(token.text))
    if (token.kind === 'text') return this.literal(token.text.slice(1, -1).replace(/\\(.)/g, '$1'))
    if (token.kind === 'duration') {
      this.at++
      return { kind: 'duration', ms: parseDuration(token.text) ?? 0 }
    }
    if (token.kind !== 'word')
      throw new SyntaxMistake(
        token.kind === 'end' ? 'the expression is not finished' : `unexpected "${token.text}"`,
        token,
      )
    if (token.text === 'true' || token.text === 'false') return this.literal(token.text === 'true')
    if (token.text === 'null') return this.literal(null)
    const next = this.tokens[this.at + 1]
    if (next?.kind === 'sign' && next.text === '(') {
      this.at += 2
      return { kind: 'call', name: token.text, arguments: this.until(')'), from: token.from }
    }
    return this.path()
  }

  private literal(value: string | number | boolean | null): Expression {
    this.at++
    return { kind: 'value', value }
  }

  private until(end: string): Expression[] {
    const items: Expression[] = []
    if (this.takes(end)) return items
    do items.push(this.or())
    while (this.takes(','))
    this.needs(end)
    return items
  }

  private path(): Expression & { kind: 'path' } {
    const first = this.take()
    if (first.kind !== 'word' || words.has(first.text))
      throw new SyntaxMistake(`a name was expected, not "${first.text}"`, first)
    const path = [first.text]
    let { to } = first
    while (this.takes('.')) {
      const next = this.take()
      if (next.kind !== 'word') throw new SyntaxMistake('a name was expected after "."', next)
      path.push(next.text)
      to = next.to
    }
    return { kind: 'path', path, from: first.from, to }
  }
}

/** Names that an expression may begin with, and what may follow; undefined: anything. */
export type Scope = Readonly<Record<string, readonly string[] | undefined>>

/** Unknown names and calls, wrong operands: everything that can be told without data. */
export const checkExpression = (expression: Expression, scope: Scope | undefined): Mistake[] => {
  const mistakes: Mistake[] = []
  const visit = (it: Expression): void => {
    switch (it.kind) {
      case 'or':
      case 'and':
      case 'add':
        visit(it.left)
        visit(it.right)
        break
      case 'compare':
        mistakes.push(...compareMistakes(it))
        visit(it.left)
        visit(it.right)
        break
      case 'not':
        visit(it.of)
        break
      case 'list':
        it.items.forEach(visit)
        break
      case 'call':
        mistakes.push(...callMistakes(it))
        it.arguments.forEach(visit)
        break
      case 'exists':
        mistakes.push(...pathMistakes(it.path, it.from + 'exists '.length, scope))
        break
      case 'path':
        mistakes.push(...pathMistakes(it.path, it.from, scope))
        break
      case 'value':
      case 'duration':
        break
      default:
        it satisfies never
    }
  }
  visit(expression)
  return mistakes
}

const callMistakes = (it: Expression & { kind: 'call' }): Mistake[] => {
  const known = Object.hasOwn(functions, it.name) ? functions[it.name] : undefined
  const to = it.from + it.name.length
  if (known === undefined) {
    const help = didYouMean(it.name, Object.keys(functions))
    return [
      {
        message: `unknown function "${it.name}"; known: ${Object.keys(functions).join(', ')}`,
        from: it.from,
        to,
        ...(help === undefined ? {} : { help }),
      },
    ]
  }
  const count = it.arguments.length
  return count < known[0] || count > known[1]
    ? [{ message: `${it.name} takes ${known[0] === 1 ? 'one argument' : 'no argument'}`, from: it.from, to }]
    : []
}

const compareMistakes = (it: Expression & { kind: 'compare' }): Mistake[] => {
  const to = it.from + it.operator.length
  if (it.operator === 'matches' && it.right.kind === 'value' && typeof it.right.value === 'string') {
    try {
      new RegExp(it.right.value)
    } catch {
      return [{ message: 'the pattern behind "matches" is no regular expression', from: it.from, to }]
    }
    return []
  }
  if (it.operator === 'matches') return [{ message: '"matches" takes a text in quotes', from: it.from, to }]
  if (it.operator === 'in' && (it.right.kind === 'value' || it.right.kind === 'duration'))
    return [{ message: '"in" takes a list', from: it.from, to }]
  const [left, right] = [typeOf(it.left), typeOf(it.right)]
  if (left !== undefined && right !== undefined && left !== right && it.operator !== 'in')
    return [{ message: `a ${left} is never ${it.operator} a ${right}`, from: it.from, to }]
  return []
}

/** Of a constant; undefined where only data can tell, and of null, which is compared with everything. */
const typeOf = (it: Expression): string | undefined => {
  if (it.kind === 'value')
    return it.value === null ? undefined : typeof it.value === 'string' ? 'text' : typeof it.value
  if (it.kind === 'duration') return 'duration'
  if (it.kind === 'call') return it.name === 'count' || it.name === 'length' ? 'number' : undefined
  return it.kind === 'list' ? 'list' : undefined
}

const pathMistakes = (path: readonly string[], from: number, scope: Scope | undefined): Mistake[] => {
  if (scope === undefined) return []
  const [first = '', second] = path
  if (!Object.hasOwn(scope, first)) {
    const help = didYouMean(first, Object.keys(scope))
    return [
      {
        message: `unknown name "${first}"; known: ${Object.keys(scope).join(', ')}`,
        from,
        to: from + first.length,
        ...(help === undefined ? {} : { help }),
      },
    ]
  }
  const inner = scope[first]
  if (inner === undefined || second === undefined || inner.includes(second)) return []
  const help = didYouMean(second, inner)
  const start = from + first.length + 1
  return [
    {
      message: `"${first}" has no "${second}"; it has: ${inner.join(', ')}`,
      from: start,
      to: start + second.length,
      ...(help === undefined ? {} : { help }),
    },
  ]
}
