/** The small language of policies: a text to a tree, with places. Total: no loops, no side effects. Pure. */
import { parseDuration } from '../../base/index.ts'

export type Expression =
  | { readonly kind: 'or' | 'and'; readonly left: Expression; readonly right: Expression; readonly from: number }
  | { readonly kind: 'not'; readonly of: Expression; readonly from: number }
  | { readonly kind: 'exists'; readonly of: Expression & { readonly kind: 'path' } }
  | {
      readonly kind: 'compare'
      readonly operator: string
      readonly left: Expression
      readonly right: Expression
      readonly from: number
    }
  | {
      readonly kind: 'add'
      readonly operator: '+' | '-'
      readonly left: Expression
      readonly right: Expression
      readonly from: number
    }
  | {
      readonly kind: 'value'
      readonly value: string | number | boolean | null
      readonly from: number
      readonly to: number
    }
  | { readonly kind: 'duration'; readonly ms: number; readonly from: number; readonly to: number }
  | { readonly kind: 'list'; readonly items: readonly Expression[]; readonly from: number; readonly to: number }
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

const operators = ['==', '!=', '<', '<=', '>', '>=', 'in', 'matches']
const words = new Set(['or', 'and', 'not', 'in', 'matches', 'exists', 'true', 'false', 'null'])

/** Deeper ones are no rules that a person could read, and would exhaust the stack. */
const depthMax = 64

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
  private depth = 0

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
    if (++this.depth > depthMax) throw new SyntaxMistake('the expression is nested too deeply', this.peek())
    let left = this.and()
    for (let { from } = this.peek(); this.takes('or'); { from } = this.peek())
      left = { kind: 'or', left, right: this.and(), from }
    this.depth--
    return left
  }

  private and(): Expression {
    let left = this.not()
    for (let { from } = this.peek(); this.takes('and'); { from } = this.peek())
      left = { kind: 'and', left, right: this.not(), from }
    return left
  }

  private not(): Expression {
    const { from } = this.peek()
    if (!this.takes('not')) return this.comparison()
    if (++this.depth > depthMax) throw new SyntaxMistake('the expression is nested too deeply', this.peek())
    const of = this.not()
    this.depth--
    return { kind: 'not', of, from }
  }

  private comparison(): Expression {
    if (this.takes('exists')) return { kind: 'exists', of: this.path() }
    const left = this.sum()
    const token = this.peek()
    if (token.kind === 'text' || !operators.includes(token.text)) return left
    this.at++
    return { kind: 'compare', operator: token.text, left, right: this.sum(), from: token.from }
  }

  private sum(): Expression {
    let left = this.value()
    for (;;) {
      const { from } = this.peek()
      const operator = this.takes('+') ? '+' : this.takes('-') ? '-' : undefined
      if (operator === undefined) return left
      left = { kind: 'add', operator, left, right: this.value(), from }
    }
  }

  private value(): Expression {
    const token = this.peek()
    if (this.takes('(')) {
      const inner = this.or()
      this.needs(')')
      return inner
    }
    if (this.takes('['))
      return { kind: 'list', items: this.until(']'), from: token.from, to: this.tokens[this.at - 1]?.to ?? token.to }
    if (token.kind === 'number') return this.literal(Number(token.text))
    if (token.kind === 'text') return this.literal(token.text.slice(1, -1).replace(/\\(.)/g, '$1'))
    if (token.kind === 'duration') {
      this.at++
      return { kind: 'duration', ms: parseDuration(token.text) ?? 0, from: token.from, to: token.to }
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
    const { from, to } = this.take()
    return { kind: 'value', value, from, to }
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
